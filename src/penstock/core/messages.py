"""Conversations, messages and runs as they are kept, and the parts of a message. Times are Unix seconds (UTC)."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from penstock.core.events import (
    ContentFilter,
    FinishReason,
    Json,
    Progress,
    ReasoningKind,
)
from penstock.core.usage import Cost, Timings, UsageSource

Role = Literal["user", "assistant", "system", "tool"]
AttachmentKind = Literal["image", "text"]
RunStatus = Literal["queued", "running", "finished", "failed", "stopped", "interrupted"]
TitleSource = Literal["words", "model", "person"]
"""Who named a conversation: its first words, a model, or a person, whose title nothing overwrites."""
MessageStatus = Literal["complete", "running", "finished", "failed", "stopped", "interrupted"]
"""``complete`` is a user's message; the others mirror the run that wrote an assistant's."""


ImageDetail = Literal["low", "high", "auto", "original"]


class _Part(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """What every part has: the id it has in the log, None for what a person wrote."""

    part_id: str | None = None


class TextPart(_Part, frozen=True, tag="text"):
    """Prose, in Markdown."""

    text: str


class ReasoningPart(_Part, frozen=True, tag="reasoning"):
    """What the model thought; ``signature`` goes back to the service verbatim."""

    text: str
    kind: ReasoningKind = "text"
    signature: str | None = None


class RefusalPart(_Part, frozen=True, tag="refusal"):
    """The model's own words for declining."""

    text: str


class ToolPart(_Part, frozen=True, tag="tool-call"):
    """A tool call with what came of it. ``input`` is None until the arguments were whole and parsed."""

    tool_call_id: str
    name: str
    arguments: str = ""
    state: Literal["streaming", "ready", "invalid", "done", "failed"] = "streaming"
    input: Json = None
    output: Json = None
    error_text: str | None = None


class SourcePart(_Part, frozen=True, tag="source"):
    """Something the answer stands on."""

    source_id: str
    kind: Literal["url", "document"]
    url: str | None = None
    title: str | None = None
    media_type: str | None = None
    start: int | None = None
    end: int | None = None


class DataPart(_Part, frozen=True, tag="data"):
    """An application's own value."""

    name: str
    value: Json
    data_id: str | None = None


class ImagePart(_Part, frozen=True, tag="image"):
    """An image a person sent, as an ``https:`` or ``data:`` URL that goes to the model."""

    url: str
    media_type: str | None = None
    detail: ImageDetail | None = None
    """How closely the model looks; None leaves it to the service."""


class AttachmentPart(_Part, frozen=True, tag="attachment"):
    """A file a person sent with the message; its bytes are kept beside the database."""

    attachment_id: str
    kind: AttachmentKind
    name: str
    media_type: str
    size_bytes: int


Part = TextPart | ReasoningPart | RefusalPart | ToolPart | SourcePart | DataPart | ImagePart | AttachmentPart


class TokenUsage(Struct, frozen=True, omit_defaults=True):
    """Tokens of one answer; None is unknown."""

    input: int | None = None
    output: int | None = None
    total: int | None = None
    cached: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None
    source: UsageSource = "provider"


class Failure(Struct, frozen=True, omit_defaults=True):
    """Why a run failed, in words for a person and a code for a program."""

    code: str
    message: str
    retryable: bool = False
    retry_after_s: float | None = None


class FoldedMessage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a log says the assistant's message is: the result of `penstock.core.fold`."""

    run_id: str | None = None
    message_id: str | None = None
    model: str | None = None
    """The model that the service says answered; before that, the one that was asked for."""
    provider: str | None = None
    status: Literal["pending", "running", "finished", "failed", "stopped", "interrupted"] = "pending"
    parts: tuple[Part, ...] = ()
    progress: tuple[Progress, ...] = ()
    filters: tuple[ContentFilter, ...] = ()
    finish_reason: FinishReason | None = None
    detail: str | None = None
    """Who stopped it (``user`` ...) or what interrupted it (``upstream-eof`` ...)."""
    failure: Failure | None = None
    usage: TokenUsage | None = None
    cost: Cost | None = None
    timings: Timings | None = None

    @property
    def text(self) -> str:
        """All text parts, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One node of a conversation's tree; edits and regenerations are siblings (same ``parent_id``).

    A continuation is the child of the answer that broke off: assistant messages that follow one another are one answer.
    """

    id: str
    conversation_id: str
    parent_id: str | None = None
    role: Role
    parts: tuple[Part, ...]
    """Always there, also when there is nothing in it."""
    status: MessageStatus = "complete"
    created_at: float
    client_message_id: str | None = None
    run_id: str | None = None
    model: str | None = None
    provider: str | None = None
    finish_reason: FinishReason | None = None
    detail: str | None = None
    failure: Failure | None = None
    filters: tuple[ContentFilter, ...] = ()
    progress: tuple[Progress, ...] = ()
    usage: TokenUsage | None = None
    cost: Cost | None = None
    timings: Timings | None = None

    @property
    def text(self) -> str:
        """All text parts, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))


class Conversation(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A conversation's metadata. ``version`` grows with every change of it and guards against lost updates."""

    id: str
    owner: str
    title: str | None = None
    title_source: TitleSource | None = None
    model: str | None = None
    system_prompt: str | None = None
    pinned: bool = False
    created_at: float
    updated_at: float
    """When something was last said in it."""
    answered_at: float | None = None
    """When its newest answer ended."""
    seen_at: float | None = None
    """When its owner last looked at it: an answer that ended later is unseen."""
    deleted_at: float | None = None
    title_usage: TokenUsage | None = None
    """What the model's title took: it belongs to what the conversation cost."""
    title_cost: Cost | None = None
    version: int = 1


class Attachment(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file that was uploaded; it belongs to a conversation from the moment a message with it was sent."""

    id: str
    owner: str
    conversation_id: str | None = None
    kind: AttachmentKind
    name: str
    """As the person's machine called it; for showing, never for a path."""
    media_type: str
    size_bytes: int
    created_at: float


class Run(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One answer being made. ``upstream_closed``, ``usage``, ``cost`` and ``timings`` are set by its end."""

    id: str
    owner: str
    conversation_id: str | None = None
    message_id: str
    """The assistant message that this run writes."""
    parent_id: str | None = None
    """The user message that it answers, or the assistant message that it continues."""
    client_message_id: str | None = None
    model: str
    status: RunStatus = "queued"
    instance: str | None = None
    """Who produces it; nobody once it was given away."""
    epoch: int = 1
    """Counts its producers: the log takes nothing from an earlier one."""
    stop_requested_at: float | None = None
    created_at: float
    started_at: float | None = None
    ended_at: float | None = None
    upstream_closed: bool | None = None
    """Whether the call to the model service is known to be closed; set by the end."""
    usage: TokenUsage | None = None
    cost: Cost | None = None
    timings: Timings | None = None

    @property
    def is_live(self) -> bool:
        """Whether the run has no terminal yet."""
        return self.status in {"queued", "running"}
