"""What the folder of uploaded files promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import NotFoundError, StoreError
from penstock.stores.folder_files import FolderFiles


@pytest.fixture
def files(tmp_path: Path) -> FolderFiles:
    return FolderFiles(tmp_path / "data" / "attachments")


async def test_a_file_is_read_as_it_was_saved(files: FolderFiles, tmp_path: Path):
    await files.save("att_1", b"\x00\xff")
    assert await files.read("att_1") == b"\x00\xff"
    assert [path.name for path in (tmp_path / "data" / "attachments").iterdir()] == ["att_1"]


async def test_a_deleted_file_is_gone_and_deleting_it_again_is_no_error(files: FolderFiles):
    await files.save("att_1", b"x")
    await files.delete("att_1")
    await files.delete("att_1")
    with pytest.raises(NotFoundError):
        await files.read("att_1")


@pytest.mark.parametrize("name", ["../secret", "a/b", "..", "", ".", "a\0b", "x" * 65, "/etc/passwd", "a.part"])
async def test_no_name_leads_out_of_the_folder(files: FolderFiles, tmp_path: Path, name: str):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secret").write_text("s")
    for refused in (files.read(name), files.save(name, b"x"), files.delete(name)):
        with pytest.raises(NotFoundError):
            await refused
    assert (tmp_path / "data" / "secret").read_text() == "s"


async def test_a_folder_that_cannot_be_is_the_stores_fault(tmp_path: Path):
    (tmp_path / "file").write_text("")
    files = FolderFiles(tmp_path / "file")
    for refused in (files.save("att_1", b"x"), files.read("att_1"), files.delete("att_1")):
        with pytest.raises(StoreError):
            await refused
