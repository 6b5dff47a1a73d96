"""Pages of journals, read and decoded once for all followers that are at the same place."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from weakref import WeakValueDictionary

from penstock.core.log import Batch
from penstock.core.ports import Journal


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
        self._looks: dict[tuple[str, int], asyncio.Task[Page]] = {}

    def __repr__(self) -> str:
        """Show how many are held."""
        return f"Pages(kept={len(self._kept)}, looks={len(self._looks)})"

    async def read(self, run_id: str, after: int) -> Page:
        """Give the batches behind the offset, none when there are none; raises what the journal raises."""
        place = (run_id, after)
        page = self._kept.get(place)
        if page is not None:
            return page
        look = self._looks.get(place)
        if look is None:
            look = self._looks[place] = asyncio.create_task(self._look(place))
            look.add_done_callback(lambda done: self._forget(place, done))
        # A follower that leaves must not take the look from the others.
        return await asyncio.shield(look)

    def _forget(self, place: tuple[str, int], look: asyncio.Task[Page]) -> None:
        self._looks.pop(place, None)
        if not look.cancelled():
            look.exception()  # whoever waited has it; nobody may be left

    async def _look(self, place: tuple[str, int]) -> Page:
        run_id, after = place
        page = Page(await self._journal.read(run_id, after=after, limit=self._page_batches))
        if len(page.batches) == self._page_batches or (page.batches and page.batches[-1].is_terminal):
            self._kept[place] = page
        return page
