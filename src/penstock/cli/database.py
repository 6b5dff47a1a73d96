"""``penstock db``."""

from __future__ import annotations

import asyncio
from pathlib import Path

from penstock.cli.failure import one_sentence
from penstock.composition.settings import Settings, load_settings
from penstock.composition.storage import open_store, place_of
from penstock.composition.system import SystemClock


def run_upgrade(*, config: Path | None) -> None:
    """Bring the database to this program's version, making it when there is none."""
    with one_sentence():
        settings = load_settings(config)
        asyncio.run(_upgrade(settings))
    print(f"The database is at this program's version: {place_of(settings)}")


async def _upgrade(settings: Settings) -> None:
    store = await open_store(settings, clock=SystemClock())
    try:
        await store.check()
    finally:
        await store.close()
