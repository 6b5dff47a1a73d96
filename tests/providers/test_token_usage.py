"""The usage object, with all that may stand in it."""

from __future__ import annotations

from penstock.core.events import Usage
from penstock.providers.token_usage import read_usage


def test_every_known_figure_is_read_and_the_rest_kept():
    value = {
        "prompt_tokens": 9,
        "completion_tokens": 5,
        "total_tokens": 14,
        "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 2, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 3, "accepted_prediction_tokens": 1},
        "cost": 0.1,
    }
    assert read_usage(value, {"routing": "r"}) == Usage(
        input=9,
        output=5,
        total=14,
        cached=4,
        cache_write=2,
        reasoning=3,
        extra={"cost": 0.1, "completion_tokens_details": {"accepted_prediction_tokens": 1}, "routing": "r"},
    )


def test_nothing_is_made_up():
    assert read_usage({"prompt_tokens": None, "completion_tokens": True, "total_tokens": -1}, {}) == Usage()


def test_the_cache_hits_of_deepseek_are_cached_tokens():
    assert read_usage({"prompt_cache_hit_tokens": 7}, {}).cached == 7
