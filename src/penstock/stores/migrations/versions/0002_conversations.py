"""Who named a conversation, when it was answered and seen, what naming it cost; and attachments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TIME = sa.Float(53)


def upgrade() -> None:
    """Add the columns and the table."""
    for column in (
        sa.Column("title_source", sa.String()),
        sa.Column("answered_at", _TIME),
        sa.Column("seen_at", _TIME),
        sa.Column("title_usage", sa.Text()),
        sa.Column("title_cost", sa.Text()),
    ):
        op.add_column("conversations", column)
    # Who gave the titles that are there is not known any more: none of them is overwritten.
    op.execute("UPDATE conversations SET title_source = 'person' WHERE title IS NOT NULL")
    op.create_table(
        "attachments",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), sa.ForeignKey("conversations.id")),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
    )
    op.create_index("ix_attachments_owner", "attachments", ["owner"])
    op.create_index("ix_attachments_conversation", "attachments", ["conversation_id"])
