"""The counters."""

from __future__ import annotations

import re

from support.running import Running


async def test_the_counters_are_prometheus_text(server: Running):
    accepted = await server.send("c1", "count 3")
    await server.wait_for_end(accepted["run"]["id"])
    async with server.call("GET", "/metrics") as response:
        text = await response.text()
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "penstock_streams_total 1\n" in text
    assert "# TYPE penstock_open_streams gauge\npenstock_open_streams 0\n" in text
    assert "# TYPE penstock_tasks gauge\npenstock_tasks " in text


async def test_runs_are_counted_by_how_they_ended_and_each_way_stands_there_from_the_start(server: Running):
    assert await read_endings(server) == {"finished": 0, "failed": 0, "stopped": 0, "interrupted": 0}
    for conversation_id in ("c1", "c2"):
        finished = await server.send(conversation_id, "count 3")
        await server.wait_for_end(finished["run"]["id"])
    stopped = await server.send("c3", "count 100000")
    async with server.call("POST", f"/api/runs/{stopped['run']['id']}/stop"):
        await server.wait_for_end(stopped["run"]["id"])
    assert await read_endings(server) == {"finished": 2, "failed": 0, "stopped": 1, "interrupted": 0}


async def read_endings(server: Running) -> dict[str, int]:
    async with server.call("GET", "/metrics") as response:
        text = await response.text()
    assert text.count("# TYPE penstock_runs_total counter\n") == 1
    found: list[tuple[str, str]] = re.findall(r'^penstock_runs_total\{status="(\w+)"\} (\d+)$', text, re.MULTILINE)
    return {status: int(count) for status, count in found}
