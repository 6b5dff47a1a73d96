"""What the bytes of a chat completion say, by plain `json` and nothing of Penstock's own code."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

REASONS = {
    "stop": "stop",
    "length": "length",
    "content_filter": "content-filter",
    "tool_calls": "tool-calls",
    "function_call": "tool-calls",
}


@dataclass
class Call:
    """A tool call as far as it came."""

    call_id: str | None
    name: str = ""
    arguments: str = ""


@dataclass
class Said:
    """What was said: words by kind, calls, how it ended, what it cost."""

    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    calls: list[Call] = field(default_factory=list)
    finish: str | None = None
    usage: dict[str, Any] | None = None
    has_error: bool = False
    places: dict[int, int] = field(default_factory=dict)
    """Index of a call -> its place in ``calls``."""

    @property
    def terminal(self) -> str:
        """What must end the run."""
        if self.has_error:
            return "run-failed"
        return "run-interrupted" if self.finish is None else "run-finished"

    @property
    def reason(self) -> str | None:
        """The reason of an answer that finished: a service that only declines says ``stop``, too."""
        if self.finish == "stop" and self.refusal and not self.text:
            return "refusal"
        return None if self.finish is None else REASONS.get(self.finish, "other")

    @property
    def tokens(self) -> dict[str, int] | None:
        """The usage in the names of the canonical events; zeros stay, unknown ones are left out."""
        if self.usage is None:
            return None
        prompt: dict[str, Any] = self.usage.get("prompt_tokens_details") or {}
        completion: dict[str, Any] = self.usage.get("completion_tokens_details") or {}
        found = {
            "input": self.usage.get("prompt_tokens"),
            "output": self.usage.get("completion_tokens"),
            "total": self.usage.get("total_tokens"),
            "cached": prompt.get("cached_tokens", self.usage.get("prompt_cache_hit_tokens")),
            "reasoning": completion.get("reasoning_tokens"),
        }
        return {name: count for name, count in found.items() if count is not None}


def read_answer(data: bytes) -> Said:
    """Read a stream, whole or cut anywhere: an event whose JSON is not whole was never said."""
    said = Said()
    for name, payload in _read_payloads(data):
        if said.has_error or payload.strip() == "[DONE]":
            break
        try:
            chunk = json.loads(payload)
        except ValueError:
            break
        _take_chunk(said, name, chunk)
    return said


def boundaries(data: bytes) -> list[int]:
    """Give every place between two events, the start and the end included."""
    ends = {data.find(mark, place) + len(mark) for mark in (b"\n\n", b"\r\n\r\n") for place in _places(data, mark)}
    return sorted({0, *ends, len(data)})


def _places(data: bytes, mark: bytes) -> list[int]:
    return [place for place in range(len(data)) if data.startswith(mark, place)]


def _read_payloads(data: bytes) -> list[tuple[str, str]]:
    text = data.decode(errors="ignore").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    payloads: list[tuple[str, str]] = []
    for block in text.split("\n\n"):
        fields = [line.partition(":")[::2] for line in block.strip("\n").split("\n")]
        lines = [value.removeprefix(" ") for name, value in fields if name == "data"]
        names = [value.strip() for name, value in fields if name == "event"]
        if lines:
            payloads.append((names[-1] if names else "", "\n".join(lines)))
    return payloads


def _take_chunk(said: Said, name: str, chunk: dict[str, Any]) -> None:
    said.usage = chunk.get("usage") or said.usage
    said.has_error = name == "error" or bool(chunk.get("error")) or ("choices" not in chunk and "usage" not in chunk)
    choices: list[dict[str, Any]] = chunk.get("choices") or []
    for choice in choices:
        if choice.get("index", 0) == 0:
            _take_choice(said, choice)


def _take_choice(said: Said, choice: dict[str, Any]) -> None:
    delta: dict[str, Any] = choice.get("delta") or {}
    said.text += delta.get("content") or choice.get("text") or ""
    said.reasoning += delta.get("reasoning_content") or delta.get("reasoning") or ""
    said.refusal += delta.get("refusal") or ""
    calls: list[dict[str, Any]] = delta.get("tool_calls") or []
    if delta.get("function_call"):
        calls = [{"index": 0, "function": delta["function_call"]}]
    for item in calls:
        _take_call(said, item)
    finish = choice.get("finish_reason")
    said.has_error = said.has_error or finish == "error"
    if finish == "content_filter" or said.finish is None:
        said.finish = finish or said.finish


def _take_call(said: Said, item: dict[str, Any]) -> None:
    index, call_id = item["index"], item.get("id") or None
    function: dict[str, str | None] = item.get("function") or {}
    place = said.places.get(index)
    if place is None or (call_id is not None and said.calls[place].call_id not in {None, call_id}):
        place = said.places[index] = len(said.calls)
        said.calls.append(Call(call_id))
    call = said.calls[place]
    call.name = call.name or function.get("name") or ""
    call.arguments += function.get("arguments") or ""
