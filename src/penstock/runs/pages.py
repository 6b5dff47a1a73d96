"""Pages of journals, read and decoded once for all followers that are at the same place."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakValueDictionary

from penstock.core.log import Batch
from penstock.core.ports import Journal
from penstock.runs.looks import Looks


class Page:
    """What one look into a journal gave."""

    def __init__(self, batches: Sequence[Batch]) -> None:
        """Keep the batches; the page lives as long as a follower holds it."""
        self.batches = batches

    def __repr__(self) -> str:
        """Show how much it is."""
        return f"Page(batches={len(self.batches)})"


class Pages:
    """Reads journals. A thousand followers that come back at once cost one look, and hold one copy.

    Only whole pages are shared: a journal is append-only, so that they never change.
    """

    def __init__(self, journal: Journal, *, page_batches: int) -> None:
        """Read that journal, so many batches at a time."""
        self._journal = journal
        self._page_batches = page_batches
        self._kept: WeakValueDictionary[tuple[str, int], Page] = WeakValueDictionary()
        self._looks: Looks[tuple[str, int], Page] = Looks()

    def __repr__(self) -> str:
        """Show how many are held."""
        return f"Pages(kept={len(self._kept)}, looks={len(self._looks)})"

    async def read(self, run_id: str, after: int) -> Page:
        """Give the batches behind the offset, none when there are none; raises what the journal raises."""
        place = (run_id, after)
        page = self._kept.get(place)
        if page is not None:
            return page
        return await self._looks.share(place, lambda: self._look(place))

    async def _look(self, place: tuple[str, int]) -> Page:
        run_id, after = place
        page = Page(await self._journal.read(run_id, after=after, limit=self._page_batches))
        if len(page.batches) == self._page_batches or (page.batches and page.batches[-1].is_terminal):
            self._kept[place] = page
        return page
