"""One process or several: the settings decide, and say no to what can't work."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from penstock.buses.local import LocalBus
from penstock.buses.peers import PeerBus
from penstock.composition.settings import Settings, SettingsError
from penstock.composition.storage import check_storage, open_storage, place_of
from penstock.stores.postgres import PostgresStore
from penstock.stores.sqlite import SqliteStore
from support.offers import make_offer
from support.running import until
from support.store_samples import TickingClock

SECRET_URL = "postgresql://ann:hunter2@db.example/chats"


async def test_without_more_it_is_sqlite_and_one_process(tmp_path: Path):
    async with open_storage(Settings(data_dir=tmp_path), clock=TickingClock()) as storage:
        assert isinstance(storage.store, SqliteStore)
        assert isinstance(storage.bus, LocalBus)
        assert not storage.is_shared


@pytest.mark.parametrize("has_redis", [True, False])
async def test_instances_on_one_postgresql_are_joined_with_redis_or_without(
    postgres_url: str, redis_url: str, *, has_redis: bool
):
    settings = Settings(database_url=postgres_url, redis_url=redis_url if has_redis else None)
    async with (
        open_storage(settings, clock=TickingClock()) as first,
        open_storage(settings, clock=TickingClock()) as second,
    ):
        assert isinstance(first.store, PostgresStore)
        assert isinstance(first.bus, PeerBus)
        assert first.is_shared
        heard: list[object] = []
        first.bus.offer("run-1", make_offer())
        second.bus.watch("run-1", heard.append)
        await until(lambda: bool(heard))


@pytest.mark.parametrize("changes", [{"workers": 2}, {"redis_url": SecretStr("redis://x")}])
def test_what_needs_postgresql_is_refused_without_it(changes: dict[str, object]):
    with pytest.raises(SettingsError, match="PENSTOCK_DATABASE_URL"):
        check_storage(Settings(**changes))


def test_a_password_is_nowhere_to_be_seen():
    settings = Settings(database_url=SECRET_URL, redis_url="redis://:hunter2@cache/0")
    check_storage(settings)
    assert place_of(settings) == "postgresql://db.example/chats"
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in settings.model_dump_json()
