"""The bytes of Azure OpenAI's chat completion chunks, as the service writes them in 2026.

Keys are alphabetical (but inside ``prompt_filter_results``), lines end with LF, there is no ``event:`` line, text is
raw UTF-8. The chunk of a token is put together from parts made once per answer, because a benchmark reads a million of
them. A cheap trick stands for ``obfuscation``: slices of one random string, as long as the padding wants.
"""

from __future__ import annotations

import random
import string

import msgspec
from msgspec import Struct

from penstock.core.events import Json

SAFE: Json = {"filtered": False, "severity": "safe"}
PROMPT_SAFE: Json = {
    "hate": SAFE,
    "jailbreak": {"detected": False, "filtered": False},
    "self_harm": SAFE,
    "sexual": SAFE,
    "violence": SAFE,
}
COMPLETION_SAFE: Json = {"hate": SAFE, "self_harm": SAFE, "sexual": SAFE, "violence": SAFE}
PROMPT_FILTER_RESULTS: Json = [{"prompt_index": 0, "content_filter_results": PROMPT_SAFE}]
DONE = b"data: [DONE]\n\n"

_encode = msgspec.json.encode
_PROTECTED = _encode({"protected_material_text": {"detected": False, "filtered": False}})
_PROTECTED_EVERY = 16
_BLOCK = 16
_POOL_SIZE = 512


def event(body: Json) -> bytes:
    """Give one event with ``body`` as its data."""
    return b"data: " + _encode(body) + b"\n\n"


def begin_call(index: int, ident: str, name: str) -> Json:
    """Give the delta that begins a tool call."""
    function = {"arguments": "", "name": name}
    return {"tool_calls": [{"function": function, "id": ident, "index": index, "type": "function"}]}


def continue_call(index: int, fragment: str) -> Json:
    """Give the delta with one piece of a tool call's arguments."""
    return {"tool_calls": [{"function": {"arguments": fragment}, "index": index}]}


class ChunkIdentity(Struct, frozen=True, kw_only=True):
    """What every chunk of one answer repeats, and which optional parts it has."""

    id: str
    model: str
    created: int
    has_usage: bool
    has_obfuscation: bool


class AzureChunks:
    """Writes one answer's chunks."""

    def __init__(self, identity: ChunkIdentity, rng: random.Random) -> None:
        self._identity = identity
        self._pool = "".join(rng.choices(string.ascii_letters + string.digits, k=_POOL_SIZE))
        self._turn = rng.randrange(_POOL_SIZE)
        created, ident, model = (_encode(value) for value in (identity.created, identity.id, identity.model))
        self._middle = b'"created":%b,"id":%b,"model":%b,' % (created, ident, model)
        tail = b'"object":"chat.completion.chunk","service_tier":"default","system_fingerprint":null'
        self._tail = tail + (b',"usage":null}\n\n' if identity.has_usage else b"}\n\n")

    def opener(self) -> bytes:
        """Give the chunk with the prompt's filter results: no choices, empty id and model."""
        return event(
            {
                "choices": [],
                "created": 0,
                "id": "",
                "model": "",
                "object": "",
                "prompt_filter_results": PROMPT_FILTER_RESULTS,
            }
        )

    def role(self) -> bytes:
        """Give the chunk that opens the message."""
        return self._choice(b"{}", b'{"content":"","refusal":null,"role":"assistant"}', b"null", 2)

    def reasoning(self, token: str) -> bytes:
        """Give nothing: OpenAI's models never show their reasoning here."""
        del token
        return b""

    def text(self, token: str) -> bytes:
        """Give one token of the answer."""
        filters = _PROTECTED if self._turn % _PROTECTED_EVERY == 0 else b"{}"
        return self._choice(filters, b'{"content":%b}' % _encode(token), b"null", len(token))

    def call(self, index: int, ident: str, name: str) -> bytes:
        """Give the chunk that begins a tool call."""
        return self._choice(b"{}", _encode(begin_call(index, ident, name)), b"null", len(name))

    def arguments(self, index: int, fragment: str) -> bytes:
        """Give one piece of a tool call's arguments."""
        return self._choice(b"{}", _encode(continue_call(index, fragment)), b"null", len(fragment))

    def finish(self, reason: str, filters: Json) -> bytes:
        """Give the chunk with the finish reason and an empty delta."""
        return self._choice(_encode(filters), b"{}", _encode(reason), 6)

    def annotation(self, offset: int, reason: str | None, filters: Json) -> bytes:
        """Give a chunk of the asynchronous filter: no ``delta``, empty id and model."""
        choice = {
            "content_filter_offsets": {"check_offset": offset, "end_offset": offset, "start_offset": 0},
            "content_filter_results": filters,
            "finish_reason": reason,
            "index": 0,
        }
        body: Json = {"choices": [choice], "created": 0, "id": "", "model": "", "object": ""}
        return event(body | {"usage": None} if self._identity.has_usage else body)

    def done(self) -> bytes:
        """Give the mark behind the last chunk."""
        return DONE

    def usage(self, usage: Json, latency: Json) -> bytes:
        """Give the chunk with usage and ``latency_checkpoint``; nothing when usage was not asked for."""
        if not self._identity.has_usage:
            return b""
        obfuscation = {"obfuscation": self._padding(5)} if self._identity.has_obfuscation else {}
        return event(
            {
                "choices": [],
                "created": self._identity.created,
                "id": self._identity.id,
                "latency_checkpoint": latency,
                "model": self._identity.model,
                **obfuscation,
                "object": "chat.completion.chunk",
                "service_tier": "default",
                "system_fingerprint": None,
                "usage": usage,
            }
        )

    def _choice(self, filters: bytes, delta: bytes, reason: bytes, length: int) -> bytes:
        self._turn += 1
        parts = [
            b'data: {"choices":[{"content_filter_results":',
            filters,
            b',"delta":',
            delta,
            b',"finish_reason":',
            reason,
            b',"index":0,"logprobs":null}],',
            self._middle,
        ]
        if self._identity.has_obfuscation:
            parts.append(b'"obfuscation":"%b",' % self._padding(length).encode())
        parts.append(self._tail)
        return b"".join(parts)

    def _padding(self, length: int) -> str:
        start = (self._turn * 7) % (_POOL_SIZE - _BLOCK)
        return self._pool[start : start + _BLOCK - length % _BLOCK]
