"""How long a stop takes through the instance that makes the answer, and through another one.

    python bench/cluster/stops.py --postgres postgresql://postgres@127.0.0.1:5432/postgres [--redis redis://127.0.0.1/0]

Prints one JSON object per case: from asking to the receipt, which says that the end is on the database's disk and that
the call upstream is closed. ``near`` asks the producer's instance, ``far`` the other one. Every answer has a reader on
the other instance, and is stopped at a random moment, before its first token too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
import uuid

import aiohttp
from run import PACED, Instance, Reader, add_options, instances_of, upstream_service

CASES = ("pair-notify", "pair")


async def stop_one(session: aiohttp.ClientSession, instances: list[Instance], on: int, after_s: float) -> float:
    """Begin an answer on the first instance and stop it on one of them; gives the milliseconds that took."""
    url = f"{instances[0].url}/api/conversations/{uuid.uuid4().hex}/messages"
    async with session.post(url, json={"text": "Go", "model": PACED}, headers={"Prefer": "respond-async"}) as response:
        run_id = (await response.json())["run"]["id"]
    reading = asyncio.create_task(Reader().read(session, instances[1].url, run_id))
    await asyncio.sleep(after_s)
    asked = time.monotonic()
    async with session.post(f"{instances[on].url}/api/runs/{run_id}/stop", json={}) as response:
        receipt = await response.json()
    took_ms = (time.monotonic() - asked) * 1000
    assert (receipt["status"], receipt["upstream_closed"]) == ("stopped", True), receipt
    await reading
    return took_ms


async def measure(case: str, instances: list[Instance], options: argparse.Namespace, on: int) -> dict[str, object]:
    """Stop so many answers, so many at a time."""
    choices = random.Random(options.seed)
    gate = asyncio.Semaphore(options.at_once)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def stop_in_turn() -> float:
            async with gate:
                return await stop_one(session, instances, on, choices.choice((0.0, choices.uniform(0, 0.5))))

        took = sorted(await asyncio.gather(*(stop_in_turn() for _ in range(options.stops))))
    return {
        "case": case,
        "asked": "far" if on else "near",
        "stops": len(took),
        "at_once": options.at_once,
        "ms_p50": round(took[len(took) // 2], 1),
        "ms_p99": round(took[len(took) * 99 // 100], 1),
        "ms_max": round(took[-1], 1),
    }


async def measure_all(upstream: int, options: argparse.Namespace) -> None:
    """Measure near and far, with Redis and without."""
    for case in options.cases:
        async with instances_of(case, upstream, options) as instances:
            for on in (0, 1):
                await measure(case, instances, argparse.Namespace(**vars(options) | {"stops": 20}), on)
                print(json.dumps(await measure(case, instances, options, on)), flush=True)


def main() -> None:
    """Start the model service and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser, CASES)
    parser.add_argument("--stops", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with upstream_service() as upstream:
        asyncio.run(measure_all(upstream, options))


if __name__ == "__main__":
    main()
