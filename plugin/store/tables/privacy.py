"""Requests of persons, and what is left of those who were erased."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from plugin.store.types import Instant, Json

from .columns import metadata, own_id, shop_id

privacy_requests = Table(
    "privacy_requests",  # what a person, or Shopify for them, asked; names them only until it is done
    metadata,
    own_id(),
    shop_id(),
    Column("kind", String(15), nullable=False),  # export, erase, erase_shop
    Column("asked_by", String(10), nullable=False),  # shopify, merchant, operator
    Column("reference", String(100), nullable=False),  # Shopify's number of the request, or its webhook's
    Column("customer_id", BigInteger),
    Column("person_id", BigInteger),  # of a visitor without an account; no foreign key: it outlives the person
    Column("subject", Json),  # what else finds them: see ingest/naming.py
    Column("asked_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),  # the law's limit
    Column("state", String(10), nullable=False),  # open, done
    Column("cursor", BigInteger, nullable=False, server_default="0"),  # the last raw webhook looked through
    Column("last_webhook", BigInteger),  # the last to look through; empty: not begun
    Column("erased", Json, nullable=False),  # {table: rows}
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", Text),  # of the last try that broke
    Column("hinted_at", Instant),  # a job was enqueued for it last
    Column("done_at", Instant),
    UniqueConstraint("shop_id", "kind", "reference"),  # a request told twice is one
)
Index(None, privacy_requests.c.state, privacy_requests.c.received_at)

privacy_receipts = Table(
    "privacy_receipts",  # proof that names nobody; outlives the shop
    metadata,
    own_id(),
    Column("shop_key", LargeBinary(32), nullable=False),  # keyed hash of the shop's domain
    Column("subject_key", LargeBinary(32)),  # keyed hash of the customer's id; empty: the whole shop
    Column("kind", String(15), nullable=False),
    Column("asked_by", String(10), nullable=False),
    Column("reference", String(100), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("done_at", Instant, nullable=False),
    Column("outcome", String(20), nullable=False),  # erased, answered, nothing held, kept
    Column("erased", Json, nullable=False),  # {table: rows}
    UniqueConstraint("shop_key", "kind", "reference"),
)

tombstones = Table(
    "tombstones",  # what was erased, as keyed hashes: late news of it is not applied
    metadata,
    shop_id(),
    Column("key", LargeBinary(32), nullable=False),
    Column("at", Instant, nullable=False),  # news up to here is never applied
    Column("returned_at", Instant),  # the person came back: later news is theirs
    UniqueConstraint("shop_id", "key"),
)

retention_choices = Table(
    "retention_choices",  # where the merchant chose otherwise than profile/retention.py's defaults
    metadata,
    shop_id(),
    Column("kind", String(20), nullable=False),
    Column("days", Integer, nullable=False),
    UniqueConstraint("shop_id", "kind"),
)
