"""How much of everything the engine allows: one frozen struct, handed in by the composition root."""

from __future__ import annotations

from msgspec import Struct


class Limits(Struct, frozen=True, kw_only=True):
    """Bounds of the engine; None means unbounded."""

    live_runs: int = 10_000
    live_runs_per_owner: int | None = None
    run_timeout_s: float = 30 * 60
    """A run longer than this ends as stopped by ``timeout``."""
    live_log_bytes: int = 192 * 1024
    """Memory of one live log; what is older is read from the journal by those who still need it.

    At least three times ``in_flight_bytes``: one group commit publishes all that was in flight before any follower has
    its turn, and half of the log stays when it shrinks. With less, every follower of a burst reads the journal.
    """
    in_flight_bytes: int = 64 * 1024
    """Bytes of one run that may wait for their commit before its upstream is read on."""
    read_bytes: int = 32 * 1024
    """Most that one `Follower.read` gives, batch borders aside: it is held while its reader does not take it."""
    read_batches: int = 512
    page_batches: int = 1024
    """Batches asked of the journal at a time: what one read does not take is kept for the next."""
    poll_s: float = 0.25
    """How often the journal of a followed run is looked into that is produced elsewhere, when no bus tells of it."""
    calm_poll_s: float = 0.5
    """The same, when a bus does: what it lost is found that late."""
    lease_s: float = 3
    """How long an instance that says nothing is thought to live. With `watch_s` it bounds how long the runs of a dead
    one look live, and what a pause may last before its runs are lost to it."""
    start_delays_s: tuple[float, ...] = (0.05, 0.1, 0.2, 0.5, 1, 2, 4, 4)
    """Pauses between attempts to begin the lease, when the store goes away in the middle of a start."""
    watch_s: float = 0.6
    """How often the lease is renewed, and the runs of dead instances are looked for."""
    close_timeout_s: float = 5
    """How long closing the upstream may take before the receipt says that it is not confirmed."""
    stop_wait_s: float = 10
    """How long a stop waits for the terminal to be durable before it answers with the state as it is."""
    unheard_stop_wait_s: float = 1.5
    """The same, for a stop that no producer has confirmed: it may still find the wish in the database."""
    finish_delays_s: tuple[float, ...] = (0.05, 0.2, 0.8, 2)
    """Pauses between attempts to write an ending that the store refused."""
    linger_s: float = 2
    """How long the memory of an ended run is kept for followers that are on their way."""
    retention_s: float = 900
    """How long the log of an ended run can be followed."""
    deleted_retention_s: float = 30 * 24 * 3600
    """How long a deleted conversation can be restored; then it is dropped with its files."""
    unsent_retention_s: float = 24 * 3600
    """How long a file waits for its message to be sent."""
    sweep_s: float = 60
    recovery_width: int = 64
    """Orphans that are ended at the same time."""
