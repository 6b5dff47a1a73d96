"""The server's own counters as Prometheus text; they are few, so no client library is asked."""

from __future__ import annotations

from penstock.server.services import Services


def write_metrics(services: Services) -> str:
    """Write every figure once, with its type."""
    streams = services.streams
    figures = (
        ("penstock_live_runs", "gauge", "Runs that are produced now.", services.engine.live_count),
        ("penstock_open_streams", "gauge", "Answers that are being streamed.", len(streams)),
        ("penstock_streams_total", "counter", "Answers that were streamed or are.", streams.opened),
        ("penstock_streams_disconnected_total", "counter", "Streams whose reader left.", streams.disconnected),
        ("penstock_streams_dropped_total", "counter", "Readers dropped because they did not read.", streams.dropped),
        ("penstock_streams_cut_total", "counter", "Streams that were broken off for want of words.", streams.cut),
        ("penstock_draining", "gauge", "1 while the server shuts down.", int(services.engine.is_draining)),
    )
    lines: list[str] = []
    for name, kind, meaning, value in figures:
        lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}", f"{name} {value}"]
    return "\n".join(lines) + "\n"
