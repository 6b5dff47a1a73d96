"""Enter hammered, a retry after a time-out: one user message, one run."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from support.api import Api
from support.programs import emulator, server

pytestmark = pytest.mark.faults
MODEL = "gpt-5.4-mini"


async def test_a_submit_sent_twice_to_five_times_makes_one_message_and_one_run(
    tmp_path: Path, choices: random.Random, is_long: bool
) -> None:
    submits = 1000 if is_long else 60
    service = emulator(tmp_path, "fast")
    program = server(tmp_path, service, MODEL)
    await service.start(ready="/emulator/stats")
    try:
        await program.start()
        async with Api(program.url) as api:
            for number in range(submits):
                copies = choices.randint(2, 5)
                sends = (
                    api.send(f"d{number}", "echo: once", model=MODEL, client_message_id=f"m{number}")
                    for _ in range(copies)
                )
                answers = await asyncio.gather(*sends)
                assert {status for status, _ in answers} == {202}
                assert len({body["run"]["id"] for _, body in answers}) == 1
            for number in range(submits):
                messages = (await api.get(f"/api/conversations/d{number}"))["messages"]
                assert [message["role"] for message in messages].count("user") == 1
                assert len(messages) <= 2
    finally:
        program.close()
        service.close()
    print(f"{submits} submits sent 2 to 5 times each: one message and one run each")
