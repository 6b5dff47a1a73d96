"""A client's close is noticed at once, whatever the emulator is doing, and nothing is sent afterwards."""

from __future__ import annotations

import asyncio
import time

import pytest


async def until(condition) -> None:
    while not condition():
        await asyncio.sleep(0.001)


async def open_stream(emulator, request: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.port)
    writer.write(request)
    await until(lambda: emulator.tally.open)
    return reader, writer


@pytest.mark.parametrize("model", ["fault-stall-headers", "fault-stall-first", "fault-stall-middle", "profile-tail"])
async def test_a_close_is_noticed_while_it_is_silent(emulator, request_of, model):
    _, writer = await open_stream(emulator, request_of(model=model))
    before_ns = time.monotonic_ns()
    writer.close()
    await until(lambda: emulator.closings)
    (closing,) = emulator.closings
    assert closing.deployment == model
    assert closing.opened_ns < before_ns < closing.closed_ns < time.monotonic_ns()
    assert not closing.finished


async def test_a_reset_is_noticed_as_well(emulator, request_of):
    _, writer = await open_stream(emulator, request_of(model="fault-stall-first"))
    writer.transport.abort()
    await until(lambda: emulator.closings)
    assert emulator.tally.open == 0


async def test_it_counts_the_tokens_that_had_left(emulator, request_of):
    reader, writer = await open_stream(emulator, request_of(model="fault-stall-middle;after=3"))
    await reader.readuntil("⟨3⟩".encode())
    writer.close()
    await until(lambda: emulator.closings)
    assert emulator.closings[0].tokens_sent == 3


async def test_nothing_is_sent_after_the_close(emulator, request_of):
    request = request_of("count 500", model="profile-fast;token_ms=1")
    reader, writer = await open_stream(emulator, request)
    await reader.readuntil("⟨5⟩".encode())
    writer.close()
    await until(lambda: emulator.closings)
    assert emulator.closings[0].tokens_sent < 500
    assert emulator.tally.tokens_sent_after_close == 0


async def test_a_whole_answer_that_is_waited_for_can_be_closed_too(emulator, request_of):
    _, writer = await open_stream(emulator, request_of(model="profile-tail", stream=False))
    writer.close()
    await until(lambda: emulator.closings)
    assert emulator.closings[0].tokens_sent == 0


async def test_an_answer_that_was_read_to_its_end_is_no_closing(emulator, ask):
    await ask()
    assert (emulator.tally.finished, emulator.tally.closed_early, emulator.closings) == (1, 0, [])


@pytest.mark.parametrize("name", ["cut-fin", "cut-rst"])
async def test_what_the_emulator_cuts_is_no_closing_of_the_client(emulator, ask, name):
    await ask(model=f"fault-{name}")
    await until(lambda: emulator.tally.open == 0)
    assert emulator.closings == []


async def test_the_stats_say_it_over_http(emulator, request_of, get):
    _, writer = await open_stream(emulator, request_of(model="fault-stall-first"))
    writer.close()
    await until(lambda: emulator.closings)
    stats = (await get(emulator.port, "/emulator/stats")).json
    assert (stats["open"], stats["opened"], stats["closed_early"], stats["tokens_sent_after_close"]) == (0, 1, 1, 0)
    (closing,) = stats["closings"]
    assert list(closing) == ["id", "deployment", "opened_ns", "closed_ns", "tokens_sent", "finished"]


async def test_closing_the_emulator_breaks_what_is_open_and_blames_nobody(emulator, request_of):
    reader, writer = await open_stream(emulator, request_of(model="fault-stall-headers"))
    await emulator.close()
    assert await reader.read() == b""
    assert (emulator.tally.open, emulator.closings) == (0, [])
    writer.close()
