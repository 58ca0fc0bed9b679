"""The schema, to be read in one sitting. Every table that holds a store's data has `shop_id`.

Instants are UTC, money is in minor units of the shop's currency, ids of Shopify's are 64-bit.
Unique keys are what makes a repeated webhook, job or click harmless; each says so beside it.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from .sealed import SealedBytes, SealedText
from .types import BigId, Instant, Json, Minor

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", BigId, primary_key=True, autoincrement=True)


def _shop() -> Column[int]:
    return Column("shop_id", BigId, ForeignKey("shops.id", ondelete="CASCADE"), nullable=False)


def _person(*, required: bool = True) -> Column[int]:
    return Column("person_id", BigId, ForeignKey("people.id", ondelete="CASCADE"), nullable=not required)


def _source() -> Column[int]:
    """The customer of whom it was told: `person_id` itself, or one who was merged into that person."""
    return Column("source_id", BigId, ForeignKey("people.id", ondelete="CASCADE"), nullable=False)


# --- the shop -----------------------------------------------------------------------------------

shops = Table(
    "shops",
    metadata,
    _id(),
    Column("domain", String(255), nullable=False, unique=True),  # name.myshopify.com, lower case
    Column("name", Text, nullable=False, server_default=""),
    Column("currency", String(3), nullable=False, server_default="USD"),
    Column("timezone", String(64), nullable=False, server_default="UTC"),  # IANA
    Column("storefront_url", Text),  # the primary domain, https://…
    Column("proxy_path", String(255), nullable=False, server_default="/apps/beckon"),  # as signed requests say it
    Column("scopes", Text, nullable=False, server_default=""),
    Column("access_token", SealedText),
    Column("access_expires_at", Instant),
    Column("refresh_token", SealedText),
    Column("refresh_expires_at", Instant),
    Column("needs_reconnect", Boolean, nullable=False, server_default=text("false")),  # the merchant must open the app
    Column("vapid_private", SealedBytes, nullable=False),  # 32 bytes; kept for ever: a change ends every subscription
    Column("vapid_public", LargeBinary, nullable=False),  # 65 bytes, uncompressed point
    Column("installed_at", Instant, nullable=False),
    Column("connected_at", Instant),  # Shopify gave tokens for a session token: the app was installed then
    Column("uninstalled_at", Instant),
    Column("script_seen_at", Instant),  # the storefront script called last
    Column("theme_name", Text),  # of the theme published last
    Column("theme_published_at", Instant),  # the script was not seen since? The bell is off in the new theme
    Column("keeps_name", Boolean, nullable=False, server_default=text("false")),  # level 2: see profile/contact.py
    Column("keeps_email", Boolean, nullable=False, server_default=text("false")),
    Column("keeps_phone", Boolean, nullable=False, server_default=text("false")),
    Column("updated_at", Instant),  # Shopify's, of the shop's details
)

shop_plans = Table(
    "shop_plans",  # of a hosted offer, as Shopify told it last; a self-hosted installation has no row
    metadata,
    Column("shop_id", BigId, ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("shop_gid", String(100)),  # Shopify's ids of the shop and of the app: the Partner API asks with them
    Column("app_gid", String(100)),
    Column("development", Boolean, nullable=False, server_default=text("false")),  # a store that cannot be charged
    Column("plan", String(100)),  # its handle; empty: none was chosen
    Column("state", String(12)),  # none, active, trial, frozen, cancelled; empty: never known
    Column("request", String(12)),  # of the newest choice, not in force: pending, declined, expired
    Column("request_plan", String(100)),
    Column("test", Boolean, nullable=False, server_default=text("false")),
    Column("subscription_gid", String(100)),
    Column("month_from", Instant),  # a billing month began then; others follow every thirty days
    Column("trial_ends_at", Instant),
    Column("ends_at", Instant),  # the plan is cancelled at that time
    Column("next_plan", String(100)),  # chosen already, begins with the next month
    Column("known_at", Instant),  # Shopify told all this then
    Column("tried_at", Instant),
    Column("ask_at", Instant, nullable=False),  # the clock asks again then
    Column("error", Text),  # why the last try failed
)
Index(None, shop_plans.c.ask_at)

pixels = Table(
    "pixels",
    metadata,
    _id(),
    _shop(),
    Column("key", String(64), nullable=False, unique=True),  # names the shop in the pixel's posts; cannot be guessed
    Column("pixel_id", String(100)),  # Shopify's; empty until it is switched on
    Column("endpoint", Text),  # as Shopify's settings of the pixel have it
    Column("installed_at", Instant),  # of the installation it was switched on in: uninstalling takes it away
    Column("switched_on_at", Instant),
    Column("tried_at", Instant),
    Column("error", Text),  # what Shopify said at the last try, in words
    Column("heard_at", Instant),  # an event came last
    UniqueConstraint("shop_id"),
)

# --- from Shopify -------------------------------------------------------------------------------

webhooks = Table(
    "webhooks",
    metadata,
    _id(),
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
    _id(),
    _shop(),
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
    _id(),
    _shop(),
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

# --- people -------------------------------------------------------------------------------------

people = Table(
    "people",
    metadata,
    _id(),
    _shop(),
    Column("customer_id", BigInteger),  # Shopify's; empty for an anonymous visitor
    Column("created_at", Instant, nullable=False),
    Column("customer_added_at", Instant),
    Column("customer_updated_at", Instant),  # Shopify's updated_at: older news is not applied
    Column("customer_deleted_at", Instant),
    Column("merged_into", BigId, ForeignKey("people.id", ondelete="CASCADE")),  # a customer whom Shopify made this one
    Column("merged_at", Instant),
    Column("countries_at", Instant),  # when Shopify told all countries last: an older order adds none
    Column("tags_at", Instant),  # when Shopify told all tags last
    Column("locale", String(20)),
    Column("locale_at", Instant),
    Column("first_name", Text),  # this and the next three: empty unless the merchant switched them on
    Column("last_name", Text),
    Column("name_at", Instant),
    Column("email", Text),
    Column("email_at", Instant),
    Column("phone", Text),
    Column("phone_at", Instant),
    Column("email_status", String(20)),  # SUBSCRIBED, UNSUBSCRIBED…: marketing by e-mail, as Shopify told it
    Column("email_status_at", Instant),
    Column("sms_status", String(20)),
    Column("sms_status_at", Instant),
    Column("told_orders", Integer),  # Shopify's own sums, which know orders that we do not hold
    Column("told_spent", Minor),
    Column("told_last_order", BigInteger),
    Column("told_at", Instant),
    Column("number_of_orders", Integer, nullable=False, server_default="0"),
    Column("amount_spent", Minor, nullable=False, server_default="0"),  # order totals less refunds
    Column("first_order_at", Instant),
    Column("last_order_at", Instant),
    UniqueConstraint("shop_id", "customer_id"),
)
Index(None, people.c.shop_id, people.c.number_of_orders)
Index(None, people.c.shop_id, people.c.amount_spent)
Index(None, people.c.shop_id, people.c.last_order_at)
Index(None, people.c.shop_id, people.c.first_order_at)
Index(None, people.c.shop_id, people.c.customer_added_at)
Index(None, people.c.shop_id, people.c.email_status)
Index(None, people.c.shop_id, people.c.sms_status)
Index(
    None,
    people.c.merged_into,  # few
    sqlite_where=text("merged_into IS NOT NULL"),
    postgresql_where=text("merged_into IS NOT NULL"),
)

person_countries = Table(
    "person_countries",
    metadata,
    _shop(),
    _person(),
    _source(),
    Column("country", String(2), nullable=False),  # ISO 3166-1 alpha-2, upper case
    Column("changed_at", Instant),
    UniqueConstraint("source_id", "country"),
)
Index(None, person_countries.c.person_id)
Index(None, person_countries.c.shop_id, person_countries.c.country, person_countries.c.person_id)

person_tags = Table(
    "person_tags",
    metadata,
    _shop(),
    _person(),
    _source(),
    Column("tag", Text, nullable=False),  # as Shopify wrote it
    Column("key", Text, nullable=False),  # casefolded: tags are not case-sensitive
    Column("changed_at", Instant, nullable=False),
    Column("removed", Boolean, nullable=False, server_default=text("false")),  # a tombstone, against late news
    UniqueConstraint("source_id", "key"),
)
Index(None, person_tags.c.person_id)
Index(None, person_tags.c.shop_id, person_tags.c.key, person_tags.c.person_id)

visitors = Table(
    "visitors",
    metadata,
    _id(),
    _shop(),
    _person(),
    Column("token", String(64), nullable=False),  # made by the storefront script, kept in the browser
    Column("cart_token", String(255)),  # the cart last seen with it
    Column("created_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    UniqueConstraint("shop_id", "token"),
)
Index(None, visitors.c.shop_id, visitors.c.cart_token)
Index(None, visitors.c.person_id)
Index(None, visitors.c.shop_id, visitors.c.last_seen_at)

# --- what they bought and did -------------------------------------------------------------------

products = Table(
    "products",
    metadata,
    _id(),
    _shop(),
    Column("product_id", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("handle", Text, nullable=False),
    Column("image_url", Text),
    Column("vendor", Text),
    Column("product_type", Text),
    Column("status", String(20), nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    UniqueConstraint("shop_id", "product_id"),
)

product_tags = Table(
    "product_tags",
    metadata,
    _shop(),
    Column("product_id", BigInteger, nullable=False),
    Column("tag", Text, nullable=False),
    Column("key", Text, nullable=False),  # casefolded
    UniqueConstraint("shop_id", "product_id", "key"),
)
Index(None, product_tags.c.shop_id, product_tags.c.key, product_tags.c.product_id)

collections = Table(
    "collections",
    metadata,
    _id(),
    _shop(),
    Column("collection_id", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("handle", Text, nullable=False),
    Column("updated_at", Instant, nullable=False),  # Shopify's: older news is not applied
    Column("deleted_at", Instant),
    Column("members_at", Instant),  # its products were read then; webhooks do not tell them
    Column("stale_at", Instant),  # a webhook said that it changed: read its products anew
    UniqueConstraint("shop_id", "collection_id"),
)

collection_products = Table(
    "collection_products",
    metadata,
    _shop(),
    Column("collection_id", BigInteger, nullable=False),
    Column("product_id", BigInteger, nullable=False),  # which may come later
    Column("told_at", Instant, nullable=False),  # of the reading that told it last
    UniqueConstraint("shop_id", "collection_id", "product_id"),
)
Index(
    "ix_collection_products_of_product",  # its own name: the usual one is too long
    collection_products.c.shop_id,
    collection_products.c.product_id,
    collection_products.c.collection_id,
)

variants = Table(
    "variants",
    metadata,
    _id(),
    _shop(),
    Column("variant_id", BigInteger, nullable=False),
    Column("product_id", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("sku", Text),
    Column("price", Minor, nullable=False),
    Column("inventory", Integer),  # at all locations together; empty: not tracked
    Column("inventory_policy", String(20)),  # deny, continue: sold on without stock
    Column("in_stock", Boolean, nullable=False, server_default=text("true")),  # what `stock` comes to
    Column("stock_since", Instant),  # it went out of stock, or came back, then; empty: not known
    UniqueConstraint("shop_id", "variant_id"),
)
Index(None, variants.c.shop_id, variants.c.product_id)

stock = Table(
    "stock",  # what was told of a variant's stock, each by its own instant; it may come before the variant
    metadata,
    _id(),
    _shop(),
    Column("variant_id", BigInteger, nullable=False),
    Column("inventory_item_id", BigInteger),  # by which levels are told
    Column("quantity", Integer),  # of all locations, as the product told it last
    Column("quantity_at", Instant),
    Column("tracked", Boolean),  # whether pieces are counted at all; empty: nobody said
    Column("tracked_at", Instant),
    Column("in_stock_at", Instant),  # variants/in_stock came last
    Column("out_of_stock_at", Instant),  # variants/out_of_stock came last
    UniqueConstraint("shop_id", "variant_id"),
)
Index(None, stock.c.shop_id, stock.c.inventory_item_id)

inventory_levels = Table(
    "inventory_levels",  # the last few of each location, against late news: see profile/stock_sum.py
    metadata,
    _id(),
    _shop(),
    Column("inventory_item_id", BigInteger, nullable=False),
    Column("location_id", BigInteger, nullable=False),
    Column("available", Integer),  # empty: not tracked
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("shop_id", "inventory_item_id", "location_id", "updated_at"),
)

orders = Table(
    "orders",
    metadata,
    _id(),
    _shop(),
    _person(required=False),  # empty: a guest whom we cannot place
    Column("order_id", BigInteger, nullable=False),
    Column("customer_id", BigInteger),  # as Shopify told it; empty: a guest's, which Shopify's sums leave out
    Column("name", Text, nullable=False),  # "#1001"
    Column("placed_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),  # Shopify's: older news is not applied
    Column("cancelled_at", Instant),
    Column("deleted_at", Instant),
    Column("currency", String(3), nullable=False),
    Column("total", Minor, nullable=False),
    Column("refunded", Minor, nullable=False, server_default="0"),
    Column("test", Boolean, nullable=False, server_default=text("false")),
    Column("cart_token", String(255)),
    Column("checkout_token", String(255)),
    Column("app_id", BigInteger),
    Column("location_id", BigInteger),
    UniqueConstraint("shop_id", "order_id"),
)
Index(None, orders.c.person_id, orders.c.placed_at)
Index(None, orders.c.shop_id, orders.c.placed_at)
Index(None, orders.c.shop_id, orders.c.cart_token)
Index(
    "ix_orders_not_counting",  # few: segments leave them out without a join
    orders.c.shop_id,
    orders.c.order_id,
    sqlite_where=text("test = 1 OR deleted_at IS NOT NULL"),
    postgresql_where=text("test OR deleted_at IS NOT NULL"),
)

refunds = Table(
    "refunds",
    metadata,
    _id(),
    _shop(),
    Column("refund_id", BigInteger, nullable=False),
    Column("order_id", BigInteger, nullable=False),  # which may come later
    Column("amount", Minor, nullable=False),
    Column("at", Instant, nullable=False),  # of the news that told the amount
    Column("refunded_at", Instant),  # when the money went back
    UniqueConstraint("shop_id", "refund_id"),  # told by refunds/create and by every later state of the order
)
Index(None, refunds.c.shop_id, refunds.c.order_id)

order_lines = Table(
    "order_lines",
    metadata,
    _id(),
    _shop(),
    _person(required=False),  # that of the order, so that "who bought X" reads one table
    Column("order_id", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),
    Column("line_id", BigInteger),  # Shopify's: a line of the history that comes late is not added twice
    Column("product_id", BigInteger),  # empty: a custom line
    Column("variant_id", BigInteger),
    Column("title", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("price", Minor, nullable=False),  # of one piece
    Column("placed_at", Instant, nullable=False),  # that of the order
    UniqueConstraint("shop_id", "order_id", "position"),
)
Index(None, order_lines.c.shop_id, order_lines.c.product_id, order_lines.c.placed_at, order_lines.c.person_id)
Index(None, order_lines.c.person_id, order_lines.c.placed_at, order_lines.c.product_id)

fulfillments = Table(
    "fulfillments",
    metadata,
    _id(),
    _shop(),
    Column("fulfillment_id", BigInteger, nullable=False),
    Column("order_id", BigInteger, nullable=False),  # which may come later
    Column("status", String(20)),  # pending, open, success, cancelled, error, failure
    Column("shipment_status", String(40)),  # confirmed, in_transit, out_for_delivery, delivered…
    Column("tracking_company", Text),
    Column("tracking_number", Text),
    Column("tracking_url", Text),
    Column("created_at", Instant),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("shop_id", "fulfillment_id"),  # told by fulfillments/* and by every later state of the order
)
Index(None, fulfillments.c.shop_id, fulfillments.c.order_id)

carts = Table(
    "carts",
    metadata,
    _id(),
    _shop(),
    _person(required=False),
    Column("token", String(255), nullable=False),  # without `?key=…`
    Column("updated_at", Instant, nullable=False),
    Column("lines", Json, nullable=False),  # [{product_id, variant_id, title, quantity, price}]
    Column("total", Minor, nullable=False),
    Column("checkout_token", String(255)),
    Column("recovery_url", Text),  # Shopify's abandoned_checkout_url
    Column("checkout_updated_at", Instant),
    Column("checkout_deleted_at", Instant),  # not before checkout_updated_at: the link leads nowhere
    Column("ordered_at", Instant),  # bought: no reminder any more
    UniqueConstraint("shop_id", "token"),
)
Index(None, carts.c.person_id, carts.c.updated_at)
Index(None, carts.c.shop_id, carts.c.updated_at)

checkouts = Table(
    "checkouts",  # as webhooks and the history tell them; a cart takes its recovery link from here
    metadata,
    _id(),
    _shop(),
    Column("token", String(255), nullable=False),
    Column("cart_token", String(255)),  # webhooks tell it, the Admin API does not
    Column("customer_id", BigInteger),  # Shopify's
    Column("recovery_url", Text),  # Shopify's abandoned_checkout_url
    Column("total", Minor, nullable=False),  # of its lines
    Column("updated_at", Instant, nullable=False),  # Shopify's: older news is not applied
    Column("completed_at", Instant),
    UniqueConstraint("shop_id", "token"),
)
Index(None, checkouts.c.shop_id, checkouts.c.customer_id)

views = Table(
    "views",
    metadata,
    _id(),
    _shop(),
    _person(),
    Column("event_id", String(64), nullable=False),  # made in the browser
    Column(
        "kind", String(20), nullable=False
    ),  # product_viewed, collection_viewed, searched… plugin/storefront/pixel.py
    Column("product_id", BigInteger),
    Column("collection_id", BigInteger),
    Column("words", Text),  # what was searched for
    Column("at", Instant, nullable=False),
    UniqueConstraint("shop_id", "event_id"),  # sent twice, counted once
)
Index(None, views.c.person_id, views.c.at)
Index(None, views.c.shop_id, views.c.at)

# --- what the merchant keeps in Shopify ---------------------------------------------------------

discounts = Table(
    "discounts",
    metadata,
    _id(),
    _shop(),
    Column("discount_id", String(100), nullable=False),  # a gid: automatic ones and those with codes count apart
    Column("title", Text, nullable=False),
    Column("status", String(20), nullable=False),  # active, expired, scheduled
    Column("starts_at", Instant),
    Column("ends_at", Instant),
    Column("updated_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    UniqueConstraint("shop_id", "discount_id"),
)

discount_codes = Table(
    "discount_codes",
    metadata,
    _id(),
    _shop(),
    Column("discount_id", String(100), nullable=False),  # which may come later
    Column("code_id", String(100), nullable=False),  # a gid
    Column("code", Text, nullable=False),
    Column("key", Text, nullable=False),  # casefolded: codes are not case-sensitive
    Column("changed_at", Instant, nullable=False),
    Column("removed", Boolean, nullable=False, server_default=text("false")),  # a tombstone, against late news
    UniqueConstraint("shop_id", "code_id"),
)
Index(None, discount_codes.c.shop_id, discount_codes.c.key)
Index(None, discount_codes.c.shop_id, discount_codes.c.discount_id)

shopify_segments = Table(
    "shopify_segments",  # the store's own, for import
    metadata,
    _id(),
    _shop(),
    Column("segment_id", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("created_at", Instant),
    Column("updated_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    UniqueConstraint("shop_id", "segment_id"),
)

# --- consent ------------------------------------------------------------------------------------

subscriptions = Table(
    "subscriptions",
    metadata,
    _id(),
    _shop(),
    _person(),
    Column("endpoint", Text, nullable=False),
    Column("endpoint_hash", LargeBinary(32), nullable=False),  # SHA-256 of it
    Column("service", String(255), nullable=False),  # host[:port] of the push service
    Column("p256dh", LargeBinary, nullable=False),  # 65 bytes
    Column("auth", LargeBinary, nullable=False),  # 16 bytes
    Column("state", String(15), nullable=False),  # active, gone, unsubscribed
    Column("created_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("ended_why", Text),
    Column("user_agent", Text),
    Column("locale", String(20)),
    Column("timezone", String(64)),
    UniqueConstraint("shop_id", "endpoint_hash"),
)
Index(None, subscriptions.c.person_id, subscriptions.c.state)
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
    _id(),
    _shop(),
    _person(),
    Column("subscription_id", BigId, ForeignKey("subscriptions.id", ondelete="CASCADE")),
    Column("kind", String(15), nullable=False),  # granted, withdrawn, ended
    Column("at", Instant, nullable=False),
    Column("page", Text),
    Column("wording", Text),  # what the person read when they agreed
    Column("why", Text),
)
Index(None, consents.c.person_id)
Index(None, consents.c.subscription_id)

# --- who, what, when ----------------------------------------------------------------------------

segments = Table(
    "segments",
    metadata,
    _id(),
    _shop(),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("deleted_at", Instant),
)
Index(None, segments.c.shop_id)

campaigns = Table(
    "campaigns",
    metadata,
    _id(),
    _shop(),
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
    Column("audience", Integer),  # people reachable when sending began
    Column("cursor", BigInteger, nullable=False, server_default="0"),  # the last person fanned out
    Column("last_person", BigInteger),  # nobody who came later gets it
    Column("fanned_out_at", Instant),
    Column("hinted_at", Instant),  # a job was enqueued for it last
)
Index(None, campaigns.c.shop_id, campaigns.c.state)
Index(None, campaigns.c.state, campaigns.c.scheduled_at)

automations = Table(
    "automations",
    metadata,
    _id(),
    _shop(),
    Column("recipe", String(40), nullable=False),  # abandoned_cart
    Column("enabled", Boolean, nullable=False),
    Column("delay", Integer, nullable=False),  # seconds
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("enabled_at", Instant),  # what happened before does not trigger it
    UniqueConstraint("shop_id", "recipe"),
)

enrollments = Table(
    "enrollments",
    metadata,
    _id(),
    _shop(),
    _person(required=False),  # empty: the person was erased, the number stays
    Column("automation_id", BigId, ForeignKey("automations.id", ondelete="CASCADE"), nullable=False),
    Column("subject", String(255), nullable=False),  # the cart's token
    Column("state", String(10), nullable=False),  # waiting, sent, stopped
    Column("step", Integer, nullable=False, server_default="0"),
    Column("due_at", Instant, nullable=False),
    Column("hinted_at", Instant),  # a job was enqueued for it last
    Column("reason", Text),  # why it stopped: bought, emptied, unsubscribed…
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
    UniqueConstraint("automation_id", "subject"),  # one reminder a cart
)
Index(None, enrollments.c.state, enrollments.c.due_at)
Index(None, enrollments.c.person_id)

# --- sending and proof --------------------------------------------------------------------------

deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    _shop(),
    _person(required=False),  # empty: the person was erased, the number stays
    Column("subscription_id", BigId, ForeignKey("subscriptions.id", ondelete="CASCADE")),
    Column("campaign_id", BigId, ForeignKey("campaigns.id", ondelete="CASCADE")),
    Column("enrollment_id", BigId, ForeignKey("enrollments.id", ondelete="CASCADE")),
    Column("step", Integer, nullable=False, server_default="0"),
    Column("token", String(32), nullable=False, unique=True),  # Topic, tag and receipts: names it outside
    Column(
        "state", String(12), nullable=False
    ),  # queued, sending, unknown → sent, gone, rejected, failed, expired, skipped
    Column("reason", Text),
    Column("message", Json),  # as sent, for proof
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),  # not before
    Column("hinted_at", Instant),  # a job was enqueued for it last
    Column("expires_at", Instant, nullable=False),  # TTL: not after
    Column("claimed_at", Instant),
    Column("finished_at", Instant),
    Column("status", Integer),  # the push service's last answer
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

services = Table(
    "services",  # push services that asked for patience; nobody's in particular
    metadata,
    Column("host", String(255), primary_key=True),  # as in subscriptions.service
    Column("slow_until", Instant, nullable=False),
)

facts = Table(
    "facts",  # append-only: what came back
    metadata,
    _id(),
    _shop(),
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

# --- privacy ------------------------------------------------------------------------------------

privacy_requests = Table(
    "privacy_requests",  # what a person, or Shopify for them, asked; names them only until it is done
    metadata,
    _id(),
    _shop(),
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
    _id(),
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
    _shop(),
    Column("key", LargeBinary(32), nullable=False),
    Column("at", Instant, nullable=False),  # news up to here is never applied
    Column("returned_at", Instant),  # the person came back: later news is theirs
    UniqueConstraint("shop_id", "key"),
)

retention_choices = Table(
    "retention_choices",  # where the merchant chose otherwise than profile/retention.py's defaults
    metadata,
    _shop(),
    Column("kind", String(20), nullable=False),
    Column("days", Integer, nullable=False),
    UniqueConstraint("shop_id", "kind"),
)

# --- the clock ----------------------------------------------------------------------------------

leases = Table(
    "leases",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("holder", String(100), nullable=False),
    Column("until", Instant, nullable=False),
)
