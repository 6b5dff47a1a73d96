"""What a caller asks for, after a wire has decoded it and before a provider encodes it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from penstock.core.events import Json
from penstock.core.messages import Part, Role, TextPart

Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh"]


class Options(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Sampling options; None leaves the choice to the model service. The bounds hold where it is decoded."""

    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    max_output_tokens: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None
    reasoning_effort: Effort | None = None
    stop: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=1_000)], ...], Meta(max_length=16)] | None = None
    tools: Annotated[tuple[Json, ...], Meta(max_length=128)] | None = None
    """OpenAI-shaped tool definitions, checked where they are decoded, and passed through."""
    tool_choice: Json = None
    parallel_tool_calls: bool | None = None
    extra: dict[str, Json] | None = None
    """Fields of the request that Penstock does not interpret; they go to the model service as they are."""


class InputMessage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message of the history that a client sent."""

    role: Role
    parts: tuple[Part, ...]
    id: str | None = None
    tool_call_id: str | None = None
    """On a ``tool`` message: the call that it answers."""
    name: str | None = None
    """Who of several participants in the role speaks."""


class ChatRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request in any dialect. ``messages`` is the history as it was sent; the last user message is the new one."""

    messages: tuple[InputMessage, ...]
    conversation_id: str | None = None
    client_message_id: str | None = None
    """Idempotency: a repeat within the conversation attaches to the run it started."""
    parent_id: str | None = None
    """The message that the new user message follows; None is the newest leaf of the conversation."""
    is_root: bool = False
    """The new user message starts a branch of its own at the top (an edit of the first message)."""
    trigger: Literal["submit", "regenerate", "continue"] = "submit"
    message_id: str | None = None
    """With ``regenerate``: the assistant message to answer again, or the user message to answer; with ``continue``: the
    assistant message that broke off. None is the newest."""
    model: str | None = None
    system_prompt: str | None = None
    options: Options = Options()
    is_streaming: bool = True


class ModelRequest(Struct, frozen=True, kw_only=True):
    """What a provider sends: the whole prompt in order, without the system prompt, which stands beside it."""

    model: str
    """The service's own name: a deployment on Azure OpenAI."""
    messages: tuple[InputMessage, ...]
    system_prompt: str | None = None
    options: Options = Options()

    @property
    def question(self) -> str:
        """The text of the newest user message; empty when there is none."""
        users = [message for message in self.messages if message.role == "user"]
        return "".join(part.text for part in users[-1].parts if isinstance(part, TextPart)) if users else ""
