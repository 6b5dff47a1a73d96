"""The words in one delta of a chat completion, in each of the places where services put them."""

from __future__ import annotations

from typing import Final

from penstock.core.events import Json
from penstock.providers.answer_writer import Kind
from penstock.providers.foreign_json import as_list, as_object, as_text

WORD_FIELDS: Final = frozenset({"content", "reasoning", "reasoning_content", "reasoning_text", "refusal", "thinking"})
"""The fields of a delta that are read here and nowhere else."""

_REASONING: Final = ("reasoning_content", "reasoning", "reasoning_text", "thinking")
"""DeepSeek and vLLM; Groq, OpenRouter and newer vLLM; gateways. A service that sends two says the same in both."""

Piece = tuple[Kind, str]


def read_words(delta: dict[str, Json]) -> list[Piece]:
    """Give the words by kind, in the order in which a reader should see them."""
    pieces = _read_reasoning(delta)
    pieces += _read_content(delta.get("content"))
    refusal = as_text(delta.get("refusal"))
    if refusal:
        pieces.append(("refusal", refusal))
    return pieces


def _read_reasoning(delta: dict[str, Json]) -> list[Piece]:
    for name in _REASONING:
        words = as_text(delta.get(name))
        if words:
            return [("reasoning", words)]
    # OpenRouter says it here as well as in ``reasoning``; what passes it on may keep only this.
    details = [as_object(item) for item in as_list(delta.get("reasoning_details"))]
    found = [as_text(item.get("text")) or as_text(item.get("summary")) for item in details]
    return [("reasoning", words) for words in found if words]


def _read_content(content: Json) -> list[Piece]:
    """Read content: a string, or (Mistral's reasoning models) text and thinking parts."""
    if isinstance(content, str):
        return [("text", content)] if content else []
    pieces: list[Piece] = []
    for item in as_list(content) or [content]:
        part = as_object(item)
        text = as_text(part.get("text"))
        if text:
            pieces.append(("text", text))
        thinking = part.get("thinking")
        thoughts = [as_text(as_object(thought).get("text")) for thought in as_list(thinking)] or [as_text(thinking)]
        pieces.extend(("reasoning", thought) for thought in thoughts if thought)
    return pieces
