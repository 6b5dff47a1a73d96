"""What a file is, told by its bytes."""

from __future__ import annotations

import pytest

from penstock.core.errors import CallerError
from penstock.server.attachment_kinds import clean_name, sniff_kind


@pytest.mark.parametrize(
    ("data", "kind", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image", "image/png"),
        (b"\xff\xd8\xff\xe0....", "image", "image/jpeg"),
        (b"GIF89a....", "image", "image/gif"),
        (b"RIFF\x0a\x0b\x0c\x0dWEBPVP8 ", "image", "image/webp"),
        (b"a,b\r\n1,2\t\n", "text", "text/plain"),
        ("grün 東京".encode(), "text", "text/plain"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "text", "text/plain"),
        (b"<!doctype html><script>alert(1)</script>", "text", "text/plain"),
        (b"\x1b[31mred\x1b[0m", "text", "text/plain"),
    ],
)
def test_bytes_tell_what_a_file_is(data: bytes, kind: str, media_type: str):
    assert sniff_kind(data) == (kind, media_type)


@pytest.mark.parametrize("data", [b"%PDF-1.7\x00", b"PK\x03\x04", b"\xff\xfea\x00", b"caf\xe9", b"\x00"])
def test_anything_else_is_refused(data: bytes):
    with pytest.raises(CallerError) as refused:
        sniff_kind(data)
    assert refused.value.code == "unsupported_media_type"


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("notes.txt", "notes.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\cat.png", "cat.png"),
        ("a\r\nb\0.txt", "ab.txt"),
        ("\u202etxt.exe", "txt.exe"),
        ("..", "file"),
        ("", "file"),
        (None, "file"),
        ("x" * 300 + ".csv", "x" * 116 + ".csv"),
        ("y" * 300, "y" * 120),
    ],
)
def test_a_name_is_for_showing_only(name: str | None, cleaned: str):
    assert clean_name(name) == cleaned
