"""The examples for Node stream an answer in the terminal, and say when there is none."""

from __future__ import annotations

import asyncio
import re
import signal
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Self

import pytest

from support import node
from support.programs import Program

COUNTED = "".join(f"⟨{number}⟩" for number in range(1, 31))


async def start(examples: Path, program: Program, folder: str, *arguments: str) -> Process:
    """Start an example as its README says."""
    await asyncio.to_thread(node.install, examples / folder)
    return await asyncio.create_subprocess_exec(
        node.BINARIES / "node",
        "chat.mjs",
        *arguments,
        cwd=examples / folder,
        env={**node.environment(), "PENSTOCK_URL": program.url},
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )


async def finish(process: Process) -> tuple[str, str]:
    """Wait for the end; gives what was written to both outputs."""
    async with asyncio.timeout(30):
        output, errors = await process.communicate()
    return output.decode(), errors.decode()


@pytest.mark.parametrize("folder", ["ndjson", "openai-sdk-node"])
async def test_an_answer_streams_and_says_how_it_ended(examples: Path, program: Program, folder: str):
    process = await start(examples, program, folder, "count 30")
    output, errors = await finish(process)
    assert (output.strip(), process.returncode) == (COUNTED, 0)
    assert "stop" in errors
    assert "30 tokens" in errors


@pytest.mark.parametrize(("model", "sentence"), [("fault-no-finish", "without saying"), ("fault-401", "credentials")])
async def test_what_is_no_whole_answer_is_an_error(examples: Path, program: Program, model: str, sentence: str):
    process = await start(examples, program, "openai-sdk-node", "count 30", model)
    _, errors = await finish(process)
    assert sentence in errors
    assert process.returncode == 1


async def test_the_socket_chats_and_stops(examples: Path, program: Program):
    process = await start(examples, program, "websocket")
    assert process.stdin is not None
    assert process.stdout is not None
    async with asyncio.timeout(30):
        process.stdin.write(b"count 30\n")
        first = await process.stdout.readuntil(b"tokens]")
        process.stdin.write(b"count 2000\n")
        await process.stdout.readuntil("⟨20⟩".encode())
        process.send_signal(signal.SIGINT)
        rest = await process.stdout.readuntil(b"[stopped]")
    process.stdin.close()
    await finish(process)
    assert COUNTED in first.decode()
    assert "[stop, 30 tokens]" in first.decode()
    numbers = [int(number) for number in re.findall(r"⟨(\d+)⟩", rest.decode())]
    assert numbers == list(range(21, 21 + len(numbers)))
    assert process.returncode == 0


async def test_the_socket_goes_on_after_a_lost_connection(examples: Path, program: Program):
    """The connection breaks in mid-answer, and what is printed has neither a gap nor anything twice."""
    async with Cut(program.port) as cut:
        process = await start(examples, cut, "websocket")
        assert process.stdin is not None
        assert process.stdout is not None
        async with asyncio.timeout(30):
            process.stdin.write(b"count 400\n")
            seen = await process.stdout.readuntil("⟨20⟩".encode())
            cut.now()
            seen += await process.stdout.readuntil(b"tokens]")
        process.stdin.close()
        await finish(process)
    assert re.findall(r"⟨(\d+)⟩", seen.decode()) == [str(number) for number in range(1, 401)]
    assert cut.accepted > 1


class Cut:
    """A way to the server that can be cut."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.accepted = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.now()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def now(self) -> None:
        """Reset every connection."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self._to)
        self._writers += [writer, to_writer]
        for source, target in ((reader, to_writer), (to_reader, writer)):
            task = asyncio.create_task(self._pump(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    @staticmethod
    async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                target.write(data)
                await target.drain()
        except ConnectionError:
            pass
        target.close()
