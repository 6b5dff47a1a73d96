"""Bytes of a streamed OpenAI response -> canonical events, without I/O. One call of `feed` per socket read.

Wire: the Responses API of OpenAI and of Azure OpenAI (v1), with and without ``event:`` lines; there is no ``[DONE]``.
An answer is proven complete by ``response.completed`` or ``response.incomplete``. A filter that blocks it says
``response.failed`` with no error in it, and the reason in an ``error`` frame behind that: so a failure without a reason
waits for one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

from msgspec import Struct

from penstock.core import events as e
from penstock.core.errors import ProviderError, UpstreamEndedError
from penstock.core.events import Json
from penstock.providers.answer_writer import AnswerWriter, Kind, SavedWriter
from penstock.providers.error_shapes import Service, read_error_value
from penstock.providers.filter_verdicts import make_filter, read_offsets
from penstock.providers.foreign_json import as_count, as_list, as_object, as_text, parse_json, scrub_json, scrub_text
from penstock.providers.sse import SseReader

_DELTAS: Final[dict[str, Kind]] = {
    "response.output_text.delta": "text",
    "response.refusal.delta": "refusal",
    "response.reasoning_summary_text.delta": "summary",
    "response.reasoning_text.delta": "reasoning",
}
_PROSE_ENDS: Final = frozenset(
    {"response.content_part.done", "response.reasoning_summary_part.done", "response.reasoning_text.done"}
)
_INCOMPLETE: Final[dict[str, e.FinishReason]] = {"max_output_tokens": "length", "content_filter": "content-filter"}
_SILENT_ITEMS: Final = frozenset({"message", "reasoning", "function_call"})
_SHOWN_BYTES: Final = 80


class SavedDecoder(Struct, frozen=True, kw_only=True):
    """What another instance needs to go on behind the last event."""

    response_id: str
    seq: int
    """The service's own ``sequence_number`` of the last event."""
    step_index: int
    writer: SavedWriter
    calls: dict[int, str]
    """The service's index of an output -> the id of the call, of those that are open."""


class ResponseDecoder:
    """One answer. After each `feed` and `end`, look at `error`: the events given before it stand."""

    def __init__(self, service: Service, *, step_index: int = 0, is_background: bool = False) -> None:
        """Start before the first byte; ``step_index`` counts the calls of this run."""
        self._is_background = is_background
        self._service = service
        self._step_index = step_index
        self._sse = SseReader()
        self._writer = AnswerWriter()
        self._calls: dict[int, str] = {}
        self._skip_through = -1
        self.seq = -1
        self.response_id = ""
        self.has_started = False
        self.is_finished = False
        self.is_done = False
        self.has_failed = False
        """The service said that the answer failed, and has not yet said why."""
        self.error: ProviderError | None = None

    def __repr__(self) -> str:
        """Show how far it is."""
        return f"ResponseDecoder({self.response_id!r}, seq={self.seq}, is_done={self.is_done}, error={self.error!r})"

    @property
    def has_content(self) -> bool:
        """Whether anything was given that a reader may have seen, or goes on in the background: then no retry."""
        return self._writer.has_content or (self._is_background and bool(self.response_id))

    def save(self) -> SavedDecoder:
        """Give what another instance needs; to be called between two reads."""
        return SavedDecoder(
            response_id=self.response_id,
            seq=self.seq,
            step_index=self._step_index,
            writer=self._writer.save(),
            calls=dict(self._calls),
        )

    @classmethod
    def restore(cls, service: Service, saved: SavedDecoder) -> ResponseDecoder:
        """Go on where another left off, inside its step and its parts."""
        decoder = cls(service, step_index=saved.step_index, is_background=True)
        decoder.response_id, decoder.seq = saved.response_id, saved.seq
        decoder.has_started = True
        decoder._writer.restore(saved.writer)
        decoder._calls = dict(saved.calls)
        decoder.reconnect()
        return decoder

    def reconnect(self) -> None:
        """Take another connection's bytes from now on; what they repeat is passed over."""
        self._sse = SseReader()
        self.is_done = self.has_failed = False
        self.error = None
        self._skip_through = self.seq

    def feed(self, data: bytes) -> tuple[e.Event, ...]:
        """Take the bytes of one socket read; they may be cut anywhere."""
        if self.is_done:
            return ()
        try:
            for payload in self._sse.feed(data):
                self._take(payload)
        except ProviderError as error:
            self._fail(error)
        return self._writer.take()

    def end(self) -> tuple[e.Event, ...]:
        """Say that no more bytes come; sets `error` to `UpstreamEndedError` unless the answer was proved complete."""
        for payload in self._sse.close():
            if not self.is_done and _is_json(payload):
                self._take(payload)
        if not self.is_done and self.has_failed:
            message = f"{self._service.name} ended the answer with an error that it did not explain. Try again."
            self._fail(ProviderError(message, code="provider_error", is_retryable=True))
        elif not self.is_done:
            self._fail(UpstreamEndedError(f"The answer of {self._service.name} broke off before its end."))
        return self._writer.take()

    def _take(self, payload: bytes) -> None:
        if self.is_done or payload.strip() in {b"", b"[DONE]"}:
            return
        try:
            frame = as_object(parse_json(payload))
        except ValueError:
            shown = payload[:_SHOWN_BYTES].decode("utf-8", "replace")
            message = f"{self._service.name} sent something in its stream that is not a JSON object: {shown!r}."
            self._fail(ProviderError(message, code="bad_response"))
            return
        seq = as_count(frame.get("sequence_number"))
        if seq is not None:
            if seq <= self._skip_through:
                return
            self.seq = seq
        self._read(as_text(frame.get("type")) or "", frame)

    def _read(self, kind: str, frame: dict[str, Json]) -> None:
        delta = _DELTAS.get(kind)
        if delta is not None:
            self._begin(frame)
            extra = {"logprobs": {"content": frame["logprobs"]}} if frame.get("logprobs") else None
            text = as_text(frame.get("delta")) or ""
            self._writer.write(delta, text, scrub_json(extra) if extra else None)
        elif kind in _PROSE_ENDS:
            self._writer.end_prose()
        elif kind in _READERS:
            _READERS[kind](self, frame)
        elif kind == "error" or frame.get("error"):
            self._fail(read_error_value(self._service, frame if frame.get("error") else {"error": frame}).error)

    def on_created(self, frame: dict[str, Json]) -> None:
        """Begin the step: the service accepted the call."""
        self._begin(as_object(frame.get("response")))

    def _begin(self, response: dict[str, Json]) -> None:
        if self.has_started:
            return
        self.has_started = True
        self.response_id = as_text(response.get("id")) or ""
        tier = as_text(response.get("service_tier"))
        self._writer.emit(
            e.StepStarted(
                index=self._step_index,
                model=scrub_text(as_text(response.get("model")) or "") or None,
                response_id=scrub_text(self.response_id) or None,
                extra={"service_tier": scrub_text(tier)} if tier else None,
            )
        )

    def on_item_added(self, frame: dict[str, Json]) -> None:
        """Open a call; tell of a tool that the service runs itself."""
        item = as_object(frame.get("item"))
        kind = as_text(item.get("type")) or ""
        if kind == "function_call":
            index = as_count(frame.get("output_index")) or 0
            call_id = as_text(item.get("call_id")) or as_text(item.get("id")) or f"call-{index}"
            self._calls[index] = self._writer.start_call(call_id, as_text(item.get("name")) or "")
        elif kind not in _SILENT_ITEMS:
            self._progress(kind, "started")

    def on_item_done(self, frame: dict[str, Json]) -> None:
        """End the call, or whatever prose is open."""
        item = as_object(frame.get("item"))
        kind = as_text(item.get("type")) or ""
        call_id = self._calls.pop(as_count(frame.get("output_index")) or 0, None)
        if kind == "function_call" and call_id is not None:
            self._writer.end_call(call_id, as_text(item.get("arguments")))
        elif kind in _SILENT_ITEMS:
            self._writer.end_prose()
        else:
            self._progress(kind, "finished" if item.get("status") != "failed" else "failed")

    def _progress(self, kind: str, state: e.ProgressState) -> None:
        stage = scrub_text(kind.removesuffix("_call")).replace("_", "-")
        if stage:
            self._writer.emit(e.Progress(stage=stage, state=state))

    def on_arguments(self, frame: dict[str, Json]) -> None:
        """Continue a call."""
        call_id = self._calls.get(as_count(frame.get("output_index")) or 0)
        if call_id is not None:
            self._writer.write_arguments(call_id, as_text(frame.get("delta")) or "")

    def on_annotation(self, frame: dict[str, Json]) -> None:
        """Give a source, with its place in the text."""
        note = as_object(frame.get("annotation"))
        url, name = as_text(note.get("url")), as_text(note.get("title")) or as_text(note.get("filename"))
        if url is None and name is None:
            return
        kind: Literal["url", "document"] = "document" if url is None else "url"
        self._writer.emit(
            e.Source(
                source_id=scrub_text(as_text(note.get("file_id")) or url or name or ""),
                kind=kind,
                url=None if url is None else scrub_text(url),
                title=None if name is None else scrub_text(name),
                start=as_count(note.get("start_index")),
                end=as_count(note.get("end_index")),
            )
        )

    def on_completed(self, frame: dict[str, Json]) -> None:
        """Finish: the answer is whole."""
        response = as_object(frame.get("response"))
        has_calls = any(as_object(item).get("type") == "function_call" for item in as_list(response.get("output")))
        self._finish(response, "tool-calls" if has_calls else "stop", "completed")

    def on_incomplete(self, frame: dict[str, Json]) -> None:
        """Finish: the service says why the answer ends early."""
        response = as_object(frame.get("response"))
        reason = as_text(as_object(response.get("incomplete_details")).get("reason")) or "incomplete"
        self._finish(response, _INCOMPLETE.get(reason, "other"), scrub_text(reason))

    def on_failed(self, frame: dict[str, Json]) -> None:
        """Fail, or wait for the frame that says why."""
        response = as_object(frame.get("response"))
        self._begin(response)
        self._read_filters(response)
        self.has_failed = True
        if as_object(response.get("error")):
            self._fail(read_error_value(self._service, {"error": response["error"]}).error)

    def _finish(self, response: dict[str, Json], reason: e.FinishReason, raw: str) -> None:
        self._begin(response)
        self._writer.end_parts()
        self._calls.clear()
        self._read_filters(response)
        usage = as_object(response.get("usage"))
        if usage:
            self._writer.emit(_read_usage(usage))
        self._writer.emit(e.StepFinished(index=self._step_index, finish_reason=reason, raw=raw))
        self.is_finished = self.is_done = True

    def _read_filters(self, response: dict[str, Json]) -> None:
        """Read Azure's verdicts, which come with the end."""
        for entry in map(as_object, as_list(response.get("content_filters"))):
            results = as_object(entry.get("content_filter_results"))
            if results or entry.get("blocked"):
                self._writer.emit(
                    make_filter(
                        results,
                        stage="prompt" if entry.get("source_type") == "prompt" else "completion",
                        is_blocked=entry.get("blocked") is True,
                        offsets=read_offsets(entry.get("content_filter_offsets")),
                    )
                )

    def _fail(self, error: ProviderError) -> None:
        self.is_done = True
        self.error = error


_READERS: Final[dict[str, Callable[[ResponseDecoder, dict[str, Json]], None]]] = {
    "response.created": ResponseDecoder.on_created,
    "response.queued": ResponseDecoder.on_created,
    "response.in_progress": ResponseDecoder.on_created,
    "response.output_item.added": ResponseDecoder.on_item_added,
    "response.output_item.done": ResponseDecoder.on_item_done,
    "response.function_call_arguments.delta": ResponseDecoder.on_arguments,
    "response.output_text.annotation.added": ResponseDecoder.on_annotation,
    "response.completed": ResponseDecoder.on_completed,
    "response.incomplete": ResponseDecoder.on_incomplete,
    "response.failed": ResponseDecoder.on_failed,
}


def _read_usage(usage: dict[str, Json]) -> e.Usage:
    given = as_object(usage.get("input_tokens_details"))
    made = as_object(usage.get("output_tokens_details"))
    return e.Usage(
        input=as_count(usage.get("input_tokens")),
        output=as_count(usage.get("output_tokens")),
        total=as_count(usage.get("total_tokens")),
        cached=as_count(given.get("cached_tokens")),
        cache_write=as_count(given.get("cache_write_tokens")),
        reasoning=as_count(made.get("reasoning_tokens")),
    )


def _is_json(payload: bytes) -> bool:
    """Whether an event that lacks its end is whole: services forget the last blank line."""
    try:
        value: Any = parse_json(payload)
    except ValueError:
        return False
    return isinstance(value, dict)
