"""Run by Alembic: migrates on the connection that `bot.store.schema` hands over."""

from __future__ import annotations

from alembic import context

from bot.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite cannot alter most of a table in place: Alembic copies it instead.
    render_as_batch=True,
    compare_server_default=True,
    user_module_prefix="engine.",
)
with context.begin_transaction():
    context.run_migrations()
