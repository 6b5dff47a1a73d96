"""``penstock chat``."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import typer
from rich.console import Console

from penstock.cli.answer_view import LiveView, PlainView, View, describe_end, describe_receipt
from penstock.cli.failure import FAILURE, USAGE, fail, one_sentence
from penstock.cli.talk import Talk, open_talk
from penstock.composition.settings import load_settings
from penstock.core.fold import Folder
from penstock.core.messages import FoldedMessage
from penstock.runs.receipt import Receipt

STOPPED = 130
"""Exit code when Ctrl-C ended the answer, as the shell counts it."""


def run_chat(*, prompt: str | None, model: str | None, url: str | None, config: Path | None) -> None:
    """Answer one prompt, or lead a dialogue when there is none and a person sits there."""
    is_dialogue = prompt is None and sys.stdin.isatty()
    text = prompt if prompt is not None else None if is_dialogue else sys.stdin.read()
    if text is not None and not text.strip():
        sentence = 'There is nothing to ask: penstock chat "your question".'
        raise fail(sentence, code=USAGE)
    with one_sentence(), asyncio.Runner() as runner:
        stack = AsyncExitStack()
        talk = runner.run(stack.enter_async_context(open_talk(load_settings(config), url=url, model=model)))
        try:
            if talk.notice is not None:
                print(talk.notice, file=sys.stderr)
            code = _dialogue(runner, talk) if text is None else runner.run(_answer(talk, text))
        finally:
            runner.run(stack.aclose())
    if code:
        raise typer.Exit(code)


def _dialogue(runner: asyncio.Runner, talk: Talk) -> int:
    while True:
        try:
            text = input("> ")
        except (EOFError, KeyboardInterrupt):
            print()
            return 0
        if text.strip():
            runner.run(_answer(talk, text))


async def _answer(talk: Talk, text: str) -> int:
    run_id = await talk.ask(text)
    stopping: list[asyncio.Task[Receipt]] = []

    def stop() -> None:
        if not stopping:
            stopping.append(asyncio.create_task(talk.stop(run_id)))

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, stop)
    try:
        message = await _show(talk, run_id)
        receipt = await stopping[0] if stopping else None
    finally:
        loop.remove_signal_handler(signal.SIGINT)
    return _conclude(message, receipt)


async def _show(talk: Talk, run_id: str) -> FoldedMessage:
    folder = Folder()
    with _choose_view() as view:
        async for events in talk.follow(run_id):
            for event in events:
                folder.feed(event)
            view.show(events, folder)
    return folder.message


def _choose_view() -> View:
    console = Console()
    return LiveView(console) if console.is_terminal else PlainView()


def _conclude(message: FoldedMessage, receipt: Receipt | None) -> int:
    """Say how it ended, beside the answer and not in it; gives the exit code."""
    console = Console(stderr=True, style="dim", highlight=False, soft_wrap=True)
    match message.status:
        case "finished":
            if console.is_terminal:
                console.print(describe_end(message))
            return 0
        case "stopped":
            console.print("Stopped." if receipt is None else describe_receipt(receipt))
            return STOPPED
        case "failed":
            reason = message.failure.message if message.failure else "no reason was given"
            console.print(f"The answer failed: {reason}")
            return FAILURE
        case "interrupted" | "pending" | "running":
            console.print("The answer was interrupted: the model service ended it without saying that it is complete.")
            return FAILURE
