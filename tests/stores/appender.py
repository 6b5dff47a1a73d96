"""A program to be killed: it begins runs and appends to them, and prints what was reported as committed."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from pathlib import Path

from penstock.stores.sqlite import SqliteStore
from support.store_samples import TickingClock, append, make_beginning, make_delta, make_ending


def acknowledge(*words: object) -> None:
    # One system call: a line is either whole or absent, also when the process dies right after it.
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


async def stream(store: SqliteStore, number: int, length: int) -> None:
    await store.begin(make_beginning(number, conversation_id=f"conv_{number}", client_message_id=f"submit_{number}"))
    acknowledge("begun", f"run_{number}")
    for seq in range(1, length):
        if await append(store, f"run_{number}", make_delta(seq, f"<{number}:{seq}>")) is not None:
            raise SystemExit(1)
        acknowledge("kept", f"run_{number}", seq)
    await store.finish(make_ending(number, first_seq=length, message=None))
    acknowledge("ended", f"run_{number}")


async def main(path: Path, first: int) -> None:
    store = await SqliteStore.open(path, clock=TickingClock())
    numbers = itertools.count(first)

    async def worker(index: int) -> None:
        for number in numbers:
            await stream(store, number, 5 + 40 * index)

    await asyncio.gather(*(worker(index) for index in range(8)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
