"""Deliveries, and the proof of what came of them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from plugin.store.types import BigId, Instant, Json, Minor

from .columns import metadata, own_id, person_id, shop_id

deliveries = Table(
    "deliveries",
    metadata,
    own_id(),
    shop_id(),
    person_id(required=False),  # empty: the person was erased, the number stays
    Column("subscription_id", BigId, ForeignKey("subscriptions.id", ondelete="CASCADE")),
    Column("campaign_id", BigId, ForeignKey("campaigns.id", ondelete="CASCADE")),
    Column("enrollment_id", BigId, ForeignKey("enrollments.id", ondelete="CASCADE")),
    Column("step", Integer, nullable=False, server_default="0"),
    Column("token", String(32), nullable=False, unique=True),  # Topic, tag and receipts: names it outside
    Column("state", String(20), nullable=False),  # queued, sending, unknown → an outcome (base/outcomes.py)
    Column("reason", Text),  # what the outcome does not say, or why it waits
    Column("message", Json),  # as sent, for proof
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),  # not before
    Column("hinted_at", Instant),  # a job was enqueued for it last
    Column("expires_at", Instant, nullable=False),  # TTL: not after
    Column("claimed_at", Instant),
    Column("finished_at", Instant),
    Column("status", Integer),  # the push service's last answer
    Column("all_browsers", Boolean, nullable=False, server_default=text("false")),  # to each; else to the last seen
    Column("taken_at", Instant),  # by one of several browsers, while others wait: however it ends, it was sent
    UniqueConstraint("campaign_id", "person_id"),  # effectively once, whatever jobs repeat
    UniqueConstraint("enrollment_id", "step"),
)
Index(None, deliveries.c.campaign_id, deliveries.c.state, deliveries.c.hinted_at)  # the clock's way to what waits
Index(None, deliveries.c.state, deliveries.c.due_at)
Index(None, deliveries.c.person_id, deliveries.c.created_at)
Index(None, deliveries.c.subscription_id)
Index(
    "ix_deliveries_with_message",  # few: words made for one person, forgotten after a while
    deliveries.c.shop_id,
    deliveries.c.created_at,
    sqlite_where=text("message IS NOT NULL"),
    postgresql_where=text("message IS NOT NULL"),
)
Index(
    "ix_deliveries_sent",
    deliveries.c.shop_id,
    deliveries.c.finished_at,
    deliveries.c.state,  # always the same; with it the index alone is read
    sqlite_where=text("state = 'sent'"),
    postgresql_where=text("state = 'sent'"),
)  # a month's pushes are counted without reading the others

delivery_browsers = Table(
    "delivery_browsers",  # of a message to all browsers of somebody who has several: how it stands with each
    metadata,
    own_id(),
    shop_id(),
    Column("delivery_id", BigId, ForeignKey("deliveries.id", ondelete="CASCADE"), nullable=False),
    Column("subscription_id", BigId, ForeignKey("subscriptions.id", ondelete="CASCADE"), nullable=False),
    Column("state", String(10), nullable=False),  # waiting → sent, gone, rejected
    Column("reason", Text),  # why it waits, or ended so
    Column("status", Integer),  # the push service's last answer
    Column("due_at", Instant, nullable=False),  # not before
    Column("at", Instant, nullable=False),  # so it stands since
    UniqueConstraint("delivery_id", "subscription_id"),  # a browser gets a message once
)
Index(None, delivery_browsers.c.subscription_id)

audience_pages = Table(
    "audience_pages",  # who was in a campaign's audience when sending began, until their deliveries are written
    metadata,
    own_id(),
    shop_id(),
    Column("campaign_id", BigId, ForeignKey("campaigns.id", ondelete="CASCADE"), nullable=False),
    Column("places", Json, nullable=False),  # [[person, one of their subscriptions], …] by person
)
Index(None, audience_pages.c.campaign_id, audience_pages.c.id)

services = Table(
    "services",  # push services and what we have learned of each; nobody's in particular. delivery/pace.py reads it
    metadata,
    Column("host", String(255), primary_key=True),  # as in subscriptions.service
    Column("slow_until", Instant),  # it asked for a rest until then
    Column("rate", Double),  # pushes a second at most; empty: as fast as we can
    Column("free_at", Instant),  # at that rate the next push may go then
    Column("line_until", Instant),  # those who found no place yet look again until then, one after the other
    Column("throttled_at", Instant),  # the rate was halved last
    Column("failures", Integer, nullable=False, server_default="0"),  # pushes in a row that found nobody
    Column("failing_since", Instant),  # the first of them
    Column("opened_at", Instant),  # nobody was found so often that the circuit opened last
    Column("open_until", Instant),  # the circuit is open: nobody tries before; afterwards one push does
    Column("opened", Integer, nullable=False, server_default="0"),  # how often in a row
    Column("words", Text),  # why, as it was told last
)

refusals = Table(
    "refusals",  # push services that refuse a shop's keys or headers; gone with the first push that one takes
    metadata,
    shop_id(),
    Column("service", String(255), nullable=False),
    Column("in_a_row", Integer, nullable=False),
    PrimaryKeyConstraint("shop_id", "service"),
)

push_counts = Table(
    "push_counts",  # what push services answered, counted as it was recorded
    metadata,
    own_id(),
    shop_id(),
    Column("campaign_id", BigInteger, nullable=False, server_default="0"),  # 0: of automations
    Column("service", String(255), nullable=False),  # as in subscriptions.service; empty: of none in particular
    Column("answer", String(12), nullable=False),  # sent, gone, throttled, too_long, rejected, unavailable; lapsed
    Column("at", Instant, nullable=False),  # the beginning of its ten seconds; of long ago: 1970
    Column("count", BigInteger, nullable=False),
    UniqueConstraint("shop_id", "campaign_id", "service", "answer", "at", name="uq_push_counts_what"),
)
Index(None, push_counts.c.at)

facts = Table(
    "facts",  # append-only: what came back
    metadata,
    own_id(),
    shop_id(),
    Column("delivery_id", BigId, ForeignKey("deliveries.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(10), nullable=False),  # shown, clicked, dismissed, converted
    Column("at", Instant, nullable=False),
    Column("order_id", BigInteger, nullable=False, server_default="0"),  # of a conversion; below 0 once it was erased
    Column("worth", Minor),  # of an order that was erased: its total less refunds, as it was then
    UniqueConstraint("shop_id", "delivery_id", "kind", "order_id"),  # reported twice, counted once
)
Index(None, facts.c.delivery_id)
Index(None, facts.c.shop_id, facts.c.kind, facts.c.at)
Index(
    "uq_facts_converted",
    facts.c.shop_id,
    facts.c.order_id,
    unique=True,
    sqlite_where=text("kind = 'converted'"),
    postgresql_where=text("kind = 'converted'"),
)  # an order counts once
