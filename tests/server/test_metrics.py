"""The counters."""

from __future__ import annotations

from support.running import Running


async def test_the_counters_are_prometheus_text(server: Running):
    accepted = await server.send("c1", "count 3")
    await server.wait_for_end(accepted["run"]["id"])
    async with server.call("GET", "/metrics") as response:
        text = await response.text()
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "penstock_streams_total 1\n" in text
    assert "# TYPE penstock_open_streams gauge\npenstock_open_streams 0\n" in text
