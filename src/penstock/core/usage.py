"""Tokens, money and time of one answer. Estimates say that they are estimates; unknown stays unknown."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

UsageSource = Literal["provider", "estimated", "lower_bound"]
"""``provider``: billed figures. ``estimated``: counted from text. ``lower_bound``: real cost is at least this."""


class Cost(Struct, frozen=True, omit_defaults=True, gc=False):
    """What the answer cost. ``usd`` is None when the price is unknown: never a guess."""

    usd: float | None = None
    is_estimated: bool = False
    price_model: str | None = None
    """The model of the price table that was used."""


class Timings(Struct, frozen=True, omit_defaults=True, gc=False):
    """Milliseconds from the begin of the run, by a monotonic clock; None where it did not happen."""

    first_event_ms: float | None = None
    """First event of any kind from the model service: it has accepted the request."""
    first_token_ms: float | None = None
    """First text, reasoning, refusal or tool-call delta."""
    reasoning_ms: float | None = None
    """Duration from the first reasoning delta to the first delta of anything else, or to the end."""
    total_ms: float | None = None
