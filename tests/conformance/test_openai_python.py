"""OpenAI's library for Python, sync and async, ``OpenAI`` and ``AzureOpenAI``, against the gateway."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from pydantic import BaseModel

from support.api import Api, Transcript
from support.programs import Program

KINDS = (openai.OpenAI, openai.AsyncOpenAI, openai.AzureOpenAI, openai.AsyncAzureOpenAI)
TOOLS: Any = [
    {
        "type": "function",
        "function": {"name": name, "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
    }
    for name in ("weather", "time")
]


class Point(BaseModel):
    """What a structured answer is parsed into."""

    x: int
    y: int


class Client:
    """One of the library's clients; its sync calls are made like the async ones."""

    def __init__(self, kind: type[Any], url: str) -> None:
        self.is_azure = kind in {openai.AzureOpenAI, openai.AsyncAzureOpenAI}
        place = {"azure_endpoint": url, "api_version": "2024-10-21"} if self.is_azure else {"base_url": f"{url}/v1"}
        self.sdk = kind(api_key="not-checked", max_retries=0, timeout=30, **place)

    async def ask(self, prompt: str, *, model: str = "gpt-5.4-mini", **fields: Any) -> Any:
        """Ask for a chat completion."""
        fields.setdefault("messages", [{"role": "user", "content": prompt}])
        return await wait(self.sdk.chat.completions.create(model=model, **fields))

    async def close(self) -> None:
        await wait(self.sdk.close())


async def wait(value: Any) -> Any:
    """Give what the async clients promise and the sync ones give."""
    return await value if inspect.isawaitable(value) else value


async def each(stream: Any) -> AsyncIterator[Any]:
    """Iterate, whichever way the client does."""
    if hasattr(stream, "__aiter__"):
        async for chunk in stream:
            yield chunk
    else:
        for chunk in stream:
            yield chunk


async def read(stream: Any, into: list[Any] | None = None) -> list[Any]:
    """Give all chunks; ``into`` has those before an error."""
    chunks = [] if into is None else into
    async for chunk in each(stream):
        chunks.append(chunk)
    return chunks


def text_of(chunks: list[Any]) -> str:
    return "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)


def reason_of(chunks: list[Any]) -> str | None:
    return next((choice.finish_reason for chunk in chunks for choice in chunk.choices if choice.finish_reason), None)


async def log_of(program: Program, completion_id: str) -> Transcript:
    """Read the log that the completion's id names."""
    async with Api(program.url) as api:
        return await api.follow(Transcript(completion_id.removeprefix("chatcmpl-")))


async def ended(program: Program, completion_id: str) -> None:
    """Wait for the run's end without following it: a run that somebody follows is not stopped by one who leaves."""
    path = f"/api/runs/{completion_id.removeprefix('chatcmpl-')}"
    async with Api(program.url) as api, asyncio.timeout(60):
        while (await api.get(path)).get("status", "queued") in {"queued", "running"}:  # noqa: ASYNC110 - it must not be followed
            await asyncio.sleep(0.02)


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
async def client(request: pytest.FixtureRequest, program: Program) -> AsyncIterator[Client]:
    made = Client(request.param, program.url)
    yield made
    await made.close()


@pytest.fixture(params=KINDS[:2], ids=lambda kind: kind.__name__)
async def plain(request: pytest.FixtureRequest, program: Program) -> AsyncIterator[Client]:
    """Without Azure's, where it makes no difference."""
    made = Client(request.param, program.url)
    yield made
    await made.close()


async def test_a_stream_is_the_log(client: Client, program: Program):
    chunks = await read(await client.ask("long 200 words", stream=True, stream_options={"include_usage": True}))
    answering = chunks[1:] if client.is_azure else chunks
    assert client.is_azure == ("prompt_filter_results" in chunks[0].model_extra)
    log = await log_of(program, answering[0].id)
    assert text_of(chunks) == log.text != ""
    assert reason_of(chunks) == "stop"
    assert len({(chunk.id, chunk.model, chunk.created) for chunk in answering}) == 1
    assert chunks[-1].usage.completion_tokens > 200
    assert all(chunk.usage is None for chunk in chunks[:-1])


async def test_a_whole_answer_is_the_log(client: Client, program: Program):
    completion = await client.ask("long 200 words", seed=7, metadata={"a": "b"})
    log = await log_of(program, completion.id)
    assert completion.choices[0].message.content == log.text != ""
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens
    assert completion._request_id == log.run_id


async def test_the_library_s_own_accumulator_agrees(plain: Client, program: Program):
    helper = plain.sdk.chat.completions.stream(
        model="gpt-5.4-mini", messages=[{"role": "user", "content": "call weather and time"}], tools=TOOLS
    )
    if isinstance(plain.sdk, openai.AsyncOpenAI):
        async with helper as stream:
            completion = await stream.get_final_completion()
    else:
        with helper as stream:
            completion = stream.get_final_completion()
    log = await log_of(program, completion.id)
    ready = [event for event in log.events.values() if event["type"] == "tool-call-ready"]
    calls = completion.choices[0].message.tool_calls
    assert [(call.id, json.loads(call.function.arguments)) for call in calls] == [
        (event["tool_call_id"], event["input"]) for event in ready
    ]
    assert len(calls) == 2


@pytest.mark.parametrize("is_streaming", [True, False])
async def test_tools_go_all_the_way_round(client: Client, *, is_streaming: bool):
    asked: Any = {"role": "user", "content": 'call weather and time {"city": "Oslo"}'}
    answer = await client.ask("", messages=[asked], tools=TOOLS, stream=is_streaming)
    calls, reason = put_together(await read(answer)) if is_streaming else whole_calls(answer)
    assert [(call["function"]["name"], json.loads(call["function"]["arguments"])) for call in calls] == [
        ("weather", {"city": "Oslo"}),
        ("time", {"city": "Oslo"}),
    ]
    assert reason == "tool_calls"
    results = [{"role": "tool", "tool_call_id": call["id"], "content": f"{n} o'clock"} for n, call in enumerate(calls)]
    history = [asked, {"role": "assistant", "content": None, "tool_calls": calls}, *results]
    final = await client.ask("", messages=history, tools=TOOLS)
    assert final.choices[0].message.content == "2 tools answered: 0 o'clock; 1 o'clock"


def put_together(chunks: list[Any]) -> tuple[list[dict[str, Any]], str | None]:
    calls: list[dict[str, Any]] = []
    for piece in (call for chunk in chunks for choice in chunk.choices for call in choice.delta.tool_calls or ()):
        if piece.id is not None:
            calls.append({"id": piece.id, "type": "function", "function": {"name": piece.function.name}})
        function = calls[piece.index]["function"]
        function["arguments"] = function.get("arguments", "") + (piece.function.arguments or "")
    return calls, reason_of(chunks)


def whole_calls(completion: Any) -> tuple[list[dict[str, Any]], str | None]:
    (choice,) = completion.choices
    return [call.model_dump() for call in choice.message.tool_calls], choice.finish_reason


async def test_an_image_reaches_the_model(plain: Client):
    parts = [
        {"type": "text", "text": "Look"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo=", "detail": "low"}},
    ]
    completion = await plain.ask("", messages=[{"role": "user", "content": parts}])
    assert "1 image: image/png of 8 bytes" in completion.choices[0].message.content


async def test_a_structured_answer_is_parsed(plain: Client):
    completion = await wait(
        plain.sdk.chat.completions.parse(
            model="gpt-5.4-mini",
            messages=[{"role": "user", "content": 'echo: {"x": 1, "y": 2}'}],
            response_format=Point,
        )
    )
    assert completion.choices[0].message.parsed == Point(x=1, y=2)


async def test_reasoning_has_a_place_of_its_own(plain: Client, program: Program):
    chunks = await read(await plain.ask("hello", model="deepseek-r1", stream=True))
    deltas = [choice.delta for chunk in chunks for choice in chunk.choices]
    assert "".join(delta.model_extra.get("reasoning_content", "") for delta in deltas)
    assert text_of(chunks) == (await log_of(program, chunks[0].id)).text


@pytest.mark.parametrize("is_streaming", [True, False])
@pytest.mark.parametrize(
    ("model", "error", "code"),
    [
        ("none-such", openai.NotFoundError, "model_not_found"),
        ("fault-401", openai.AuthenticationError, "invalid_api_key"),
        ("fault-filter-classic", openai.BadRequestError, "content_filter"),
        ("fault-429-day", openai.RateLimitError, "rate_limit_exceeded"),
    ],
)
async def test_a_refusal_is_the_library_s_own_exception(
    client: Client, model: str, error: type[openai.APIStatusError], code: str, *, is_streaming: bool
):
    with pytest.raises(error) as caught:
        await client.ask("Hi", model=model, stream=is_streaming)
    assert caught.value.code == code
    assert caught.value.message
    if error is openai.RateLimitError:
        assert caught.value.response.headers["retry-after"] == "86400"
    if code == "content_filter" and client.is_azure:
        body: Any = caught.value.body
        assert body["innererror"]["content_filter_result"]["jailbreak"]["filtered"] is True


async def test_a_bad_parameter_is_named(client: Client):
    with pytest.raises(openai.BadRequestError) as caught:
        await client.ask("Hi", n=2)
    assert caught.value.param == "n"


@pytest.mark.parametrize("model", ["fault-cut-fin", "fault-cut-rst", "fault-no-finish", "fault-error-frame"])
async def test_a_cut_answer_is_never_read_as_a_success(client: Client, program: Program, model: str):
    stream = await client.ask("long 400 words", model=model, stream=True)
    chunks: list[Any] = []
    with pytest.raises(openai.APIError) as caught:
        await read(stream, chunks)
    assert reason_of(chunks) is None
    log = await log_of(program, chunks[-1].id)
    assert text_of(chunks) == log.text != ""
    assert log.terminals[0]["type"] in {"run-interrupted", "run-failed"}
    assert caught.value.code == log.terminals[0].get("code", "upstream_eof")
    with pytest.raises(openai.InternalServerError):
        await client.ask("long 400 words", model=model)


async def test_closing_a_stream_stops_the_run(client: Client, program: Program):
    stream = await client.ask("count 5000", model="slow", stream=True)
    chunks: list[Any] = []
    async for chunk in each(stream):
        chunks.append(chunk)
        if len(text_of(chunks)) > 20:
            break
    await wait(stream.close())
    await ended(program, chunks[-1].id)
    log = await log_of(program, chunks[-1].id)
    assert [event["type"] for event in log.terminals] == ["run-stopped"]
    assert log.text.startswith(text_of(chunks))


async def test_legacy_completions_answer_too(client: Client):
    whole = await wait(client.sdk.completions.create(model="gpt-5.4-mini", prompt="echo: Once upon a time"))
    assert (whole.choices[0].text, whole.choices[0].finish_reason) == ("Once upon a time", "stop")
    pieces = await read(
        await wait(client.sdk.completions.create(model="gpt-5.4-mini", prompt="echo: Once upon a time", stream=True))
    )
    assert "".join(piece.choices[0].text for piece in pieces) == "Once upon a time"
    assert pieces[-1].choices[0].finish_reason == "stop"


async def test_models_are_listed_and_described(client: Client):
    listed = await wait(client.sdk.models.list())
    assert "gpt-5.4-mini" in {model.id for model in listed.data}
    described = await wait(client.sdk.models.retrieve("gpt-5.4-mini"))
    assert (described.id, described.owned_by) == ("gpt-5.4-mini", "azure_openai")
    with pytest.raises(openai.NotFoundError):
        await wait(client.sdk.models.retrieve("none-such"))


async def test_what_the_gateway_does_not_have_says_so(plain: Client):
    with pytest.raises(openai.NotFoundError) as caught:
        await wait(plain.sdk.embeddings.create(model="gpt-5.4-mini", input="Hi"))
    assert caught.value.code == "unknown_url"
