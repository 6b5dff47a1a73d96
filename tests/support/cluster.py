"""Several instances on one PostgreSQL database, as processes of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.api import Api, Transcript
from support.postgres import fetch
from support.programs import Program, emulator, server

MODEL = "gpt-5.4-mini"
STALLING = "fault-stall-middle"
"""A model that falls silent in the middle of its answer."""
LONG = "count 2000"
"""A prompt whose answer takes several seconds."""


@dataclass
class Cluster:
    """The instances, an API of each, and what they share."""

    service: Program
    programs: list[Program]
    apis: list[Api]
    database_url: str

    async def begin(
        self, count: int, *, on: int, prefix: str, prompt: str = LONG, model: str = MODEL
    ) -> list[Transcript]:
        """Begin so many answers on one instance."""
        begun = await asyncio.gather(
            *(self.apis[on].send(f"{prefix}-{number}", prompt, model=model) for number in range(count))
        )
        assert [status for status, _ in begun] == [202] * count, begun
        return [Transcript(body["run"]["id"]) for _, body in begun]

    async def log_of(self, run_id: str, *, on: int) -> Transcript:
        """Read a log from its beginning to its end."""
        return await self.apis[on].follow(Transcript(run_id))

    async def check(self, seen: Transcript, conversation_id: str, *, on: int) -> Transcript:
        """Compare what a follower saw with the log, and the log with the message; there is one end."""
        whole = await self.log_of(seen.run_id, on=on)
        assert whole.is_gapless
        assert len(whole.terminals) == 1, whole.terminals
        for offset, event in seen.events.items():
            assert whole.events[offset] == event
        conversation = await self.apis[on].get(f"/api/conversations/{conversation_id}")
        answer = conversation["messages"][-1]
        assert answer["role"] == "assistant"
        assert "".join(part["text"] for part in answer["parts"] if part["type"] == "text") == whole.text
        assert conversation.get("active_run") is None
        return whole

    async def wait_for_length(self, run_id: str, length: int) -> None:
        """Wait until so many events of a run are kept."""
        query = "SELECT 1 FROM run_logs WHERE run_id = $1 AND next_seq >= $2"
        while not await self.rows(query, run_id, length):  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.02)

    async def rows(self, query: str, *values: object) -> list[Any]:
        """Ask the database itself."""
        return await fetch(self.database_url, query, *values)


@asynccontextmanager
async def cluster(
    folder: Path, database_url: str, *, redis_url: str | None = None, profile: str = "async-filter", size: int = 2
) -> AsyncIterator[Cluster]:
    """Start an emulator and so many instances; end them."""
    settings = {"PENSTOCK_DATABASE_URL": database_url, "PENSTOCK_AUTO_TITLES": "false"}
    if redis_url is not None:
        settings["PENSTOCK_REDIS_URL"] = redis_url
    async with AsyncExitStack() as stack:
        service = emulator(folder, profile)
        stack.callback(service.close)
        await service.start(ready="/emulator/stats")
        programs: list[Program] = []
        for number in range(size):
            place = folder / f"instance-{number}"
            place.mkdir()
            programs.append(server(place, service, MODEL, STALLING, **settings))
            stack.callback(programs[-1].close)
        await asyncio.gather(*(program.start() for program in programs))
        apis = [await stack.enter_async_context(Api(program.url)) for program in programs]
        yield Cluster(service, programs, apis, database_url)
