"""CPU of the engine: microseconds per batch from the provider's hand to the followers', through a real SQLite log.

    python bench/engine.py [--batches 1000] [--runs 32] [--paced]

Prints one JSON object per case. CPU is of the whole process, the writer's thread included; the scripted provider's own
share, measured without an engine, is given beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from penstock.buses.local import LocalBus
from penstock.core import events as e
from penstock.core.messages import FoldedMessage, TextPart, TokenUsage
from penstock.core.ports import Model, ModelInfo
from penstock.core.requests import ChatRequest, InputMessage, ModelRequest
from penstock.core.usage import Cost
from penstock.runs.engine import Engine
from penstock.runs.follower import Follower
from penstock.stores.sqlite import SqliteStore

OWNER = "bench"


class Ticker:
    """An answer of so many one-token batches, each after a turn of the loop, or after a pause."""

    def __init__(self, batches: int, pause_s: float) -> None:
        self.batches = batches
        self.pause_s = pause_s

    async def __aiter__(self) -> AsyncIterator[tuple[e.Event, ...]]:
        yield (e.StepStarted(index=0), e.TextStarted(part_id="text-0"))
        for number in range(self.batches):
            await asyncio.sleep(self.pause_s)
            yield (e.TextDelta(part_id="text-0", text=f" word{number}"),)
        yield (e.TextEnded(part_id="text-0"), e.StepFinished(index=0, finish_reason="stop"))

    async def close(self) -> bool:
        return True


class TickingProvider:
    """Opens tickers."""

    name = "ticking"

    def __init__(self, batches: int, pause_s: float) -> None:
        self.batches = batches
        self.pause_s = pause_s

    def open(self, request: ModelRequest) -> Ticker:
        del request
        return Ticker(self.batches, self.pause_s)

    async def close(self) -> None:
        return


class OneModel:
    """The ticking model."""

    def __init__(self, provider: TickingProvider) -> None:
        self.model = Model(
            info=ModelInfo(id="tick", name="tick", provider="ticking"), provider=provider, service_name="tick"
        )

    def list(self) -> Sequence[ModelInfo]:
        return (self.model.info,)

    def find(self, model_id: str | None) -> Model:
        del model_id
        return self.model


class NoAccountant:
    """Counts nothing."""

    def estimate(self, request: ModelRequest, message: FoldedMessage) -> e.Usage:
        del request, message
        return e.Usage(source="estimated")

    def price(self, usage: TokenUsage, *, model: str | None, provider: str) -> Cost:
        del usage, model, provider
        return Cost()


class RealClock:
    """The machine's."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


class Numbers:
    """Numbered ids."""

    def __init__(self) -> None:
        self.count = 0

    def make(self, kind: str) -> str:
        self.count += 1
        return f"{kind}-{self.count:08d}"


def cpu_s() -> float:
    """CPU seconds of this process, system and user, all threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def drain(follower: Follower) -> int:
    """Read to the end; gives how many reads it took."""
    reads = 0
    while not follower.is_ended:
        await follower.read()
        reads += 1
    return reads


async def measure_bare(runs: int, batches: int, pause_s: float) -> float:
    """CPU microseconds per batch of the tickers alone."""

    async def tick() -> None:
        async for _ in Ticker(batches, pause_s):
            pass

    before = cpu_s()
    await asyncio.gather(*(tick() for _ in range(runs)))
    return (cpu_s() - before) / (runs * batches) * 1e6


async def measure(runs: int, batches: int, followers: int, pause_s: float) -> dict[str, object]:
    """One case."""
    bare_us = await measure_bare(runs, batches, pause_s)
    with tempfile.TemporaryDirectory() as folder:
        store = await SqliteStore.open(Path(folder) / "bench.db", clock=RealClock())
        engine = Engine(
            store=store,
            catalog=OneModel(TickingProvider(batches, pause_s)),
            accountant=NoAccountant(),
            bus=LocalBus(),
            clock=RealClock(),
            ids=Numbers(),
        )
        before, began = cpu_s(), time.perf_counter()
        reads = 0
        text = (TextPart(text="Go"),)

        async def answer(number: int) -> None:
            nonlocal reads
            messages = (InputMessage(role="user", parts=text),)
            request = ChatRequest(messages=messages, conversation_id=f"c{number}")
            run_id = (await engine.begin(OWNER, request)).run.id
            following = [await engine.follow(OWNER, run_id) for _ in range(followers)]
            count = sum(await asyncio.gather(*(drain(follower) for follower in following)))
            reads += count

        await asyncio.gather(*(answer(number) for number in range(runs)))
        cpu, wall = cpu_s() - before, time.perf_counter() - began
        await engine.close()
        await store.close()
    total = runs * batches
    return {
        "runs": runs,
        "batches": batches,
        "followers": followers,
        "pause_s": pause_s,
        "cpu_us_per_batch": round(cpu / total * 1e6, 2),
        "of_which_provider_us": round(bare_us, 2),
        "batches_per_s": round(total / wall),
        "batches_per_read": round(total * followers / max(reads, 1), 1),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


async def main() -> None:
    """Measure every case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=32)
    parser.add_argument("--paced", action="store_true", help="50 batches a second instead of as fast as can be")
    options = parser.parse_args()
    pause_s = 0.02 if options.paced else 0
    for followers in (1, 100):
        runs = max(1, options.runs // followers)
        print(json.dumps(await measure(runs, options.batches, followers, pause_s)))
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
