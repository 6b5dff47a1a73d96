"""Conversations, messages, runs, and their logs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TIME = sa.Float(53)
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_INDEX = """
    CREATE VIRTUAL TABLE search_index
    USING fts5(folded, content='search_texts', content_rowid='id', tokenize='trigram')
"""
_INDEX_ADD = """
    CREATE TRIGGER search_texts_added AFTER INSERT ON search_texts
    BEGIN INSERT INTO search_index(rowid, folded) VALUES (new.id, new.folded); END
"""
_INDEX_REMOVE = """
    CREATE TRIGGER search_texts_removed AFTER DELETE ON search_texts
    BEGIN INSERT INTO search_index(search_index, rowid, folded) VALUES ('delete', old.id, old.folded); END
"""


def upgrade() -> None:
    """Create everything."""
    _create_conversations()
    _create_messages()
    _create_runs()
    if op.get_bind().dialect.name == "sqlite":
        _create_journal()
    _create_search()
    probes = op.create_table(
        "probes",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("written_at", _TIME, nullable=False),
    )
    op.bulk_insert(probes, [{"id": 1, "written_at": 0.0}])


def _create_conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("title", sa.Text()),
        sa.Column("model", sa.String()),
        sa.Column("system_prompt", sa.Text()),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("deleted_at", _TIME),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_index("ix_conversations_page", "conversations", ["owner", "pinned", "updated_at", "id"])


def _create_messages() -> None:
    texts = ("failure", "filters", "progress", "usage", "cost", "timings")
    op.create_table(
        "messages",
        sa.Column("number", _BIG, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("parent_id", sa.String()),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("client_message_id", sa.String()),
        sa.Column("run_id", sa.String()),
        sa.Column("model", sa.String()),
        sa.Column("provider", sa.String()),
        sa.Column("finish_reason", sa.String()),
        sa.Column("detail", sa.Text()),
        *(sa.Column(name, sa.Text()) for name in texts),
        sa.UniqueConstraint("conversation_id", "id", name="uq_messages_id"),
    )
    op.create_index("ix_messages_order", "messages", ["conversation_id", "number"])


def _create_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), sa.ForeignKey("conversations.id")),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("parent_id", sa.String()),
        sa.Column("client_message_id", sa.String()),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        *(sa.Column(name, _TIME) for name in ("lease_until", "stop_requested_at")),
        sa.Column("created_at", _TIME, nullable=False),
        *(sa.Column(name, _TIME) for name in ("started_at", "ended_at")),
        *(sa.Column(name, sa.Text()) for name in ("usage", "cost", "timings")),
    )
    op.create_index("uq_runs_conversation_submit", "runs", ["conversation_id", "client_message_id"], unique=True)
    stateless, live = sa.text("conversation_id IS NULL"), sa.text("ended_at IS NULL")
    op.create_index(
        "uq_runs_stateless_submit",
        "runs",
        ["owner", "client_message_id"],
        unique=True,
        sqlite_where=stateless,
        postgresql_where=stateless,
    )
    op.create_index("ix_runs_live", "runs", ["conversation_id"], sqlite_where=live, postgresql_where=live)


def _create_journal() -> None:
    op.create_table(
        "journal",
        sa.Column("id", _BIG, primary_key=True, autoincrement=False),
        sa.Column("mask", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "logs",
        sa.Column("run_id", sa.String(), sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("first_row", sa.BigInteger(), nullable=False),
        sa.Column("last_row", sa.BigInteger()),
        sa.Column("closed_at", _TIME),
        sa.Column("is_swept", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_logs_kept", "logs", ["first_row"], sqlite_where=sa.text("is_swept IS 0"))


def _create_search() -> None:
    op.create_table(
        "search_texts",
        sa.Column("id", _BIG, primary_key=True, autoincrement=True),
        sa.Column("conversation_id", sa.String(), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
    )
    op.create_index("ix_search_texts_place", "search_texts", ["conversation_id", "message_id"])
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    if connection.scalar(sa.text("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'")) is None:
        return
    for statement in (_INDEX, _INDEX_ADD, _INDEX_REMOVE):
        op.execute(statement)
