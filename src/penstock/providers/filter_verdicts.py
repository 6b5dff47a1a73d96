"""Azure's content-filter annotations -> `ContentFilter` events, in every shape the service was seen to use.

Shapes: Azure OpenAI reference "content filtering" and "asynchronous filter", API versions 2023-06-01-preview to v1.
"""

from __future__ import annotations

from typing import Final

from penstock.core.events import ContentFilter, FilterMode, FilterOffsets, FilterStage, Json, Verdict
from penstock.providers.foreign_json import as_count, as_list, as_object, as_text, scrub_json, scrub_text

_VERDICT_FIELDS: Final = frozenset({"filtered", "detected", "severity"})
_OFFSETS: Final = ("check_offset", "start_offset", "end_offset")


class FilterReader:
    """Gives an event when the service says something new; Azure repeats the same verdicts with every token."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self._known: dict[str, Json] = {}

    def is_news(self, results: dict[str, Json]) -> bool:
        """Whether any of these results differs from what was said before."""
        return any(self._known.get(name) != value for name, value in results.items())

    def read_inline(self, choice: dict[str, Json], *, is_blocked: bool) -> ContentFilter | None:
        """Read what stands beside a delta; None when nothing is new."""
        results = _results_of(choice)
        news = {name: value for name, value in results.items() if self._known.get(name) != value}
        self._known.update(news)
        if not news and not is_blocked:
            return None
        return make_filter(news or results, stage="completion", is_blocked=is_blocked)

    def read_async(self, choice: dict[str, Json], *, is_blocked: bool) -> ContentFilter | None:
        """Read a choice without a delta: a late verdict on text that was shown already."""
        results = _results_of(choice)
        offsets = read_offsets(choice.get("content_filter_offsets"))
        if not results and offsets is None and not is_blocked:
            return None
        raw = choice.get("content_filter_raw")
        extra = {"content_filter_raw": raw} if raw else None
        return make_filter(
            results, stage="completion", mode="async", is_blocked=is_blocked, offsets=offsets, extra=extra
        )


def read_prompt_filters(chunk: dict[str, Json]) -> list[ContentFilter]:
    """Read the verdicts on the prompt that open a stream (``prompt_annotations`` in old API versions)."""
    found = as_list(chunk.get("prompt_filter_results")) or as_list(chunk.get("prompt_annotations"))
    results = [_results_of(as_object(item)) for item in found]
    return [make_filter(result, stage="prompt", is_blocked=False) for result in results if result]


def make_filter(
    results: dict[str, Json],
    *,
    stage: FilterStage,
    is_blocked: bool,
    mode: FilterMode = "inline",
    offsets: FilterOffsets | None = None,
    extra: dict[str, Json] | None = None,
) -> ContentFilter:
    """Make the event from results by category; what a verdict can't hold goes to ``extra`` by category."""
    verdicts: dict[str, Verdict] = {}
    beside: dict[str, Json] = dict(extra or {})
    for category, value in results.items():
        verdict, rest = _read_verdict(value)
        if verdict is not None:
            verdicts[scrub_text(category)] = verdict
        if rest:
            beside[category] = rest
    is_filtered = any(verdict.filtered for verdict in verdicts.values())
    return ContentFilter(
        stage=stage,
        mode=mode,
        verdicts=verdicts,
        offsets=offsets,
        blocked=is_blocked or is_filtered,
        extra=scrub_json(beside) if beside else None,
    )


def _results_of(holder: dict[str, Json]) -> dict[str, Json]:
    return as_object(holder.get("content_filter_results")) or as_object(holder.get("content_filter_result"))


def _read_verdict(value: Json) -> tuple[Verdict | None, Json]:
    if isinstance(value, list):
        entries = [as_object(item) for item in as_list(value)]
        return Verdict(filtered=any(entry.get("filtered") is True for entry in entries)), entries
    fields = as_object(value)
    if "filtered" not in fields and "detected" not in fields:
        return None, value
    detected = fields.get("detected")
    severity = as_text(fields.get("severity"))
    verdict = Verdict(
        filtered=fields.get("filtered") is True,
        detected=detected if isinstance(detected, bool) else None,
        severity=scrub_text(severity) if severity else None,
    )
    return verdict, {name: item for name, item in fields.items() if name not in _VERDICT_FIELDS}


def read_offsets(value: Json) -> FilterOffsets | None:
    """Read Azure's offsets; None when one of them is missing."""
    fields = as_object(value)
    counts = [as_count(fields.get(name)) for name in _OFFSETS]
    known = [count for count in counts if count is not None]
    return FilterOffsets(*known) if len(known) == len(_OFFSETS) else None
