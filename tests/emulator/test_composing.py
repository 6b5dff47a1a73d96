"""A request becomes frames in the right order, with usage and times that agree."""

from __future__ import annotations

import random

import pytest

from penstock.emulator.calls import read_call
from penstock.emulator.composing import Composition, compose, stream_plan, whole_plan
from penstock.emulator.plan import Kind
from penstock.emulator.profiles import choose_profile
from support.raw_http import Ask


async def test_reasoning_is_billed_for_its_silence(ask: Ask):
    headers = {"x-emulator-profile": "reasoning;first_ms=0;token_ms=0"}
    usage = (await ask("count 5", headers=headers, stream_options={"include_usage": True})).chunks[-1]["usage"]
    reasoning = usage["completion_tokens_details"]["reasoning_tokens"]
    assert reasoning > 0
    assert usage["completion_tokens"] == 5 + reasoning


async def test_the_asynchronous_filter_speaks_without_delta_between_tokens_and_after_the_stop(ask: Ask):
    headers = {"x-emulator-profile": "async-filter;first_ms=0;token_ms=0"}
    choices = [chunk["choices"][0] for chunk in (await ask("count 100", headers=headers)).chunks[1:]]
    without_delta = [choice for choice in choices if "delta" not in choice]
    offsets = [choice["content_filter_offsets"]["check_offset"] for choice in without_delta]
    assert len(without_delta) == 3
    assert choices[-2]["finish_reason"] == "stop"
    assert choices[-1] is without_delta[-1]
    assert offsets == sorted(offsets)


def composed(prompt: str, profile: str, seed: int = 1) -> Composition:
    body = {
        "messages": [{"role": "user", "content": prompt}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    call = read_call(body, "gpt-5.4-mini", None)
    return compose(call, choose_profile(profile), random.Random(seed), now_s=1_800_000_000.9)


def test_the_same_seed_gives_the_same_bytes_at_the_same_times():
    plans = [stream_plan(composed("long 50", "azure-default", seed), random.Random(seed)) for seed in (1, 1, 2)]
    assert plans[0].frames == plans[1].frames != plans[2].frames


def test_the_frames_come_in_the_services_order():
    kinds = [frame.kind for frame in stream_plan(composed("count 2", "fast"), random.Random(1)).frames]
    assert kinds == [Kind.OPENER, Kind.ROLE, Kind.TOKEN, Kind.TOKEN, Kind.FINISH, Kind.USAGE, Kind.DONE]


def test_the_latency_checkpoint_tells_the_times_that_are_kept():
    composition = composed("long 100", "azure-default")
    plan = stream_plan(composition, random.Random(1))
    latency = composition.timeline.latency()
    assert latency["service_ttlt_ms"] == round(
        (plan.headers_wait_s + sum(frame.wait_s for frame in plan.frames)) * 1000
    )
    assert latency["service_ttft_ms"] - latency["user_visible_ttft_ms"] == latency["pre_inference_ms"]


def test_a_whole_answer_takes_as_long_as_its_stream():
    composition = composed("long 100", "azure-default")
    stream, whole = (make(composition, random.Random(1)) for make in (stream_plan, whole_plan))
    assert whole.headers_wait_s == pytest.approx(stream.headers_wait_s + sum(frame.wait_s for frame in stream.frames))
