"""Requests are refused with the service's own 400s, and only for its own reasons."""

from __future__ import annotations

from typing import Any

import pytest

from support.raw_http import Ask, Wire


async def refused(wire: Wire) -> dict[str, object]:
    assert wire.status == 400
    return wire.json["error"]


@pytest.mark.parametrize("model", ["gpt-5", "gpt-5.4-mini", "gpt-5-nano", "o3-mini", "o4"])
async def test_reasoning_families_refuse_max_tokens_and_name_the_other_parameter(ask: Ask, model: str):
    error = await refused(await ask(model=model, max_tokens=10))
    assert (error["code"], error["param"]) == ("unsupported_parameter", "max_tokens")
    assert "max_completion_tokens" in str(error["message"])


@pytest.mark.parametrize(("name", "value"), [("temperature", 0), ("top_p", 0.5), ("presence_penalty", 1)])
async def test_reasoning_families_refuse_any_value_but_the_default(ask: Ask, name: str, value: float):
    error = await refused(await ask(**{name: value}))
    assert (error["code"], error["param"]) == ("unsupported_value", name)


async def test_reasoning_families_refuse_logprobs(ask: Ask):
    error = await refused(await ask(logprobs=True))
    assert (error["code"], error["param"]) == ("unsupported_parameter", "logprobs")


async def test_the_default_temperature_passes(ask: Ask):
    assert (await ask(temperature=1)).status == 200


@pytest.mark.parametrize("model", ["gpt-4.1-mini", "my-deployment", "deepseek-v4"])
async def test_other_families_take_max_tokens_and_temperature(ask: Ask, model: str):
    assert (await ask(model=model, max_tokens=100, temperature=0)).status == 200


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
async def test_a_limit_ends_the_answer_with_finish_reason_length(ask: Ask, name: str):
    wire = await ask("count 20", model="gpt-4.1-mini", **{name: 4})
    assert wire.text == "⟨1⟩⟨2⟩⟨3⟩⟨4⟩"
    assert wire.chunks[-1]["choices"][0]["finish_reason"] == "length"


@pytest.mark.parametrize(("version", "status"), [("2024-02-01", 400), ("2024-06-01", 400), ("2024-10-21", 200)])
async def test_old_api_versions_refuse_stream_options(ask: Ask, version: str, status: int):
    path = f"/openai/deployments/gpt-4.1-mini/chat/completions?api-version={version}"
    wire = await ask(path=path, stream_options={"include_usage": True})
    assert wire.status == status
    assert status == 200 or "stream_options" in wire.json["error"]["message"]


async def test_a_prompt_beyond_the_context_is_refused(ask: Ask):
    error = await refused(await ask("a " * 130_000))
    assert error["code"] == "context_length_exceeded"


@pytest.mark.parametrize("messages", [None, [], [{}], ["text"], 7])
async def test_wrong_messages_are_refused(ask: Ask, messages: Any):
    error = await refused(await ask(messages=messages))
    assert error["param"] == "messages"


async def test_wrong_stream_options_are_refused(ask: Ask):
    error = await refused(await ask(stream_options="yes"))
    assert error["param"] == "stream_options"


async def test_parts_of_content_are_read_as_text(ask: Ask):
    parts = [{"type": "text", "text": "echo: parts"}, {"type": "image_url", "image_url": {"url": "data:,"}}]
    assert (await ask(messages=[{"role": "user", "content": parts}])).text == "parts"


async def test_images_are_seen_by_type_and_size_or_by_their_place(ask: Ask):
    parts = [
        {"type": "text", "text": "Look"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
        {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
    ]
    wire = await ask(messages=[{"role": "user", "content": parts}], stream=False)
    text = wire.json["choices"][0]["message"]["content"]
    assert "2 images: image/png of 8 bytes; https://example.org/a.png" in text


async def test_an_image_that_is_no_base64_is_refused(ask: Ask):
    parts = [{"type": "image_url", "image_url": {"url": "data:image/png;base64,%%%"}}]
    error = await refused(await ask(messages=[{"role": "user", "content": parts}]))
    assert error["code"] == "invalid_base64"


@pytest.mark.parametrize("value", [[], {}, [None], {"a": None}])
@pytest.mark.parametrize("name", ["presence_penalty", "frequency_penalty", "temperature"])
async def test_a_parameter_of_another_kind_is_refused(ask: Ask, name: str, value: object):
    error = await refused(await ask(**{name: value}))
    assert (error["code"], error["param"]) == ("unsupported_value", name)


@pytest.mark.parametrize("value", ["x", 1.5, [None], {"a": None}])
async def test_a_bound_that_is_no_number_is_refused(ask: Ask, value: object):
    error = await refused(await ask(max_completion_tokens=value))
    assert (error["code"], error["param"]) == ("invalid_type", "max_completion_tokens")


@pytest.mark.parametrize("calls", [True, 1, "x", {"a": None}, [None], ["x"], [[]], [{}]])
async def test_calls_in_the_history_that_are_none_are_refused(ask: Ask, calls: object):
    history = [{"role": "user", "content": "a"}, {"role": "assistant", "content": None, "tool_calls": calls}]
    error = await refused(await ask(messages=[*history, {"role": "tool", "tool_call_id": "c", "content": "r"}]))
    assert (error["code"], error["param"]) == ("invalid_value", "messages")
