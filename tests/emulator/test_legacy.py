"""Legacy text completions: a prompt goes in, and text comes out."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from penstock.emulator.server import Emulator
from support.raw_http import Ask, Wire, read_answer, request_bytes

PATHS = (
    "/v1/completions",
    "/openai/v1/completions",
    "/openai/deployments/instruct/completions?api-version=2024-10-21",
)


@pytest.fixture
def complete(emulator: Emulator) -> Ask:
    """A client of completions, whose keywords go into the body."""

    async def send(prompt: Any, *, path: str = PATHS[0], **more: Any) -> Wire:
        body = {"model": "instruct", "prompt": prompt, "stream": True} | more
        reader, writer = await asyncio.open_connection("127.0.0.1", emulator.port)
        try:
            writer.write(request_bytes(path, body, {}))
            return await read_answer(reader)
        finally:
            writer.close()

    return send


@pytest.mark.parametrize("path", PATHS)
async def test_chunks_of_text_end_with_a_reason(complete: Ask, path: str):
    wire = await complete("echo: hello there", path=path)
    choices = [chunk["choices"][0] for chunk in wire.chunks]

    assert "".join(choice["text"] for choice in choices) == "hello there"
    assert [choice["finish_reason"] for choice in choices][-1] == "stop"
    assert {chunk["object"] for chunk in wire.chunks} == {"text_completion"}
    assert all("delta" not in choice for choice in choices)
    assert wire.data[-1] == "[DONE]"


async def test_usage_comes_when_it_is_asked_for(complete: Ask):
    wire = await complete("count 3", stream_options={"include_usage": True})

    assert wire.chunks[-1]["choices"] == []
    assert wire.chunks[-1]["usage"]["completion_tokens"] == 3


async def test_max_tokens_cut_the_answer(complete: Ask):
    wire = await complete("count 9", model="gpt-5.4-mini", max_tokens=3)

    assert wire.chunks[-1]["choices"][0]["finish_reason"] == "length"


async def test_a_whole_answer_is_one_document(complete: Ask):
    wire = await complete("echo: hello", stream=False)

    assert wire.json["object"] == "text_completion"
    assert wire.json["choices"][0]["text"] == "hello"
    assert "message" not in wire.json["choices"][0]


@pytest.mark.parametrize("prompt", [None, 7, ["one", "two"]])
async def test_what_is_no_prompt_is_refused(complete: Ask, prompt: Any):
    wire = await complete(prompt)

    assert wire.status == 400
    assert wire.json["error"]["param"] == "prompt"


async def test_faults_work_here_too(complete: Ask):
    wire = await complete("Hello", model="fault-429")

    assert wire.status == 429
