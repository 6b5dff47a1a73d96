"""What people do in a chat works in every major version of the AI SDK, with its own Chat and transport."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support import node
from support.api import Api, ReadLog, Transcript
from support.programs import Program


@dataclass(frozen=True)
class Client:
    """A published version, and the dialect that it asks for."""

    package: str
    dialect: str = ""
    transport: str = ""

    def __str__(self) -> str:
        """Give the name in the test's id."""
        return f"{self.package} {self.transport or 'http'} dialect {self.dialect or 'none'}"

    @property
    def says_how_it_ended(self) -> bool:
        """Whether ``onFinish`` is told of errors and aborts, which 5.0.0 does not do."""
        return self.package != "ai-5-first"


CLIENTS = (
    Client("ai-5-first"),
    Client("ai-5-last"),
    Client("ai-5-last", "5"),
    Client("ai-6-first"),
    Client("ai-6-last"),
    Client("ai-6-last", "6"),
    Client("ai-7-first"),
    Client("ai-7-last"),
    Client("ai-7-last", "7"),
    Client("ai-7-last", "", "socket"),
    Client("ai-7-last", "7", "socket"),
)
FAILED = {
    "wrong_key": "credentials",
    "blocked_prompt": "content filter",
    "error_in_mid_stream": "internal error",
}
"""Scenario -> what the error must speak of."""
CUT = ("no_finish", "cut", "reset")
FILTERED = ("filtered", "filtered_late")

Outcomes = dict[str, Any]


@pytest.fixture(scope="session")
def played(js: Path, program: Program) -> dict[Client, Outcomes]:
    """What every client saw. All play at once: most of the time is waiting for tokens."""

    async def play() -> list[Outcomes]:
        script = js / "ai_sdk.mjs"
        runs = [node.run(script, c.package, program.url, c.dialect, c.transport) for c in CLIENTS]
        return await asyncio.gather(*runs)

    return dict(zip(CLIENTS, asyncio.run(play()), strict=True))


@pytest.fixture(params=CLIENTS, ids=str)
def client(request: pytest.FixtureRequest) -> Client:
    return request.param


@pytest.fixture
def outcomes(client: Client, played: dict[Client, Outcomes]) -> Outcomes:
    return played[client]


async def check_against_log(read_log: ReadLog, message: Outcomes) -> Transcript:
    """Hold an answer's id, text and figures to its run's log."""
    metadata = message["metadata"]
    log = await read_log(metadata["runId"])
    assert message["id"] == log.events[0]["message_id"]
    assert message["text"] == log.text
    usage = next((event for event in reversed(log.events.values()) if event["type"] == "usage"), None)
    if usage is not None and "status" in metadata:
        assert metadata["usage"]["inputTokens"] == usage["input"]
        assert metadata["usage"]["outputTokens"] == usage["output"]
    return log


def check_finished(client: Client, outcome: Outcomes, reason: str) -> None:
    """An answer is whole only in these words."""
    answer = outcome["messages"][-1]
    assert outcome["status"] == "ready"
    assert outcome["errors"] == []
    assert answer["role"] == "assistant"
    assert answer["metadata"]["status"] == "finished"
    assert answer["metadata"]["finishReason"] == reason
    last = outcome["finishes"][-1]
    assert {last.get(flag, False) for flag in ("isError", "isAbort", "isDisconnect")} == {False}
    assert last.get("finishReason") == (reason if client.dialect or client.transport else None)


def test_nothing_is_thrown_that_a_page_would_not_expect(outcomes: Outcomes):
    assert outcomes.pop("uncaught", []) == []
    assert {name: outcome["thrown"] for name, outcome in outcomes.items() if "thrown" in outcome} == {}


async def test_an_answer_is_its_log_with_its_usage(client: Client, outcomes: Outcomes, read_log: ReadLog):
    outcome = outcomes["answer"]
    check_finished(client, outcome, "stop")
    log = await check_against_log(read_log, outcome["messages"][-1])
    assert log.text == "".join(f"⟨{number}⟩" for number in range(1, 61))
    metadata = outcome["messages"][-1]["metadata"]
    assert metadata["usage"]["outputTokens"] == 60
    assert metadata["conversationId"] == outcome["id"]


async def test_a_second_message_goes_on_with_the_conversation(client: Client, outcomes: Outcomes, program: Program):
    outcome = outcomes["conversation"]
    check_finished(client, outcome, "stop")
    texts = ["echo: first ⟨é😀⟩", "first ⟨é😀⟩", "echo: second\n\nline", "second\n\nline"]
    assert [message["text"] for message in outcome["messages"]] == texts
    async with Api(program.url) as api:
        kept = await api.get(f"/api/conversations/{outcome['id']}")
    assert [message["id"] for message in kept["messages"][1::2]] == [m["id"] for m in outcome["messages"][1::2]]


async def test_reasoning_stands_apart_from_the_text(client: Client, outcomes: Outcomes, read_log: ReadLog):
    outcome = outcomes["reasoning"]
    check_finished(client, outcome, "stop")
    log = await check_against_log(read_log, outcome["messages"][-1])
    thought = "".join(event["text"] for event in log.events.values() if event["type"] == "reasoning-delta")
    parts = [part for part in outcome["messages"][-1]["parts"] if part["type"] == "reasoning"]
    assert thought
    assert [(part["text"], part["state"]) for part in parts] == [(thought, "done")]


async def test_an_edited_message_is_answered_anew(client: Client, outcomes: Outcomes, read_log: ReadLog):
    outcome = outcomes["edit"]
    check_finished(client, outcome, "stop")
    assert [message["text"] for message in outcome["messages"]] == ["echo: after", "after"]
    await check_against_log(read_log, outcome["messages"][-1])


async def test_a_regenerated_answer_stands_beside_the_first(
    client: Client, outcomes: Outcomes, program: Program, read_log: ReadLog
):
    outcome = outcomes["regenerate"]
    check_finished(client, outcome, "stop")
    answer = outcome["messages"][-1]
    assert len(outcome["messages"]) == 2
    await check_against_log(read_log, answer)
    async with Api(program.url) as api:
        kept = (await api.get(f"/api/conversations/{outcome['id']}"))["messages"]
    answers = [message for message in kept if message["role"] == "assistant"]
    assert [message["id"] for message in answers] == [outcome["first"], answer["id"]]
    assert len({message["parent_id"] for message in answers}) == 1


async def test_a_stopped_answer_is_what_the_log_has(outcomes: Outcomes, read_log: ReadLog):
    outcome = outcomes["stop"]
    answer = outcome["messages"][-1]
    assert outcome["receipt"]["status"] == "stopped"
    assert outcome["receipt"]["upstream_closed"]
    assert outcome["status"] == "ready"
    assert outcome["errors"] == []
    assert answer["metadata"]["status"] == "stopped"
    log = await check_against_log(read_log, answer)
    assert [event["type"] for event in log.terminals] == ["run-stopped"]
    assert outcome["finishes"][-1].get("finishReason") is None


async def test_leaving_does_not_stop_the_answer(outcomes: Outcomes, read_log: ReadLog):
    outcome = outcomes["leave"]
    assert outcome["status"] == "ready"
    log = await read_log(outcome["messages"][-1]["metadata"]["runId"])
    assert [event["type"] for event in log.terminals] == ["run-finished"]
    assert log.text.startswith(outcome["messages"][-1]["text"])
    assert len(log.text) > len(outcome["messages"][-1]["text"])


async def test_a_reloaded_page_gets_the_whole_answer(client: Client, outcomes: Outcomes, read_log: ReadLog):
    outcome = outcomes["reload"]
    check_finished(client, outcome, "stop")
    assert [message["role"] for message in outcome["messages"]] == ["user", "assistant"]
    log = await check_against_log(read_log, outcome["messages"][-1])
    assert log.text.endswith("⟨300⟩")


async def test_a_lost_connection_is_seen_and_made_good(outcomes: Outcomes, read_log: ReadLog):
    outcome = outcomes["disconnect"]
    assert outcome["dropped"]["status"] == "error"
    assert [message["role"] for message in outcome["messages"]] == ["user", "assistant"]
    assert outcome["status"] == "ready"
    await check_against_log(read_log, outcome["messages"][-1])


def test_resuming_where_nothing_runs_changes_nothing(client: Client, outcomes: Outcomes):
    outcome = outcomes["nothing_runs"]
    assert outcome["messages"] == []
    assert outcome["errors"] == []
    # 5.0.0 never leaves this state again, whatever a server says.
    assert outcome["status"] == ("submitted" if client.package == "ai-5-first" else "ready")


def test_a_refused_request_says_why(outcomes: Outcomes):
    outcome = outcomes["refused"]
    assert outcome["status"] == "error"
    assert "no-such-model" in outcome["error"]
    assert [message["role"] for message in outcome["messages"]] == ["user"]


@pytest.mark.parametrize("scenario", FAILED)
async def test_a_failure_is_an_error_with_the_text_so_far(
    client: Client, outcomes: Outcomes, read_log: ReadLog, scenario: str
):
    outcome = outcomes[scenario]
    assert outcome["status"] == "error"
    assert FAILED[scenario] in outcome["error"]
    assert outcome["messages"][-1]["metadata"]["status"] == "failed"
    log = await check_against_log(read_log, outcome["messages"][-1])
    assert [event["type"] for event in log.terminals] == ["run-failed"]
    assert all(finish["isError"] for finish in outcome["finishes"])
    assert bool(outcome["finishes"]) == client.says_how_it_ended


@pytest.mark.parametrize("scenario", CUT)
async def test_a_cut_answer_is_never_a_success(client: Client, outcomes: Outcomes, read_log: ReadLog, scenario: str):
    outcome = outcomes[scenario]
    assert outcome["messages"][-1]["metadata"]["status"] == "interrupted"
    log = await check_against_log(read_log, outcome["messages"][-1])
    assert [event["type"] for event in log.terminals] == ["run-interrupted"]
    if client.dialect == "7":
        assert outcome["finishes"][-1]["finishReason"] == "interrupted"
    else:
        assert outcome["status"] == "error"
        assert "without saying that it is complete" in outcome["error"]
        assert all(finish["isError"] for finish in outcome["finishes"])


@pytest.mark.parametrize("scenario", FILTERED)
async def test_a_filtered_answer_says_so(client: Client, outcomes: Outcomes, read_log: ReadLog, scenario: str):
    outcome = outcomes[scenario]
    check_finished(client, outcome, "content-filter")
    await check_against_log(read_log, outcome["messages"][-1])


async def test_an_answer_that_reached_its_length_says_so(client: Client, outcomes: Outcomes, read_log: ReadLog):
    outcome = outcomes["length"]
    check_finished(client, outcome, "length")
    await check_against_log(read_log, outcome["messages"][-1])


async def test_a_tool_of_the_page_is_run_and_the_answer_goes_on(client: Client, outcomes: Outcomes, read_log: ReadLog):
    """In the same message, without a second copy of what stood there."""
    outcome = outcomes["tools"]
    check_finished(client, outcome, "stop")
    assert outcome["asked"] == [{"city": "Oslo"}]
    assert [message["role"] for message in outcome["messages"]] == ["user", "assistant"]
    answer = outcome["messages"][-1]
    (call,) = [part for part in answer["parts"] if part["type"] == "tool-weather"]
    assert (call["state"], call["output"]) == ("output-available", "Snow, -3 degrees")
    log = await read_log(answer["metadata"]["runId"])
    assert answer["text"] == log.text
    assert "Snow, -3 degrees" in log.text


def test_the_text_stream_is_the_text_and_breaks_where_the_answer_did(outcomes: Outcomes):
    whole, cut = outcomes["text_answer"], outcomes["text_cut"]
    assert (whole["status"], whole["messages"][-1]["text"]) == ("ready", outcomes["answer"]["messages"][-1]["text"])
    assert (cut["status"], len(cut["errors"])) == ("error", 1)
