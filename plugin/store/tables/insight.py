"""Segments beside those of Shopify: what was imported, what was compared; and what was counted of a segment."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from plugin.store.types import BigId, Instant, Json

from .columns import metadata, own_id, shop_id


def segment_id(*, required: bool = True) -> Column[int]:
    return Column("segment_id", BigId, ForeignKey("segments.id", ondelete="CASCADE"), nullable=not required)


segment_readings = Table(
    "segment_readings",  # the list of the store's segments was read from Shopify; webhooks keep it from then on
    metadata,
    Column("shop_id", BigId, ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("asked_at", Instant),  # after tried_at: it is being read
    Column("read_at", Instant),
    Column("tried_at", Instant),
    Column("error", Text),  # why the last try failed, in words
)

segment_imports = Table(
    "segment_imports",  # which of our segments was made of which of Shopify's
    metadata,
    own_id(),
    shop_id(),
    segment_id(),
    Column("shopify_id", BigInteger, nullable=False),  # shopify_segments.segment_id
    Column("name", Text, nullable=False),  # these two as Shopify had them when it was imported
    Column("query", Text, nullable=False),
    Column("made", Text, nullable=False),  # what was saved of it: another query there is the merchant's own change
    Column("left_out", Json, nullable=False),  # [{clause, why}] that the merchant chose to leave out
    Column("in_step", Boolean, nullable=False, server_default=text("false")),  # changes in Shopify are taken over
    Column("imported_at", Instant, nullable=False),
    UniqueConstraint("shop_id", "shopify_id"),  # imported twice, it is changed and not made again
)
Index(None, segment_imports.c.segment_id)

segment_checks = Table(
    "segment_checks",  # are the same customers in it here and at Shopify?
    metadata,
    own_id(),
    shop_id(),
    segment_id(required=False),  # empty: a segment of Shopify's that was not imported
    Column("shopify_id", BigInteger),  # the segment of Shopify's that was asked for; empty: our query was
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),  # as it is read here
    Column("state", String(10), nullable=False),  # waiting, reading, done, failed
    Column("asked_at", Instant, nullable=False),
    Column("hinted_at", Instant),  # a job was enqueued for it last
    Column("claimed_at", Instant),
    Column("members_query", String(100)),  # Shopify's own id, when it works the question off by itself
    Column("expected", Integer),  # members that Shopify announces
    Column("theirs", Integer, nullable=False, server_default="0"),  # of these, read
    Column("cursor", Text),
    Column("judged_at", Instant),  # the members here were counted at that instant
    Column("ours", Integer),  # customers of Shopify's who are in it here
    Column("both", Integer),
    Column("anonymous", Integer),  # in it here, and no customers of Shopify's: not compared
    Column("unheld", Integer),  # in it there, and not known here at all
    Column("finished_at", Instant),
    Column("error", Text),
)
Index(None, segment_checks.c.shop_id, segment_checks.c.segment_id)
Index(
    "uq_segment_checks_under_way",  # one at a time: they share what Shopify answers in a second
    segment_checks.c.shop_id,
    unique=True,
    sqlite_where=text("finished_at IS NULL"),
    postgresql_where=text("finished_at IS NULL"),
)

segment_check_members = Table(
    "segment_check_members",  # Shopify's answer while it is compared; then only some who differ, as examples
    metadata,
    shop_id(),
    Column("check_id", BigId, ForeignKey("segment_checks.id", ondelete="CASCADE"), nullable=False),
    Column("customer_id", BigInteger, nullable=False),
    Column("side", String(10), nullable=False),  # told, while it is compared; then ours, theirs: only there
    Column("why", Json),  # [{clause, holds, value}], of an example
    UniqueConstraint("check_id", "customer_id"),  # a page that was read twice
)
Index("ix_segment_check_members_customer", segment_check_members.c.shop_id, segment_check_members.c.customer_id)

segment_insights = Table(
    "segment_insights",  # what was counted of a segment last: numbers only
    metadata,
    own_id(),
    shop_id(),
    segment_id(),
    Column("state", String(10), nullable=False),  # waiting, counting, done, failed
    Column("asked_at", Instant, nullable=False),
    Column("hinted_at", Instant),  # a job was enqueued for it last
    Column("claimed_at", Instant),
    Column("steps_done", Integer, nullable=False, server_default="0"),
    Column("as_of", Instant),  # of the numbers; they stay until newer ones are there
    Column("query", Text),  # that they were counted for
    Column("told", Json),  # the numbers: plugin/report/insight.py
    Column("error", Text),
    UniqueConstraint("segment_id"),
)
