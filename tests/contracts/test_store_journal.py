"""What every store promises of logs: order, no gaps, no loss, and a clear word when a log is gone."""

from __future__ import annotations

import asyncio

import pytest

from penstock.core.errors import GoneError, NotFoundError, StoreError
from penstock.core.events import TextDelta
from penstock.core.log import make_batch
from penstock.core.ports import Store
from support.store_samples import append, make_beginning, make_delta, make_ending


async def test_batches_are_read_as_they_were_appended(store: Store):
    await store.begin(make_beginning())
    batches = [make_beginning().first_batch, make_delta(1, "a\nb \u00e9\U0001f600"), make_delta(2, ""), make_delta(3)]
    for batch in batches[1:]:
        assert await append(store, "run_1", batch) is None
    assert await store.read("run_1") == batches


async def test_reading_starts_after_any_offset(store: Store):
    await store.begin(make_beginning())
    three = make_batch(1, [TextDelta(part_id="text-0", text=letter) for letter in "abc"])
    await append(store, "run_1", three)
    await append(store, "run_1", make_delta(4))
    assert await store.read("run_1", after=0) == [three, make_delta(4)]
    assert await store.read("run_1", after=2) == [three.after(2), make_delta(4)]
    assert await store.read("run_1", after=3) == [make_delta(4)]
    assert await store.read("run_1", after=4) == []


async def test_reading_can_be_limited(store: Store):
    await store.begin(make_beginning())
    for seq in range(1, 6):
        await append(store, "run_1", make_delta(seq))
    assert [batch.first_seq for batch in await store.read("run_1", after=1, limit=2)] == [2, 3]
    assert await store.read("run_1", limit=0) == []


@pytest.mark.parametrize("size", [1, 2, 3, 7])
async def test_pages_of_a_log_make_the_whole_also_while_it_grows(store: Store, size: int):
    await asyncio.gather(*(store.begin(make_beginning(number, conversation_id=None)) for number in range(1, 4)))
    for seq in range(1, 20, 3):
        # Three batches of one run in one group: a page can end in the middle of a row.
        waiting = [append(store, f"run_{run}", make_delta(seq + step)) for step in range(3) for run in range(1, 4)]
        assert not any(await asyncio.gather(*waiting))
    seen: list[int] = []
    late = iter(range(22, 30))
    while page := await store.read("run_2", after=seen[-1] if seen else -1, limit=size):
        assert len(page) <= size
        seen += [batch.first_seq for batch in page]
        for seq in late:
            assert await append(store, "run_2", make_delta(seq)) is None
            break
    assert seen == list(range(30 if size < 7 else len(seen)))
    assert [batch.first_seq for batch in await store.read("run_2")] == seen, "from the start again"


async def test_those_who_append_are_told_in_the_order_of_their_calls(store: Store):
    runs = [f"run_{number}" for number in range(8)]
    await asyncio.gather(*(store.begin(make_beginning(number, conversation_id=None)) for number in range(8)))
    told: list[tuple[str, int]] = []
    done = asyncio.Event()
    expected = [(run_id, seq) for seq in range(1, 51) for run_id in runs]

    def make_listener(run_id: str, seq: int):  # noqa: ANN202 - a callback
        def listen(error: StoreError | None) -> None:
            assert error is None
            told.append((run_id, seq))
            if len(told) == len(expected):
                done.set()

        return listen

    for number, (run_id, seq) in enumerate(expected):
        store.append(run_id, make_delta(seq), make_listener(run_id, seq))
        if number % 7 == 0:
            await asyncio.sleep(0)
    assert told != expected, "nobody is told before the commit"
    await done.wait()
    assert told == expected


async def test_a_batch_can_be_read_when_its_append_was_told(store: Store):
    await store.begin(make_beginning())
    for seq in range(1, 20):
        assert await append(store, "run_1", make_delta(seq)) is None
        assert (await store.read("run_1", after=seq - 1))[0].first_seq == seq


async def test_one_run_is_read_out_of_many_that_committed_together(store: Store):
    await asyncio.gather(*(store.begin(make_beginning(number, conversation_id=None)) for number in range(100)))
    for seq in range(1, 4):
        outcomes = [append(store, f"run_{number}", make_delta(seq, f"{number}:{seq}")) for number in range(100)]
        assert not any(await asyncio.gather(*outcomes))
    logs = await asyncio.gather(*(store.read(f"run_{number}", after=0) for number in range(100)))
    for number, log in enumerate(logs):
        assert log == [make_delta(seq, f"{number}:{seq}") for seq in range(1, 4)]


async def test_a_gap_is_refused_and_nothing_after_it_is_kept(store: Store):
    await store.begin(make_beginning(1))
    await store.begin(make_beginning(2))
    outcomes = await asyncio.gather(
        append(store, "run_1", make_delta(1)),
        append(store, "run_1", make_delta(3)),
        append(store, "run_2", make_delta(1)),
        append(store, "run_1", make_delta(4)),
    )
    assert [isinstance(outcome, StoreError) for outcome in outcomes] == [False, True, False, True]
    assert await append(store, "run_1", make_delta(2)) is None
    assert [batch.first_seq for batch in await store.read("run_1")] == [0, 1, 2]


async def test_a_run_takes_nothing_before_its_beginning_or_after_its_end(store: Store):
    assert isinstance(await append(store, "run_1", make_delta(0)), StoreError)
    await store.begin(make_beginning())
    await store.finish(make_ending())
    assert isinstance(await append(store, "run_1", make_delta(2)), StoreError)
    assert len(await store.read("run_1")) == 2


async def test_an_unknown_log_is_not_found(store: Store):
    with pytest.raises(NotFoundError):
        await store.read("run_1")


async def test_a_swept_log_is_gone_and_its_message_stays(store: Store):
    await store.begin(make_beginning())
    await append(store, "run_1", make_delta(1))
    await store.finish(make_ending(first_seq=2, ended_at=50.0))
    assert await store.sweep(ended_before=50.0) == 0
    assert len(await store.read("run_1")) == 3
    assert await store.sweep(ended_before=50.1) == 3
    with pytest.raises(GoneError):
        await store.read("run_1")
    assert len(await store.list_messages("ann", "conv_1")) == 2
    assert (await store.get_run("ann", "run_1")).status == "finished"


async def test_sweeping_spares_every_row_of_a_run_that_lives(store: Store):
    await store.begin(make_beginning(1))
    for number in range(2, 12):
        await store.begin(make_beginning(number))
        appended = [append(store, f"run_{number}", make_delta(1)), append(store, "run_1", make_delta(number - 1))]
        assert not any(await asyncio.gather(*appended))
        await store.finish(make_ending(number, first_seq=2))
    await store.sweep(ended_before=1e9)
    assert [batch.first_seq for batch in await store.read("run_1")] == list(range(11))
    for number in range(2, 12):
        with pytest.raises(GoneError):
            await store.read(f"run_{number}")


async def test_a_long_run_does_not_pin_the_rows_of_short_ones(store: Store):
    await store.begin(make_beginning(1, conversation_id=None))
    for number in range(2, 42):
        await store.begin(make_beginning(number, conversation_id=None))
        await store.finish(make_ending(number, message=None))
    assert await store.sweep(ended_before=1e9) >= 60
    assert len(await store.read("run_1")) == 1


async def test_a_log_begun_after_everything_was_swept_is_whole(store: Store):
    await store.begin(make_beginning(1))
    await store.finish(make_ending(1))
    await store.sweep(ended_before=1e9)
    await store.begin(make_beginning(2))
    assert [batch.first_seq for batch in await store.read("run_2")] == [0]
    with pytest.raises(GoneError):
        await store.read("run_1")


async def test_closing_commits_what_waits(store: Store):
    await store.begin(make_beginning())
    outcomes: list[StoreError | None] = []
    for seq in range(1, 100):
        store.append("run_1", make_delta(seq), outcomes.append)
    await store.close()
    assert outcomes == [None] * 99


async def test_a_closed_store_says_so(store: Store):
    await store.begin(make_beginning())
    await store.close()
    await store.close()
    assert isinstance(await append(store, "run_1", make_delta(1)), StoreError)
    for refused in (store.read("run_1"), store.get_run("ann", "run_1"), store.finish(make_ending()), store.check()):
        with pytest.raises(StoreError):
            await refused


async def test_a_sound_store_passes_its_check(store: Store):
    await store.check()
    await store.check()
