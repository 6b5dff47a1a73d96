"""The migrations lead to the tables that the queries are written against, on every database."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.schema import SchemaItem

from penstock.core.errors import StoreError
from penstock.stores.migration import find_head, find_revision, make_config, upgrade
from penstock.stores.postgres import PostgresStore
from penstock.stores.sqlite_file import connect_writer
from penstock.stores.tables import metadata
from support.store_samples import TickingClock


@pytest.fixture
def connection(tmp_path: Path):
    opened = connect_writer(tmp_path / "penstock.db", busy_timeout_s=1.0)
    yield opened
    opened.close()
    opened.engine.dispose()


def test_an_empty_database_is_brought_to_the_newest_revision(connection: Connection):
    upgrade(connection, "chats.db")
    with connection.begin():
        assert find_revision(connection) == find_head()


def test_upgrading_twice_changes_nothing(connection: Connection):
    upgrade(connection, "chats.db")
    upgrade(connection, "chats.db")


def differences(connection: Connection) -> list[object]:
    """Give what the tables have that the database has not, and the other way round."""

    def is_ours(item: SchemaItem, name: str | None, kind: str, *_: object) -> bool:
        if kind == "table" and name is not None and name.startswith("search_index"):
            return False
        return name != "ix_search_texts_trigrams" and item.info.get("dialect", dialect) == dialect

    dialect = connection.dialect.name
    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_ours})
    return compare_metadata(context, metadata)


def test_the_migrated_schema_is_the_one_of_the_tables(connection: Connection):
    upgrade(connection, "chats.db")
    with connection.begin():
        assert differences(connection) == []


async def test_the_migrated_schema_of_postgresql_is_the_one_of_the_tables(postgres_url: str):
    store = await PostgresStore.open(postgres_url, clock=TickingClock())
    assert await store._read(differences) == []
    await store.close()


def test_titles_that_were_there_before_are_taken_for_a_persons(connection: Connection):
    config = make_config()
    config.attributes["connection"] = connection
    with connection.begin():
        command.upgrade(config, "0001")
        for number, title in enumerate(("Mine", None)):
            connection.execute(
                text("INSERT INTO conversations VALUES (:id, 'ann', :title, NULL, NULL, 0, 1, 1, NULL, 1)"),
                {"id": f"conv_{number}", "title": title},
            )
    upgrade(connection, "chats.db")
    with connection.begin():
        sources = connection.scalars(text("SELECT title_source FROM conversations ORDER BY id")).all()
    assert sources == ["person", None]


def test_a_database_of_a_newer_penstock_is_refused(connection: Connection):
    upgrade(connection, "chats.db")
    with connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"newer Penstock .*9999") as refused:
        upgrade(connection, "chats.db")
    assert refused.value.code == "store_newer"
    assert not refused.value.is_retryable


def test_the_database_of_another_program_is_refused_and_left_as_it_was(connection: Connection):
    with connection.begin():
        connection.execute(text("CREATE TABLE bookmarks (url TEXT)"))
    with pytest.raises(StoreError) as refused:
        upgrade(connection, "chats.db")
    assert refused.value.code == "store_foreign"
    with connection.begin():
        assert inspect(connection).get_table_names() == ["bookmarks"]
