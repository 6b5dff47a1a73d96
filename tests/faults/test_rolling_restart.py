"""Instances are restarted one after the other behind nginx, with live answers: their readers lose nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import statistics
import time
from collections import Counter
from pathlib import Path

import aiohttp
import pytest

from support.api import Api, Transcript
from support.programs import Program, emulator, server
from support.proxies import running_proxy

pytestmark = pytest.mark.faults
MODEL = "gpt-5.4-mini"
TOKENS = 150
LEAVE_S = 10.0


class Fleet:
    """Two instances that share PostgreSQL and Redis."""

    def __init__(self, folder: Path, service: Program, **shared: str) -> None:
        """Give each its folder; nothing is started yet."""
        self.programs: list[Program] = []
        for name in ("one", "two"):
            place = folder / name
            place.mkdir()
            self.programs.append(server(place, service, MODEL, **shared))
        self.leaving_s: list[float] = []

    async def restart(self, number: int) -> None:
        """Ask an instance to leave, and start it again when it has left."""
        program = self.programs[number % len(self.programs)]
        asked = time.monotonic()
        program.signal(signal.SIGTERM)
        assert await asyncio.to_thread(program.wait, LEAVE_S) == 0
        self.leaving_s.append(time.monotonic() - asked)
        await program.start()

    def close(self) -> None:
        """End both."""
        for program in self.programs:
            program.close()


class Reader:
    """Somebody who asks again and again, and reads each answer to its end."""

    def __init__(self, api: Api, name: str) -> None:
        """Prepare; `run` begins."""
        self.api = api
        self.name = name
        self.transcripts: list[Transcript] = []
        self.is_leaving = False

    async def run(self) -> None:
        """Ask and read until told to leave."""
        while not self.is_leaving:
            transcript = Transcript(await self._ask(f"{self.name}-{len(self.transcripts)}"))
            self.transcripts.append(transcript)
            while not transcript.terminals:
                await self.api.follow(transcript)
                await asyncio.sleep(0.01)
            assert transcript.is_gapless

    async def _ask(self, message_id: str) -> str:
        while True:
            # nginx says 502 in HTML.
            with contextlib.suppress(aiohttp.ClientError, json.JSONDecodeError):
                status, body = await self.api.send(
                    self.name, f"count {TOKENS}", model=MODEL, client_message_id=message_id
                )
                if status == 202:
                    return body["run"]["id"]
                assert status in {502, 503, 504}, body
            await asyncio.sleep(0.02)


async def check(api: Api, reader: Reader) -> Counter[str]:
    """Compare what was read with the log and the messages; gives how the answers ended."""
    conversation = await api.get(f"/api/conversations/{reader.name}")
    assert conversation.get("active_run") is None
    kept = {
        message["id"]: "".join(part["text"] for part in message.get("parts", ()) if part["type"] == "text")
        for message in conversation["messages"]
        if message["role"] == "assistant"
    }
    assert len(kept) == len(reader.transcripts)
    ends: Counter[str] = Counter()
    for seen in reader.transcripts:
        assert kept[seen.events[0]["message_id"]] == seen.text
        whole = "".join(f"⟨{token}⟩" for token in range(1, TOKENS + 1))
        [terminal] = seen.terminals
        assert whole.startswith(seen.text)
        assert seen.text == whole or terminal["type"] != "run-finished"
        ends[terminal["type"]] += 1
    return ends


async def test_readers_lose_nothing_while_instances_are_restarted(
    tmp_path: Path, postgres_url: str, redis_url: str, is_long: bool
) -> None:
    restarts, readers = (100, 200) if is_long else (2, 12)
    async with contextlib.AsyncExitStack() as stack:
        service = emulator(tmp_path, "async-filter")
        stack.callback(service.close)
        await service.start(ready="/emulator/stats")
        fleet = Fleet(
            tmp_path,
            service,
            PENSTOCK_DATABASE_URL=postgres_url,
            PENSTOCK_REDIS_URL=redis_url,
            PENSTOCK_DRAIN_GRACE_S="3" if is_long else "0.5",
        )
        stack.callback(fleet.close)
        for program in fleet.programs:
            await program.start()
        url = stack.enter_context(running_proxy("nginx", tmp_path, [program.port for program in fleet.programs]))
        api = await stack.enter_async_context(Api(url, silence_s=30))
        everybody = [Reader(api, f"r{number}") for number in range(readers)]
        async with asyncio.TaskGroup() as group:
            for reader in everybody:
                group.create_task(reader.run())
            for number in range(restarts):
                await asyncio.sleep(1)
                await fleet.restart(number)
            for reader in everybody:
                reader.is_leaving = True
        ends: Counter[str] = Counter()
        for reader in everybody:
            ends += await check(api, reader)
    print(
        f"{restarts} restarts under {readers} readers: {ends.total()} answers, {dict(ends)}; 0 tokens lost; "
        f"an instance left after {statistics.median(fleet.leaving_s):.1f} s, {max(fleet.leaving_s):.1f} s at most"
    )
