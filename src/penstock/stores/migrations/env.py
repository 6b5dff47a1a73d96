"""What Alembic runs: the migrations on the connection that the store hands over, in its transaction."""

from __future__ import annotations

from alembic import context

from penstock.stores.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite can; Alembic assumes that it can't
)
with context.begin_transaction():
    context.run_migrations()
