"""What a careful client of each wire makes of its bytes, however they were cut, with nothing of Penstock's own code.

A `Said` is the fold of what came over the wire. Every reader fails on what the real clients of its wire fail on.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Said:
    """What a client knows after the last byte; a wire leaves alone what it does not carry."""

    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    signatures: list[str] = field(default_factory=list)
    calls: dict[str, list[Any]] = field(default_factory=dict)
    """By id: the name, and the input or, on wires that stream them, the argument text."""
    results: list[tuple[str, Any]] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    """What names each: its id, on wires that carry it."""
    data: list[tuple[str, Any]] = field(default_factory=list)
    progress: list[tuple[str, str]] = field(default_factory=list)
    filters: int = 0
    tokens: tuple[int | None, int | None] | None = None
    endings: list[str] = field(default_factory=list)
    """``finished: REASON``, or ``stopped``, or ``failed``: there must be exactly one."""


def split_at(answer: bytes, cuts: Iterable[int]) -> Iterator[bytes]:
    """Give the answer in pieces, cut anywhere."""
    start = 0
    for cut in [*sorted(cuts), len(answer)]:
        if start < cut <= len(answer):
            yield answer[start:cut]
            start = cut


def cut_lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Give whole lines; empty ones are heartbeats, and a last one that is not ended is lost, as clients lose it."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line.decode() for line in whole if line)
    assert not rest, f"a last line without its end: {rest!r}"


def cut_frames(pieces: Iterable[bytes]) -> Iterator[str]:
    """Give the data of server-sent events; comments are heartbeats, a last event without its empty line is lost."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n\n")
        for block in whole:
            data = [line[6:] for line in block.decode().split("\n") if line.startswith("data: ")]
            assert len(data) <= 1
            yield from data
    assert not rest, f"a last event without its end: {rest!r}"


def cut_objects(pieces: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Give the JSON objects before ``[DONE]``, which must come, and last."""
    is_done = False
    for data in cut_frames(pieces):
        assert not is_done, "an event after [DONE]"
        is_done = data == "[DONE]"
        if not is_done:
            yield json.loads(data)
    assert is_done, "no [DONE]"


def read_text(pieces: Iterable[bytes]) -> Said:
    """Read characters: there is nothing else."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    said = Said()
    for piece in pieces:
        said.text += decoder.decode(piece)
    decoder.decode(b"", final=True)
    return said


def _end(said: Said, status: str, reason: str | None) -> None:
    said.endings.append(f"finished: {reason}" if status == "finished" else status)


def _spend(said: Said, usage: dict[str, Any] | None) -> None:
    if usage is not None:
        said.tokens = (usage.get("prompt_tokens"), usage.get("completion_tokens"))


def _mention(said: Said, value: dict[str, Any]) -> None:
    """Note what the ``sse`` and ``ndjson`` wires say by one key an object."""
    match value:
        case {"tool_call": call}:
            said.calls[call["id"]] = [call["name"], call.get("input", call.get("arguments"))]
        case {"tool_result": result}:
            said.results.append((result["id"], result.get("output", result.get("error"))))
        case {"source": source}:
            said.sources.append(source["id"])
        case {"data": data}:
            said.data.append((data["name"], data["value"]))
        case {"progress": progress}:
            said.progress.append((progress["stage"], progress["state"]))
        case {"filter": _}:
            said.filters += 1
        case _:
            said.reasoning += value.get("reasoning", "")
            said.refusal += value.get("refusal", "")


def read_sse(pieces: Iterable[bytes]) -> Said:
    """Read the ``sse`` wire as a plain page does, which takes nothing back."""
    said = Said()
    for value in cut_objects(pieces):
        assert not said.endings, "an object after the end"
        said.text += value.get("content", "")
        _mention(said, value)
        if "done" in value or "error" in value:
            assert ("error" in value) or value["status"] in {"finished", "stopped"}
            _end(said, value["status"], value.get("finish_reason"))
            _spend(said, value.get("usage"))
    return said


def read_ndjson(pieces: Iterable[bytes]) -> Said:
    """Read the AI Chat Protocol: the key ``error`` throws, whatever stands beside it."""
    said = Said()
    for line in cut_lines(pieces):
        value = json.loads(line)
        if "error" in value:
            assert said.endings in (["failed"], ["stopped"], ["interrupted"])
            assert set(value) == {"error"}
            continue
        delta = value["delta"]
        said.text += delta.get("content", "")
        _mention(said, delta.get("context", {}))
        if "status" in value.get("context", {}):
            ending = value["context"]
            _end(said, ending["status"], ending.get("finish_reason"))
            _spend(said, ending.get("usage"))
    return said


def _add_choice(said: Said, choice: dict[str, Any], ids: list[str]) -> None:
    delta = choice["delta"]
    said.text += delta.get("content") or ""
    said.reasoning += delta.get("reasoning_content", "")
    said.refusal += delta.get("refusal", "")
    for call in delta.get("tool_calls", []):
        if "id" in call:
            assert call["index"] == len(ids)
            ids.append(call["id"])
            said.calls[call["id"]] = [call["function"]["name"], ""]
        said.calls[ids[call["index"]]][1] += call["function"]["arguments"]


def read_choices(pieces: Iterable[bytes]) -> Said:
    """Read bare choices."""
    said, ids = Said(), list[str]()
    for line in cut_lines(pieces):
        assert not said.endings, "a line after the end"
        choice = json.loads(line)
        assert choice["index"] == 0
        _add_choice(said, choice, ids)
        said.filters += "content_filter_results" in choice
        if "status" in choice:
            assert ("error" in choice) == (choice["status"] in {"failed", "interrupted"} or "code" in choice)
            _end(said, choice["status"], choice["finish_reason"])
            _spend(said, choice.get("usage"))
    return said


def cut_chunks(said: Said, pieces: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Give OpenAI's chunks; an error object raises in its libraries, and ``[DONE]`` is for a proven end alone."""
    for data in cut_frames(pieces):
        assert said.endings != ["broken"], "a chunk after the error"
        if data == "[DONE]":
            assert said.endings
            return
        chunk = json.loads(data)
        if "error" in chunk:
            assert not said.endings
            said.endings.append("broken")
            continue
        _spend(said, chunk.get("usage"))
        yield chunk
    assert said.endings == ["broken"]


def read_openai(pieces: Iterable[bytes]) -> Said:
    """Read chat completions, of which a wire with Azure's extras may have chunks without a choice."""
    said, ids = Said(), list[str]()
    for chunk in cut_chunks(said, pieces):
        for choice in chunk["choices"]:
            _add_choice(said, choice, ids)
            said.sources += [note["url_citation"]["url"] for note in choice["delta"].get("annotations", [])]
            if choice["finish_reason"] is not None:
                said.endings.append(f"finished: {choice['finish_reason']}")
    return said


def read_openai_text(pieces: Iterable[bytes]) -> Said:
    """Read legacy completions."""
    said = Said()
    for chunk in cut_chunks(said, pieces):
        for choice in chunk["choices"]:
            said.text += choice["text"]
            if choice["finish_reason"] is not None:
                said.endings.append(f"finished: {choice['finish_reason']}")
    return said


class DataStreamReader:
    """Reads the AI SDK 4's data stream as strictly as its client."""

    def __init__(self) -> None:
        """Start before the first line."""
        self.said = Said()

    def read(self, pieces: Iterable[bytes]) -> Said:
        """Read all lines."""
        for line in cut_lines(pieces):
            assert not self.said.endings, "a line after the end"
            code, text = line.split(":", 1)
            getattr(self, f"on_{code}")(json.loads(text))
        return self.said

    def on_0(self, value: str) -> None:
        self.said.text += value

    def on_g(self, value: str) -> None:
        self.said.reasoning += value

    def on_j(self, value: dict[str, str]) -> None:
        self.said.signatures.append(value["signature"])

    def on_i(self, value: dict[str, str]) -> None:
        self.said.signatures.append(value["data"])

    def on_f(self, value: dict[str, str]) -> None:
        assert isinstance(value["messageId"], str)

    def on_e(self, value: dict[str, Any]) -> None:
        assert isinstance(value["finishReason"], str)

    def on_b(self, value: dict[str, Any]) -> None:
        assert value["toolCallId"] not in self.said.calls
        self.said.calls[value["toolCallId"]] = [value["toolName"], None]

    def on_c(self, value: dict[str, Any]) -> None:
        assert value["toolCallId"] in self.said.calls
        assert isinstance(value["argsTextDelta"], str)

    def on_9(self, value: dict[str, Any]) -> None:
        assert isinstance(value["args"], (dict, list))
        self.said.calls[value["toolCallId"]] = [value["toolName"], value["args"]]

    def on_a(self, value: dict[str, Any]) -> None:
        assert value["toolCallId"] in self.said.calls
        self.said.results.append((value["toolCallId"], value["result"]))

    def on_h(self, value: dict[str, Any]) -> None:
        assert value["sourceType"] == "url"
        assert isinstance(value["url"], str)
        self.said.sources.append(value["id"])

    def on_2(self, values: list[dict[str, Any]]) -> None:
        for value in values:
            _mention(self.said, {value["type"]: value})

    def on_8(self, values: list[dict[str, Any]]) -> None:
        for value in values:
            match value["type"]:
                case "run":
                    self.note_run(value)
                case "refusal":
                    self.said.refusal += value["text"]
                case "source":
                    self.said.sources.append(value["source"]["id"])
                case "content-filter":
                    self.said.filters += 1
                case kind:
                    assert kind == "tool-call-invalid"

    def note_run(self, run: dict[str, Any]) -> None:
        """Keep what the end will need: the code that ends the stream has the client's words alone."""
        self.status = run["status"]
        self.reason = run.get("finishReason")
        if "usage" in run:
            self.said.tokens = (run["usage"].get("inputTokens"), run["usage"].get("outputTokens"))

    def on_d(self, value: dict[str, Any]) -> None:
        assert (value["finishReason"] == "unknown") == (self.status == "stopped")
        for count in value.get("usage", {}).values():
            assert isinstance(count, int)
        _end(self.said, self.status, self.reason)

    def on_3(self, value: str) -> None:
        assert isinstance(value, str)
        assert self.status != "finished"
        _end(self.said, self.status, None)


def read_data_stream(pieces: Iterable[bytes]) -> Said:
    """Read the AI SDK 4's data stream."""
    return DataStreamReader().read(pieces)


def read_json(pieces: Iterable[bytes]) -> Said:
    """Read the one document."""
    document = json.loads(b"".join(pieces))
    message = document["message"]
    said = Said(text=message["content"])
    said.reasoning, said.refusal = message.get("reasoning", ""), message.get("refusal", "")
    for call in message.get("tool_calls", []):
        said.calls[call["id"]] = [call["function"]["name"], call["function"]["arguments"]]
    said.sources = [source["id"] for source in message.get("sources", [])]
    said.results = [
        (result["tool_call_id"], result.get("output", result.get("error")))
        for result in message.get("tool_results", [])
    ]
    said.data = [(data["name"], data["value"]) for data in message.get("data", [])]
    said.filters = len(document.get("filters", []))
    _end(said, document.get("run_status", document["status"]), document["finish_reason"])
    _spend(said, document.get("usage"))
    return said


def read_whole_ndjson(pieces: Iterable[bytes]) -> Said:
    """Read the document of the AI Chat Protocol: the key ``error`` throws."""
    answer = b"".join(pieces)
    document = json.loads(answer)
    assert ("error" in document) == (document["finish_reason"] is None)
    return read_json([answer])


def _read_document(pieces: Iterable[bytes], note: Callable[[Said, dict[str, Any]], None]) -> Said:
    said = Said()
    document = json.loads(b"".join(pieces))
    if "error" in document:
        said.endings.append("broken")
        return said
    (choice,) = document["choices"]
    said.endings.append(f"finished: {choice['finish_reason']}")
    _spend(said, document.get("usage"))
    note(said, choice)
    return said


def _note_message(said: Said, choice: dict[str, Any]) -> None:
    message = choice["message"]
    said.text, said.refusal = message["content"] or "", message["refusal"] or ""
    said.reasoning = message.get("reasoning_content", "")
    for call in message.get("tool_calls", []):
        said.calls[call["id"]] = [call["function"]["name"], call["function"]["arguments"]]
    said.sources = [note["url_citation"]["url"] for note in message.get("annotations", [])]


def _note_text(said: Said, choice: dict[str, Any]) -> None:
    said.text = choice["text"]


def read_whole_openai(pieces: Iterable[bytes]) -> Said:
    """Read one chat completion."""
    return _read_document(pieces, _note_message)


def read_whole_openai_text(pieces: Iterable[bytes]) -> Said:
    """Read one legacy completion."""
    return _read_document(pieces, _note_text)


READERS: dict[str, Callable[[Iterable[bytes]], Said]] = {
    "sse": read_sse,
    "text": read_text,
    "json": read_json,
    "data-stream": read_data_stream,
    "ndjson": read_ndjson,
    "choices": read_choices,
    "openai": read_openai,
    "openai-text": read_openai_text,
    "ndjson-whole": read_whole_ndjson,
    "openai-whole": read_whole_openai,
    "openai-text-whole": read_whole_openai_text,
}
"""One reader a wire, but for ``events``, which needs no translation."""
