"""What the two flavours of the AI Chat Protocol share with their clients beside the words: the state and the context.

Clients of ``@microsoft/ai-chat-protocol`` send ``sessionState``; those of the azure-search-openai-demo send
``session_state`` and expect, from the first line on, a ``context`` with ``data_points`` and ``thoughts``. The state is
the client's own and goes back as it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, assert_never

from penstock.core import events as e
from penstock.core import messages as m
from penstock.core.events import Json
from penstock.wire.dialect import StreamContext
from penstock.wire.json_text import format_json, parse_json
from penstock.wire.outcome import describe_source, without_none

STATES: Final = ("session_state", "sessionState")
"""The clients' names for their state, in the body, and for the encoder among the parameters, there as JSON."""

_NAMES: Final = frozenset({"data_points", "thoughts", "followup_questions"})
"""Values of the application (`Data`) that are parts of the context by these names."""


def is_session(body: Mapping[str, Json]) -> bool:
    """Whether the body has a word that only clients of this protocol send."""
    has_context = "messages" in body and isinstance(body.get("context"), dict)
    return has_context or any(name in body for name in STATES)


def read_switches(body: Mapping[str, Json]) -> dict[str, str]:
    """Give the state as JSON under the client's own name for it, if it sent one."""
    return {name: format_json(body[name], name) for name in STATES if name in body}


def is_demo(context: StreamContext) -> bool:
    """Whether the client is of the azure-search-openai-demo family."""
    return "session_state" in context.parameters


def give_back(context: StreamContext) -> dict[str, Any]:
    """Give the state back as it came."""
    return {name: parse_json(context.parameters[name]) for name in STATES if name in context.parameters}


class Findings:
    """What the answer stands on and how it was come by, gathered for the demo's ``context``."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._sources: list[e.Source | m.SourcePart] = []
        self._stages: dict[str, e.Progress] = {}
        self._named: dict[str, Json] = {}
        self._before_step: tuple[int, dict[str, Json]] = (0, {})

    def __repr__(self) -> str:
        """Show how much there is."""
        return f"Findings(sources={len(self._sources)}, stages={list(self._stages)}, named={list(self._named)})"

    def start_step(self) -> None:
        """Note what was there before the step."""
        self._before_step = (len(self._sources), self._named.copy())

    def reset_step(self) -> bool:
        """Drop what the step has found, and say whether there was any; stages stay, as time that passed does."""
        count, named = self._before_step
        is_changed = len(self._sources) > count or self._named != named
        self._named = named
        del self._sources[count:]
        return is_changed

    def feed(self, event: e.Source | e.Progress | e.Data | m.SourcePart | m.DataPart) -> bool:
        """Take what belongs into the context, as an event or as the part that it became; says whether it did."""
        match event:
            case e.Source() | m.SourcePart():
                self._sources.append(event)
            case e.Progress():
                self._stages[event.stage] = event
            case e.Data() | m.DataPart():
                if event.name not in _NAMES:
                    return False
                self._named[event.name] = event.value
            case _:
                assert_never(event)
        return True

    def describe(self) -> dict[str, Any]:
        """Give the context as the demo's page has it: as a whole, for the page replaces the one that it has."""
        texts = [f"{_name(source)}: {source.url or source.source_id}" for source in self._sources]
        citations = [_name(source) for source in self._sources]
        return self._describe({"text": texts, "images": [], "citations": citations})

    def describe_by_id(self) -> dict[str, Any]:
        """Give the context as the rag-postgres sample's page has it: its data points are found by their ids."""
        return self._describe({source.source_id: describe_source(source) for source in self._sources})

    def _describe(self, points: Json) -> dict[str, Any]:
        return {"data_points": points, "thoughts": [_describe(stage) for stage in self._stages.values()], **self._named}


def _name(source: e.Source | m.SourcePart) -> str:
    return source.title or source.url or source.source_id


def describe_findings(folded: m.FoldedMessage) -> dict[str, Any]:
    """Give the context of an answer that is whole."""
    findings = Findings()
    for stage in folded.progress:
        findings.feed(stage)
    for part in folded.parts:
        if isinstance(part, (m.SourcePart, m.DataPart)):
            findings.feed(part)
    return findings.describe()


def _describe(stage: e.Progress) -> dict[str, Any]:
    props = without_none(state=stage.state, duration_ms=stage.duration_ms)
    return {"title": stage.stage, "description": stage.detail, "props": props}
