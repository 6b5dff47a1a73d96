"""The bytes of uploaded files: one file each in a folder, under its random id and nothing of its own name."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from pathlib import Path
from typing import Final

from penstock.core.errors import NotFoundError, StoreError

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class FolderFiles:
    """Implements `core.ports.Files`. Several servers share one folder when their database is shared."""

    def __init__(self, folder: Path) -> None:
        """Keep files in ``folder``, which is made with the first of them."""
        self._folder = folder

    def __repr__(self) -> str:
        """Show where they are."""
        return f"FolderFiles({str(self._folder)!r})"

    async def save(self, file_id: str, data: bytes) -> None:
        """Keep the bytes; they are whole and on the disk afterwards."""
        await asyncio.to_thread(self._save, self._place(file_id), data)

    async def read(self, file_id: str) -> bytes:
        """Give the bytes; raises `NotFoundError`."""
        try:
            return await asyncio.to_thread(self._place(file_id).read_bytes)
        except FileNotFoundError as error:
            message = "The file is not there any more."
            raise NotFoundError(message, field="attachment_id") from error
        except OSError as error:
            raise _refused(error) from error

    async def delete(self, file_id: str) -> None:
        """Drop the bytes; nothing happens when they are not there."""
        try:
            await asyncio.to_thread(self._place(file_id).unlink, missing_ok=True)
        except OSError as error:
            raise _refused(error) from error

    def _place(self, file_id: str) -> Path:
        """Give the place of an id of ours; anything else could lead out of the folder."""
        if _ID.fullmatch(file_id) is None:
            message = "There is no such file."
            raise NotFoundError(message, field="attachment_id")
        return self._folder / file_id

    @staticmethod
    def _save(place: Path, data: bytes) -> None:
        unfinished = place.with_suffix(".part")
        try:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with unfinished.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(place)
        except OSError as error:
            with contextlib.suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise _refused(error) from error


def _refused(error: OSError) -> StoreError:
    return StoreError(f"The folder of uploaded files refused: {error.strerror}.")
