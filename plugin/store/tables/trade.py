"""What people bought and did."""

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

from plugin.store.types import BigId, Instant, Json, Minor

from .columns import metadata, own_id, person_id, shop_id

orders = Table(
    "orders",
    metadata,
    own_id(),
    shop_id(),
    person_id(required=False),  # empty: a guest whom we cannot place
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
    Column("source_name", Text),  # the channel: web, pos, shopify_draft_order, or an app's
    Column("hour", Integer),  # 0 to 23, of placed_at in the shop's zone; reckoned anew when the zone changes
    Column("weekday", Integer),  # 1 Monday to 7 Sunday, likewise
    UniqueConstraint("shop_id", "order_id"),
)
Index(None, orders.c.person_id, orders.c.placed_at)
Index(None, orders.c.shop_id, orders.c.placed_at)
Index(None, orders.c.shop_id, orders.c.cart_token)

refunds = Table(
    "refunds",
    metadata,
    own_id(),
    shop_id(),
    Column("refund_id", BigInteger, nullable=False),
    Column("order_id", BigInteger, nullable=False),  # which may come later
    Column("amount", Minor, nullable=False),
    Column("at", Instant, nullable=False),  # of the news that told the amount
    Column("refunded_at", Instant),  # when the money went back
    UniqueConstraint("shop_id", "refund_id"),  # told by refunds/create and by every later state of the order
)
Index(None, refunds.c.shop_id, refunds.c.order_id)

order_discounts = Table(
    "order_discounts",  # what made an order cheaper
    metadata,
    shop_id(),
    Column("order_id", BigInteger, nullable=False),
    Column("kind", String(10), nullable=False),  # code, automatic, manual
    Column("code", Text, nullable=False),  # as the customer wrote it; an automatic one's title; empty: by hand
    Column("key", Text, nullable=False),  # casefolded: codes are not case-sensitive
    UniqueConstraint("shop_id", "order_id", "kind", "key"),
)
Index("ix_order_discounts_of_key", order_discounts.c.shop_id, order_discounts.c.key, order_discounts.c.order_id)

order_lines = Table(
    "order_lines",
    metadata,
    own_id(),
    shop_id(),
    person_id(required=False),  # that of the order, so that "who bought X" reads one table
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
Index(
    "ix_order_lines_of_products",  # who bought anything since: read from here alone
    order_lines.c.shop_id,
    order_lines.c.placed_at,
    order_lines.c.person_id,
    sqlite_where=text("product_id IS NOT NULL"),
    postgresql_where=text("product_id IS NOT NULL"),
)

fulfillments = Table(
    "fulfillments",
    metadata,
    own_id(),
    shop_id(),
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
    own_id(),
    shop_id(),
    person_id(required=False),
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

cart_lines = Table(
    "cart_lines",  # what is in a cart as it is now, so that "who has X in a cart" reads an index
    metadata,
    own_id(),
    shop_id(),
    Column("cart_id", BigId, ForeignKey("carts.id", ondelete="CASCADE"), nullable=False),
    Column("product_id", BigInteger, nullable=False),  # custom lines are left out
    Column("quantity", Integer, nullable=False),  # of all lines of the product
    UniqueConstraint("cart_id", "product_id"),
)
Index(None, cart_lines.c.shop_id, cart_lines.c.product_id, cart_lines.c.cart_id)

checkouts = Table(
    "checkouts",  # as webhooks and the history tell them; a cart takes its recovery link from here
    metadata,
    own_id(),
    shop_id(),
    Column("token", String(255), nullable=False),
    Column("cart_token", String(255)),  # webhooks tell it, the Admin API does not
    Column("customer_id", BigInteger),  # Shopify's
    person_id(required=False),  # the customer; of a checkout that names none whose cart it is
    Column("recovery_url", Text),  # Shopify's abandoned_checkout_url
    Column("total", Minor, nullable=False),  # of its lines
    Column("started_at", Instant),  # where nobody told, the earliest news
    Column("updated_at", Instant, nullable=False),  # Shopify's: older news is not applied
    Column("completed_at", Instant),
    UniqueConstraint("shop_id", "token"),
)
Index(None, checkouts.c.shop_id, checkouts.c.customer_id)
Index(None, checkouts.c.shop_id, checkouts.c.cart_token)
Index(None, checkouts.c.person_id)
Index("ix_checkouts_by_start", checkouts.c.shop_id, checkouts.c.started_at, checkouts.c.person_id)

views = Table(
    "views",  # what somebody looked at or did on the storefront
    metadata,
    own_id(),
    shop_id(),
    person_id(),
    Column("event_id", String(64), nullable=False),  # made in the browser
    Column("kind", String(20), nullable=False),  # product_viewed, searched… plugin/profile/views.py
    Column("product_id", BigInteger),
    Column("collection_id", BigInteger),
    Column("article_id", BigInteger),
    Column("blog", Text),  # its handle, of an article
    Column("handle", Text),  # of an article
    Column("title", Text),  # of an article, as it was read
    Column(
        "tags_key", Text
    ),  # of an article: casefolded, a line each, a line break before the first and after the last
    Column("path", Text),  # of a page, without what follows a question mark
    Column("words", Text),  # what was searched for
    Column("words_key", Text),  # the same, casefolded, a space before and after each word
    Column("checkout_token", String(255)),  # of a checkout that was begun
    Column("at", Instant, nullable=False),
    UniqueConstraint("shop_id", "event_id"),  # sent twice, counted once
)
Index(None, views.c.person_id, views.c.at)
Index(None, views.c.shop_id, views.c.at)
Index(
    "ix_views_by_checkout",
    views.c.shop_id,
    views.c.checkout_token,
    views.c.person_id,
    sqlite_where=text("checkout_token IS NOT NULL"),
    postgresql_where=text("checkout_token IS NOT NULL"),
)
Index("ix_views_of_product", views.c.shop_id, views.c.product_id, views.c.person_id)
Index("ix_views_by_kind", views.c.shop_id, views.c.kind, views.c.at, views.c.person_id)
Index(
    "ix_views_by_product",  # "who looked at X, and when" reads the index alone
    views.c.shop_id,
    views.c.kind,
    views.c.product_id,
    views.c.at,
    views.c.person_id,
    sqlite_where=text("product_id IS NOT NULL"),
    postgresql_where=text("product_id IS NOT NULL"),
)
Index(
    "ix_views_by_collection",
    views.c.shop_id,
    views.c.kind,
    views.c.collection_id,
    views.c.at,
    views.c.person_id,
    sqlite_where=text("collection_id IS NOT NULL"),
    postgresql_where=text("collection_id IS NOT NULL"),
)
