"""Bringing a database to this program's schema, inside the process: Alembic without its ini file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from penstock.core.errors import StoreError

_SCRIPTS: Final = Path(__file__).parent / "migrations"


def make_config() -> Config:
    """Give the configuration that finds the migrations wherever the package is installed."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config


def find_head() -> str:
    """Give this program's newest revision."""
    head = ScriptDirectory.from_config(make_config()).get_current_head()
    if head is None:
        message = "The installation of Penstock is incomplete, its migrations are missing: install it again."
        raise StoreError(message, is_retryable=False)
    return head


def find_revision(connection: Connection) -> str | None:
    """Give the database's revision; None for one without."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: Connection, path: object) -> None:
    """Bring the database to this program's revision, in one transaction.

    Raises `StoreError` for a database that a newer Penstock wrote, and for one that another program wrote.
    """
    with connection.begin():
        upgrade_within(connection, path)


def upgrade_within(connection: Connection, path: object) -> None:
    """Do what `upgrade` does in the transaction under way."""
    revision = find_revision(connection)
    if revision is None and inspect(connection).get_table_names():
        message = f"{path} holds another program's tables: name another database in PENSTOCK_DATABASE_URL."
        raise StoreError(message, code="store_foreign", is_retryable=False)
    scripts = ScriptDirectory.from_config(make_config())
    known = {script.revision for script in scripts.walk_revisions()}
    if revision is not None and revision not in known:
        message = (
            f"The database {path} was written by a newer Penstock (revision {revision}): "
            "install that version, or set PENSTOCK_DATABASE_URL to another database."
        )
        raise StoreError(message, code="store_newer", is_retryable=False)
    if revision != scripts.get_current_head():
        config = make_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
