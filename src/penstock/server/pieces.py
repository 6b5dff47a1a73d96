"""Cutting a backlog into what is encoded and sent at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from penstock.core.log import Batch


def cut(batches: Sequence[Batch], size_bytes: int) -> Iterator[list[Batch]]:
    """Give all events in groups whose frames have about that many bytes; a batch that is larger is given in parts.

    A group ends with the event that reaches the size: no group is empty, and an event is never cut.
    """
    group: list[Batch] = []
    room = size_bytes
    for batch in batches:
        start = 0
        for index, frame in enumerate(batch.frames, 1):
            room -= len(frame)
            if room <= 0:
                group.append(_part(batch, start, index))
                yield group
                group, room, start = [], size_bytes, index
        if start < len(batch.frames):
            group.append(_part(batch, start, len(batch.frames)))
    if group:
        yield group


def _part(batch: Batch, start: int, end: int) -> Batch:
    if end - start == len(batch.frames):
        return batch
    return Batch(batch.first_seq + start, batch.events[start:end], batch.frames[start:end])
