"""Readers of the wires as a careful client would write them, with nothing of Penstock's own code."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Reading:
    """What a client knows after the last byte."""

    pieces: list[tuple[int, str, str]] = field(default_factory=list)
    """Offset, key and words."""
    endings: list[dict[str, Any]] = field(default_factory=list)
    """Objects that end the answer: there must be exactly one."""

    def words(self, key: str) -> str:
        """Give all words of a key."""
        return "".join(words for _, of_key, words in self.pieces if of_key == key)


@dataclass(frozen=True)
class Frame:
    """One server-sent event."""

    seq: int | None
    data: str


def read_frames(answer: bytes) -> list[Frame]:
    """Read server-sent events as the HTML standard says; each must be at most one ``id:`` and exactly one ``data:``."""
    if not answer:
        return []
    text = answer.decode()
    assert text.endswith("\n\n")
    assert "\r" not in text
    frames: list[Frame] = []
    for block in text[:-2].split("\n\n"):
        lines = [line.split(": ", 1) for line in block.split("\n")]
        assert [name for name, _ in lines] in (["data"], ["id", "data"]), block
        fields = {line[0]: line[1] for line in lines}
        frames.append(Frame(int(fields["id"]) if "id" in fields else None, fields["data"]))
    return frames


def read_objects(answer: bytes) -> list[dict[str, Any]]:
    """Read the JSON objects of an SSE answer; ``[DONE]``, if there, must come last and only once."""
    data = [frame.data for frame in read_frames(answer)]
    if "[DONE]" in data:
        assert data.index("[DONE]") == len(data) - 1
        data.pop()
    return [json.loads(value) for value in data]


def read_sse(answer: bytes) -> Reading:
    """Read the ``sse`` wire."""
    reading = Reading()
    for frame, value in zip(read_frames(answer), read_objects(answer), strict=False):
        assert frame.seq is not None
        if "reset" in value:
            reading.pieces = [piece for piece in reading.pieces if piece[0] <= value["reset"]["after"]]
        reading.pieces += [(frame.seq, key, value[key]) for key in ("content", "reasoning", "refusal") if key in value]
        reading.endings += [value] if "done" in value or "error" in value else []
    return reading


class UiReader:
    """Reads the ``ui-message-stream`` wire as strictly as the client: unknown ids and wrong orders are errors."""

    def __init__(self) -> None:
        """Start before the first chunk."""
        self.parts: dict[str, tuple[str, list[str]]] = {}
        self.open: set[str] = set()
        self.calls: set[str] = set()
        self.refusals: list[str] = []
        self.metadata: dict[str, Any] = {}
        self.endings: list[dict[str, Any]] = []
        self.step_first = (0, 0)

    def read(self, answer: bytes) -> UiReader:
        """Read all chunks."""
        for chunk in read_objects(answer):
            self.feed(chunk)
        return self

    def feed(self, chunk: dict[str, Any]) -> None:
        """Take one chunk."""
        assert not self.endings, "a chunk after the end"
        assert not any(value is None for name, value in chunk.items() if name not in {"input", "output", "data"})
        self.metadata.update(chunk.get("messageMetadata", {}))
        getattr(self, "on_" + chunk["type"].split("-")[0])(chunk)

    def text_of(self, kind: str) -> str:
        """Give all text of a kind."""
        return "".join("".join(words) for of_kind, words in self.parts.values() if of_kind == kind)

    def on_start(self, chunk: dict[str, Any]) -> None:
        if chunk["type"] == "start-step":
            self.step_first = (len(self.parts), len(self.refusals))

    def on_message(self, chunk: dict[str, Any]) -> None:
        del chunk

    def on_source(self, chunk: dict[str, Any]) -> None:
        assert "url" in chunk or ("mediaType" in chunk and "title" in chunk)

    def on_data(self, chunk: dict[str, Any]) -> None:
        assert "data" in chunk
        if chunk["type"] == "data-refusal" and isinstance(chunk["data"], dict) and set(chunk["data"]) == {"text"}:
            self.refusals.append(chunk["data"]["text"])

    def on_reset(self, chunk: dict[str, Any]) -> None:
        del chunk
        parts, refusals = self.step_first
        self.parts = dict(list(self.parts.items())[:parts])
        del self.refusals[refusals:]

    def on_text(self, chunk: dict[str, Any]) -> None:
        kind, verb = chunk["type"].split("-")
        if verb == "start":
            assert chunk["id"] not in self.parts
            self.parts[chunk["id"]] = (kind, [])
            self.open.add(chunk["id"])
        elif verb == "delta":
            assert chunk["id"] in self.open
            self.parts[chunk["id"]][1].append(chunk["delta"])
        else:
            self.open.remove(chunk["id"])

    on_reasoning = on_text

    def on_tool(self, chunk: dict[str, Any]) -> None:
        if chunk["type"] == "tool-input-start":
            self.calls.add(chunk["toolCallId"])
        else:
            assert chunk["toolCallId"] in self.calls

    def on_finish(self, chunk: dict[str, Any]) -> None:
        if chunk["type"] == "finish":
            assert not self.open
            self.endings.append(chunk)

    def on_error(self, chunk: dict[str, Any]) -> None:
        self.endings.append(chunk)

    on_abort = on_error


@dataclass
class Completion:
    """What a client of OpenAI's puts together from the chunks of one completion."""

    content: str = ""
    reasoning: str = ""
    refusal: str = ""
    calls: list[dict[str, str]] = field(default_factory=list)
    finish_reason: str | None = None
    error: dict[str, Any] | None = None
    usage: dict[str, Any] | None = None
    is_done: bool = False


def read_openai(answer: bytes) -> Completion:
    """Read the ``openai`` wire; a chunk after the end, or of another completion, is an error."""
    read = Completion(is_done=b"data: [DONE]\n\n" in answer)
    about: set[tuple[str, str, int]] = set()
    for chunk in read_objects(answer):
        assert read.error is None, "a chunk after the error"
        if "error" in chunk:
            read.error = chunk["error"]
            continue
        if "prompt_filter_results" in chunk:  # Azure's opener has no id
            assert not chunk["choices"]
            continue
        about.add((chunk["id"], chunk["model"], chunk["created"]))
        assert chunk["object"] == "chat.completion.chunk"
        if not chunk["choices"]:
            read.usage = chunk["usage"]
        for choice in chunk["choices"]:
            assert read.finish_reason is None, "a choice after the reason"
            read.finish_reason = choice["finish_reason"]
            _add_delta(read, choice["delta"])
    assert len(about) <= 1
    return read


def _add_delta(read: Completion, delta: dict[str, Any]) -> None:
    read.content += delta.get("content") or ""
    read.reasoning += delta.get("reasoning_content") or ""
    read.refusal += delta.get("refusal") or ""
    for call in delta.get("tool_calls", ()):
        if call["index"] == len(read.calls):
            read.calls.append({"id": call["id"], "name": call["function"]["name"], "arguments": ""})
        read.calls[call["index"]]["arguments"] += call["function"]["arguments"]
