"""The way to a server is read from its URL, and shown without what is secret in it."""

from __future__ import annotations

import pytest

from penstock.core.errors import StoreError
from penstock.stores.postgres_server import PostgresServer, is_postgres_url

URL = "postgresql://ann:hunter2@db.example:5433/chats?sslmode=require"


def test_the_place_names_host_and_database_and_no_secret():
    server = PostgresServer(URL)
    assert server.place == "db.example:5433/chats"
    assert "hunter2" not in repr(server)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
def test_every_usual_scheme_is_known(scheme: str):
    assert is_postgres_url(f"{scheme}://db/chats")


@pytest.mark.parametrize("url", ["sqlite:///chats.db", "postgresqlite://x", "chats.db", ""])
def test_nothing_else_is_taken_for_postgresql(url: str):
    assert not is_postgres_url(url)


@pytest.mark.parametrize("url", ["postgresql://db:port/chats", "postgresql://[::1/chats"])
def test_what_is_no_url_is_refused_without_showing_it(url: str):
    with pytest.raises(StoreError) as refused:
        PostgresServer(url)
    assert url not in refused.value.message


async def test_an_option_that_is_unknown_is_refused_with_the_reason():
    with pytest.raises(StoreError) as refused:
        await PostgresServer("postgresql://ann:hunter2@127.0.0.1:1/chats?sslmode=perhaps").connect()
    assert not refused.value.is_retryable
    assert "hunter2" not in refused.value.message
