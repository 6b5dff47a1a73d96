"""OpenAI's library for Node streams through the gateway, and raises at whatever is no whole answer."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from support import node
from support.api import Api, ReadLog
from support.programs import Program

Outcomes = dict[str, Any]


@pytest.fixture(scope="module")
def outcomes(js: Path, program: Program) -> Outcomes:
    """What the client saw."""
    return asyncio.run(node.run(js / "openai.mjs", program.url))


def test_nothing_is_thrown_that_a_program_would_not_expect(outcomes: Outcomes):
    assert outcomes.pop("uncaught", []) == []
    assert {name: outcome["thrown"] for name, outcome in outcomes.items() if "thrown" in outcome} == {}


@pytest.mark.parametrize(
    ("scenario", "reason"),
    [
        ("answer", "stop"),
        ("answer_v1", "stop"),
        ("answer_azure", "stop"),
        ("reasoning", "stop"),
        ("length", "length"),
        ("filtered", "content_filter"),
        ("filtered_late", "content_filter"),
    ],
)
async def test_an_answer_is_its_log_with_its_usage(outcomes: Outcomes, read_log: ReadLog, scenario: str, reason: str):
    outcome = outcomes[scenario]
    log = await read_log(outcome["run"])
    assert (outcome["errors"], outcome["finish"], outcome["content"]) == ([], reason, log.text)
    usage = next(event for event in reversed(log.events.values()) if event["type"] == "usage")
    assert outcome["usage"]["prompt_tokens"] == usage["input"]
    assert outcome["usage"]["completion_tokens"] == usage["output"]
    assert len([name for name in outcome["ids"] if name]) == 1


async def test_reasoning_stands_apart_from_the_text(outcomes: Outcomes, read_log: ReadLog):
    log = await read_log(outcomes["reasoning"]["run"])
    thought = "".join(event["text"] for event in log.events.values() if event["type"] == "reasoning-delta")
    assert outcomes["reasoning"]["reasoning"] == thought != ""


def test_a_whole_answer_and_the_streaming_helper_have_the_same_text(outcomes: Outcomes):
    text = outcomes["answer"]["content"]
    assert (outcomes["whole"]["content"], outcomes["whole"]["finish"]) == (text, "stop")
    helper = outcomes["helper"]
    assert (helper["content"], helper["last"], helper["finish"]) == (text, text, "stop")


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("refused", (404, "model_not_found", "NotFoundError")),
        ("bad_input", (400, "invalid_request", "BadRequestError")),
        ("wrong_key", (401, "invalid_api_key", "AuthenticationError")),
        ("blocked_prompt", (400, "content_filter", "BadRequestError")),
    ],
)
def test_a_refusal_has_the_status_and_the_class_of_openai_s(
    outcomes: Outcomes, scenario: str, expected: tuple[int, str, str]
):
    (error,) = outcomes[scenario]["errors"]
    assert (error["status"], error["code"], error["kind"]) == expected


@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        ("error_in_mid_stream", "server_error"),
        ("no_finish", "upstream_eof"),
        ("cut", "upstream_eof"),
        ("reset", "upstream_eof"),
    ],
)
async def test_a_failure_or_a_cut_raises_and_has_no_finish_reason(
    outcomes: Outcomes, read_log: ReadLog, scenario: str, code: str
):
    outcome = outcomes[scenario]
    (error,) = outcome["errors"]
    assert (error["code"], error["kind"]) == (code, "APIError")
    assert outcome["content"] == (await read_log(outcome["run"])).text
    assert outcome["finish"] is None


async def test_a_program_that_leaves_stops_what_nobody_else_follows(
    outcomes: Outcomes, read_log: ReadLog, program: Program
):
    async with Api(program.url) as api:
        await api.wait_for_end(outcomes["leave"]["run"])
    log = await read_log(outcomes["leave"]["run"])
    assert [event["type"] for event in log.terminals] == ["run-stopped"]
    assert log.text.startswith(outcomes["leave"]["content"])


def test_a_whole_answer_that_was_cut_is_no_200(outcomes: Outcomes):
    assert outcomes["whole_cut"] == {"status": 502, "code": "upstream_eof"}


async def test_the_models_are_those_of_the_picker(outcomes: Outcomes, program: Program):
    async with Api(program.url) as api:
        models = await api.get("/api/models")
    assert outcomes["models"]["names"] == [model["id"] for model in models["models"]]
