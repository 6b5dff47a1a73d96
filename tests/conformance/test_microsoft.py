"""Microsoft's AI Chat Protocol client works against the address that pins its wire."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from support import node
from support.api import ReadLog
from support.programs import Program

Outcomes = dict[str, Any]

FAILED = {
    "wrong_key": "credentials",
    "blocked_prompt": "content filter",
    "error_in_mid_stream": "internal error",
    "no_finish": "without saying that it is complete",
    "cut": "without saying that it is complete",
    "reset": "without saying that it is complete",
}
"""Scenario -> what the error must speak of: the client throws at it."""


@pytest.fixture(scope="module")
def outcomes(js: Path, program: Program) -> Outcomes:
    """What the client saw."""
    return asyncio.run(node.run(js / "microsoft.mjs", program.url))


def test_nothing_is_thrown_that_a_page_would_not_expect(outcomes: Outcomes):
    assert outcomes.pop("uncaught", []) == []
    assert {name: outcome["thrown"] for name, outcome in outcomes.items() if "thrown" in outcome} == {}


@pytest.mark.parametrize(
    ("scenario", "reason"),
    [
        ("answer", "stop"),
        ("reasoning", "stop"),
        ("conversation", "stop"),
        ("state", "stop"),
        ("filtered", "content_filter"),
        ("filtered_late", "content_filter"),
    ],
)
async def test_an_answer_is_its_log_with_its_usage(outcomes: Outcomes, read_log: ReadLog, scenario: str, reason: str):
    outcome = outcomes[scenario]
    context = outcome["deltas"][-1]["context"]
    log = await read_log(context["run_id"])
    assert (outcome["errors"], outcome["content"]) == ([], log.text)
    assert outcome["deltas"][0]["delta"] == {"role": "assistant"}
    assert (context["status"], context["finish_reason"]) == ("finished", reason)
    usage = next(event for event in reversed(log.events.values()) if event["type"] == "usage")
    assert context["usage"]["completion_tokens"] == usage["output"]


async def test_reasoning_stands_apart_from_the_text(outcomes: Outcomes):
    contexts = [delta["delta"].get("context", {}) for delta in outcomes["reasoning"]["deltas"]]
    assert "".join(context.get("reasoning", "") for context in contexts).startswith("The person wrote")
    assert outcomes["reasoning"]["content"] == "thought through"


def test_the_session_s_state_comes_back(outcomes: Outcomes):
    deltas = outcomes["state"]["deltas"]
    assert deltas[0]["sessionState"] == deltas[-1]["sessionState"] == {"theme": "dark"}


def test_a_whole_answer_is_one_document(outcomes: Outcomes):
    assert outcomes["whole"]["message"] == {"role": "assistant", "content": "all at once"}


def test_a_refused_request_is_an_error(outcomes: Outcomes):
    assert outcomes["refused"]["errors"] == ["Request failed with status code 400"]


@pytest.mark.parametrize("scenario", FAILED)
async def test_a_failure_or_a_cut_is_thrown_after_the_text_so_far(outcomes: Outcomes, read_log: ReadLog, scenario: str):
    outcome = outcomes[scenario]
    context = outcome["deltas"][-1]["context"]
    log = await read_log(context["run_id"])
    (error,) = outcome["errors"]
    assert FAILED[scenario] in error
    assert outcome["content"] == log.text
    assert f"run-{context['status']}" == log.terminals[0]["type"]
    assert "finish_reason" not in context
