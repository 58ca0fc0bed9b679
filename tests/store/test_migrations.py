"""The migrations build exactly the tables that the code speaks of, on both databases."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from plugin.commands.migrate import upgrade
from plugin.store import engine
from plugin.store.tables import metadata


def test_tables_equal_migrations(store: str) -> None:
    opened = engine.engine()
    metadata.drop_all(opened)
    try:
        upgrade(store)
        with opened.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []
        upgrade(store)  # a second time changes nothing
    finally:
        with opened.begin() as tx:
            tx.execute(text("DROP TABLE IF EXISTS alembic_version"))
        metadata.create_all(opened)
