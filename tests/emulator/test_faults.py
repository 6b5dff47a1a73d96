"""Every fault of the table, seen on the wire."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from penstock.emulator.faults import FAULTS, Refuse
from penstock.emulator.server import Emulator
from support.raw_http import Ask, Wire

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "emulator.md"
FILTERS = ["filter-classic", "filter-plural", "filter-list", "filter-bare", "filter-minimal"]
STATUSES = {
    "unsupported-parameter": (400, "unsupported_parameter"),
    "no-usage-option": (400, None),
    "context-length": (400, "context_length_exceeded"),
    "401": (401, "401"),
    "401-role": (401, "PermissionDenied"),
    "403": (403, "403"),
    "404": (404, "DeploymentNotFound"),
    "408": (408, "Timeout"),
    "429": (429, "429"),
    "429-seconds": (429, "429"),
    "429-date": (429, "429"),
    "429-day": (429, "429"),
    "429-busy": (429, "429"),
    "500": (500, None),
    "503": (503, "ServiceUnavailable"),
}


@pytest.fixture
def fail(ask: Ask):
    """Ask for a fault by its deployment's name."""

    async def send(name: str, prompt: str = "count 20", **more: Any) -> Wire:
        return await ask(prompt, model=f"fault-{name}", **more)

    return send


@pytest.fixture
async def listen(emulator: Emulator, request_of: Callable[..., bytes]):
    """Ask for a fault and give the reader, for answers that never end."""
    writers: list[asyncio.StreamWriter] = []

    async def send(name: str) -> asyncio.StreamReader:
        reader, writer = await asyncio.open_connection("127.0.0.1", emulator.port)
        writers.append(writer)
        writer.write(request_of(model=f"fault-{name}"))
        return reader

    yield send
    for writer in writers:
        writer.close()


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


def table_in(text: str) -> dict[str, tuple[str, str]]:
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): (row[1], row[2].strip() if len(row) > 2 else "") for row in rows}


def test_the_documentation_lists_exactly_the_faults_that_there_are():
    section = DOCUMENT.read_text(encoding="utf-8").split("## Faults")[1]
    assert table_in(section) == {fault.name: (fault.what, fault.parameters) for fault in FAULTS.values()}


@pytest.mark.parametrize("name", FILTERS)
async def test_a_blocked_prompt_is_a_400_with_the_code_content_filter(fail: Ask, name: str):
    wire = await fail(name)
    assert (wire.status, wire.json["error"]["code"]) == (400, "content_filter")


async def test_the_five_shapes_of_a_blocked_prompt_differ(fail: Ask):
    errors = [(await fail(name)).json["error"] for name in FILTERS]
    assert errors[0]["innererror"]["content_filter_result"]["jailbreak"] == {"detected": True, "filtered": True}
    assert errors[1]["inner_error"]["content_filter_results"]["jailbreak"]["filtered"] is True
    assert errors[2]["content_filters"][0]["blocked"] is True
    assert (errors[3]["status"], "innererror" in errors[3]) == (400, False)
    assert sorted(errors[4]) == ["code", "message"]


@pytest.mark.parametrize("name", STATUSES)
async def test_a_refusal_has_its_status_and_code(fail: Ask, name: str):
    wire = await fail(name)
    assert (wire.status, wire.json["error"].get("code")) == STATUSES[name]


async def test_the_flat_401_has_no_error_key(fail: Ask):
    wire = await fail("401-flat")
    assert (wire.status, sorted(wire.json)) == (401, ["message", "statusCode"])


async def test_the_502_is_html(fail: Ask):
    wire = await fail("502")
    assert (wire.status, wire.headers["content-type"]) == (502, "text/html")
    assert b"<html>" in wire.body


async def test_each_429_says_in_its_own_way_when_to_come_back(fail: Ask):
    by_ms, by_seconds = await fail("429;ms=250"), await fail("429-seconds;seconds=7")
    by_date, by_day, by_nothing = await fail("429-date"), await fail("429-day"), await fail("429-busy")
    assert (by_ms.headers["retry-after-ms"], by_ms.headers["retry-after"]) == ("250", "5")
    assert by_seconds.headers["retry-after"] == "7"
    assert parsedate_to_datetime(by_date.headers["retry-after"]).tzinfo is not None
    assert by_day.headers["retry-after"] == "86400"
    assert "retry-after" not in by_nothing.headers


async def test_503_says_when_to_come_back_only_if_told(fail: Ask):
    assert "retry-after" not in (await fail("503")).headers
    assert (await fail("503;seconds=3")).headers["retry-after"] == "3"


async def test_json_instead_of_a_stream(fail: Ask):
    wire = await fail("json")
    assert (wire.status, wire.json["object"]) == (200, "chat.completion")


@pytest.mark.parametrize("name", ["429;times=2", "cut-fin;times=2"])
async def test_a_fault_can_show_itself_some_times_and_then_be_fine(fail: Ask, name: str):
    wires = [await fail(name) for _ in range(6)]
    fine = [wire.status == 200 and wire.ending == "complete" for wire in wires]
    assert fine == [False, False, True, False, False, True]


async def test_the_header_asks_for_a_fault_on_any_deployment(ask: Ask):
    wire = await ask(headers={"x-emulator-fault": "429-seconds;seconds=9"})
    assert wire.headers["retry-after"] == "9"


async def test_classic_deployments_ask_for_faults_in_the_path(ask: Ask):
    wire = await ask(path="/openai/deployments/fault-404/chat/completions?api-version=2024-10-21")
    assert wire.json["error"]["code"] == "DeploymentNotFound"


async def test_an_unknown_fault_is_refused(fail: Ask):
    assert (await fail("unheard-of")).json["error"]["code"] == "UnknownFault"


async def test_silence_before_the_headers(listen: Callable[[str], Awaitable[asyncio.StreamReader]], emulator: Emulator):
    reader = await listen("stall-headers")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.1)
    assert emulator.tally.open == 1


@pytest.mark.parametrize(("name", "tokens"), [("stall-first", 0), ("stall-middle", 5), ("stall-middle;after=2", 2)])
async def test_silence_after_so_many_tokens(
    listen: Callable[[str], Awaitable[asyncio.StreamReader]], name: str, tokens: int
):
    seen = await read_until_silent(await listen(name))
    assert b'"role":"assistant"' in seen
    assert seen.count("⟨".encode()) == tokens


async def test_a_stall_can_end(fail: Ask):
    assert (await fail("stall-middle;seconds=0.01")).text.endswith("⟨20⟩")


@pytest.mark.parametrize("at", [1, 700, 2000])
async def test_the_socket_is_closed_after_exactly_so_many_bytes(fail: Ask, at: int):
    wire = await fail(f"cut-fin;at={at}")
    assert (len(wire.body), wire.ending) == (at, "eof")


async def test_the_connection_is_reset_after_exactly_so_many_bytes(fail: Ask):
    wire = await fail("cut-rst;at=900")
    assert (len(wire.body), wire.ending) == (900, "reset")


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


async def test_a_slow_drip_sends_every_byte_by_itself(listen: Callable[[str], Awaitable[asyncio.StreamReader]]):
    reader = await listen("drip;ms=0.01")
    await reader.readuntil(b"\r\n\r\n")
    assert (await reader.readexactly(30)) == b"1\r\nd\r\n1\r\na\r\n1\r\nt\r\n1\r\na\r\n1\r\n:\r\n"


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if not isinstance(fault.effect, Refuse)])
@pytest.mark.parametrize("model", ["deepseek-v4", "think-7b"])
async def test_other_services_can_have_the_faults_too(ask: Ask, name: str, model: str):
    if name.startswith("stall") or name == "drip":
        name += ";seconds=0;ms=0.001"
    wire = await ask("count 1", model=model, headers={"x-emulator-fault": name})
    assert wire.status == 200
