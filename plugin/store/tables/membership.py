"""Who belongs to which segment, since when and why, and when time alone can change it. Written by
plugin/profile/memberships.py and plugin/segment/membership only."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from plugin.store.types import BigId, Instant

from .columns import metadata, own_id, person_id, shop_id


def segment_id() -> Column[int]:
    return Column("segment_id", BigId, ForeignKey("segments.id", ondelete="CASCADE"), nullable=False)


memberships = Table(
    "memberships",
    metadata,
    shop_id(),
    segment_id(),
    person_id(),
    Column("entered_at", Instant, nullable=False),
    UniqueConstraint("segment_id", "person_id"),
)
Index(None, memberships.c.person_id)

membership_changes = Table(
    "membership_changes",
    metadata,
    own_id(),
    shop_id(),
    segment_id(),
    person_id(),
    Column("kind", String(7), nullable=False),  # entered, left
    Column("at", Instant, nullable=False),  # to the second at which it became true, however late it was noticed
    Column("cause", String(10), nullable=False),  # event, time, edit, merge, import, erased, check
    Column("detail", Text),  # order #1001, the clause that time changed, version 3…
)
Index("ix_changes_of_person", membership_changes.c.person_id, membership_changes.c.segment_id)
Index("ix_changes_of_segment", membership_changes.c.segment_id, membership_changes.c.at)
Index("ix_changes_of_shop", membership_changes.c.shop_id, membership_changes.c.at)

timers = Table(
    "timers",
    metadata,
    Column("person_id", BigId, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    shop_id(),
    Column("due_at", Instant, nullable=False),  # the next instant at which time alone can change any verdict
    Column("marked_at", Instant),  # something changed then, and nobody judged it yet
    Column("cause", String(10)),  # of the mark
    Column("detail", Text),
    Column("hinted_at", Instant),  # a job was enqueued for it last
)
Index(None, timers.c.due_at)

segment_versions = Table(
    "segment_versions",
    metadata,
    own_id(),
    shop_id(),
    segment_id(),
    Column("number", Integer, nullable=False),  # 1, 2, 3…
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("saved_by", Text, nullable=False),  # "staff member 42", "command line", "imported from Shopify"
    Column("restores", Integer),  # the number of the version that was taken back
    Column("members", Integer, nullable=False),  # right after it was saved
    Column("joined", Integer, nullable=False),  # by it
    Column("left", Integer, nullable=False),
    UniqueConstraint("segment_id", "number"),
)
Index("ix_versions_of_shop", segment_versions.c.shop_id, segment_versions.c.saved_at)

membership_checks = Table(
    "membership_checks",  # the last time that a shop's memberships were compared with what SQL answers; one row a shop
    metadata,
    own_id(),
    shop_id(),
    Column("begun_at", Instant, nullable=False),
    Column("segment_id", BigInteger, nullable=False, server_default="0"),  # the last one that is compared
    Column("after_person", BigInteger, nullable=False, server_default="0"),  # the last one of the next segment's
    Column("segments", Integer, nullable=False, server_default="0"),  # so many are compared
    Column("repaired", Integer, nullable=False, server_default="0"),  # people who were not where they belong
    Column("disputed", Integer, nullable=False, server_default="0"),  # people whom SQL and the judge read differently
    Column("finished_at", Instant),
    Column("hinted_at", Instant),  # a job was at it last
    UniqueConstraint("shop_id"),
)

segment_days = Table(
    "segment_days",
    metadata,
    shop_id(),
    segment_id(),
    Column("day", Date, nullable=False),  # of the shop's calendar
    Column("joined", Integer, nullable=False, server_default="0"),
    Column("left", Integer, nullable=False, server_default="0"),
    UniqueConstraint("segment_id", "day"),  # a segment's size is what joined in all, less what left
)
