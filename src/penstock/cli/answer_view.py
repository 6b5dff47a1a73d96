"""How an answer looks in a terminal, and how when its output goes elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markdown import Markdown
from rich.text import Text

from penstock.core.events import Event, RefusalDelta, TextDelta
from penstock.core.fold import Folder
from penstock.core.messages import FoldedMessage, ReasoningPart, RefusalPart, TextPart, TokenUsage
from penstock.core.usage import Cost
from penstock.runs.receipt import Receipt


class View(Protocol):
    """Shows one answer while it comes."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def show(self, events: Sequence[Event], folder: Folder) -> None:
        """Show what came; the folder has it all."""
        ...


class PlainView:
    """Text and nothing else, as it comes: for pipes and files."""

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the last line."""
        sys.stdout.write("\n")
        sys.stdout.flush()

    def show(self, events: Sequence[Event], folder: Folder) -> None:
        """Write the new text."""
        del folder
        sys.stdout.write("".join(event.text for event in events if isinstance(event, (TextDelta, RefusalDelta))))
        sys.stdout.flush()


class LiveView:
    """Markdown that grows in place: for a terminal."""

    def __init__(self, console: Console) -> None:
        """Draw on the console."""
        self._folder: Folder | None = None
        self._live = Live(
            get_renderable=self._render, console=console, refresh_per_second=12, vertical_overflow="visible"
        )

    def __enter__(self) -> Self:
        """Begin."""
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the last picture standing."""
        self._live.stop()

    def show(self, events: Sequence[Event], folder: Folder) -> None:
        """Take what there is; it is drawn twelve times a second at most, however fast it comes."""
        del events
        self._folder = folder

    def _render(self) -> RenderableType:
        if self._folder is None:
            return Text("…", style="dim")
        message = self._folder.message
        blocks: list[RenderableType] = []
        for part in message.parts:
            match part:
                case TextPart():
                    blocks.append(Markdown(part.text))
                case ReasoningPart():
                    blocks.append(Text(part.text, style="dim italic"))
                case RefusalPart():
                    blocks.append(Text(part.text, style="yellow"))
                case _:
                    pass
        return Group(*blocks) if blocks else Text(_stage(message), style="dim")


def describe_end(message: FoldedMessage) -> str:
    """Say in one line how it ended and what it cost."""
    usage = _describe_spending(message.usage, message.cost)
    total_ms = message.timings.total_ms if message.timings else None
    seconds = f"{total_ms / 1000:.1f} s" if total_ms is not None else None
    return " · ".join(word for word in (message.model, usage, seconds) if word)


def describe_receipt(receipt: Receipt) -> str:
    """Say what a stop did."""
    upstream = "closed" if receipt.upstream_closed else "not known to be closed"
    spending = _describe_spending(receipt.usage, receipt.cost)
    stopped = f"Stopped: connection to the model {upstream} after {receipt.stop_ms:.0f} ms"
    return f"{stopped} · {spending}" if spending else stopped


def _stage(message: FoldedMessage) -> str:
    return f"{message.progress[-1].stage} …" if message.progress else "…"


def _describe_spending(usage: TokenUsage | None, cost: Cost | None) -> str | None:
    if usage is None:
        return None
    mark = {"provider": "", "estimated": " (estimated)", "lower_bound": " (at least)"}[usage.source]
    tokens = f"{_count(usage.input)} tokens in, {_count(usage.output)} out{mark}"
    if cost is None or cost.usd is None:
        return f"{tokens}, cost unknown"
    return f"{tokens}, ${cost.usd:.6f}{' (estimated)' if cost.is_estimated else ''}"


def _count(tokens: int | None) -> str:
    return "?" if tokens is None else str(tokens)
