"""What useChat of the AI SDK 4 does works, by the function of ``@ai-sdk/ui-utils`` that it calls."""

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
}
"""Scenario -> what the error must speak of."""


@pytest.fixture(scope="module")
def outcomes(js: Path, program: Program) -> Outcomes:
    """What the client saw."""
    return asyncio.run(node.run(js / "ai_sdk_4.mjs", program.url))


def ending_of(outcome: Outcomes) -> Outcomes:
    """Give the annotation that says how the run ended."""
    return outcome["message"]["annotations"][-1]


def test_nothing_is_thrown_that_a_page_would_not_expect(outcomes: Outcomes):
    assert outcomes.pop("uncaught", []) == []
    assert {name: outcome["thrown"] for name, outcome in outcomes.items() if "thrown" in outcome} == {}


@pytest.mark.parametrize(
    ("scenario", "reason"),
    [
        ("answer", "stop"),
        ("reasoning", "stop"),
        ("conversation", "stop"),
        ("length", "length"),
        ("filtered", "content-filter"),
        ("filtered_late", "content-filter"),
    ],
)
async def test_an_answer_is_its_log_with_its_usage(outcomes: Outcomes, read_log: ReadLog, scenario: str, reason: str):
    outcome = outcomes[scenario]
    log = await read_log(outcome["run"])
    assert outcome["errors"] == []
    assert outcome["message"]["content"] == log.text
    assert outcome["message"]["id"] == log.events[0]["message_id"]
    (finish,) = outcome["finishes"]
    assert finish["finishReason"] == reason
    usage = next(event for event in reversed(log.events.values()) if event["type"] == "usage")
    assert finish["usage"]["promptTokens"] == usage["input"]
    assert finish["usage"]["completionTokens"] == usage["output"]
    assert (ending_of(outcome)["status"], outcome["header"]) == ("finished", "v1")


async def test_reasoning_stands_apart_from_the_text(outcomes: Outcomes, read_log: ReadLog):
    outcome = outcomes["reasoning"]
    log = await read_log(outcome["run"])
    thought = "".join(event["text"] for event in log.events.values() if event["type"] == "reasoning-delta")
    (part,) = [part for part in outcome["message"]["parts"] if part["type"] == "reasoning"]
    assert part["reasoning"] == thought != ""


def test_the_history_that_the_page_sends_is_what_the_model_sees(outcomes: Outcomes):
    assert outcomes["conversation"]["message"]["content"] == "second ⟨é😀⟩"
    assert outcomes["conversation"]["finishes"][0]["usage"]["promptTokens"] > 20


async def test_a_stopped_answer_is_what_the_log_has(outcomes: Outcomes, read_log: ReadLog):
    outcome = outcomes["stop"]
    log = await read_log(outcome["run"])
    assert (outcome["receipt"]["status"], outcome["errors"]) == ("stopped", [])
    assert outcome["message"]["content"] == log.text
    assert outcome["finishes"][0]["finishReason"] == "unknown"
    assert ending_of(outcome)["status"] == "stopped"


async def test_leaving_does_not_stop_the_answer(outcomes: Outcomes, read_log: ReadLog):
    outcome = outcomes["leave"]
    log = await read_log(outcome["run"])
    assert log.text.startswith(outcome["message"]["content"])
    assert log.text.endswith("⟨300⟩")


def test_a_refused_request_says_why(outcomes: Outcomes):
    (error,) = outcomes["refused"]["errors"]
    assert "no-such-model" in error


@pytest.mark.parametrize("scenario", FAILED)
async def test_a_failure_is_an_error_with_the_text_so_far(outcomes: Outcomes, read_log: ReadLog, scenario: str):
    outcome = outcomes[scenario]
    (error,) = outcome["errors"]
    assert FAILED[scenario] in error
    assert outcome["message"]["content"] == (await read_log(outcome["run"])).text
    assert (outcome["finishes"], ending_of(outcome)["status"]) == ([], "failed")


@pytest.mark.parametrize("scenario", ["no_finish", "cut", "reset"])
async def test_a_cut_answer_is_never_a_success(outcomes: Outcomes, read_log: ReadLog, scenario: str):
    outcome = outcomes[scenario]
    (error,) = outcome["errors"]
    assert "without saying that it is complete" in error
    assert outcome["message"]["content"] == (await read_log(outcome["run"])).text
    assert (outcome["finishes"], ending_of(outcome)["status"]) == ([], "interrupted")
