"""Deployments that are not OpenAI's think aloud, each in its own way."""

from __future__ import annotations

from support.raw_http import Ask


async def test_deepseek_thinks_in_reasoning_content_and_then_writes_content(ask: Ask):
    wire = await ask("echo: done", model="deepseek-v4", stream_options={"include_usage": True})
    deltas = [chunk["choices"][0]["delta"] for chunk in wire.chunks]
    thinking = [bool(delta.get("reasoning_content")) for delta in deltas[1:-1]]
    assert deltas[0] == {"role": "assistant", "content": None, "reasoning_content": ""}
    assert thinking == sorted(thinking, reverse=True)
    assert wire.text == "done"
    assert "prompt_filter_results" not in wire.chunks[0]


async def test_deepseek_puts_usage_on_the_finish_chunk(ask: Ask):
    last = (await ask("echo: done", model="deepseek-v4")).chunks[-1]
    details = last["usage"]["completion_tokens_details"]
    assert last["choices"][0]["finish_reason"] == "stop"
    assert details["reasoning_tokens"] == last["usage"]["completion_tokens"] - 1


async def test_think_tags_are_part_of_the_text(ask: Ask):
    text = (await ask("echo: done", model="think-7b")).text
    assert text.startswith("<think>")
    assert text.endswith("</think>\n\ndone")


async def test_think_reports_usage_in_a_chunk_of_its_own(ask: Ask):
    last = (await ask("echo: done", model="think-7b", stream_options={"include_usage": True})).chunks[-1]
    assert last["choices"] == []
    assert last["usage"]["completion_tokens"] > 1


async def test_a_whole_answer_shows_the_reasoning_beside_the_content(ask: Ask):
    message = (await ask("echo: done", model="deepseek-v4", stream=False)).json["choices"][0]["message"]
    assert message["content"] == "done"
    assert "emulator" in message["reasoning_content"]
