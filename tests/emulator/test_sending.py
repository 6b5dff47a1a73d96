"""Bytes leave in few writes, on time, and break off where they should."""

from __future__ import annotations

import pytest

from penstock.emulator.server import Emulator
from support.raw_http import Ask, Listen


@pytest.mark.parametrize("at", [1, 700, 2000])
async def test_the_socket_is_closed_after_exactly_so_many_bytes(fail: Ask, at: int):
    wire = await fail(f"cut-fin;at={at}")
    assert (len(wire.body), wire.ending) == (at, "eof")


async def test_the_connection_is_reset_after_exactly_so_many_bytes(fail: Ask):
    wire = await fail("cut-rst;at=900")
    assert (len(wire.body), wire.ending) == (900, "reset")


async def test_a_slow_drip_sends_every_byte_by_itself(listen: Listen):
    reader = await listen("drip;ms=0.01")
    await reader.readuntil(b"\r\n\r\n")
    assert (await reader.readexactly(30)) == b"1\r\nd\r\n1\r\na\r\n1\r\nt\r\n1\r\na\r\n1\r\n:\r\n"


async def test_what_is_due_goes_out_in_one_write(listen: Listen):
    reader = await listen("no-done", prompt="count 100")
    await reader.readuntil(b"\r\n\r\n")
    size = int(await reader.readuntil(b"\r\n"), 16)
    body = await reader.readexactly(size)
    assert body.count("⟨".encode()) == 100


async def test_tokens_that_are_not_due_wait_their_turn(ask: Ask, emulator: Emulator):
    wire = await ask("count 5", headers={"x-emulator-profile": "fast;token_ms=1"})
    assert wire.text == "⟨1⟩⟨2⟩⟨3⟩⟨4⟩⟨5⟩"
    assert emulator.tally.tokens_sent_after_close == 0
