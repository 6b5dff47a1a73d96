"""What a pipeline can yield beside text: the stages that it goes through, and the sources that it stands on."""

from __future__ import annotations

import time

from penstock.core.events import Progress, Source


class Stage:
    """A stage of a pipeline, which takes its own time.

    ::

        searching = Stage("searching")
        yield searching.started()
        passages = await search(request.question)
        yield searching.finished(f"{len(passages)} passages")
    """

    def __init__(self, name: str) -> None:
        """Name it by one word that the page shows: ``searching``, ``reading``, ``thinking``."""
        self._name = name
        self._started_at: float | None = None

    def __repr__(self) -> str:
        """Show the name."""
        return f"Stage({self._name!r})"

    def started(self, detail: str | None = None) -> Progress:
        """Say that it begins, now."""
        self._started_at = time.monotonic()
        return Progress(stage=self._name, state="started", detail=detail)

    def finished(self, detail: str | None = None) -> Progress:
        """Say that it is over, and how long it took."""
        return Progress(stage=self._name, state="finished", detail=detail, duration_ms=self._duration_ms())

    def failed(self, detail: str | None = None) -> Progress:
        """Say that it did not work out; the answer may still do without it."""
        return Progress(stage=self._name, state="failed", detail=detail, duration_ms=self._duration_ms())

    def _duration_ms(self) -> float | None:
        return None if self._started_at is None else round((time.monotonic() - self._started_at) * 1000, 3)


def source(
    title: str, *, url: str | None = None, source_id: str | None = None, media_type: str | None = None
) -> Source:
    """Name something that the answer stands on: a page when it has a ``url``, else a document."""
    kind = "document" if url is None else "url"
    return Source(source_id=source_id or url or title, kind=kind, url=url, title=title, media_type=media_type)
