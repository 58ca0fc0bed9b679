"""What comes from Shopify: webhooks, the history, comparisons."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from plugin.store.types import Instant, Json

from .columns import metadata, own_id, shop_id

webhooks = Table(
    "webhooks",
    metadata,
    own_id(),
    Column("shop_domain", String(255), nullable=False),  # the shop may not be ours (any more)
    Column("webhook_id", String(100), nullable=False),
    Column("topic", String(100), nullable=False),
    Column("api_version", String(20)),
    Column("triggered_at", Instant),
    Column("received_at", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),  # raw, as it was signed
    Column("state", String(10), nullable=False),  # pending, claimed, done, failed
    Column("hinted_at", Instant),  # the clock enqueued a job for it last
    Column("claimed_at", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", Text),
    Column("finished_at", Instant),
    UniqueConstraint("shop_domain", "webhook_id"),  # a repeated delivery is applied once
)
Index(None, webhooks.c.state, webhooks.c.received_at)

backfills = Table(
    "backfills",
    metadata,
    own_id(),
    shop_id(),
    Column("kind", String(20), nullable=False),  # products, collections, customers, orders, checkouts
    Column("reconciliation_id", BigInteger, nullable=False, server_default="0"),  # 0: a part of the history itself
    Column("since", Instant),  # only what changed from then on; empty: everything
    Column("state", String(10), nullable=False),  # waiting, running, loading, done, failed
    Column("asked_at", Instant),  # the operation was begun: its file tells the state of then, or later
    Column("attempts", Integer, nullable=False, server_default="0"),  # operations begun
    Column("hinted_at", Instant),  # the clock enqueued a job for it last
    Column("operation_id", String(100)),  # Shopify's bulk operation
    Column("url", Text),  # its JSONL
    Column("total", BigInteger),  # objects that Shopify announces
    Column("offset", BigInteger, nullable=False, server_default="0"),  # bytes read and applied
    Column("objects", BigInteger, nullable=False, server_default="0"),  # objects read and applied
    Column("looked_at", BigInteger, nullable=False, server_default="0"),  # things compared, by a reconciliation
    Column("repaired", BigInteger, nullable=False, server_default="0"),  # of these, those that differed
    Column("claimed_at", Instant),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("error", Text),
    UniqueConstraint("shop_id", "reconciliation_id", "kind"),
)

reconciliations = Table(
    "reconciliations",  # what was compared with Shopify, and what had to be repaired; one row a run, kept
    metadata,
    own_id(),
    shop_id(),
    Column("asked_by", String(10), nullable=False),  # clock, merchant
    Column("since", Instant),  # what changed from then on was looked at
    Column("whole", Boolean, nullable=False, server_default=text("false")),  # also whether things are there at all
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("looked_at", BigInteger, nullable=False, server_default="0"),
    Column("repaired", BigInteger, nullable=False, server_default="0"),
    Column("kinds", Json),  # {kind: {looked_at, repaired, removed, error}}
    Column("error", Text),  # in words, when a part of it could not be done
)
Index(None, reconciliations.c.shop_id, reconciliations.c.started_at)
Index(
    "uq_reconciliations_under_way",  # one at a time
    reconciliations.c.shop_id,
    unique=True,
    sqlite_where=text("finished_at IS NULL"),
    postgresql_where=text("finished_at IS NULL"),
)
