"""What decoders give, however the bytes were cut."""

from __future__ import annotations

from typing import Any

import msgspec

from penstock.core import events as e


def join(events: list[e.Event]) -> list[dict[str, Any]]:
    """Undo what depends on how many reads there were: join deltas of one part, keep the last usage, at the end."""
    joined: list[dict[str, Any]] = []
    calls: dict[str, dict[str, Any]] = {}
    usages = [event for event in events if isinstance(event, e.Usage)]
    place = len(events) - (bool(events) and isinstance(events[-1], e.StepFinished))
    others = [event for event in events[:place] if not isinstance(event, e.Usage)]
    for event in [*others, *usages[-1:], *events[place:]]:
        plain = msgspec.to_builtins(event)
        before = joined[-1] if joined else {}
        match event:
            case e.ToolCallDelta() if event.tool_call_id in calls:
                calls[event.tool_call_id]["arguments"] += event.arguments
                continue
            case e.ToolCallDelta():
                calls[event.tool_call_id] = plain
            case e.TextDelta() | e.ReasoningDelta() | e.RefusalDelta() if {**before, "text": ""} == {
                **plain,
                "text": "",
            }:
                before["text"] += event.text
                continue
            case _:
                pass
        joined.append(plain)
    return joined
