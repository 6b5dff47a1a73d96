"""Chunks as plain JSON: what is held until the service says who answers."""

from __future__ import annotations

from typing import Any

from penstock.core import events as e
from penstock.providers.chunk_reader import ChunkReader


def read(*chunks: dict[str, Any]) -> list[e.Event]:
    reader = ChunkReader(step_index=3, has_think_tags=True)
    for chunk in chunks:
        reader.read(chunk)
    reader.finish()
    return list(reader.take())


def choice(finish: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def test_the_step_waits_for_the_model_but_not_longer_than_for_content():
    named = read({**choice(role="assistant"), "model": ""}, {**choice(content="a"), "model": "m"}, choice("stop"))
    unnamed = read({**choice(content="a"), "model": ""}, choice("stop"))
    assert named[0] == e.StepStarted(index=3, model="m")
    assert unnamed[0] == e.StepStarted(index=3)


def test_a_usage_that_does_not_change_is_told_once():
    usage = {"prompt_tokens": 1}
    events = read({**choice(content="a"), "usage": usage}, {**choice("stop"), "usage": usage})
    assert [type(event) for event in events].count(e.Usage) == 1


def test_a_refusal_with_text_beside_it_finishes_as_the_service_says():
    finished = read(choice(content="a"), choice(refusal="b"), choice("stop"))[-1]
    assert isinstance(finished, e.StepFinished)
    assert finished.finish_reason == "stop"


def test_nothing_finishes_without_a_reason():
    assert not ChunkReader(step_index=0, has_think_tags=True).finish()
