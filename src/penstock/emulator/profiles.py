"""Latency profiles: when an answer's tokens go out. Seeded randomness comes in; no clock is read here.

The shapes follow public measurements of the service: a median of 0.46 s to the first token and 12 ms between tokens,
which the default content filter holds back and lets go in bursts.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

_FIRST_HELD_S = 0.1


class Spread(Struct, frozen=True):
    """A random time: lognormal around a median, kept within bounds."""

    median_s: float = 0.0
    sigma: float = 0.0
    least_s: float = 0.0
    most_s: float = 60.0

    def draw(self, rng: random.Random) -> float:
        """Draw one time in seconds."""
        if not self.median_s:
            return 0.0
        return min(self.most_s, max(self.least_s, self.median_s * math.exp(rng.gauss(0.0, self.sigma))))


class Profile(Struct, frozen=True, kw_only=True):
    """How an answer is spread over time."""

    name: str
    what: str
    headers: Spread = Spread()
    """Until the headers, the opener and the role chunk."""
    first_token: Spread = Spread()
    """From the role chunk to the first token."""
    token: Spread = Spread()
    """From one token to the next."""
    burst: Spread = Spread()
    """How long the filter holds tokens back; nothing: each goes out when it exists."""
    is_annotated: bool = False
    """The asynchronous filter: chunks without ``delta`` between the tokens, and after the finish."""
    is_reasoning: bool = False
    """The silence before the first token is billed as reasoning."""


PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(
            name="azure-default",
            what="the default filter: headers after about 0.45 s, 12 ms a token, let go in bursts 0.4 to 2 s apart",
            headers=Spread(0.45, 0.4, 0.15, 2.0),
            first_token=Spread(0.25, 0.3, 0.1, 0.6),
            token=Spread(0.012, 0.4, 0.002, 0.1),
            burst=Spread(0.7, 0.5, 0.4, 2.0),
        ),
        Profile(
            name="async-filter",
            what="the asynchronous filter: smooth tokens, chunks without `delta` between them and after the stop",
            headers=Spread(0.35, 0.3, 0.1, 1.5),
            first_token=Spread(0.1, 0.3, 0.02, 0.5),
            token=Spread(0.012, 0.4, 0.002, 0.1),
            is_annotated=True,
        ),
        Profile(
            name="reasoning",
            what="a reasoning model: 4 to 8 s of silence after the role chunk, then text; usage has reasoning tokens",
            headers=Spread(0.35, 0.3, 0.1, 1.5),
            first_token=Spread(5.0, 0.25, 4.0, 8.0),
            token=Spread(0.008, 0.4, 0.002, 0.1),
            is_reasoning=True,
        ),
        Profile(
            name="tail",
            what="a bad day: 12 s until the headers, 600 ms between tokens",
            headers=Spread(12.0, 0.05, 10.0, 15.0),
            token=Spread(0.6, 0.2, 0.3, 1.2),
        ),
        Profile(name="fast", what="no waiting at all, many chunks in one write: for tests and benchmarks"),
    )
}


def choose_profile(text: str) -> Profile:
    """Read ``name[;token_ms=20][;first_ms=0]``; raises `KeyError` for a name that is not in the table.

    The two parameters replace the profile's own times by fixed ones and switch bursts off.
    """
    name, *pairs = text.split(";")
    profile = PROFILES[name.strip()]
    for pair in pairs:
        key, _, value = pair.strip().partition("=")
        time = _fixed(value)
        match key:
            case "token_ms":
                profile = replace(profile, token=time, burst=Spread())
            case "first_ms":
                profile = replace(profile, headers=time, first_token=Spread())
            case _:
                continue
    return profile


def _fixed(milliseconds: str) -> Spread:
    try:
        return Spread(float(milliseconds) / 1000)
    except ValueError:
        return Spread()


def waits(profile: Profile, rng: random.Random, count: int) -> list[float]:
    """Give the time to wait before each of ``count`` tokens, in seconds."""
    if not count:
        return []
    gaps = [profile.first_token.draw(rng)] + [profile.token.draw(rng) for _ in range(count - 1)]
    return _held_back(gaps, profile.burst, rng) if profile.burst.median_s else gaps


def _held_back(gaps: list[float], burst: Spread, rng: random.Random) -> list[float]:
    """Move each token to the next moment at which the filter lets go; the last ones leave when the last is there."""
    end = sum(gaps)
    made, gone, gate = 0.0, 0.0, gaps[0] + _FIRST_HELD_S
    held: list[float] = []
    for gap in gaps:
        made += gap
        while gate < made:
            gate += burst.draw(rng)
        release = min(gate, end)
        held.append(max(0.0, release - gone))
        gone = max(gone, release)
    return held
