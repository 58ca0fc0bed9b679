"""Static lists: people whom the merchant named, once."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from plugin.store.types import BigId, Instant, Json

from .columns import metadata, own_id, person_id, shop_id

lists = Table(
    "lists",
    metadata,
    own_id(),
    shop_id(),
    Column("name", Text, nullable=False),
    Column("key", Text, nullable=False),  # casefolded: segments ask for it by name
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("shop_id", "key"),
)

list_imports = Table(
    "list_imports",  # each can be taken back
    metadata,
    own_id(),
    shop_id(),
    Column("list_id", BigId, ForeignKey("lists.id", ondelete="CASCADE"), nullable=False),
    Column("source", String(10), nullable=False),  # file, text, segment
    Column("name", Text, nullable=False),  # of the file or the segment
    Column("at", Instant, nullable=False),
    Column("found", Integer, nullable=False),  # people
    Column("added", Integer, nullable=False),  # of whom were not on the list yet
    Column("missing", Integer, nullable=False),  # rows that name nobody
    Column("missing_rows", Json, nullable=False),  # the numbers of the first of them; what stood there is not kept
    Column("undone_at", Instant),
)
Index(None, list_imports.c.shop_id, list_imports.c.list_id)

list_members = Table(
    "list_members",
    metadata,
    own_id(),
    shop_id(),
    Column("list_id", BigId, ForeignKey("lists.id", ondelete="CASCADE"), nullable=False),
    person_id(),
    Column("import_id", BigId, ForeignKey("list_imports.id", ondelete="CASCADE"), nullable=False),
    Column("added_at", Instant, nullable=False),
    UniqueConstraint("list_id", "person_id"),  # imported twice, on it once
)
Index(None, list_members.c.person_id)
Index(None, list_members.c.import_id)
