"""Profiles spread tokens over time, the same way for the same seed; nothing here sleeps."""

from __future__ import annotations

import random
from statistics import median

import pytest

from penstock.emulator.profiles import PROFILES, choose_profile, waits
from penstock.emulator.server import start_emulator
from support.raw_http import Ask


def drawn(name: str, count: int = 400, seed: int = 1) -> list[float]:
    return waits(choose_profile(name), random.Random(seed), count)


@pytest.mark.parametrize("name", PROFILES)
def test_the_same_seed_gives_the_same_times(name: str):
    assert drawn(name) == drawn(name)
    assert len(drawn(name)) == 400
    assert min(drawn(name)) >= 0
    assert drawn(name, count=0) == []


def test_fast_never_waits():
    assert sum(drawn("fast")) == 0
    assert PROFILES["fast"].headers.draw(random.Random(1)) == 0


def test_the_default_lets_tokens_go_in_bursts():
    gaps = [gap for gap in drawn("azure-default", 2000) if gap > 0]
    assert len(gaps) < 100
    assert all(0.3 < gap < 2.1 for gap in gaps[1:-1])
    assert sum(drawn("azure-default", 2000)) == pytest.approx(2000 * 0.013, rel=0.1)


def test_the_defaults_headers_come_after_about_half_a_second():
    rng = random.Random(1)
    times = [PROFILES["azure-default"].headers.draw(rng) for _ in range(1000)]
    assert median(times) == pytest.approx(0.45, rel=0.1)
    assert max(times) <= 2.0


def test_reasoning_is_silent_and_then_smooth():
    times = drawn("reasoning")
    assert 4 <= times[0] <= 8
    assert max(times[1:]) <= 0.1


def test_tail_is_slow_in_everything():
    assert PROFILES["tail"].headers.draw(random.Random(1)) >= 10
    assert min(drawn("tail")[1:]) >= 0.3


def test_parameters_replace_the_times():
    assert drawn("azure-default;token_ms=20;first_ms=5", 3) == [0.0, 0.02, 0.02]
    assert drawn("fast;token_ms=soon;other=1", 3) == [0.0, 0.0, 0.0]


async def test_a_deployment_can_name_a_profile(ask: Ask):
    assert (await ask(model="profile-fast")).status == 200


async def test_an_unknown_profile_is_refused(ask: Ask):
    assert (await ask(model="profile-unheard-of")).json["error"]["code"] == "UnknownProfile"
    with pytest.raises(ValueError, match="azure-default"):
        await start_emulator(profile="unheard-of")
