"""One entry of a response's ``output`` in OpenAI's Responses API: how it opens, what it is, how it closes.

Shapes: OpenAI API reference "Responses" and "Streaming events". Each part of the log is an item of its own, with one
part in it, since items may grow at the same time and parts of one item may not.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from penstock.core.events import Json

_encode = msgspec.json.Encoder().encode

Told = tuple[str, dict[str, Any]]
"""An event's type, and its fields beside the type and the number."""

ItemKind = Literal["text", "reasoning", "summary", "redacted", "refusal", "call"]
ItemStatus = Literal["in_progress", "completed", "incomplete"]


class _Words(Struct, frozen=True):
    """What the words of a kind are called."""

    event: str
    part_event: str
    part_type: str
    counter: str = "content_index"
    field: str = "text"


_WORDS: Final[dict[ItemKind, _Words]] = {
    "text": _Words("response.output_text", "response.content_part", "output_text"),
    "reasoning": _Words("response.reasoning_text", "response.content_part", "reasoning_text"),
    "summary": _Words(
        "response.reasoning_summary_text", "response.reasoning_summary_part", "summary_text", counter="summary_index"
    ),
    "refusal": _Words("response.refusal", "response.content_part", "refusal", field="refusal"),
}
"""The kinds that have words; a call has arguments, and redacted reasoning nothing to read."""

_PREFIXES: Final[dict[ItemKind, str]] = {"text": "msg", "refusal": "msg", "call": "fc"}


class Item:
    """One entry while it grows."""

    def __init__(self, kind: ItemKind, output_index: int, *, run_id: str, call: tuple[str, str] = ("", "")) -> None:
        """Start empty; ``call`` is the id and the name of a function call."""
        self.kind: ItemKind = kind
        self.output_index = output_index
        self.id = f"{_PREFIXES.get(kind, 'rs')}_{run_id}_{output_index}"
        self.call_id, self.name = call
        self.fragments: list[str] = []
        """The words, or the arguments of a call."""
        self.annotations: list[Json] = []
        self.signature: str | None = None
        self.status: ItemStatus = "in_progress"
        self._delta = self._make_delta()

    def __repr__(self) -> str:
        """Show what it is and how far."""
        return f"Item({self.kind!r}, {self.output_index}, status={self.status!r})"

    def open(self) -> list[Told]:
        """Give the events that say it is there, empty."""
        told = [("response.output_item.added", {"output_index": self.output_index, "item": self.describe()})]
        words = _WORDS.get(self.kind)
        return (
            told if words is None else [*told, (f"{words.part_event}.added", self._place(part=self._describe_part()))]
        )

    def delta(self, number: int, fragment: str) -> tuple[str, bytes]:
        """Grow, and give the event for that; written by hand, since there is one for every token."""
        self.fragments.append(fragment)
        kind, head, tail = self._delta
        return kind, b'%b%d,"delta":%b%b' % (head, number, _encode(fragment), tail)

    def close(self, status: ItemStatus) -> list[Told]:
        """Give the events that say it grows no more."""
        told: list[Told] = []
        words = _WORDS.get(self.kind)
        if words is not None:
            logprobs: dict[str, Json] = {"logprobs": []} if self.kind == "text" else {}
            told.append((f"{words.event}.done", self._place(**{words.field: "".join(self.fragments)}, **logprobs)))
            told.append((f"{words.part_event}.done", self._place(part=self._describe_part())))
        elif self.kind == "call":
            arguments = {"name": self.name, "arguments": "".join(self.fragments)}
            told.append(("response.function_call_arguments.done", self._place(**arguments)))
        self.status = status
        return [*told, ("response.output_item.done", self._whole())]

    def annotate(self, annotation: Json) -> Told:
        """Add what the text stands on."""
        self.annotations.append(annotation)
        place = self._place(annotation_index=len(self.annotations) - 1, annotation=annotation)
        return "response.output_text.annotation.added", place

    def describe(self) -> dict[str, Any]:
        """Give the item as it is."""
        about: dict[str, Any] = {"id": self.id, "type": "reasoning", "status": self.status}
        parts = [self._describe_part()] if self.kind in _WORDS and self.status != "in_progress" else []
        match self.kind:
            case "call":
                call = {"call_id": self.call_id, "name": self.name, "arguments": "".join(self.fragments)}
                return {**about, "type": "function_call", **call}
            case "text" | "refusal":
                return {**about, "type": "message", "role": "assistant", "content": parts}
            case _:
                content = {"summary": parts} if self.kind == "summary" else {"summary": [], "content": parts}
                signed = {} if self.signature is None else {"encrypted_content": self.signature}
                return {**about, **content, **signed}

    def _whole(self) -> dict[str, Any]:
        return {"output_index": self.output_index, "item": self.describe()}

    def _place(self, **fields: object) -> dict[str, Any]:
        words = _WORDS.get(self.kind)
        counter = {} if words is None else {words.counter: 0}
        return {"item_id": self.id, "output_index": self.output_index, **counter, **fields}

    def _describe_part(self) -> dict[str, Json]:
        words = _WORDS[self.kind]
        more: dict[str, Json] = {"annotations": list(self.annotations), "logprobs": []} if self.kind == "text" else {}
        return {"type": words.part_type, words.field: "".join(self.fragments), **more}

    def _make_delta(self) -> tuple[str, bytes, bytes]:
        words = _WORDS.get(self.kind)
        kind = "response.function_call_arguments.delta" if words is None else f"{words.event}.delta"
        place = _encode({"type": kind, **self._place()})[:-1]
        tail = b',"logprobs":[]}' if self.kind == "text" else b"}"
        return kind, place + b',"sequence_number":', tail
