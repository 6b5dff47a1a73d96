"""The ``usage`` object of chat completions -> `Usage`, with what Penstock does not interpret kept in ``extra``."""

from __future__ import annotations

from typing import Final

from penstock.core.events import Json, Usage
from penstock.providers.foreign_json import as_count, as_list, as_object, scrub_json

_TOP: Final = frozenset({"prompt_tokens", "completion_tokens", "total_tokens"})
_GATEWAY: Final = {"input_tokens": "prompt_tokens", "output_tokens": "completion_tokens"}
"""Gateways that translate from other families leave that family's names."""
_PROMPT: Final = frozenset({"cached_tokens", "cache_write_tokens"})
_COMPLETION: Final = frozenset({"reasoning_tokens"})


def find_usage(chunk: dict[str, Json]) -> dict[str, Json]:
    """Find the object: of the chunk, else in ``x_groq`` (Groq), else of a choice (Moonshot); empty without one."""
    found = as_object(chunk.get("usage")) or as_object(as_object(chunk.get("x_groq")).get("usage"))
    for choice in as_list(chunk.get("choices")):
        found = found or as_object(as_object(choice).get("usage"))
    return found


def read_usage(value: dict[str, Json], beside: dict[str, Json]) -> Usage:
    """Read the object; ``beside`` is what stood next to it in its chunk (``latency_checkpoint``, ``routing``)."""
    if "prompt_tokens" not in value and "completion_tokens" not in value:
        value = {_GATEWAY.get(name, name): item for name, item in value.items()}
    prompt = as_object(value.get("prompt_tokens_details"))
    completion = as_object(value.get("completion_tokens_details"))
    cached = as_count(prompt.get("cached_tokens"))
    extra = {name: item for name, item in value.items() if name not in _TOP and not name.endswith("_tokens_details")}
    extra |= _rest("prompt_tokens_details", prompt, _PROMPT)
    extra |= _rest("completion_tokens_details", completion, _COMPLETION)
    extra |= beside
    return Usage(
        input=as_count(value.get("prompt_tokens")),
        output=as_count(value.get("completion_tokens")),
        total=as_count(value.get("total_tokens")),
        cached=cached if cached is not None else as_count(value.get("prompt_cache_hit_tokens")),
        cache_write=as_count(prompt.get("cache_write_tokens")),
        reasoning=as_count(completion.get("reasoning_tokens")),
        extra=scrub_json(extra) if extra else None,
    )


def _rest(name: str, details: dict[str, Json], known: frozenset[str]) -> dict[str, Json]:
    """Keep the details that are not interpreted, and not zero: zeros say nothing."""
    rest = {key: item for key, item in details.items() if key not in known and item}
    return {name: rest} if rest else {}
