"""A run that is produced here, as the bus sees it, and what a stop that went over the bus came to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from msgspec import Struct

from penstock.core.log import Batch

StopAnswer: TypeAlias = Literal["unheard", "heard", "ended"]
"""No producer confirmed it, one did, or one did and has ended the run since."""


class Offer(Struct, frozen=True):
    """How the bus reaches the producer of a run; all of it is called on the event loop."""

    owner: str
    """Whose run it is: nobody else's stop counts."""
    stop: Callable[[], None]
    """Stops it."""
    on_end: Callable[[Callable[[], None]], None]
    """Calls the function once no more comes; the terminal is durable then, unless it could not be kept here."""
    forward: Callable[[Callable[[Batch], None] | None], None]
    """Gives every batch that becomes visible from now on to the function; to nobody for None."""
