"""Alembic's way in: the settings' database, or the one that `beckon migrate` names."""

from __future__ import annotations

from alembic import context

from plugin.base import settings
from plugin.store.engine import connect
from plugin.store.tables import metadata

engine = connect(context.config.attributes.get("url") or settings.current().database_url)
with engine.begin() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    context.run_migrations()
engine.dispose()
