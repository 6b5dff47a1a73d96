"""How a run came out: totals and what is worth telling of a filter."""

from __future__ import annotations

import pytest

from penstock.core import events as e
from penstock.wire.outcome import count_total, is_notable


@pytest.mark.parametrize(
    ("usage", "total"),
    [
        (e.Usage(input=1, output=2, total=9), 9),
        (e.Usage(input=1, output=2), 3),
        (e.Usage(input=1), None),
        (e.Usage(output=1), None),
        (e.Usage(), None),
    ],
)
def test_the_total_is_the_service_s_or_the_sum_never_a_guess(usage: e.Usage, total: int | None):
    assert count_total(usage) == total


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (e.ContentFilter(stage="prompt"), False),
        (e.ContentFilter(stage="prompt", verdicts={"hate": e.Verdict(severity="safe", detected=False)}), False),
        (e.ContentFilter(stage="prompt", verdicts={"hate": e.Verdict(filtered=True)}), True),
        (e.ContentFilter(stage="prompt", verdicts={"jailbreak": e.Verdict(detected=True)}), True),
        (e.ContentFilter(stage="completion", blocked=True), True),
    ],
)
def test_only_a_filter_that_found_something_is_told(event: e.ContentFilter, expected: bool):
    assert is_notable(event) == expected
