"""The broom: drops logs, conversations and files past their time."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from penstock.core.errors import StoreError
from penstock.runs.ports import Ports

_CONVERSATIONS_PER_SWEEP: Final = 100

_log = logging.getLogger(__name__)


class Sweeper:
    """Sweeps at an interval, until it is cancelled."""

    def __init__(self, ports: Ports) -> None:
        """Prepare; nothing is swept yet."""
        self._ports = ports

    async def run(self) -> None:
        """Sweep for ever."""
        while True:
            await asyncio.sleep(self._ports.limits.sweep_s)
            await self.sweep()

    async def sweep(self) -> int:
        """Sweep once; gives how many journal rows went. A refusal of the store is logged: the next turn comes."""
        try:
            ended_before = self._ports.clock.now() - self._ports.limits.retention_s
            count = await self._ports.store.sweep(ended_before=ended_before)
            await self._purge()
        except StoreError as error:
            _log.warning("What is old could not be swept yet: %r", error)
            return 0
        return count

    async def _purge(self) -> None:
        """Drop what nobody can have back. Files first: rows that were dropped before would leave them for ever."""
        store, files, limits, now = self._ports.store, self._ports.files, self._ports.limits, self._ports.clock.now()
        expired = await store.list_expired(
            deleted_before=now - limits.deleted_retention_s,
            unsent_before=now - limits.unsent_retention_s,
            limit=_CONVERSATIONS_PER_SWEEP,
        )
        if files is not None:
            for attachment_id in expired.attachment_ids:
                await files.delete(attachment_id)
        if expired.conversation_ids or expired.attachment_ids:
            await store.purge(expired)
