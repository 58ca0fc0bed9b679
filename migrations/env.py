"""Alembic's way in: the settings' database, or the one that `beckon migrate` names."""

from __future__ import annotations

from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext

from plugin.base import settings
from plugin.store.engine import connect
from plugin.store.sealed import SealedBytes, SealedText
from plugin.store.tables import metadata
from plugin.store.types import Instant


def render_item(kind: str, thing: Any, generating: AutogenContext) -> str | bool:
    """Our own column types, by name or by what they are made of; everything else as Alembic writes it."""
    if kind == "type" and isinstance(thing, Instant):
        generating.imports.add("from plugin.store.types import Instant")
        return "Instant()"
    if kind == "type" and isinstance(thing, SealedText | SealedBytes):
        return "sa.Text()" if isinstance(thing, SealedText) else "sa.LargeBinary()"
    return False


engine = connect(context.config.attributes.get("url") or settings.current().database_url)
with engine.connect() as connection:
    if engine.dialect.name == "sqlite":  # a table that is written anew must not take with it what points to it
        connection.connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[attr-defined]
    with connection.begin():
        context.configure(connection=connection, target_metadata=metadata, render_item=render_item)
        context.run_migrations()
engine.dispose()
