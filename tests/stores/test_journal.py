"""The writing end of the journal, without a thread around it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import Connection, insert, select

from penstock.core.errors import ProtocolError, StoreError
from penstock.core.log import Batch
from penstock.stores.framing import mask_of, read_frames
from penstock.stores.journal import Journal, find_next_row
from penstock.stores.migration import upgrade
from penstock.stores.records import make_row
from penstock.stores.sqlite_file import connect_writer
from penstock.stores.tables import journal, runs
from support.store_samples import make_beginning, make_delta


def ignore(_: StoreError | None) -> None:
    pass


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    opened = connect_writer(tmp_path / "penstock.db", busy_timeout_s=1.0)
    upgrade(opened, "chats.db")
    with opened.begin():
        opened.execute(insert(runs).values(make_row(make_beginning(1, conversation_id=None).run)))
    yield opened
    opened.close()
    opened.engine.dispose()


@pytest.fixture
def raw(connection: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.connection.dbapi_connection)


def test_a_group_is_one_row_that_names_its_runs(connection: Connection, raw: sqlite3.Connection):
    kept = Journal(5)
    for run_id in ("a", "b"):
        kept.admit(run_id, 1)
    batches: list[tuple[str, Batch]] = [("a", make_delta(1)), ("b", make_delta(1)), ("a", make_delta(2))]
    assert kept.write_group(raw, [(run_id, batch, ignore) for run_id, batch in batches]) == [None] * 3
    with connection.begin():
        [(row, mask, payload)] = connection.execute(select(journal)).all()
    assert (row, mask) == (5, mask_of("a") | mask_of("b"))
    frames = list(read_frames(payload, {b"a", b"b"}))
    assert frames == [(run_id, batch.first_seq, batch.frames[0]) for run_id, batch in batches]


def test_a_group_that_fails_can_be_appended_again(raw: sqlite3.Connection):
    kept = Journal(1)
    kept.admit("a", 1)
    entries = [("a", make_delta(1), ignore), ("a", make_delta(2), ignore)]
    raw.execute("PRAGMA query_only=ON")
    with pytest.raises(sqlite3.OperationalError):
        kept.write_group(raw, entries)
    raw.execute("PRAGMA query_only=OFF")
    [refused] = kept.write_group(raw, [("a", make_delta(3), ignore)])
    assert isinstance(refused, StoreError)
    assert kept.write_group(raw, entries) == [None, None]


def test_after_a_failing_disk_the_end_may_be_where_the_reader_found_it(connection: Connection, raw: sqlite3.Connection):
    kept = Journal(1)
    kept.admit("run_1", 1)
    with connection.begin(), pytest.raises(ProtocolError):
        kept.close_log(connection, "run_1", make_delta(2), at=1.0)
    raw.execute("PRAGMA query_only=ON")
    with pytest.raises(sqlite3.OperationalError):
        kept.write_group(raw, [("run_1", make_delta(1), ignore)])
    raw.execute("PRAGMA query_only=OFF")
    with connection.begin():
        kept.close_log(connection, "run_1", make_delta(2), at=1.0)


def test_rows_are_never_numbered_twice(connection: Connection):
    kept = Journal(7)
    with connection.begin():
        kept.open_log(connection, "run_1", make_beginning().first_batch)
        assert find_next_row(connection) == 8
        connection.execute(journal.delete())
        assert find_next_row(connection) == 8
