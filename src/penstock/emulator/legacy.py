"""Legacy text completions: a prompt goes in, and chunks of ``text_completion`` come out."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.core.events import Json
from penstock.emulator import refusals
from penstock.emulator.chunks import DONE, ChunkIdentity, event
from penstock.emulator.refusals import Refusal


def read_prompt(body: Mapping[str, Json]) -> Mapping[str, Json]:
    """Give the body as that of a chat in which the user says the prompt; raises `Refusal` when there is none."""
    prompt = body.get("prompt")
    if not isinstance(prompt, str):
        message = "Invalid value for 'prompt': expected a string."
        raise Refusal(refusals.invalid_request(message, param="prompt", code="invalid_value"))
    rest = {name: value for name, value in body.items() if name != "max_tokens"}
    return {**rest, "max_completion_tokens": body.get("max_tokens"), "messages": [{"role": "user", "content": prompt}]}


class TextChunks:
    """Writes the chunks of one completion."""

    def __init__(self, identity: ChunkIdentity) -> None:
        self._identity = identity

    def opener(self) -> bytes:
        """Give nothing."""
        return b""

    def role(self) -> bytes:
        """Give nothing: text has no role."""
        return b""

    def reasoning(self, token: str) -> bytes:
        """Give nothing: such models do not think aloud."""
        del token
        return b""

    def text(self, token: str) -> bytes:
        """Give one token of the answer."""
        return self._chunk(token, None)

    def call(self, index: int, ident: str, name: str) -> bytes:
        """Give nothing: text has no tools."""
        del index, ident, name
        return b""

    def arguments(self, index: int, fragment: str) -> bytes:
        """Give nothing: text has no tools."""
        del index, fragment
        return b""

    def finish(self, reason: str, filters: Json) -> bytes:
        """Give the chunk with the finish reason and no text."""
        del filters
        return self._chunk("", reason)

    def annotation(self, offset: int, reason: str | None, filters: Json) -> bytes:
        """Give a chunk without text, though there is no such filter here: a fault asked for it."""
        choice = {"index": 0, "finish_reason": reason, "content_filter_results": filters}
        return event({"id": "", "object": "", "created": 0, "model": "", "choices": [choice], "offset": offset})

    def usage(self, usage: Json, latency: Json) -> bytes:
        """Give the usage chunk, if it was asked for."""
        del latency
        return event(self._frame([]) | {"usage": usage}) if self._identity.has_usage else b""

    def done(self) -> bytes:
        """Give the end."""
        return DONE

    def _chunk(self, text: str, reason: str | None) -> bytes:
        return event(self._frame([{"text": text, "index": 0, "logprobs": None, "finish_reason": reason}]))

    def _frame(self, choices: Json) -> Json:
        identity = self._identity
        return {
            "id": identity.id.replace("chatcmpl", "cmpl"),
            "object": "text_completion",
            "created": identity.created,
            "model": identity.model,
            "choices": choices,
        }
