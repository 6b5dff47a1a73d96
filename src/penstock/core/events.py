"""The canonical events: what happened in one run, in order.

Every provider decodes into these and every wire encodes from these. They are frozen msgspec structs, tagged by ``type``
in kebab-case, defaults omitted on the wire. Which event may follow which is the table in ``core/order.py``, and only
there. Nothing here performs I/O, and nothing here knows a provider or a wire.
"""

from __future__ import annotations

import re
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from penstock.core.usage import Cost, Timings, UsageSource

PROTOCOL: Final = 1
"""Version of this vocabulary; `RunStarted` carries it, so that an old page can ask for a reload."""

Json = Any
"""A decoded JSON value. The alias marks the few places where foreign data passes through untyped."""

FinishReason = Literal["stop", "length", "content-filter", "tool-calls", "refusal", "other"]
FilterStage = Literal["prompt", "completion"]
FilterMode = Literal["inline", "async"]
ReasoningKind = Literal["text", "summary", "redacted"]
ProgressState = Literal["started", "finished", "failed"]
StoppedBy = Literal["user", "timeout", "budget", "shutdown"]
InterruptionCause = Literal["upstream-eof", "producer-lost"]


def _kebab(class_name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", class_name).lower()


class _Event(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="type", tag=_kebab):
    """What every event has: ``extra`` holds the fields of the provider that Penstock does not interpret.

    The collector passes over events (``gc=False``): they hold values alone, never a cycle, and live logs hold many.
    """

    extra: dict[str, Json] | None = None


class RunStarted(_Event, frozen=True):
    """Offset 0 of every log."""

    run_id: str
    message_id: str
    """Id of the assistant message that the run writes; stable across replays."""
    model: str
    provider: str
    conversation_id: str | None = None
    protocol: int = PROTOCOL


class StepStarted(_Event, frozen=True):
    """One call of the model service was accepted and answers."""

    index: int
    model: str | None = None
    """The model that the service says answers: what prices are looked up by."""
    response_id: str | None = None


class StepFinished(_Event, frozen=True):
    """The service said that the call is complete: without this a run never finishes."""

    index: int
    finish_reason: FinishReason
    raw: str | None = None
    """The service's own word for the reason."""


class StepReset(_Event, frozen=True):
    """The call is abandoned; another `StepStarted` follows.

    Void is all that came since its `StepStarted`, but for what was spent and shown: `Usage` and `Progress` stay.
    """

    index: int


class TextStarted(_Event, frozen=True):
    """A text part opens."""

    part_id: str


class TextDelta(_Event, frozen=True):
    """More text. Always valid Unicode, never cut inside a character."""

    part_id: str
    text: str


class TextEnded(_Event, frozen=True):
    """The text part is complete."""

    part_id: str


class ReasoningStarted(_Event, frozen=True):
    """The model thinks; ``redacted`` reasoning has no readable text."""

    part_id: str
    kind: ReasoningKind = "text"


class ReasoningDelta(_Event, frozen=True):
    """More reasoning text."""

    part_id: str
    text: str


class ReasoningEnded(_Event, frozen=True):
    """The reasoning part is complete; ``signature`` is what the service wants back verbatim."""

    part_id: str
    signature: str | None = None


class RefusalStarted(_Event, frozen=True):
    """The model declines; refusals are never mixed into text."""

    part_id: str


class RefusalDelta(_Event, frozen=True):
    """More of the refusal's text."""

    part_id: str
    text: str


class RefusalEnded(_Event, frozen=True):
    """The refusal is complete."""

    part_id: str


class ToolCallStarted(_Event, frozen=True):
    """The model calls a tool; arguments follow as raw text."""

    tool_call_id: str
    name: str


class ToolCallDelta(_Event, frozen=True):
    """More of the raw argument text (usually JSON, not yet whole)."""

    tool_call_id: str
    arguments: str


class ToolCallReady(_Event, frozen=True):
    """The call is complete and ``input`` is its parsed arguments."""

    tool_call_id: str
    name: str
    input: Json


class ToolCallInvalid(_Event, frozen=True):
    """The call ended with arguments that do not parse, or before they were complete."""

    tool_call_id: str
    name: str
    arguments: str
    error_text: str


class ToolResult(_Event, frozen=True):
    """What the tool gave back: ``error_text`` when it failed, else ``output``."""

    tool_call_id: str
    output: Json = None
    error_text: str | None = None


class Source(_Event, frozen=True):
    """Something the answer stands on: a web page (``url``) or a document (``title``)."""

    source_id: str
    kind: Literal["url", "document"]
    url: str | None = None
    title: str | None = None
    media_type: str | None = None
    start: int | None = None
    """Place in the text of the current text part, in characters."""
    end: int | None = None


class Progress(_Event, frozen=True):
    """A stage of the pipeline (``connecting``, ``searching``, ``retrying`` ...) began or ended."""

    stage: str
    state: ProgressState
    detail: str | None = None
    duration_ms: float | None = None


class Data(_Event, frozen=True):
    """An application's own value; the same ``name`` and ``data_id`` replace, a ``transient`` one is not kept."""

    name: str
    value: Json
    data_id: str | None = None
    transient: bool = False


class Verdict(Struct, frozen=True, omit_defaults=True, gc=False):
    """What a content filter says of one category."""

    filtered: bool = False
    detected: bool | None = None
    severity: str | None = None


class FilterOffsets(Struct, frozen=True, gc=False):
    """Characters counted from the start of the prompt (Azure asynchronous filter)."""

    check_offset: int
    start_offset: int
    end_offset: int


class ContentFilter(_Event, frozen=True):
    """A verdict of the service's content filter. ``blocked`` means that text was withheld or must be retracted."""

    stage: FilterStage
    mode: FilterMode = "inline"
    verdicts: dict[str, Verdict] = {}
    offsets: FilterOffsets | None = None
    blocked: bool = False


class Usage(_Event, frozen=True):
    """Tokens so far, cumulative: the last one wins. ``reasoning`` is inside ``output``, ``cached`` inside ``input``."""

    input: int | None = None
    output: int | None = None
    total: int | None = None
    cached: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None
    source: UsageSource = "provider"
    cost: Cost | None = None
    """Set by the run engine once the model is known; providers leave it None."""


class RunFinished(_Event, frozen=True):
    """Terminal: the service proved that the answer is complete."""

    finish_reason: FinishReason
    raw: str | None = None
    timings: Timings | None = None


class RunFailed(_Event, frozen=True):
    """Terminal: an error ended the answer; what was logged before stays."""

    code: str
    message: str
    retryable: bool = False
    retry_after_s: float | None = None
    timings: Timings | None = None


class RunStopped(_Event, frozen=True):
    """Terminal: somebody or something here ended it on purpose."""

    by: StoppedBy
    timings: Timings | None = None


class RunInterrupted(_Event, frozen=True):
    """Terminal: it ended without proof of completion."""

    cause: InterruptionCause
    timings: Timings | None = None


Terminal = RunFinished | RunFailed | RunStopped | RunInterrupted
"""Exactly one of these ends every log."""

Event = (
    RunStarted
    | StepStarted
    | StepFinished
    | StepReset
    | TextStarted
    | TextDelta
    | TextEnded
    | ReasoningStarted
    | ReasoningDelta
    | ReasoningEnded
    | RefusalStarted
    | RefusalDelta
    | RefusalEnded
    | ToolCallStarted
    | ToolCallDelta
    | ToolCallReady
    | ToolCallInvalid
    | ToolResult
    | Source
    | Progress
    | Data
    | ContentFilter
    | Usage
    | RunFinished
    | RunFailed
    | RunStopped
    | RunInterrupted
)

CONTENT_EVENTS: Final = (
    TextDelta,
    ReasoningDelta,
    RefusalDelta,
    ToolCallStarted,
)
"""Seeing one of these forbids a retry: the reader may have seen it too."""

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode_event(event: Event) -> bytes:
    """Give one event as one line of JSON, without the line end."""
    return _encoder.encode(event)


def decode_event(line: bytes | str) -> Event:
    """Read one event; raises `msgspec.ValidationError` when it is not one."""
    return _decoder.decode(line)
