"""Each fault of a stream, seen on the wire."""

from __future__ import annotations

import asyncio
import json

import pytest

from penstock.emulator.faults import FAULTS, Refuse
from penstock.emulator.server import Emulator
from support.raw_http import Ask, Listen, Wire


async def read_until_silent(reader: asyncio.StreamReader) -> bytes:
    seen = bytearray()
    try:
        while piece := await asyncio.wait_for(reader.read(4096), 0.1):
            seen += piece
    except TimeoutError:
        return bytes(seen)
    pytest.fail("the stream ended")


def last_reason(wire: Wire) -> str | None:
    return wire.chunks[-1]["choices"][0]["finish_reason"]


async def test_silence_before_the_headers(listen: Listen, emulator: Emulator):
    reader = await listen("stall-headers")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.1)
    assert emulator.tally.open == 1


@pytest.mark.parametrize(("name", "tokens"), [("stall-first", 0), ("stall-middle", 5), ("stall-middle;after=2", 2)])
async def test_silence_after_so_many_tokens(listen: Listen, name: str, tokens: int):
    seen = await read_until_silent(await listen(name))
    assert b'"role":"assistant"' in seen
    assert seen.count("⟨".encode()) == tokens


async def test_a_stall_can_end(fail: Ask):
    assert (await fail("stall-middle;seconds=0.01")).text.endswith("⟨20⟩")


async def test_a_cut_never_leaves_the_answer_whole(fail: Ask):
    wire = await fail("cut-fin;at=1000000000")
    assert (wire.body[-8:], wire.ending) == (b" [DONE]\n", "eof")


async def test_a_clean_cut_ends_inside_an_event(fail: Ask):
    wire = await fail("cut-clean;at=900")
    assert (len(wire.body), wire.ending) == (900, "complete")


async def test_a_clean_end_without_finish_reason(fail: Ask):
    wire = await fail("no-finish")
    assert (wire.text, wire.ending, last_reason(wire)) == ("⟨1⟩⟨2⟩⟨3⟩⟨4⟩⟨5⟩", "complete", None)
    assert b"[DONE]" not in wire.body


@pytest.mark.parametrize(("name", "key"), [("error-frame", "error"), ("error-flat", "code"), ("error-event", "code")])
async def test_an_error_in_mid_stream_ends_it(fail: Ask, name: str, key: str):
    wire = await fail(name)
    last = wire.data[-1].removeprefix("event: error\ndata: ")
    assert key in json.loads(last)
    assert (b"event: error\n" in wire.body) == (name == "error-event")
    assert wire.body.count("⟨".encode()) == 5
    assert b"[DONE]" not in wire.body


async def test_an_error_after_the_preamble(fail: Ask):
    wire = await fail("error-preamble")
    assert (wire.status, len(wire.chunks), wire.text) == (200, 3, "")
    assert wire.chunks[-1]["error"]["type"] == "server_error"


async def test_the_filter_ends_the_answer_and_names_the_category(fail: Ask):
    wire = await fail("filter-inline", stream_options={"include_usage": True})
    finish = wire.chunks[-2]["choices"][0]
    assert (wire.text, finish["finish_reason"]) == ("⟨1⟩⟨2⟩⟨3⟩⟨4⟩⟨5⟩", "content_filter")
    assert finish["content_filter_results"]["violence"] == {"filtered": True, "severity": "high"}
    assert wire.chunks[-1]["usage"]["completion_tokens"] > 0


async def test_the_asynchronous_filter_blocks_without_delta_and_without_usage(fail: Ask):
    wire = await fail("filter-async", stream_options={"include_usage": True})
    block = wire.chunks[-1]
    assert (block["id"], block["model"], block["choices"][0]["finish_reason"]) == ("", "", "content_filter")
    assert "delta" not in block["choices"][0]
    assert wire.data[-1] == "[DONE]"


async def test_the_filter_speaks_after_the_stop(fail: Ask):
    choices = [chunk["choices"][0] for chunk in (await fail("filter-late")).chunks[-2:]]
    assert choices[0]["finish_reason"] == "stop"
    assert "delta" not in choices[1]


async def test_the_singular_filter_error_takes_the_openers_place(fail: Ask):
    wire = await fail("filter-singular")
    choices = [chunk["choices"][0] for chunk in wire.chunks]
    assert b"prompt_filter_results" not in wire.body
    assert all(choice["content_filter_result"]["error"]["code"] == "content_filter_error" for choice in choices)
    assert all("content_filter_results" not in choice for choice in choices)
    assert wire.text.endswith("⟨20⟩")


async def test_malformed_json_stands_between_healthy_events(fail: Ask):
    wire = await fail("malformed")
    broken = [data for data in wire.data if data.endswith("bro")]
    assert len(broken) == 1
    assert wire.data[-1] == "[DONE]"


async def test_a_huge_line(fail: Ask):
    wire = await fail("huge-line")
    assert max(map(len, wire.data)) > 10_000_000
    assert wire.data[-1] == "[DONE]"


async def test_done_can_be_missing_or_bare_or_unterminated(fail: Ask):
    missing, bare, open_ended = await fail("no-done"), await fail("bare-done"), await fail("done-no-blank")
    assert (last_reason(missing), b"DONE" in missing.body) == ("stop", False)
    assert bare.body.endswith(b"}\n\n[DONE]\n\n")
    assert open_ended.body.endswith(b"}\n\ndata: [DONE]")


async def test_the_finish_chunk_can_be_the_last_bytes(fail: Ask):
    wire = await fail("finish-no-blank", stream_options={"include_usage": True})
    assert wire.body.endswith(b"}")
    assert last_reason(wire) == "stop"


async def test_lines_can_end_with_crlf(fail: Ask):
    wire = await fail("crlf")
    assert wire.body.endswith(b"data: [DONE]\r\n\r\n")
    assert wire.body.count(b"\n") == wire.body.count(b"\r\n")


async def test_the_space_after_data_can_be_missing(fail: Ask):
    wire = await fail("no-space")
    assert b"data: " not in wire.body
    assert wire.body.endswith(b"data:[DONE]\n\n")


async def test_the_body_can_begin_with_a_byte_order_mark(fail: Ask):
    assert (await fail("bom")).body.startswith(b'\xef\xbb\xbfdata: {"choices":[]')


async def test_comments_come_before_every_event(fail: Ask):
    wire = await fail("comments")
    assert wire.body.count(b": keep-alive\n\n") == wire.body.count(b"\ndata: ")


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if not isinstance(fault.effect, Refuse)])
@pytest.mark.parametrize("model", ["deepseek-v4", "think-7b"])
async def test_other_services_can_have_the_faults_too(ask: Ask, name: str, model: str):
    if name.startswith("stall") or name == "drip":
        name += ";seconds=0;ms=0.001"
    wire = await ask("count 1", model=model, headers={"x-emulator-fault": name})
    assert wire.status == 200
