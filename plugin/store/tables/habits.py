"""What is inferred of people from what they did, and by what measure."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from plugin.store.types import BigId, Instant, Json

from .columns import metadata, own_id, shop_id

habits = Table(
    "habits",  # one row a person who ordered or looked at something; reckoned anew with their orders and views
    metadata,
    Column("person_id", BigId, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    shop_id(),
    Column("category", Text),  # of which they bought most pieces; a product without one has its type
    Column("vendor", Text),  # likewise
    Column("price_band", String(6)),  # LOW, MIDDLE, HIGH: by the shop's own prices, measures.prices
    Column("hour", Integer),  # 0 to 23, at which they ordered most often
    Column("weekday", Integer),  # 1 Monday to 7 Sunday
    Column("discounts", Boolean),  # at least half of their orders had one; empty: no order
    Column("most_viewed", BigInteger),  # Shopify's product id
)
Index(None, habits.c.shop_id, habits.c.category, habits.c.person_id)
Index(None, habits.c.shop_id, habits.c.vendor, habits.c.person_id)

measures = Table(
    "measures",  # by which a shop's people are compared with each other: taken each night, one row a shop
    metadata,
    own_id(),
    shop_id(),
    Column("taken_at", Instant, nullable=False),
    Column("recency", Json, nullable=False),  # four instants: a later last order is worth one point more each
    Column("frequency", Json, nullable=False),  # four numbers of orders
    Column("monetary", Json, nullable=False),  # four amounts
    Column("prices", Json, nullable=False),  # two prices of one piece: below is LOW, above HIGH
    Column("cursor", BigInteger, nullable=False, server_default="0"),  # the last person who was grouped by them
    Column("finished_at", Instant),
    Column("hinted_at", Instant),  # a job was enqueued for it last
    UniqueConstraint("shop_id"),
)
