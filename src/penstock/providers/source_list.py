"""What a service says its answer stands on -> `Source`, once for each place that is named.

Shapes: Perplexity's ``citations`` (addresses) and ``search_results`` of a chunk, repeated with every chunk;
``annotations`` of a delta (OpenAI's ``url_citation``, as OpenRouter sends it); ``context.citations`` of a delta (Azure
OpenAI on your data, API versions from 2024-02-01).
"""

from __future__ import annotations

from typing import Final

from penstock.core.events import Json, Source
from penstock.providers.foreign_json import as_count, as_list, as_object, as_text, scrub_json, scrub_text

_READ: Final = frozenset({"url", "title", "filepath", "start_index", "end_index"})
_ADDRESSES: Final = ("https://", "http://")


class SourceReader:
    """Gives each source once."""

    def __init__(self) -> None:
        """Start with none known."""
        self._known: set[tuple[str, int | None, int | None]] = set()

    def read_chunk(self, chunk: dict[str, Json]) -> list[Source]:
        """Read the lists beside the choices: the results first, because they have titles."""
        return self._read_items([*as_list(chunk.get("search_results")), *as_list(chunk.get("citations"))])

    def read_delta(self, delta: dict[str, Json]) -> list[Source]:
        """Read the lists of a delta."""
        cited = as_object(delta.get("context")).get("citations")
        return self._read_items([*as_list(delta.get("annotations")), *as_list(cited)])

    def _read_items(self, items: list[Json]) -> list[Source]:
        sources = [self._read_item({"url": item} if isinstance(item, str) else as_object(item)) for item in items]
        return [source for source in sources if source is not None]

    def _read_item(self, item: dict[str, Json]) -> Source | None:
        fields = as_object(item.get("url_citation")) or item
        address = as_text(fields.get("url"))
        is_address = address is not None and address.startswith(_ADDRESSES)
        title = as_text(fields.get("title")) or as_text(fields.get("filepath"))
        name = address if is_address else title
        if name is None:
            return None
        start, end = as_count(fields.get("start_index")), as_count(fields.get("end_index"))
        if (name, start, end) in self._known:
            return None
        self._known.add((name, start, end))
        extra = {key: value for key, value in fields.items() if key not in _READ and value is not None}
        return Source(
            source_id=f"source-{len(self._known) - 1}",
            kind="url" if is_address else "document",
            url=scrub_text(name) if is_address else None,
            title=scrub_text(title) if title else None,
            start=start,
            end=end,
            extra=scrub_json(extra) if extra else None,
        )
