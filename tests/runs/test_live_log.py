"""The log of a live run in memory."""

from __future__ import annotations

import pytest

from penstock.core import events as e
from penstock.core.errors import UnavailableError
from penstock.core.log import Batch, make_batch
from penstock.runs.live_log import LiveLog, size_bytes
from runs.scripted import delta


def fill(log: LiveLog, sizes: list[int]) -> list[Batch]:
    """Publish batches with so many events each."""
    batches: list[Batch] = []
    for size in sizes:
        batches.append(make_batch(log.next_seq, [delta(f"{log.next_seq + index}") for index in range(size)]))
        log.publish(batches[-1])
    return batches


def test_every_offset_finds_exactly_what_is_behind_it():
    log = LiveLog(1_000_000)
    batches = fill(log, [1, 3, 1, 5, 2])
    frames = [frame for batch in batches for frame in batch.frames]
    for after in range(-1, len(frames) + 3):
        found = log.find(after)
        assert found is not None
        assert [frame for batch in found for frame in batch.frames] == frames[after + 1 :]


def test_what_was_dropped_is_said_to_be_elsewhere():
    log = LiveLog(3_000)
    fill(log, [1] * 100)
    first = log._batches[0].first_seq
    assert first > 50
    assert log.find(first - 2) is None
    assert log.find(-1) is None
    found = log.find(first - 1)
    assert found is not None
    assert found[0].first_seq == first


def test_memory_is_bounded_and_counted_right():
    log = LiveLog(3_000)
    for _ in range(1000):
        fill(log, [2])
        assert log.size_bytes <= 3_000
        assert log.size_bytes == sum(size_bytes(batch) for batch in log._batches)


def test_one_batch_larger_than_the_bound_is_still_given():
    log = LiveLog(100)
    fill(log, [1, 50])
    found = log.find(0)
    assert found is not None
    assert len(found[0].events) == 50


async def test_a_publish_wakes_all_who_wait_once():
    log = LiveLog(1_000)
    waiting = [log.wait() for _ in range(3)]
    waiting[1].cancel()
    fill(log, [1, 1])
    assert [future.done() for future in waiting] == [True, True, True]
    later = log.wait()
    assert not later.done()
    log.forget(later)
    log.forget(later)
    fill(log, [1])
    assert not later.done()


async def test_a_close_wakes_with_the_reason():
    log = LiveLog(1_000)
    waiting = log.wait()
    log.close(UnavailableError("Later."))
    assert waiting.done()
    assert log.error is not None


@pytest.mark.parametrize("last", [e.RunStopped(by="user"), e.RunFinished(finish_reason="stop")])
def test_the_terminal_ends_it(last: e.Event):
    log = LiveLog(1_000)
    fill(log, [1])
    assert not log.is_ended
    log.publish(make_batch(1, [last]))
    assert log.is_ended
    assert repr(log) == "LiveLog([0, 2), is_ended=True)"
