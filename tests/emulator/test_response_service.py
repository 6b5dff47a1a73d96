"""The Responses API as OpenAI's own library reads it: streams, documents, and answers made in the background."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest

from penstock.emulator.server import Emulator

TOOLS: Any = [{"type": "function", "name": name, "parameters": {"type": "object"}} for name in ("weather", "time")]


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[openai.AsyncOpenAI]:
    made = openai.AsyncOpenAI(base_url=f"{emulator.url}/openai/v1", api_key="k", max_retries=0, timeout=20)
    yield made
    await made.close()


async def test_a_stream_has_the_library_s_order_and_every_number(client: openai.AsyncOpenAI):
    stream = await client.responses.create(model="gpt-5.4-mini", input="echo: Hi there", stream=True)
    events: list[Any] = [event async for event in stream]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert [event.type.removeprefix("response.") for event in events] == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    assert events[-1].response.output_text == "Hi there"
    assert events[0].response.content_filters is None
    assert [entry["source_type"] for entry in events[-1].response.content_filters] == ["prompt", "completion"]


async def test_the_library_s_own_accumulator_agrees(client: openai.AsyncOpenAI):
    async with client.responses.stream(
        model="gpt-5.4-mini", input="use your tools", tools=TOOLS, reasoning={"summary": "auto"}
    ) as stream:
        response = await stream.get_final_response()
    kinds = [item.type for item in response.output]
    assert kinds == ["function_call", "function_call"]
    assert response.status == "completed"


async def test_reasoning_has_a_summary_when_it_is_asked_for(client: openai.AsyncOpenAI):
    asked: Any = {"model": "gpt-5.4-mini", "input": "echo: Hi"}
    with_summary = await client.responses.create(**asked, reasoning={"summary": "auto"})
    assert [item.type for item in with_summary.output] == ["reasoning", "message"]
    assert with_summary.usage.output_tokens_details.reasoning_tokens > 0
    without = await client.responses.create(**asked)
    assert [item.type for item in without.output] == ["message"]


async def test_results_of_tools_are_answered(client: openai.AsyncOpenAI):
    asked: list[Any] = [{"role": "user", "content": "call weather and time"}]
    first = await client.responses.create(model="gpt-5.4-mini", input=asked, tools=TOOLS)
    calls = [item for item in first.output if item.type == "function_call"]
    results = [{"type": "function_call_output", "call_id": call.call_id, "output": call.name} for call in calls]
    final = await client.responses.create(
        model="gpt-5.4-mini", input=[*asked, *[call.model_dump() for call in calls], *results], tools=TOOLS
    )
    assert final.output_text == "2 tools answered: weather; time"


async def test_the_limit_makes_it_incomplete(client: openai.AsyncOpenAI):
    response = await client.responses.create(model="gpt-5.4-mini", input="count 100", max_output_tokens=16)
    assert response.status == "incomplete"
    assert response.incomplete_details.reason == "max_output_tokens"


async def test_a_filter_fails_it_and_says_why_in_the_next_event(client: openai.AsyncOpenAI):
    stream = await client.responses.create(model="fault-filter-inline", input="long 100 words", stream=True)
    kinds: list[str] = []
    with pytest.raises(openai.APIError) as caught:
        await _read(stream, kinds)
    assert kinds[-1] == "response.failed"
    assert caught.value.code == "content_policy_violation"


async def _read(stream: Any, kinds: list[str]) -> None:
    async for event in stream:
        kinds += [event.type]


async def test_what_is_made_in_the_background_can_be_read_from_any_event_on(client: openai.AsyncOpenAI):
    stream = await client.responses.create(
        model="profile-fast;token_ms=2", input="count 30", stream=True, background=True
    )
    response_id, seen = "", 0
    async for event in stream:
        response_id = event.response.id if event.type == "response.created" else response_id
        seen = event.sequence_number
        if seen > 10:
            break
    await stream.close()
    assert (await client.responses.retrieve(response_id)).status == "in_progress"
    rest = await client.responses.retrieve(response_id, stream=True, starting_after=seen)
    events: list[Any] = [event async for event in rest]
    assert [event.sequence_number for event in events] == list(range(seen + 1, seen + 1 + len(events)))
    assert events[-1].response.output_text.endswith("⟨30⟩")
    assert (await client.responses.retrieve(response_id)).status == "completed"
    assert (await client.responses.cancel(response_id)).status == "completed"


async def test_a_cancel_ends_it_for_who_reads(client: openai.AsyncOpenAI, emulator: Emulator):
    response = await client.responses.create(model="profile-fast;token_ms=20", input="count 500", background=True)
    assert response.status == "queued"
    rest = await client.responses.retrieve(response.id, stream=True)
    await anext(aiter(rest))
    assert (await client.responses.cancel(response.id)).status == "cancelled"
    assert [event.type async for event in rest][-1:] != ["response.completed"]
    assert emulator.tally.cancelled_responses == 1


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"input": "Hi", "stop": "x"}, "stop"),
        ({"input": ""}, "input"),
        ({"input": [{"type": "function_call"}]}, "input"),
        ({"input": [7]}, "input"),
        ({"input": "Hi", "max_output_tokens": 3}, "max_output_tokens"),
        ({"input": "Hi", "background": True, "store": False}, "background"),
        ({"input": "Hi", "model": "gpt-4.1-mini", "reasoning": {"effort": "low"}}, "reasoning.effort"),
    ],
)
async def test_a_bad_request_is_refused_as_the_service_does(
    client: openai.AsyncOpenAI, fields: dict[str, Any], param: str
):
    with pytest.raises(openai.BadRequestError) as caught:
        await client.post("/responses", body={"model": "gpt-5.4-mini", **fields}, cast_to=object)
    assert caught.value.param == param


async def test_an_unknown_response_is_not_found(client: openai.AsyncOpenAI):
    for call in (client.responses.retrieve, client.responses.cancel):
        with pytest.raises(openai.NotFoundError):
            await call("resp_none")


async def test_a_place_must_be_a_number(client: openai.AsyncOpenAI):
    response = await client.responses.create(model="gpt-5.4-mini", input="Hi", background=True)
    with pytest.raises(openai.BadRequestError):
        await client.get(f"/responses/{response.id}?stream=true&starting_after=x", cast_to=object)
