"""The real clock and real ids, handed to everything that needs them."""

from __future__ import annotations

import secrets
import time
from typing import Final

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_TIME_DIGITS: Final = 10
_RANDOM_DIGITS: Final = 16


class SystemClock:
    """The machine's clocks."""

    def now(self) -> float:
        """Unix seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that never jump."""
        return time.monotonic()


class SystemIds:
    """Ids like ``run_01jd3v...``: milliseconds, then 80 random bits, both in Crockford's base 32."""

    def make(self, kind: str) -> str:
        """Give a new id."""
        now_ms = time.time_ns() // 1_000_000
        return f"{kind}_{_digits(now_ms, _TIME_DIGITS)}{_digits(secrets.randbits(80), _RANDOM_DIGITS)}"


def _digits(number: int, length: int) -> str:
    return "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in range(length - 1, -1, -1))
