"""The bytes of services that are not Azure: DeepSeek's ``reasoning_content``, and ``<think>`` tags in the text.

Deployments named ``deepseek-*`` and ``think-*`` answer like this, so that a demonstration has a model that thinks.
"""

from __future__ import annotations

from penstock.core.events import Json
from penstock.emulator.chunks import DONE, ChunkIdentity, begin_call, continue_call, event


class DeepSeekChunks:
    """Writes chunks as DeepSeek's own service does: usage rides on the finish chunk."""

    def __init__(self, identity: ChunkIdentity, usage: Json) -> None:
        self._identity = identity
        self._usage = usage

    def opener(self) -> bytes:
        """Give nothing: only Azure has an opener."""
        return b""

    def role(self) -> bytes:
        """Give the chunk that opens the message."""
        return self._chunk({"role": "assistant", "content": None, "reasoning_content": ""})

    def reasoning(self, token: str) -> bytes:
        """Give one token of reasoning."""
        return self._chunk({"content": None, "reasoning_content": token})

    def text(self, token: str) -> bytes:
        """Give one token of the answer."""
        return self._chunk({"content": token, "reasoning_content": None})

    def call(self, index: int, ident: str, name: str) -> bytes:
        """Give the chunk that begins a tool call."""
        return self._chunk(begin_call(index, ident, name))

    def arguments(self, index: int, fragment: str) -> bytes:
        """Give one piece of a tool call's arguments."""
        return self._chunk(continue_call(index, fragment))

    def finish(self, reason: str, filters: Json) -> bytes:
        """Give the chunk with the finish reason and the usage."""
        del filters
        return self._chunk({"content": "", "reasoning_content": None}, reason, self._usage)

    def annotation(self, offset: int, reason: str | None, filters: Json) -> bytes:
        """Give a chunk without ``delta``, though this service has no such filter: a fault asked for it."""
        choice = {"index": 0, "finish_reason": reason, "content_filter_results": filters}
        return event({"id": "", "object": "", "created": 0, "model": "", "choices": [choice], "offset": offset})

    def done(self) -> bytes:
        """Give the mark behind the last chunk."""
        return DONE

    def usage(self, usage: Json, latency: Json) -> bytes:
        """Give nothing: the finish chunk had it."""
        del usage, latency
        return b""

    def _chunk(self, delta: Json, reason: str | None = None, usage: Json = None) -> bytes:
        return event(
            {
                "id": self._identity.id,
                "object": "chat.completion.chunk",
                "created": self._identity.created,
                "model": self._identity.model,
                "system_fingerprint": "fp_emulator",
                "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}],
                "usage": usage,
            }
        )


class ThinkTagChunks:
    """Writes chunks as a self-hosted server does that leaves ``<think>`` tags in the text."""

    def __init__(self, identity: ChunkIdentity) -> None:
        self._identity = identity

    def opener(self) -> bytes:
        """Give nothing: only Azure has an opener."""
        return b""

    def role(self) -> bytes:
        """Give the chunk that opens the message."""
        return self._chunk({"role": "assistant", "content": ""})

    def reasoning(self, token: str) -> bytes:
        """Give one token of the text; the tags are tokens of their own."""
        return self._chunk({"content": token})

    def text(self, token: str) -> bytes:
        """Give one token of the answer."""
        return self._chunk({"content": token})

    def call(self, index: int, ident: str, name: str) -> bytes:
        """Give the chunk that begins a tool call."""
        return self._chunk(begin_call(index, ident, name))

    def arguments(self, index: int, fragment: str) -> bytes:
        """Give one piece of a tool call's arguments."""
        return self._chunk(continue_call(index, fragment))

    def finish(self, reason: str, filters: Json) -> bytes:
        """Give the chunk with the finish reason."""
        del filters
        return self._chunk({}, reason)

    def annotation(self, offset: int, reason: str | None, filters: Json) -> bytes:
        """Give a chunk without ``delta``, though this service has no such filter: a fault asked for it."""
        choice = {"index": 0, "finish_reason": reason, "content_filter_results": filters}
        return event({"id": "", "object": "", "created": 0, "model": "", "choices": [choice], "offset": offset})

    def done(self) -> bytes:
        """Give the mark behind the last chunk."""
        return DONE

    def usage(self, usage: Json, latency: Json) -> bytes:
        """Give the usage chunk, if it was asked for."""
        del latency
        if not self._identity.has_usage:
            return b""
        return event(self._frame([]) | {"usage": usage})

    def _chunk(self, delta: Json, reason: str | None = None) -> bytes:
        return event(self._frame([{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}]))

    def _frame(self, choices: Json) -> Json:
        return {
            "id": self._identity.id,
            "object": "chat.completion.chunk",
            "created": self._identity.created,
            "model": self._identity.model,
            "choices": choices,
        }
