"""A model service that answers with Markdown at a rate, each token its own event, and a server on it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from support.markdown_answers import TOKEN_CHARS, answer
from support.programs import Program, server

RATE = 1000
"""Tokens a second."""


def chunk(delta: dict[str, str], finish: str | None = None) -> bytes:
    """Write one event of the service."""
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    body = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "replay", "choices": choices}
    return b"data: " + json.dumps(body).encode() + b"\n\n"


async def replay(request: web.Request) -> web.StreamResponse:
    """Answer with as many tokens as the question says, each its own event, at the rate."""
    question = (await request.json())["messages"][-1]["content"]
    text = answer(int(question) if question.isdigit() else 8)
    pieces = [text[at : at + TOKEN_CHARS] for at in range(0, len(text), TOKEN_CHARS)]
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    await response.write(chunk({"role": "assistant", "content": ""}))
    started, sent = time.monotonic(), 0
    while sent < len(pieces):
        due = min(len(pieces), int((time.monotonic() - started) * RATE) + 1)
        for piece in pieces[sent:due]:
            await response.write(chunk({"content": piece}))
        sent = due
        await asyncio.sleep(0.001)
    await response.write(chunk({}, "stop") + b"data: [DONE]\n\n")
    return response


class Service:
    """The model service's address, as `server` wants to know it."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Program]:
    """Run the service and a server on it."""
    app = web.Application()
    app.router.add_post("/{path:.*}", replay)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    program = server(folder, Service(runner.addresses[0][1]), "replay")
    await program.start()
    yield program
    await asyncio.to_thread(program.close)
    await runner.cleanup()
