"""The bounds fit one another."""

from __future__ import annotations

from penstock.runs.limits import Limits


def test_one_group_commit_fits_into_what_a_live_log_keeps():
    limits = Limits()
    assert limits.live_log_bytes >= 3 * limits.in_flight_bytes
