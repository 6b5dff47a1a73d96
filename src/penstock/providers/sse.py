"""Server-sent events, bytes -> payloads, without I/O (WHATWG HTML, section 9.2.6).

Three deliberate differences from the standard: an event that lacks its last blank line is given by `close` (services
forget it; the decoder above tells a cut one by its JSON), ``error:`` is read as the data of an event of that name
(llama.cpp), and ``id`` and ``retry`` are ignored (no model service resumes by them).
"""

from __future__ import annotations

from typing import Final

from penstock.core.errors import ProviderError

MAX_EVENT_BYTES: Final = 16 * 1024 * 1024
"""An event may be this long: the largest real ones (images, encrypted reasoning) stay below 10 MB."""

_BOM: Final = b"\xef\xbb\xbf"
_LINE_COST_BYTES: Final = 32
"""What an empty ``data:`` line counts for, so that a flood of them is bounded like a long line."""


class NamedPayload(bytes):
    """A payload whose event had a name (``event: error``); plain `bytes` are of the default name."""

    name: str

    @classmethod
    def make(cls, payload: bytes, name: str) -> NamedPayload:
        """Keep the name beside the bytes."""
        made = cls(payload)
        made.name = name
        return made


class SseReader:
    """Feed it bytes cut anywhere; it gives the payloads of the events that are complete."""

    def __init__(self, *, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        """Start before the first byte."""
        self._max_event_bytes = max_event_bytes
        self._pieces: list[bytes] = []
        """The bytes after the last line end: none of them is one."""
        self._pending_bytes = 0
        self._data: list[bytes] = []
        self._data_bytes = 0
        self._name = b""
        self._is_first_line = True
        self._must_skip_line_feed = False

    def __repr__(self) -> str:
        """Show how much waits for its end."""
        return f"SseReader(pending_bytes={self._pending_bytes + self._data_bytes})"

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes, give payloads; raises `ProviderError` (``bad_response``) when one event grows too long."""
        if not data:
            return []
        if self._pieces:
            if b"\n" not in data and b"\r" not in data:
                self._keep(data)
                return []
            self._pieces.append(data)
            data = b"".join(self._pieces)
            self._pieces.clear()
            self._pending_bytes = 0
        if not self._data and not self._name:
            plain = self._feed_plain(data)
            if plain is not None:
                return plain
        return self._feed_lines(data)

    def close(self) -> list[bytes]:
        """Give the last event when it lacks its blank line, whole or cut."""
        tail = b"".join(self._pieces)
        self._pieces.clear()
        self._pending_bytes = 0
        payloads: list[bytes] = []
        if tail:
            self._take_line(tail, payloads)
        self._dispatch(payloads)
        return payloads

    def _keep(self, data: bytes) -> None:
        if data:
            self._must_skip_line_feed = False
            self._pieces.append(data)
            self._pending_bytes += len(data)
        if self._pending_bytes + self._data_bytes > self._max_event_bytes:
            self._pieces.clear()
            self._data.clear()
            message = f"The model service sent one event longer than {self._max_event_bytes} bytes; it was refused."
            raise ProviderError(message, code="bad_response")

    def _feed_plain(self, data: bytes) -> list[bytes] | None:
        """Read ``data: ...`` + LF + LF and nothing else by one split; None when there is anything else.

        This is all that Azure sends. It costs half of going line by line (bench/decode.py).
        """
        if not data.startswith(b"data: ") or b"\r" in data:
            return None
        line_feeds = data.count(b"\n")
        self._is_first_line = False
        self._must_skip_line_feed = False
        if line_feeds == 2 and data.endswith(b"\n\n"):  # noqa: PLR2004 - one event's
            return [data[6:-2]]
        blocks = data[6:].split(b"\n\ndata: ")
        last, end, rest = blocks[-1].partition(b"\n\n")
        if line_feeds != 2 * (len(blocks) - (not end)) or b"\n" in rest:
            return None
        if end:
            blocks[-1] = last
        else:
            rest = b"data: " + blocks.pop()
        if rest:
            self._keep(rest)
        return blocks

    def _feed_lines(self, data: bytes) -> list[bytes]:
        if self._must_skip_line_feed:
            self._must_skip_line_feed = False
            data = data.removeprefix(b"\n")
        if b"\r" in data:
            self._must_skip_line_feed = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = data.split(b"\n")
        payloads: list[bytes] = []
        for line in lines:
            self._take_line(line, payloads)
        self._keep(rest)
        return payloads

    def _take_line(self, line: bytes, payloads: list[bytes]) -> None:
        if self._is_first_line:
            self._is_first_line = False
            line = line.removeprefix(_BOM)
        if not line:
            self._dispatch(payloads)
            return
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
            self._data_bytes += len(value) + _LINE_COST_BYTES
        elif field == b"event":
            self._name = value
        elif field == b"error":
            self._name = b"error"
            self._data.append(value)
            self._data_bytes += len(value) + _LINE_COST_BYTES

    def _dispatch(self, payloads: list[bytes]) -> None:
        if self._data:
            payload = b"\n".join(self._data)
            name = self._name.decode("utf-8", "replace")
            payloads.append(NamedPayload.make(payload, name) if name else payload)
            self._data.clear()
            self._data_bytes = 0
        self._name = b""
