"""Who runs the clock."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from plugin.store.types import Instant

from .columns import metadata

leases = Table(
    "leases",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("holder", String(100), nullable=False),
    Column("until", Instant, nullable=False),
)
