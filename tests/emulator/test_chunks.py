"""The stream has the order, the keys and the empty places of the real service, chunk by chunk."""

from __future__ import annotations

import pytest

from support.raw_http import Ask

PLAIN = ["choices", "created", "id", "model", "obfuscation", "object", "service_tier", "system_fingerprint"]
CHOICE = ["content_filter_results", "delta", "finish_reason", "index", "logprobs"]
LATENCY = [
    "engine_tbt_ms",
    "engine_ttft_ms",
    "engine_ttlt_ms",
    "pre_inference_ms",
    "service_tbt_ms",
    "service_ttft_ms",
    "service_ttlt_ms",
    "total_duration_ms",
    "user_visible_ttft_ms",
]


async def test_it_opens_with_the_prompts_filter_results_and_empty_everything_else(ask: Ask):
    wire = await ask(stream_options={"include_usage": True})
    opener = wire.chunks[0]
    assert list(opener) == ["choices", "created", "id", "model", "object", "prompt_filter_results"]
    assert (opener["choices"], opener["created"], opener["id"], opener["model"]) == ([], 0, "", "")
    (results,) = opener["prompt_filter_results"]
    assert list(results) == ["prompt_index", "content_filter_results"]
    assert list(results["content_filter_results"]) == ["hate", "jailbreak", "self_harm", "sexual", "violence"]


async def test_the_second_chunk_names_the_role_with_empty_content_and_a_null_refusal(ask: Ask):
    role = (await ask()).chunks[1]
    assert role["choices"][0]["delta"] == {"content": "", "refusal": None, "role": "assistant"}
    assert list(role["choices"][0]) == CHOICE
    assert role["object"] == "chat.completion.chunk"
    assert role["model"] == "gpt-5.4-mini-2026-03-17"


async def test_one_token_a_chunk_with_keys_in_alphabetical_order(ask: Ask):
    chunks = (await ask("count 3")).chunks[2:-1]
    assert [chunk["choices"][0]["delta"] for chunk in chunks] == [{"content": f"⟨{n}⟩"} for n in (1, 2, 3)]
    assert all(list(chunk) == PLAIN for chunk in chunks)
    assert all(list(chunk["choices"][0]) == CHOICE for chunk in chunks)
    assert len({chunk["id"] for chunk in chunks}) == 1


async def test_filter_results_are_empty_and_sometimes_name_protected_material(ask: Ask):
    chunks = (await ask("count 40")).chunks[2:-1]
    seen = [tuple(chunk["choices"][0]["content_filter_results"]) for chunk in chunks]
    assert set(seen) == {(), ("protected_material_text",)}
    assert seen.count(()) > 30


async def test_usage_is_null_on_every_chunk_but_the_opener_exactly_when_it_was_asked_for(ask: Ask):
    without, with_usage = await ask(), await ask(stream_options={"include_usage": True})
    assert all("usage" not in chunk for chunk in without.chunks)
    assert "usage" not in with_usage.chunks[0]
    assert all(chunk["usage"] is None and list(chunk) == [*PLAIN, "usage"] for chunk in with_usage.chunks[1:-1])


async def test_the_finish_chunk_has_an_empty_delta(ask: Ask):
    finish = (await ask()).chunks[-1]
    assert finish["choices"][0] | {"index": 0} == {
        "content_filter_results": {},
        "delta": {},
        "finish_reason": "stop",
        "index": 0,
        "logprobs": None,
    }


async def test_the_usage_chunk_has_no_choices_and_a_latency_checkpoint(ask: Ask):
    usage = (await ask("count 7", stream_options={"include_usage": True})).chunks[-1]
    assert list(usage) == sorted([*PLAIN, "latency_checkpoint", "usage"])
    assert usage["choices"] == []
    assert list(usage["latency_checkpoint"]) == LATENCY
    assert all(isinstance(value, int) for value in usage["latency_checkpoint"].values())
    assert list(usage["usage"]) == [
        "completion_tokens",
        "completion_tokens_details",
        "prompt_tokens",
        "prompt_tokens_details",
        "total_tokens",
    ]
    assert usage["usage"]["completion_tokens"] == 7
    assert usage["usage"]["total_tokens"] == 7 + usage["usage"]["prompt_tokens"]


@pytest.mark.parametrize("usage", [True, False])
async def test_it_ends_with_done_and_has_only_data_lines_that_end_with_lf(ask: Ask, usage: bool):
    wire = await ask(stream_options={"include_usage": usage})
    assert wire.body.endswith(b"}\n\ndata: [DONE]\n\n")
    assert b"\r" not in wire.body
    assert all(line.startswith(b"data: ") for line in wire.body.split(b"\n") if line)
    assert wire.headers["content-type"].startswith("text/event-stream")
    assert wire.ending == "complete"


async def test_obfuscation_can_be_switched_off(ask: Ask):
    wire = await ask(stream_options={"include_usage": True, "include_obfuscation": False})
    assert b"obfuscation" not in wire.body


async def test_text_is_sent_as_utf_8_and_not_escaped(ask: Ask):
    wire = await ask("echo: Grüße, 日本語, 👩‍👩‍👧")
    assert wire.text == "Grüße, 日本語, 👩‍👩‍👧"
    assert "日".encode() in wire.body


async def test_a_whole_answer_has_the_keys_of_the_service(ask: Ask):
    wire = await ask("echo: hi", stream=False)
    assert list(wire.json) == [
        "choices",
        "created",
        "id",
        "model",
        "object",
        "prompt_filter_results",
        "service_tier",
        "system_fingerprint",
        "usage",
    ]
    (choice,) = wire.json["choices"]
    assert list(choice) == ["content_filter_results", "finish_reason", "index", "logprobs", "message"]
    assert choice["message"] == {"annotations": [], "content": "hi", "refusal": None, "role": "assistant"}
    assert wire.headers["content-type"] == "application/json"
