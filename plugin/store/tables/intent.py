"""Who gets what, when: segments, campaigns, automations."""

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

from .columns import metadata, own_id, person_id, shop_id


def asked(name: str) -> Column[bool]:
    """Whether that is asked once more at the moment of sending."""
    return Column(name, Boolean, nullable=False, server_default=text("true"))


segments = Table(
    "segments",
    metadata,
    own_id(),
    shop_id(),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    Column("settling_from", Instant),  # since then people's timers do not know its query yet; empty: all do
    Column("settling_after", BigInteger, nullable=False, server_default="0"),  # the last person whose timer does
    Column("settling_hinted_at", Instant),  # a job was enqueued for it last
)
Index(None, segments.c.shop_id)
Index(
    None,
    segments.c.settling_from,  # few
    sqlite_where=text("settling_from IS NOT NULL"),
    postgresql_where=text("settling_from IS NOT NULL"),
)

campaigns = Table(
    "campaigns",
    metadata,
    own_id(),
    shop_id(),
    Column("name", Text, nullable=False),
    Column("state", String(10), nullable=False),  # draft, scheduled, sending, paused, sent, cancelled
    Column("segment_id", BigId, ForeignKey("segments.id")),  # empty: everybody
    Column("query", Text),  # the segment's, as it was when sending began
    Column("title", Text, nullable=False, server_default=""),
    Column("body", Text, nullable=False, server_default=""),
    Column("url", Text, nullable=False, server_default=""),
    Column("image_url", Text),
    Column("ttl", Integer, nullable=False, server_default="86400"),  # seconds
    Column("urgency", String(10), nullable=False, server_default="normal"),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("scheduled_at", Instant),
    Column("started_at", Instant),
    Column("finished_at", Instant),
    Column("reason", Text),  # why it paused itself, in words
    Column("audience", Integer),  # people reachable when sending began; audience_pages says who
    Column("holdout", Integer, nullable=False, server_default="0"),  # percent of them who get nothing, to compare with
    Column("fanned_out_at", Instant),
    Column("hinted_at", Instant),  # a job was enqueued for it last
    asked("asks_segment"),  # not to people who have left the segment since sending began
    asked("asks_stock"),  # not while the product that its link opens is sold out
    asked("asks_purchase"),  # not to people who have bought that product since
    Column("told_codes", Json),  # discount codes that are over and for which it paused: whoever resumes it knows
    Column("browsers", String(4), nullable=False, server_default="last"),  # of each person: last, all
)
Index(None, campaigns.c.shop_id, campaigns.c.state)
Index(None, campaigns.c.state, campaigns.c.scheduled_at)

sending_limits = Table(
    "sending_limits",  # how often and when a shop may write to a person; no row: whenever it likes
    metadata,
    Column("shop_id", BigId, ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("cap", Integer),  # pushes to one person in `cap_days`; empty: no cap
    Column("cap_days", Integer, nullable=False, server_default="7"),
    Column("quiet_from", Integer),  # minutes after the person's midnight; empty: no quiet hours
    Column("quiet_until", Integer),
    Column("updated_at", Instant, nullable=False),
)

automations = Table(
    "automations",
    metadata,
    own_id(),
    shop_id(),
    Column("recipe", String(40), nullable=False),  # abandoned_cart, entered_segment, left_segment
    Column("segment_id", BigInteger, nullable=False, server_default="0"),  # 0: of none
    Column("enabled", Boolean, nullable=False),
    Column("delay", Integer, nullable=False),  # seconds
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("url", Text, nullable=False, server_default=""),  # empty: where the message leads by itself
    Column("updated_at", Instant, nullable=False),
    Column("enabled_at", Instant),  # what happened before does not trigger it
    asked("asks_stock"),  # as of campaigns
    asked("asks_purchase"),
    Column("paused_at", Instant),  # push services refused all of its messages: what it would send waits
    Column("reason", Text),  # the same in words
    Column("browsers", String(4), nullable=False, server_default="last"),  # of each person: last, all
    UniqueConstraint("shop_id", "recipe", "segment_id"),
)

enrollments = Table(
    "enrollments",
    metadata,
    own_id(),
    shop_id(),
    person_id(required=False),  # empty: the person was erased, the number stays
    Column("automation_id", BigId, ForeignKey("automations.id", ondelete="CASCADE"), nullable=False),
    Column("subject", String(255), nullable=False),  # the cart's token; person and instant of an entering
    Column("state", String(10), nullable=False),  # waiting, sent, stopped
    Column("step", Integer, nullable=False, server_default="0"),
    Column("due_at", Instant, nullable=False),
    Column("hinted_at", Instant),  # a job was enqueued for it last
    Column("reason", Text),  # why it stopped: bought, emptied, unsubscribed…
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
    UniqueConstraint("automation_id", "subject"),  # one reminder a cart, one message an entering
)
Index(None, enrollments.c.state, enrollments.c.due_at)
Index(None, enrollments.c.person_id)
