"""The engine over a store in memory and a scripted service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest

from penstock.buses.local import LocalBus
from penstock.core import events as e
from penstock.core.log import Batch
from penstock.core.requests import ChatRequest
from penstock.runs.engine import Engine
from penstock.runs.follower import Follower
from penstock.runs.limits import Limits
from runs.memory_store import MemoryStore
from runs.scripted import (
    CountingIds,
    HandClock,
    MemoryFiles,
    OneModelCatalog,
    Script,
    ScriptedProvider,
    WordAccountant,
    ask,
)

OWNER = "ann"


@dataclass
class House:
    """An engine and all that it was given."""

    limits: Limits
    store: MemoryStore = field(default_factory=MemoryStore)
    provider: ScriptedProvider = field(default_factory=ScriptedProvider)
    accountant: WordAccountant = field(default_factory=WordAccountant)
    clock: HandClock = field(default_factory=HandClock)
    ids: CountingIds = field(default_factory=CountingIds)
    bus: LocalBus = field(default_factory=LocalBus)
    files: MemoryFiles = field(default_factory=MemoryFiles)

    def __post_init__(self) -> None:
        self.engine = self.restart()

    def restart(self) -> Engine:
        """A new engine over the same world, as after a crash."""
        self.engine = Engine(
            store=self.store,
            catalog=OneModelCatalog(self.provider),
            accountant=self.accountant,
            bus=self.bus,
            clock=self.clock,
            ids=self.ids,
            limits=self.limits,
            files=self.files,
        )
        return self.engine

    async def begin(self, request: ChatRequest | None = None, owner: str = OWNER) -> tuple[str, Script]:
        """Begin a run, and wait until the service was asked."""
        self.provider.asked.clear()
        begun = await self.engine.begin(owner, request or ask())
        await self.provider.asked.wait()
        await self.provider.script.opened.wait()
        return begun.run.id, self.provider.script

    async def answer(self, *batches: tuple[e.Event, ...], request: ChatRequest | None = None) -> str:
        """A whole run, to its durable end."""
        run_id, script = await self.begin(request)
        script.give(*batches)
        script.end()
        await self.read_all(run_id)
        return run_id

    async def watch(self) -> None:
        """Look twice, as the watch does with time: a run that nobody produces is ours to end when it is seen again."""
        for _ in range(2):
            await self.engine._watch.look()
        recovering = self.engine._watch._recovering
        if recovering is not None:
            await recovering

    async def settle(self, run_id: str, next_seq: int) -> None:
        """Wait until the log is visible up to an offset."""
        follower = await self.engine.follow(OWNER, run_id)
        while follower.after + 1 < next_seq:
            await follower.read()

    async def read_all(self, run_id: str, after: int = -1) -> list[e.Event]:
        """Every event behind an offset, as a follower gets them."""
        return [
            event
            for batch in await drain(await self.engine.follow(OWNER, run_id, after=after))
            for event in batch.events
        ]


async def turns(count: int) -> None:
    """Let the loop turn."""
    for _ in range(count):
        await asyncio.sleep(0)


async def until(is_so: Callable[[], bool]) -> None:
    """Let the loop turn until something is so."""
    while not is_so():  # noqa: ASYNC110 - the engine has no event for each of its inner states, nor should it
        await asyncio.sleep(0)


async def drain(follower: Follower) -> list[Batch]:
    """Read to the terminal."""
    batches: list[Batch] = []
    while not follower.is_ended:
        batches.extend(await follower.read())
    return batches


@pytest.fixture
def make_house() -> Callable[..., House]:
    """Build a house with other limits than the usual."""
    return lambda **limits: House(Limits(**{"finish_delays_s": (0, 0), "linger_s": 60, **limits}))


@pytest.fixture
async def house(make_house: Callable[..., House]) -> AsyncIterator[House]:
    """The usual house; closed at the end."""
    house = make_house()
    store = house.store
    yield house
    store.is_withholding = False
    store.commit()
    await house.engine.close()
