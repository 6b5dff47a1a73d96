"""When to try again, and how long to wait before. No I/O: time and chance are passed in."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

from penstock.core.errors import ProviderError, UpstreamEndedError

_MILLISECONDS: Final = 1000


class SilenceError(ProviderError):
    """The service took the call and said nothing for too long: it may be at work, so no second call is made."""

    code = "timeout"
    is_retryable = True


@dataclass(frozen=True, kw_only=True)
class Chance:
    """The world as a retry sees it; tests pass their own."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = random.random  # noqa: S311 - jitter, no secret


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """At most this many attempts, none of them begun later than ``total_s`` after the first."""

    max_attempts: int = 4
    total_s: float = 60.0
    first_wait_s: float = 0.5
    longest_wait_s: float = 8.0


class RetryCount:
    """The attempts of one answer."""

    def __init__(self, policy: RetryPolicy, chance: Chance) -> None:
        """Begin to count, and the time with it."""
        self._policy = policy
        self._chance = chance
        self._deadline = chance.monotonic() + policy.total_s
        self._failed = 0

    def wait_s(self, error: ProviderError) -> float | None:
        """Give the seconds to wait before the next attempt; None when there is none.

        What the service asks for is obeyed to the letter; when it asks for more than is left, waiting is the person's
        decision, so the error goes out with its ``retry_after_s``.
        """
        self._failed += 1
        if not is_retryable(error) or self._failed >= self._policy.max_attempts:
            return None
        wanted = error.retry_after_s
        wait = self._backoff_s() if wanted is None else wanted
        return wait if self._chance.monotonic() + wait <= self._deadline else None

    def _backoff_s(self) -> float:
        full = min(self._policy.longest_wait_s, self._policy.first_wait_s * 2 ** (self._failed - 1))
        return full * (1 - self._chance.random() / 4)


def is_retryable(error: ProviderError) -> bool:
    """Whether our own loop may try again: not once the service has begun to answer."""
    return error.is_retryable and not isinstance(error, UpstreamEndedError | SilenceError)


def read_retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """Read the seconds to wait: ``retry-after-ms``, or ``retry-after`` as seconds or HTTP date (RFC 9110, 10.2.3)."""
    milliseconds = _read_number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / _MILLISECONDS
    text = headers.get("retry-after")
    seconds = _read_number(text)
    if seconds is not None or text is None:
        return seconds
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def _read_number(text: str | None) -> float | None:
    try:
        number = float(text) if text is not None else None
    except ValueError:
        return None
    return number if number is not None and 0 <= number < float("inf") else None
