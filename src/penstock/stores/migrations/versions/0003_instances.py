"""Runs know the instance that produces them; PostgreSQL keeps logs that any instance can read and continue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.exc import DBAPIError

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TIME = sa.Float(53)


def upgrade() -> None:
    """Add what several instances need to share one database."""
    op.drop_column("runs", "lease_until")
    op.add_column("runs", sa.Column("instance", sa.String()))
    op.add_column("runs", sa.Column("upstream_closed", sa.Boolean()))
    live = sa.text("ended_at IS NULL")
    op.create_index("ix_runs_instance", "runs", ["instance"], sqlite_where=live, postgresql_where=live)
    if op.get_bind().dialect.name == "sqlite":
        op.add_column("logs", sa.Column("resume_token", sa.Text()))
    else:
        _create_shared_logs()
        _index_texts()


def _create_shared_logs() -> None:
    op.create_table(
        "run_logs",
        sa.Column("run_id", sa.String(), sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("next_seq", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", _TIME),
        sa.Column("is_swept", sa.Boolean(), nullable=False),
        sa.Column("resume_token", sa.Text()),
    )
    op.create_index("ix_run_logs_kept", "run_logs", ["closed_at"], postgresql_where=sa.text("is_swept IS FALSE"))
    # Every append changes its row: room in the page keeps the new version beside the old one.
    op.execute("ALTER TABLE run_logs SET (fillfactor = 50)")
    op.create_table(
        "run_batches",
        sa.Column("run_id", sa.String(), primary_key=True),
        sa.Column("first_seq", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("next_seq", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "instances",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("lease_until", _TIME, nullable=False),
        sa.Column("lease_s", _TIME, nullable=False),
    )


def _index_texts() -> None:
    """Index the texts that are searched by their trigrams, where the server has that extension and lets us."""
    connection = op.get_bind()
    if connection.scalar(sa.text("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")) is None:
        return
    try:
        with connection.begin_nested():
            connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except DBAPIError:
        return
    op.create_index(
        "ix_search_texts_trigrams",
        "search_texts",
        ["folded"],
        postgresql_using="gin",
        postgresql_ops={"folded": "gin_trgm_ops"},
    )
