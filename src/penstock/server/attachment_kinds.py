"""What an uploaded file is, told by its bytes: what its name or its sender says of it counts for nothing."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from penstock.core.errors import CallerError
from penstock.core.messages import AttachmentKind

_IMAGES: Final[tuple[tuple[re.Pattern[bytes], str], ...]] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "image/webp"),
)
"""What models see and browsers show without running anything; SVG is a program, and text here."""
_NO_TEXT: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_NAME_LENGTH: Final = 120


class SniffedKind(NamedTuple):
    """What may be done with the bytes, and how they are served."""

    kind: AttachmentKind
    media_type: str


def sniff_kind(data: bytes) -> SniffedKind:
    """Tell an image or a text by its bytes; raises `CallerError` for anything else."""
    for pattern, media_type in _IMAGES:
        if pattern.match(data):
            return SniffedKind("image", media_type)
    if _NO_TEXT.search(data) is None:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return SniffedKind("text", "text/plain")
    message = "Images (PNG, JPEG, GIF, WebP) and text files in UTF-8 can be attached; this file is neither."
    raise CallerError(message, field="body", code="unsupported_media_type")


def clean_name(name: str | None) -> str:
    """Give the file's own name without its folders and without what a line of text can't show."""
    last = re.split(r"[/\\]", name or "")[-1]
    visible = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C").strip(" .")
    if len(visible) > _NAME_LENGTH:
        stem, dot, suffix = visible.rpartition(".")
        ending = f"{dot}{suffix}" if stem and len(suffix) < _NAME_LENGTH // 4 else ""
        visible = visible[: _NAME_LENGTH - len(ending)] + ending
    return visible or "file"
