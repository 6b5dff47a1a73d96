"""A client's close is noticed at once, whatever the emulator is doing, and nothing is sent afterwards."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from penstock.emulator.server import Emulator
from support.raw_http import Ask


async def open_stream(emulator: Emulator, request: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.port)
    writer.write(request)
    await emulator.tally.until(lambda: emulator.tally.open)
    return reader, writer


@pytest.mark.parametrize("model", ["fault-stall-headers", "fault-stall-first", "fault-stall-middle", "profile-tail"])
async def test_a_close_is_noticed_while_it_is_silent(emulator: Emulator, request_of: Callable[..., bytes], model: str):
    _, writer = await open_stream(emulator, request_of(model=model))
    before_ns = time.monotonic_ns()
    writer.close()
    await emulator.tally.until(lambda: emulator.closings)
    (closing,) = emulator.closings
    assert closing.deployment == model
    assert closing.opened_ns < before_ns < closing.closed_ns < time.monotonic_ns()
    assert not closing.finished


async def test_a_reset_is_noticed_as_well(emulator: Emulator, request_of: Callable[..., bytes]):
    _, writer = await open_stream(emulator, request_of(model="fault-stall-first"))
    writer.transport.abort()
    await emulator.tally.until(lambda: emulator.closings)
    assert emulator.tally.open == 0


async def test_it_counts_the_tokens_that_had_left(emulator: Emulator, request_of: Callable[..., bytes]):
    reader, writer = await open_stream(emulator, request_of(model="fault-stall-middle;after=3"))
    await reader.readuntil("⟨3⟩".encode())
    writer.close()
    await emulator.tally.until(lambda: emulator.closings)
    assert emulator.closings[0].tokens_sent == 3


async def test_nothing_is_sent_after_the_close(emulator: Emulator, request_of: Callable[..., bytes]):
    request = request_of("count 500", model="profile-fast;token_ms=1")
    reader, writer = await open_stream(emulator, request)
    await reader.readuntil("⟨5⟩".encode())
    writer.close()
    await emulator.tally.until(lambda: emulator.closings)
    assert emulator.closings[0].tokens_sent < 500
    assert emulator.tally.tokens_sent_after_close == 0


async def test_a_whole_answer_that_is_waited_for_can_be_closed_too(
    emulator: Emulator, request_of: Callable[..., bytes]
):
    _, writer = await open_stream(emulator, request_of(model="profile-tail", stream=False))
    writer.close()
    await emulator.tally.until(lambda: emulator.closings)
    assert emulator.closings[0].tokens_sent == 0


async def test_an_answer_that_was_read_to_its_end_is_no_closing(emulator: Emulator, ask: Ask):
    await ask()
    assert (emulator.tally.finished, emulator.tally.closed_early, emulator.closings) == (1, 0, [])


@pytest.mark.parametrize("name", ["cut-fin", "cut-rst"])
async def test_what_the_emulator_cuts_is_no_closing_of_the_client(emulator: Emulator, ask: Ask, name: str):
    await ask(model=f"fault-{name}")
    await emulator.tally.until(lambda: emulator.tally.open == 0)
    assert emulator.closings == []


async def test_the_stats_say_it_over_http(emulator: Emulator, request_of: Callable[..., bytes], get: Ask):
    _, writer = await open_stream(emulator, request_of(model="fault-stall-first"))
    writer.close()
    await emulator.tally.until(lambda: emulator.closings)
    stats = (await get(emulator.port, "/emulator/stats")).json
    assert (stats["open"], stats["opened"], stats["closed_early"], stats["tokens_sent_after_close"]) == (0, 1, 1, 0)
    (closing,) = stats["closings"]
    assert list(closing) == ["id", "deployment", "opened_ns", "closed_ns", "tokens_sent", "finished"]


async def test_closing_the_emulator_breaks_what_is_open_and_blames_nobody(
    emulator: Emulator, request_of: Callable[..., bytes]
):
    reader, writer = await open_stream(emulator, request_of(model="fault-stall-headers"))
    await emulator.close()
    assert await reader.read() == b""
    assert (emulator.tally.open, emulator.closings) == (0, [])
    writer.close()
