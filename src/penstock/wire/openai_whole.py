"""The ``openai`` wire's whole form: one ``chat.completion`` object when the run has ended.

Only a finished answer is a 200; everything else is OpenAI's error object with an error status, at which its libraries
raise. The text so far is then not in it: the run's log has it.
"""

from __future__ import annotations

from typing import Any, Final, cast

import msgspec

from penstock.core import events as e
from penstock.core import messages as m
from penstock.core.events import Json
from penstock.core.fold import Folder
from penstock.core.log import Batch
from penstock.wire import request_body
from penstock.wire.dialect import Dialect, StreamContext
from penstock.wire.openai_words import (
    completion_id,
    describe_citation,
    describe_failure,
    describe_finish,
    describe_prompt,
    describe_results,
    describe_tokens,
    is_azure,
)


class _Encoder:
    must_cut: bool = False

    def __init__(self, context: StreamContext) -> None:
        self.status = 200
        self._context = context
        self._is_azure = is_azure(context)
        self._folder = Folder()
        self._usage: e.Usage | None = None
        self._step: e.StepStarted | None = None
        self._logprobs: dict[str, list[Json]] = {}

    def encode(self, batch: Batch) -> bytes:
        """Give nothing before the terminal, and the whole document with it."""
        document = b""
        for event in batch.events:
            self._folder.feed(event)
            match event:
                case e.StepStarted():
                    self._step = event
                case e.StepReset():
                    self._logprobs.clear()
                case e.TextDelta() | e.RefusalDelta() if event.extra:
                    self._keep_logprobs(event.extra.get("logprobs"))
                case e.Usage():
                    self._usage = event
                case e.RunFinished():
                    document = msgspec.json.encode(self._describe(event))
                case e.RunFailed() | e.RunStopped() | e.RunInterrupted():
                    results = self._filters("prompt") if self._is_azure else None
                    self.status, error = describe_failure(event, prompt_results=results)
                    document = msgspec.json.encode(error)
                case _:
                    pass
        return document

    def _keep_logprobs(self, logprobs: Json) -> None:
        if isinstance(logprobs, dict):
            for field, items in cast("dict[str, Json]", logprobs).items():
                if isinstance(items, list):
                    self._logprobs.setdefault(field, []).extend(cast("list[Json]", items))

    def _filters(self, stage: e.FilterStage) -> dict[str, Any]:
        results: dict[str, Any] = {}
        for event in self._folder.message.filters:
            if event.stage == stage:
                results |= describe_results(event)
        return results

    def _describe(self, terminal: e.RunFinished) -> dict[str, Any]:
        folded = self._folder.message
        choice = {
            "index": 0,
            "message": _describe_message(folded.parts),
            "logprobs": self._logprobs or None,
            **describe_finish(terminal),
        }
        about: dict[str, Any] = {
            "id": completion_id(self._context, prefix="chatcmpl"),
            "object": "chat.completion",
            "created": int(self._context.created_at),
            "model": folded.model or self._context.model,
            **(self._step.extra if self._step and self._step.extra else {}),
        }
        if self._is_azure:
            choice["content_filter_results"] = self._filters("completion")
            about["prompt_filter_results"] = describe_prompt(self._filters("prompt"))
        if self._usage is not None:
            about["usage"] = describe_tokens(self._usage)
        return about | {"choices": [choice]}


def _describe_message(parts: tuple[m.Part, ...]) -> dict[str, Any]:
    calls = [_describe_call(part) for part in parts if isinstance(part, m.ToolPart)]
    pages = [describe_citation(part) for part in parts if isinstance(part, m.SourcePart)]
    citations = [page for page in pages if page is not None]
    refusal = _join(parts, m.RefusalPart)
    reasoning = _join(parts, m.ReasoningPart)
    text = _join(parts, m.TextPart)
    return {
        "role": "assistant",
        "content": text or (None if calls or refusal else ""),
        "refusal": refusal or None,
        **({"reasoning_content": reasoning} if reasoning else {}),
        **({"tool_calls": calls} if calls else {}),
        **({"annotations": citations} if citations else {}),
    }


def _join(parts: tuple[m.Part, ...], kind: type[m.TextPart | m.ReasoningPart | m.RefusalPart]) -> str:
    return "".join(part.text for part in parts if isinstance(part, kind))


def _describe_call(call: m.ToolPart) -> dict[str, Any]:
    arguments = call.arguments or msgspec.json.encode(call.input).decode()
    return {"id": call.tool_call_id, "type": "function", "function": {"name": call.name, "arguments": arguments}}


DIALECT: Final = Dialect(
    name="openai-whole",
    media_type="application/json",
    open=_Encoder,
    decode=request_body.decode,
    heartbeat=b"",
    is_whole=True,
)
