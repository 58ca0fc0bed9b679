"""Who agreed to notifications."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table, Text, UniqueConstraint, text

from plugin.store.types import BigId, Instant

from .columns import metadata, own_id, person_id, shop_id

subscriptions = Table(
    "subscriptions",
    metadata,
    own_id(),
    shop_id(),
    person_id(),
    Column("endpoint", Text, nullable=False),
    Column("endpoint_hash", LargeBinary(32), nullable=False),  # SHA-256 of it
    Column("service", String(255), nullable=False),  # host[:port] of the push service
    Column("p256dh", LargeBinary, nullable=False),  # 65 bytes
    Column("auth", LargeBinary, nullable=False),  # 16 bytes
    Column("state", String(15), nullable=False),  # active, gone, unsubscribed, replaced
    Column("created_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("ended_why", Text),
    Column("user_agent", Text),
    Column("device", String(10)),  # desktop, mobile, tablet: this and the next three as the browser told
    Column("platform", Text),
    Column("browser", Text),
    Column("language", String(10)),  # ISO 639
    Column("locale", String(20)),
    Column("timezone", String(64)),
    Column("visitor_id", BigId, ForeignKey("visitors.id", ondelete="SET NULL")),  # the browser; empty until it is back
    UniqueConstraint("shop_id", "endpoint_hash"),
)
Index(None, subscriptions.c.person_id, subscriptions.c.state)
Index(None, subscriptions.c.visitor_id)
Index(None, subscriptions.c.shop_id, subscriptions.c.state, subscriptions.c.created_at)
Index(
    "ix_subscriptions_ended_with_endpoint",
    subscriptions.c.shop_id,
    subscriptions.c.ended_at,
    sqlite_where=text("ended_at IS NOT NULL AND endpoint <> ''"),
    postgresql_where=text("ended_at IS NOT NULL AND endpoint <> ''"),
)

consents = Table(
    "consents",  # the ledger: append-only
    metadata,
    own_id(),
    shop_id(),
    person_id(),
    Column("subscription_id", BigId, ForeignKey("subscriptions.id", ondelete="CASCADE")),
    Column("kind", String(15), nullable=False),  # granted, withdrawn, ended
    Column("at", Instant, nullable=False),
    Column("page", Text),
    Column("wording", Text),  # what the person read when they agreed
    Column("why", Text),
)
Index(None, consents.c.person_id)
Index(None, consents.c.subscription_id)
