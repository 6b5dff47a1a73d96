"""``penstock db``."""

from __future__ import annotations

import asyncio
from pathlib import Path

from penstock.cli.failure import one_sentence
from penstock.composition.settings import Settings, load_settings
from penstock.composition.system import SystemClock
from penstock.stores.sqlite import open_sqlite_store


def run_upgrade(*, config: Path | None) -> None:
    """Bring the database to this program's version, making it when there is none."""
    with one_sentence():
        settings = load_settings(config)
        asyncio.run(_upgrade(settings))
    print(f"The database is at this program's version: {settings.sqlite_url}")


async def _upgrade(settings: Settings) -> None:
    store = await open_sqlite_store(settings.sqlite_url, clock=SystemClock())
    try:
        await store.check()
    finally:
        await store.close()
