"""Runs: following from any offset, stopping, and what leaving does not do."""

from __future__ import annotations

import json

import pytest

from support.running import Running, until


def events(text: str) -> dict[int, dict]:
    found = {}
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            found[int(fields["id"])] = json.loads(fields["data"])
    return found


async def test_the_events_are_the_whole_log(server: Running):
    accepted = await server.send("c1", "count 20")
    found = events(await server.wait_for_end(accepted["run"]["id"]))
    assert list(found) == list(range(len(found)))
    assert found[0]["type"] == "run-started"
    assert found[max(found)]["type"] == "run-finished"


async def test_a_run_shows_its_state(server: Running):
    accepted = await server.send("c1", "count 3")
    await server.wait_for_end(accepted["run"]["id"])
    run = await server.json("GET", f"/api/runs/{accepted['run']['id']}")
    assert run["status"] == "finished"
    assert run["usage"]["output"] == 3
    assert run["timings"]["total_ms"] > 0


async def test_the_header_of_a_reconnect_wins_over_the_query(server: Running):
    accepted = await server.send("c1", "count 10")
    path = f"/api/runs/{accepted['run']['id']}/events"
    await server.wait_for_end(accepted["run"]["id"])
    async with server.call("GET", f"{path}?after=0", headers={"Last-Event-ID": "3"}) as response:
        assert min(events(await response.text())) == 4


async def test_after_the_terminal_there_is_no_content(server: Running):
    accepted = await server.send("c1", "count 3")
    run_id = accepted["run"]["id"]
    last = max(events(await server.wait_for_end(run_id)))
    async with server.call("GET", f"/api/runs/{run_id}/events?after={last}") as response:
        assert response.status == 204


@pytest.mark.parametrize("after", ["x", "1.5", "٣", "9" * 30, "--1"])
async def test_an_offset_that_is_none_is_400(server: Running, after: str):
    accepted = await server.send("c1", "count 3")
    path = f"/api/runs/{accepted['run']['id']}/events"
    async with server.call("GET", path, params={"after": after}) as response:
        problem = await response.json(content_type=None)
    assert (response.status, problem["field"]) == (400, "after")


async def test_an_offset_beyond_the_log_is_409(server: Running):
    accepted = await server.send("c1", "count 3")
    await server.wait_for_end(accepted["run"]["id"])
    await server.json("GET", f"/api/runs/{accepted['run']['id']}/events?after=5000", status=409)


@pytest.mark.parametrize("path", ["/api/runs/run_nobody", "/api/runs/run_nobody/events", "/api/runs/a%2Fb/events"])
async def test_an_unknown_run_is_404(server: Running, path: str):
    problem = await server.json("GET", path, status=404)
    assert problem["code"] == "not_found"


async def test_another_owners_run_is_404_everywhere(server: Running, monkeypatch: pytest.MonkeyPatch):
    accepted = await server.send("c1", "count 3")
    run_id = accepted["run"]["id"]
    await server.wait_for_end(run_id)
    for module in ("answers", "routes.runs", "routes.chat", "routes.conversations"):
        monkeypatch.setattr(f"penstock.server.{module}.owner_of", lambda _request: "somebody-else")
    await server.json("GET", f"/api/runs/{run_id}", status=404)
    await server.json("GET", f"/api/runs/{run_id}/events", status=404)
    await server.json("POST", f"/api/runs/{run_id}/stop", status=404)
    await server.json("GET", "/api/conversations/c1", status=404)
    assert (await server.json("GET", "/api/conversations"))["conversations"] == []


async def test_stop_closes_the_upstream_and_is_idempotent(server: Running):
    accepted = await server.send("c1", "count 5", model="silent")
    path = f"/api/runs/{accepted['run']['id']}/stop"
    receipt = await server.json("POST", path)
    assert receipt["status"] == "stopped"
    assert receipt["upstream_closed"] is True
    again = await server.json("POST", path)
    assert (again["status"], again["stop_ms"]) == ("stopped", 0)


async def test_leaving_is_not_stopping(server: Running):
    accepted = await server.send("c1", "count 40", model="slow")
    run_id = accepted["run"]["id"]
    response = await server.session.get(f"{server.url}/api/runs/{run_id}/events")
    await response.content.readline()
    response.close()
    found = events(await server.wait_for_end(run_id))
    assert found[max(found)]["type"] == "run-finished"


async def test_a_reader_that_leaves_is_forgotten(server: Running):
    accepted = await server.send("c1", "count 5", model="silent")
    streams = server.application.services.streams
    response = await server.session.get(f"{server.url}/api/runs/{accepted['run']['id']}/events")
    await response.content.readline()
    assert len(streams) == 1
    response.close()
    await until(lambda: not len(streams))
    assert streams.disconnected == 1


async def test_a_swept_log_is_410(server: Running):
    accepted = await server.send("c1", "count 3")
    run_id = accepted["run"]["id"]
    await server.wait_for_end(run_id)
    services = server.application.services
    await until(lambda: services.engine._roster.find("local", run_id) is None)
    await services.store.sweep(ended_before=services.clock.now() + 10)
    problem = await server.json("GET", f"/api/runs/{run_id}/events", status=410)
    assert problem["code"] == "gone"
