"""The chunked framing of HTTP/1.1, taken off without I/O (RFC 9112, section 7.1)."""

from __future__ import annotations

from typing import Final

_LINE_BYTES: Final = 4096
"""Of a chunk's head with its extensions, and of one trailer."""
_HEXADECIMAL: Final = b"0123456789abcdefABCDEF"
_LARGEST: Final = 16
"""Digits of a size."""


class ChunkedReader:
    """Feed it bytes cut anywhere; it gives the bytes of the body, also of a chunk that is not whole yet."""

    __slots__ = ("_is_after_chunk", "_is_in_trailers", "_left_bytes", "_pending", "has_ended", "is_broken", "rest")

    def __init__(self) -> None:
        """Start before the first chunk."""
        self._pending = b""
        self._left_bytes = 0
        self._is_after_chunk = False
        self._is_in_trailers = False
        self.is_broken = False
        """Whether it cannot be read on."""
        self.has_ended = False
        """Whether the end of the body was seen."""
        self.rest = b""
        """What came behind the end."""

    def __repr__(self) -> str:
        """Show where it is."""
        return f"ChunkedReader(left_bytes={self._left_bytes}, has_ended={self.has_ended})"

    def feed(self, data: bytes) -> bytes:
        """Take bytes, give those of the body; sets `is_broken` when the framing is, and gives what came before that."""
        if self._pending:
            data = self._pending + data
            self._pending = b""
        pieces: list[bytes] = []
        try:
            self._feed(data, pieces)
        except ValueError:
            self.is_broken = True
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _feed(self, data: bytes, pieces: list[bytes]) -> None:
        position = self._take_left(data, pieces) if self._left_bytes or self._is_after_chunk else 0
        end = len(data)
        while position < end and not self._is_in_trailers:
            line_end = data.find(b"\r\n", position)
            if line_end < 0:
                break
            start = line_end + 2
            following = start + _size_of(data[position:line_end])
            position = following + 2
            if following == start:
                self._is_in_trailers = True
                position = start
            elif position <= end and data[following:position] == b"\r\n":
                pieces.append(data[start:following])
            else:
                self._left_bytes = following - start
                position = start + self._take_left(data[start:], pieces)
        self._keep(data[position:])

    def _take_left(self, data: bytes, pieces: list[bytes]) -> int:
        """Take the rest of the chunk under way, and the line end behind it; gives how many bytes that were."""
        piece = data[: self._left_bytes]
        if piece:
            pieces.append(piece)
        self._left_bytes -= len(piece)
        self._is_after_chunk = True
        line_end = data[len(piece) : len(piece) + 2]
        if self._left_bytes or not b"\r\n".startswith(line_end):
            if line_end:
                message = "A chunk is longer than it says."
                raise ValueError(message)
            return len(piece)
        if len(line_end) < 2:  # noqa: PLR2004 - length of a line end
            return len(piece)
        self._is_after_chunk = False
        return len(piece) + 2

    def _keep(self, data: bytes) -> None:
        if self._is_in_trailers:
            self._read_trailers(data)
        elif data:
            if len(data) > _LINE_BYTES:
                message = "The head of a chunk is too long."
                raise ValueError(message)
            self._pending = data

    def _read_trailers(self, data: bytes) -> None:
        """Pass over the trailers up to the empty line."""
        while (line_end := data.find(b"\r\n")) > 0:
            data = data[line_end + 2 :]
        if line_end == 0:
            self.has_ended = True
            self.rest = data[2:]
        elif len(data) > _LINE_BYTES:
            message = "A trailer is too long."
            raise ValueError(message)
        else:
            self._pending = data


def _size_of(line: bytes) -> int:
    digits = line.partition(b";")[0].strip()
    if not digits or digits.strip(_HEXADECIMAL) or len(digits) > _LARGEST:
        message = "The size of a chunk is not a number."
        raise ValueError(message)
    return int(digits, 16)
