"""Bytes of a streamed chat completion -> canonical events, without I/O. One call of `feed` per socket read.

Wire: OpenAI "chat.completion.chunk" as OpenAI, Azure OpenAI, DeepSeek, Groq, Mistral, OpenRouter, vLLM and Ollama send
it, and the older "text_completion". A chunk that only continues the text, which nearly all do, is read by a strict
typed decoder; any other goes the slow way in ``chunk_reader.py``, where nothing that the service says is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

import msgspec
from msgspec import Raw, Struct

from penstock.core.errors import ProviderError, UpstreamEndedError
from penstock.core.events import Event, Json
from penstock.providers.chunk_reader import ChunkReader
from penstock.providers.error_shapes import Service, is_error_frame, read_error_value
from penstock.providers.foreign_json import as_object, parse_json
from penstock.providers.sse import MAX_EVENT_BYTES, NamedPayload, SseReader

_DONE: Final = b"[DONE]"
_NO_FILTER: Final = Raw(b"{}")
_QUIET_AT_MOST: Final = 64
_SHOWN_BYTES: Final = 80


class _Delta(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    content: str
    role: str | None = None


class _Choice(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    delta: _Delta
    index: int
    finish_reason: None = None
    logprobs: None = None
    content_filter_results: Raw = _NO_FILTER
    content_filter_result: Raw = _NO_FILTER


class _TextChunk(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A chunk that does nothing but continue the text: anything more does not fit, on purpose."""

    choices: tuple[_Choice]
    model: str
    created: int = 0
    id: str = ""
    object: str = ""
    obfuscation: str | None = None
    p: str | None = None
    service_tier: str | None = None
    system_fingerprint: str | None = None
    usage: None = None


_TEXT_CHUNKS: Final = msgspec.json.Decoder(_TextChunk)


def _decode_together(payloads: list[bytes]) -> list[_TextChunk] | None:
    """Decode all as lines, which costs 0.6 us each, or None when one of them is more than text.

    One by one costs 0.8 us, through plain dicts 2.4 (bench/decode.py).
    """
    try:
        chunks = _TEXT_CHUNKS.decode_lines(b"\n".join(payloads))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return chunks if len(chunks) == len(payloads) else None


def _decode_each(payloads: list[bytes], start: int) -> Iterator[_TextChunk]:
    """Decode one after the other up to the first that is more than text."""
    for payload in islice(payloads, start, None):
        try:
            yield _TEXT_CHUNKS.decode(payload)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return


class ChatChunkDecoder:
    """One answer. After each `feed` and `end`, look at `error`: the events given before it stand."""

    def __init__(
        self,
        service: Service,
        *,
        step_index: int = 0,
        has_think_tags: bool = True,
        max_event_bytes: int = MAX_EVENT_BYTES,
    ) -> None:
        """Start before the first byte; ``step_index`` counts the calls of this run."""
        self._service = service
        self._sse = SseReader(max_event_bytes=max_event_bytes)
        self._reader = ChunkReader(step_index=step_index, has_think_tags=has_think_tags)
        self._quiet: set[bytes] = {b"{}", b"null"}
        """Filter results, as bytes, that say nothing new."""
        self.error: ProviderError | None = None
        """Why the answer failed; nothing more comes after it."""
        self.is_done = False
        """The service said that nothing more comes, or the answer failed."""

    def __repr__(self) -> str:
        """Show how far it is."""
        return f"ChatChunkDecoder(is_finished={self.is_finished}, is_done={self.is_done}, error={self.error!r})"

    @property
    def is_finished(self) -> bool:
        """Whether a finish reason was seen, which proves that the answer is complete."""
        return self._reader.is_finished

    @property
    def has_started(self) -> bool:
        """Whether `StepStarted` was given."""
        return self._reader.has_started

    @property
    def has_content(self) -> bool:
        """Whether anything was given that a reader may have seen: then no retry."""
        return self._reader.has_content

    def feed(self, data: bytes) -> tuple[Event, ...]:
        """Take the bytes of one socket read; they may be cut anywhere."""
        if self.is_done:
            return ()
        try:
            payloads = self._sse.feed(data)
        except ProviderError as error:
            self._fail(error)
            return self._reader.take()
        if payloads:
            self._take_all(payloads)
        return self._reader.take()

    def end(self) -> tuple[Event, ...]:
        """Say that no more bytes come; sets `error` to `UpstreamEndedError` unless the answer was proved complete."""
        if self.is_done:
            return ()
        for payload in self._sse.close():
            self._take_last(payload)
        if not self.is_done:
            self._finish()
        return self._reader.take()

    def _take_all(self, payloads: list[bytes]) -> None:
        """Take the payloads of one read: runs of plain text the fast way, whatever stands between them the slow way."""
        chunks = _decode_together(payloads) if self._reader.is_in_text else None
        position = self._take_text(chunks) if chunks is not None else 0
        while position < len(payloads) and not self.is_done:
            if self._reader.is_in_text:
                position += self._take_text(_decode_each(payloads, position))
            if position < len(payloads):
                self._take(payloads[position])
                position += 1

    def _take_text(self, chunks: Iterable[_TextChunk]) -> int:
        """Take chunks as long as they do nothing but continue the text; gives how many that were."""
        reader = self._reader
        model, tier, fingerprint = reader.model, reader.service_tier, reader.system_fingerprint
        texts: list[str] = []
        for chunk in chunks:
            choice = chunk.choices[0]
            if (
                choice.index != 0
                or chunk.model != model
                or chunk.service_tier != tier
                or chunk.system_fingerprint != fingerprint
                or not self._is_quiet(choice)
            ):
                break
            texts.append(choice.delta.content)
        if texts:
            reader.write_text(texts)
        return len(texts)

    def _is_quiet(self, choice: _Choice) -> bool:
        """Whether the filter says nothing new; compared as bytes, because it says the same with every token."""
        for results in (choice.content_filter_results, choice.content_filter_result):
            if results is _NO_FILTER:
                continue
            raw = bytes(results)
            if raw in self._quiet:
                continue
            if self._reader.is_filter_news(as_object(msgspec.json.decode(raw))):
                self._quiet = {b"{}", b"null"}
                return False
            if len(self._quiet) < _QUIET_AT_MOST:
                self._quiet.add(raw)
        return True

    def _take(self, payload: bytes) -> None:
        if self.is_done or not payload.strip():
            return
        if payload.strip().strip(b'"').upper() == _DONE:
            self._finish()
            return
        try:
            value = parse_json(payload)
        except ValueError:
            self._take_broken(payload)
            return
        if isinstance(value, dict):
            self._take_chunk(as_object(value), payload.name if isinstance(payload, NamedPayload) else "")
        elif value is not None:
            self._take_broken(payload)

    def _take_broken(self, payload: bytes) -> None:
        """Take what is no JSON object: harmless behind a complete answer, else the end of it."""
        chunks = _split(payload)
        for chunk in chunks:
            self._take(chunk)
        if chunks or self.is_finished:
            return
        shown = payload[:_SHOWN_BYTES].decode("utf-8", "replace")
        message = f"{self._service.name} sent something in its stream that is not a JSON object: {shown!r}."
        self._fail(ProviderError(message, code="bad_response"))

    def _take_chunk(self, chunk: dict[str, Json], name: str) -> None:
        is_error = is_error_frame(chunk, name)
        self._reader.read(chunk)
        if is_error:
            self._fail(read_error_value(self._service, chunk).error)
        elif self._reader.has_failed:
            message = f"{self._service.name} ended the answer with an error that it did not explain. Try again."
            self._fail(ProviderError(message, code="provider_error", is_retryable=True))

    def _take_last(self, payload: bytes) -> None:
        """Take an event that had no end: when it is not JSON, it was cut, which is no fault of its own."""
        try:
            parse_json(payload)
        except ValueError:
            chunks = _split(payload)
            for chunk in chunks:
                self._take_last(chunk)
            if chunks or payload.strip() != _DONE:
                return
        self._take(payload)

    def _finish(self) -> None:
        self.is_done = True
        if self._reader.finish():
            return
        message = f"The answer of {self._service.name} broke off before its end."
        self.error = UpstreamEndedError(message)

    def _fail(self, error: ProviderError) -> None:
        self.is_done = True
        self._reader.flush()
        self.error = error


def _split(payload: bytes) -> list[bytes]:
    """Give the chunks of a service that ends its events by one line end, which by the standard makes them one event."""
    lines = [line for line in payload.split(b"\n") if line.strip()]
    return lines if len(lines) > 1 and all(line.lstrip().startswith((b"{", b"[")) for line in lines) else []
