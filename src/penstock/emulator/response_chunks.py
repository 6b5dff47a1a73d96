"""The events of one streamed response, as OpenAI's Responses API on Azure writes them.

Each has its number, there is no mark at the end, and every response object has Azure's ``content_filters``.
"""

from __future__ import annotations

import string
from typing import Any

from penstock.core.events import Json
from penstock.emulator.chunks import COMPLETION_SAFE, PROMPT_SAFE, ChunkIdentity, event

_BLOCKED = "content_filter"


class ResponseChunks:
    """Writes one response; implements `penstock.emulator.plan.Chunks`."""

    def __init__(self, identity: ChunkIdentity, usage: Json, *, is_background: bool) -> None:
        self._usage = usage
        self._tail = identity.id.removeprefix("chatcmpl-")
        self._seq = 0
        self._output: list[Any] = []
        self._words: list[str] = []
        self.response: dict[str, Json] = {
            "background": is_background,
            "content_filters": None,
            "created_at": identity.created,
            "error": None,
            "id": f"resp_{self._tail}",
            "incomplete_details": None,
            "model": identity.model,
            "object": "response",
            "output": [],
            "service_tier": "default",
            "status": "queued" if is_background else "in_progress",
            "usage": None,
        }
        """As the last event says it."""

    def opener(self) -> bytes:
        """Give the events that say that the response was accepted."""
        created = self._say("response.created", response=dict(self.response))
        if self.response["background"]:
            created += self._say("response.queued", response=dict(self.response))
        self.response["status"] = "in_progress"
        return created + self._say("response.in_progress", response=dict(self.response))

    def role(self) -> bytes:
        """Give nothing: an item says whose it is."""
        return b""

    def reasoning(self, token: str) -> bytes:
        """Give one token of the reasoning's summary."""
        opening = b""
        if not self._is_open("reasoning"):
            opening = self._close() + self._open({"id": self._id("rs"), "summary": [], "type": "reasoning"})
            part = {"text": "", "type": "summary_text"}
            opening += self._place("response.reasoning_summary_part.added", part=part, summary_index=0)
        self._words.append(token)
        return opening + self._place("response.reasoning_summary_text.delta", delta=token, summary_index=0)

    def text(self, token: str) -> bytes:
        """Give one token of the answer."""
        opening = b""
        if not self._is_open("message"):
            item: dict[str, Json] = {"content": [], "role": "assistant", "status": "in_progress", "type": "message"}
            opening = self._close() + self._open({"id": self._id("msg"), **item})
            part = _text_part("")
            opening += self._place("response.content_part.added", content_index=0, part=part)
        self._words.append(token)
        delta: dict[str, Json] = {
            "delta": token,
            "logprobs": [],
            "obfuscation": string.ascii_letters[: 16 - len(token) % 16],
        }
        return opening + self._place("response.output_text.delta", content_index=0, **delta)

    def call(self, index: int, ident: str, name: str) -> bytes:
        """Give the event that begins a tool call."""
        del index
        item = {"arguments": "", "call_id": ident, "id": self._id("fc"), "name": name, "type": "function_call"}
        return self._close() + self._open(item | {"status": "in_progress"})

    def arguments(self, index: int, fragment: str) -> bytes:
        """Give one piece of a tool call's arguments."""
        del index
        self._words.append(fragment)
        return self._place("response.function_call_arguments.delta", delta=fragment)

    def finish(self, reason: str, filters: Json) -> bytes:
        """Give the events that end the response; a filter ends it by a failure, and says why behind that."""
        closing = self._close()
        self.response["usage"] = _usage(self._usage)
        self.response["output"] = self._output
        self.response["content_filters"] = _filters(filters, is_blocked=reason == _BLOCKED)
        if reason == _BLOCKED:
            self.response["status"] = "failed"
            failed = self._say("response.failed", response=dict(self.response))
            message = "The response was filtered."
            error = {"code": "content_policy_violation", "message": message, "param": None, "type": "invalid_request"}
            return closing + failed + self._say("error", error=error)
        if reason == "length":
            self.response |= {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
            return closing + self._say("response.incomplete", response=dict(self.response))
        self.response["status"] = "completed"
        return closing + self._say("response.completed", response=dict(self.response))

    def annotation(self, offset: int, reason: str | None, filters: Json) -> bytes:
        """Give nothing: this API's filter speaks at the end."""
        del offset, reason, filters
        return b""

    def done(self) -> bytes:
        """Give nothing: there is no mark."""
        return b""

    def usage(self, usage: Json, latency: Json) -> bytes:
        """Give nothing: the last event has it."""
        del usage, latency
        return b""

    def _is_open(self, kind: str) -> bool:
        return bool(self._output) and self._output[-1]["type"] == kind and bool(self._words)

    def _open(self, item: dict[str, Json]) -> bytes:
        self._output.append(item)
        return self._say("response.output_item.added", item=item, output_index=len(self._output) - 1)

    def _close(self) -> bytes:
        """End the item that is open."""
        if not self._output or self._output[-1].get("status") == "completed":
            return b""
        item, text = self._output[-1], "".join(self._words)
        self._words.clear()
        closing = b""
        match item["type"]:
            case "message":
                part = _text_part(text)
                closing = self._place("response.output_text.done", content_index=0, text=text, logprobs=[])
                closing += self._place("response.content_part.done", content_index=0, part=part)
                item = item | {"content": [part]}
            case "reasoning":
                part = {"text": text, "type": "summary_text"}
                closing = self._place("response.reasoning_summary_text.done", summary_index=0, text=text)
                closing += self._place("response.reasoning_summary_part.done", summary_index=0, part=part)
                item = item | {"summary": [part]}
            case _:
                closing = self._place("response.function_call_arguments.done", arguments=text)
                item = item | {"arguments": text}
        self._output[-1] = item | {"status": "completed"}
        index = len(self._output) - 1
        return closing + self._say("response.output_item.done", item=self._output[-1], output_index=index)

    def _id(self, kind: str) -> str:
        return f"{kind}_{self._tail}{len(self._output)}"

    def _place(self, kind: str, **fields: Json) -> bytes:
        return self._say(kind, item_id=self._output[-1]["id"], output_index=len(self._output) - 1, **fields)

    def _say(self, kind: str, **fields: Json) -> bytes:
        said = event({"type": kind, "sequence_number": self._seq, **fields})
        self._seq += 1
        return said


def _text_part(text: str) -> Json:
    return {"annotations": [], "logprobs": [], "text": text, "type": "output_text"}


def _usage(usage: Json) -> Json:
    return {
        "input_tokens": usage["prompt_tokens"],
        "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0},
        "output_tokens": usage["completion_tokens"],
        "output_tokens_details": {"reasoning_tokens": usage["completion_tokens_details"]["reasoning_tokens"]},
        "total_tokens": usage["total_tokens"],
    }


def _filters(filters: Json, *, is_blocked: bool) -> Json:
    offsets = {"check_offset": 0, "end_offset": 0, "start_offset": 0}
    kinds = [("prompt", False, PROMPT_SAFE), ("completion", is_blocked, filters or COMPLETION_SAFE)]
    return [
        {
            "blocked": blocked,
            "content_filter_offsets": offsets,
            "content_filter_raw": [],
            "content_filter_results": results,
            "source_type": source,
        }
        for source, blocked, results in kinds
    ]
