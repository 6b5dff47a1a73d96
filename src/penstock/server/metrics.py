"""The server's own counters as Prometheus text; they are few, so no client library is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from penstock.core.messages import RunStatus
from penstock.server.services import Services

_ENDINGS: Final[tuple[RunStatus, ...]] = ("finished", "failed", "stopped", "interrupted")


def write_metrics(services: Services) -> str:
    """Write every figure once, with its type."""
    streams, engine = services.streams, services.engine
    figures = (
        ("penstock_live_runs", "gauge", "Runs that are produced now.", engine.live_count),
        ("penstock_open_streams", "gauge", "Answers that are being streamed.", len(streams)),
        ("penstock_streams_total", "counter", "Answers that were streamed or are.", streams.opened),
        ("penstock_streams_disconnected_total", "counter", "Streams whose reader left.", streams.disconnected),
        ("penstock_streams_dropped_total", "counter", "Readers dropped because they did not read.", streams.dropped),
        ("penstock_streams_cut_total", "counter", "Streams that were broken off for want of words.", streams.cut),
        ("penstock_tasks", "gauge", "Tasks of the event loop, this answer's own included.", len(asyncio.all_tasks())),
        ("penstock_draining", "gauge", "1 while the server shuts down.", int(engine.is_draining)),
    )
    lines = [line for name, kind, meaning, value in figures for line in _write(name, kind, meaning, [("", value)])]
    # Each status stands there from the start: a rate over a series that appears with its first failure misses that one.
    endings = [(f'{{status="{status}"}}', engine.endings.get(status, 0)) for status in _ENDINGS]
    lines += _write("penstock_runs_total", "counter", "Runs that were ended here, by how they ended.", endings)
    return "\n".join(lines) + "\n"


def _write(name: str, kind: str, meaning: str, values: Iterable[tuple[str, int]]) -> list[str]:
    """Give the lines of one figure; each value has its labels before it."""
    return [
        f"# HELP {name} {meaning}",
        f"# TYPE {name} {kind}",
        *(f"{name}{labels} {value}" for labels, value in values),
    ]
