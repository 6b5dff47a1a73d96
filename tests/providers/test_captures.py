"""Recorded streams of real services, when they are beside the checkout: the answer equals what the bytes say.

What the bytes say is worked out here by plain `json`, without any of the code under test.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from penstock.core import events as e
from penstock.core.errors import ProviderError, UpstreamEndedError
from penstock.providers.chat_chunks import ChatChunkDecoder
from penstock.providers.error_shapes import Service
from support.captures import RECORDINGS, load_recording, needs_recordings

pytestmark = needs_recordings


class Expected:
    """What these bytes say: text, reasoning, arguments by call, finish, usage, error."""

    def __init__(self, data: bytes) -> None:
        self.text = self.reasoning = ""
        self.arguments: dict[int, str] = {}
        self.finish: str | None = None
        self.usage: dict[str, Any] | None = None
        self.has_error = False
        for line in data.decode(errors="ignore").splitlines():
            payload = line.removeprefix("data:").strip()
            if line.startswith("data:") and payload != "[DONE]":
                try:
                    self._take(json.loads(payload))
                except ValueError:
                    continue

    def _take(self, chunk: dict[str, Any]) -> None:
        self.usage = chunk.get("usage") or self.usage
        self.has_error = self.has_error or bool(chunk.get("error"))
        for choice in chunk.get("choices", []):
            delta = choice.get("delta", {})
            self.text += delta.get("content") or choice.get("text") or ""
            self.reasoning += delta.get("reasoning_content") or delta.get("reasoning") or ""
            for call in delta.get("tool_calls", []):
                index = call["index"]
                self.arguments[index] = self.arguments.get(index, "") + call["function"].get("arguments", "")
            self.finish = choice.get("finish_reason") or self.finish


def decode(pieces: list[bytes]) -> tuple[list[e.Event], ProviderError | None]:
    decoder = ChatChunkDecoder(Service("Service", "model"))
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return [*events, *decoder.end()], decoder.error


def check(events: list[e.Event], error: ProviderError | None, expected: Expected) -> None:
    assert "".join(x.text for x in events if isinstance(x, e.TextDelta)) == expected.text
    assert "".join(x.text for x in events if isinstance(x, e.ReasoningDelta)) == expected.reasoning
    calls: dict[str, str] = {}
    for event in events:
        if isinstance(event, e.ToolCallDelta):
            calls[event.tool_call_id] = calls.get(event.tool_call_id, "") + event.arguments
    assert list(calls.values()) == [text for text in expected.arguments.values() if text]
    usages = [(x.input, x.output, x.total) for x in events if isinstance(x, e.Usage)]
    names = ("prompt_tokens", "completion_tokens", "total_tokens")
    assert usages[-1:] == ([tuple(expected.usage.get(name) for name in names)] if expected.usage else [])
    finishes = [x.raw for x in events if isinstance(x, e.StepFinished)]
    assert finishes == ([expected.finish] if expected.finish and not expected.has_error else [])
    if expected.has_error:
        assert error is not None
        assert not isinstance(error, UpstreamEndedError)
    else:
        assert isinstance(error, UpstreamEndedError) == (expected.finish is None)


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recorded_stream_decodes_whole(name: str):
    data = load_recording(name)
    check(*decode([data]), Expected(data))


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recorded_stream_decodes_byte_by_byte(name: str):
    data = load_recording(name)
    check(*decode([bytes([byte]) for byte in data]), Expected(data))


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recorded_stream_cut_at_any_event_keeps_its_text(name: str):
    data = load_recording(name)
    for boundary in [0, *(found.end() for found in re.finditer(rb"\r?\n\r?\n", data))]:
        check(*decode([data[:boundary]]), Expected(data[:boundary]))


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recorded_stream_cut_inside_events_keeps_its_text(name: str):
    data = load_recording(name)
    for place in range(0, len(data), 97):
        check(*decode([data[:place]]), Expected(data[:place]))
