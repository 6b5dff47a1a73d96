"""Whole answers and stateful resuming; the routes' tests show the rest."""

from __future__ import annotations

import asyncio

from support.running import Running, until


async def test_a_whole_answer_waits_for_the_end_and_names_its_run(server: Running):
    body = {"messages": [{"role": "user", "content": "count 10"}], "model": "slow"}
    async with server.call("POST", "/api/chat?wire=json", json=body) as response:
        answer = await response.json()
    assert response.headers["X-Run-Id"] == answer["run_id"]
    assert response.headers["Cache-Control"] == "no-store"
    assert answer["status"] == "finished"


async def test_a_stopped_whole_answer_is_no_200(server: Running):
    asking = asyncio.create_task(
        server.json(
            "POST", "/api/conversations/c1/messages?wire=json", json={"text": "x", "model": "silent"}, status=409
        )
    )
    await until(lambda: server.application.services.engine.live_count > 0)
    await server.json("POST", "/api/chat/c1/stop")
    assert (await asking)["code"] == "stopped_by_user"
