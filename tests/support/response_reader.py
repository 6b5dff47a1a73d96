"""A client of OpenAI's Responses API, as strict as a typed one: what the deltas add up to is what the end says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from support.wire_folds import Said, cut_lines

WORDS = {
    "response.output_text": ("text", "text"),
    "response.reasoning_text": ("reasoning", "text"),
    "response.reasoning_summary_text": ("reasoning", "text"),
    "response.refusal": ("refusal", "refusal"),
}
ENDS = {"response.completed", "response.incomplete", "response.failed"}


class ResponseReader:
    """Reads events in order; every one is of an item that is open."""

    def __init__(self) -> None:
        """Start before the first event."""
        self.said = Said()
        self.items: list[dict[str, Any]] = []
        self.grown: dict[int, str] = {}
        self.number = 0

    def read(self, events: Iterable[dict[str, Any]]) -> Said:
        """Read all events."""
        for event in events:
            assert event["sequence_number"] == self.number
            assert not self.said.endings, "an event after the end"
            self.number += 1
            kind, _, verb = event["type"].rpartition(".")
            if event["type"] in ENDS:
                self.end(event)
            elif event["type"] == "response.context":
                self.note_context(event["context"])
            elif kind in {*WORDS, "response.function_call_arguments"}:
                self.take_words(kind, verb, event)
            elif kind == "response.output_text.annotation":
                self.take_annotation(event)
            elif kind == "response.output_item":
                self.take_item(verb, event)
        return self.said

    def take_item(self, verb: str, event: dict[str, Any]) -> None:
        if verb == "added":
            assert event["output_index"] == len(self.items)
            assert event["item"]["status"] == "in_progress"
            self.items.append(event["item"])
            self.grown[event["output_index"]] = ""
        else:
            assert self.items[event["output_index"]]["status"] == "in_progress"
            assert event["item"]["id"] == self.items[event["output_index"]]["id"]
            self.items[event["output_index"]] = event["item"]

    def take_words(self, kind: str, verb: str, event: dict[str, Any]) -> None:
        index = event["output_index"]
        assert self.items[index]["id"] == event["item_id"]
        assert self.items[index]["status"] == "in_progress"
        name, field = WORDS.get(kind, ("", "arguments"))
        if verb == "done":
            assert self.grown[index] == event[field] or not name
            return
        assert event["delta"]
        self.grown[index] += event["delta"]
        if name:
            setattr(self.said, name, getattr(self.said, name) + event["delta"])

    def take_annotation(self, event: dict[str, Any]) -> None:
        """Keep what comes after the item has closed; before that the item will say it itself."""
        item = self.items[event["output_index"]]
        if item["status"] != "in_progress":
            item["content"][0]["annotations"].append(event["annotation"])

    def note_context(self, context: dict[str, Any]) -> None:
        self.said.progress = [(stage["title"], stage["props"]["state"]) for stage in context["thoughts"]]

    def end(self, event: dict[str, Any]) -> None:
        response = event["response"]
        assert ("error" in event) <= (event["type"] == "response.failed")
        assert response["output"] == self.items
        assert all(item["status"] != "in_progress" for item in response["output"])
        note_response(self.said, response)


def note_response(said: Said, response: dict[str, Any]) -> None:
    """Note what the response object says."""
    assert (response["error"] is None) == (response["status"] != "failed")
    said.endings.append(response["status"])
    said.filters = len(response.get("content_filters", []))
    if response["usage"] is not None:
        said.tokens = (response["usage"].get("input_tokens"), response["usage"].get("output_tokens"))
    for item in response["output"]:
        if item["type"] == "function_call":
            said.calls[item["call_id"]] = [item["name"], item["arguments"]]
        if "encrypted_content" in item:
            said.signatures = sorted([*said.signatures, item["encrypted_content"]])


def read_lines(pieces: Iterable[bytes]) -> Said:
    """Read the events as lines; a failure says its sentence beside the event."""
    events = [json.loads(line) for line in cut_lines(pieces)]
    assert ("error" in events[-1]) == (events[-1]["type"] == "response.failed")
    return ResponseReader().read(events)


def _cut_typed(pieces: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    *blocks, end = b"".join(pieces).decode().split("\n\n")
    assert end == ""
    assert blocks.pop() == "data: [DONE]"
    for block in blocks:
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        event = json.loads(fields["data"])
        assert fields["event"] == event["type"]
        yield event


def read_typed_frames(pieces: Iterable[bytes]) -> Said:
    """Read the events as Server-Sent Events, each of which names its type."""
    return ResponseReader().read(_cut_typed(pieces))


def read_whole_response(pieces: Iterable[bytes]) -> Said:
    """Read the response object."""
    response = json.loads(b"".join(pieces))
    said = Said()
    note_response(said, response)
    for item in response["output"]:
        for part in [*item.get("content", []), *item.get("summary", [])]:
            name, field = {
                "output_text": ("text", "text"),
                "refusal": ("refusal", "refusal"),
                "reasoning_text": ("reasoning", "text"),
                "summary_text": ("reasoning", "text"),
            }[part["type"]]
            setattr(said, name, getattr(said, name) + part[field])
    assert said.text == response["output_text"]
    return said
