"""The openai SDK, unmodified, works against the emulator on both of Azure's surfaces."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
import threading
import urllib.request

import openai
import pytest

from penstock.emulator.server import Emulator, run_emulator, start_emulator

PROMPT = [{"role": "user", "content": "count 50"}]
NUMBERS = "".join(f"⟨{number}⟩" for number in range(1, 51))


@pytest.fixture(params=["v1", "classic", "v1-alias"])
async def client(request: pytest.FixtureRequest, emulator: Emulator):
    match request.param:
        case "classic":
            sdk = openai.AsyncAzureOpenAI(azure_endpoint=emulator.url, api_key="key", api_version="2024-10-21")
        case "v1":
            sdk = openai.AsyncOpenAI(base_url=f"{emulator.url}/openai/v1/", api_key="key")
        case _:
            sdk = openai.AsyncOpenAI(base_url=f"{emulator.url}/v1", api_key="key")
    async with sdk:
        yield sdk


async def test_the_sdk_streams(client: openai.AsyncOpenAI):
    stream = await client.chat.completions.create(
        model="gpt-5.4-mini", messages=PROMPT, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == NUMBERS
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage.completion_tokens == 50


async def test_the_sdks_helper_accumulates_the_stream(client: openai.AsyncOpenAI):
    async with client.chat.completions.stream(model="gpt-5.4-mini", messages=PROMPT) as stream:
        completion = await stream.get_final_completion()
    assert completion.choices[0].message.content == NUMBERS


async def test_the_sdk_reads_a_whole_answer(client: openai.AsyncOpenAI):
    completion = await client.chat.completions.create(model="gpt-5.4-mini", messages=PROMPT)
    assert completion.choices[0].message.content == NUMBERS
    assert completion.usage.completion_tokens == 50


async def test_the_sdk_lists_models(client: openai.AsyncOpenAI):
    assert "gpt-5.4-mini-2026-03-17" in [model.id async for model in client.models.list()]


async def test_the_sdk_retries_what_passes(client: openai.AsyncOpenAI):
    completion = await client.chat.completions.create(model="fault-429;times=2;ms=1", messages=PROMPT)
    assert completion.choices[0].finish_reason == "stop"


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        ("401", openai.AuthenticationError, "401"),
        ("404", openai.NotFoundError, "DeploymentNotFound"),
        ("filter-classic", openai.BadRequestError, "content_filter"),
        ("429-day", openai.RateLimitError, "429"),
    ],
)
async def test_the_sdk_raises_the_services_errors(
    client: openai.AsyncOpenAI, fault: str, error: type[openai.APIStatusError], code: str
):
    with pytest.raises(error) as raised:
        await client.chat.completions.create(model=f"fault-{fault}", messages=PROMPT)
    assert raised.value.code == code


async def test_a_port_in_use_is_an_os_error(emulator: Emulator):
    with pytest.raises(OSError, match="address already in use"):
        await start_emulator(port=emulator.port)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_runner_tells_where_it_listens_and_ends_on_a_signal(number: int):
    answers: list[int] = []

    def ask_and_end(emulator: Emulator) -> None:
        with urllib.request.urlopen(f"{emulator.url}/openai/v1/models") as response:
            answers.append(response.status)
        os.kill(os.getpid(), number)

    def on_ready(emulator: Emulator) -> None:
        threading.Thread(target=ask_and_end, args=[emulator]).start()

    run_emulator(port=0, profile="fast", on_ready=on_ready)
    assert answers == [200]


@pytest.mark.parametrize("turns", range(5))
async def test_a_connection_that_is_just_made_is_closed_with_it(turns: int):
    """What is left open warns when it is collected, and a warning is an error here."""
    emulator = await start_emulator(profile="fast")
    callers = [socket.create_connection((emulator.host, emulator.port)) for _ in range(5)]
    for _ in range(turns):
        await asyncio.sleep(0)
    await emulator.close()
    for caller in callers:
        with caller, contextlib.suppress(ConnectionResetError):
            assert caller.recv(1) == b""
    gc.collect()
