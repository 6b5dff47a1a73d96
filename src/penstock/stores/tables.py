"""The tables, as SQLAlchemy Core metadata. Queries are written against these; what creates them is ``migrations/``.

Structs live in single columns as JSON text, written and read by ``records.py``; times are Unix seconds. ``journal`` and
``logs`` are the shape that SQLite wants (one row per group commit); ``run_logs``, ``run_batches`` (one row per run and
commit) and ``instances`` are PostgreSQL's, which several instances share; everything else is any database's.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

_BIG = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite makes only an INTEGER primary key the row's own number, and its integers have 64 bits anyway."""

_TIME = Float(53)
"""Double precision: milliseconds survive."""

metadata = MetaData()

conversations = Table(
    "conversations",
    metadata,
    Column("id", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("title", Text),
    Column("title_source", String),
    Column("model", String),
    Column("system_prompt", Text),
    Column("pinned", Boolean, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("updated_at", _TIME, nullable=False),
    Column("answered_at", _TIME),
    Column("seen_at", _TIME),
    Column("deleted_at", _TIME),
    Column("title_usage", Text),
    Column("title_cost", Text),
    Column("version", Integer, nullable=False),
    Index("ix_conversations_page", "owner", "pinned", "updated_at", "id"),
)

messages = Table(
    "messages",
    metadata,
    Column("number", _BIG, primary_key=True, autoincrement=True),  # order of creation: parents before children
    Column("id", String, nullable=False),
    Column("conversation_id", String, ForeignKey("conversations.id"), nullable=False),
    Column("parent_id", String),
    Column("role", String, nullable=False),
    Column("parts", Text, nullable=False),
    Column("status", String, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("client_message_id", String),
    Column("run_id", String),
    Column("model", String),
    Column("provider", String),
    Column("finish_reason", String),
    Column("detail", Text),
    Column("failure", Text),
    Column("filters", Text),
    Column("progress", Text),
    Column("usage", Text),
    Column("cost", Text),
    Column("timings", Text),
    UniqueConstraint("conversation_id", "id", name="uq_messages_id"),
    Index("ix_messages_order", "conversation_id", "number"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("conversation_id", String, ForeignKey("conversations.id")),
    Column("message_id", String, nullable=False),
    Column("parent_id", String),
    Column("client_message_id", String),
    Column("model", String, nullable=False),
    Column("status", String, nullable=False),
    Column("instance", String),
    Column("epoch", Integer, nullable=False),
    Column("stop_requested_at", _TIME),
    Column("created_at", _TIME, nullable=False),
    Column("started_at", _TIME),
    Column("ended_at", _TIME),
    Column("upstream_closed", Boolean),
    Column("usage", Text),
    Column("cost", Text),
    Column("timings", Text),
)

Index("uq_runs_conversation_submit", runs.c.conversation_id, runs.c.client_message_id, unique=True)
Index(
    "uq_runs_stateless_submit",
    runs.c.owner,
    runs.c.client_message_id,
    unique=True,
    sqlite_where=runs.c.conversation_id.is_(None),
    postgresql_where=runs.c.conversation_id.is_(None),
)
Index(
    "ix_runs_live",
    runs.c.conversation_id,
    sqlite_where=runs.c.ended_at.is_(None),
    postgresql_where=runs.c.ended_at.is_(None),
)

Index(
    "ix_runs_instance",
    runs.c.instance,
    sqlite_where=runs.c.ended_at.is_(None),
    postgresql_where=runs.c.ended_at.is_(None),
)

attachments = Table(
    "attachments",
    metadata,
    Column("id", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("conversation_id", String, ForeignKey("conversations.id")),
    Column("kind", String, nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", String, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Index("ix_attachments_owner", "owner"),
    Index("ix_attachments_conversation", "conversation_id"),
)

journal = Table(
    "journal",
    metadata,
    Column("id", _BIG, primary_key=True, autoincrement=False),
    # Before the payload, so that a scan which the mask turns away never reads the payload's pages.
    Column("mask", BigInteger, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    info={"dialect": "sqlite"},
)

logs = Table(
    "logs",
    metadata,
    Column("run_id", String, ForeignKey("runs.id"), primary_key=True),
    Column("first_row", BigInteger, nullable=False),
    Column("last_row", BigInteger),
    Column("closed_at", _TIME),
    Column("is_swept", Boolean, nullable=False),
    Column("resume_token", Text),
    info={"dialect": "sqlite"},
)

Index("ix_logs_kept", logs.c.first_row, sqlite_where=logs.c.is_swept.is_(False))

run_logs = Table(
    "run_logs",
    metadata,
    Column("run_id", String, ForeignKey("runs.id"), primary_key=True),
    # Every append compares both in its own statement, and locks the row while it does.
    Column("epoch", Integer, nullable=False),
    Column("next_seq", BigInteger, nullable=False),
    Column("closed_at", _TIME),
    Column("is_swept", Boolean, nullable=False),
    Column("resume_token", Text),
    info={"dialect": "postgresql"},
)

Index("ix_run_logs_kept", run_logs.c.closed_at, postgresql_where=run_logs.c.is_swept.is_(False))

run_batches = Table(
    "run_batches",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("first_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("next_seq", BigInteger, nullable=False),
    Column("lines", LargeBinary, nullable=False),
    info={"dialect": "postgresql"},
)

instances = Table(
    "instances",
    metadata,
    Column("id", String, primary_key=True),
    # Since when its lease was never interrupted; the database's own time, like the end of the lease.
    Column("since", _TIME, nullable=False),
    Column("lease_until", _TIME, nullable=False),
    Column("lease_s", _TIME, nullable=False),
    info={"dialect": "postgresql"},
)

search_texts = Table(
    "search_texts",
    metadata,
    Column("id", _BIG, primary_key=True, autoincrement=True),
    Column("conversation_id", String, ForeignKey("conversations.id"), nullable=False),
    Column("message_id", String, nullable=False),  # empty for the title
    Column("folded", Text, nullable=False),
    Index("ix_search_texts_place", "conversation_id", "message_id"),
)

probes = Table(
    "probes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("written_at", _TIME, nullable=False),
)
