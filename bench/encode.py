"""What one text delta costs to encode, by wire, in microseconds: prints JSON.

Run it as ``python bench/encode.py``. ``single`` encodes batches of one event, as a slow answer comes; ``batched``
batches of sixteen. Best of several rounds, since the rest is the machine's noise.
"""

from __future__ import annotations

import json
import time

from penstock.composition.dialects import DIALECTS
from penstock.core import events as e
from penstock.core.log import Batch, make_batch
from penstock.wire.dialect import Dialect, StreamContext

EVENTS = 16_000
ROUNDS = 7
WORDS = (" The", " pipe", " feeds", " the", " turbine,", "\nand", " 'the", " gate'", " shuts", " it.", " Fünf", " 日本")


def make_batches(size: int) -> list[Batch]:
    deltas = [e.TextDelta(part_id="text-0", text=WORDS[i % len(WORDS)]) for i in range(EVENTS)]
    return [make_batch(3 + i, deltas[i : i + size]) for i in range(0, EVENTS, size)]


def measure(dialect: Dialect, batches: list[Batch]) -> float:
    opening = make_batch(
        0,
        [
            e.RunStarted(run_id="run_1", message_id="msg_1", model="gpt", provider="p"),
            e.StepStarted(index=0),
            e.TextStarted(part_id="text-0"),
        ],
    )
    best = float("inf")
    for _ in range(ROUNDS):
        encoder = dialect.open(StreamContext(run_id="run_1", message_id="msg_1", model="gpt", created_at=0.0))
        encoder.encode(opening)
        started = time.perf_counter()
        for batch in batches:
            encoder.encode(batch)
        best = min(best, time.perf_counter() - started)
    return round(best / EVENTS * 1e6, 3)


def main() -> None:
    single, batched = make_batches(1), make_batches(16)
    figures = {
        f"{dialect.name} ({dialect.media_type.partition(';')[0]})": {
            "single": measure(dialect, single),
            "batched": measure(dialect, batched),
        }
        for dialect in DIALECTS
    }
    print(json.dumps({"unit": "microseconds per text delta", "events": EVENTS, "wires": figures}, indent=2))


if __name__ == "__main__":
    main()
