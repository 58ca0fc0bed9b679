"""What the shop sells, and what else the merchant keeps in Shopify."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint, text

from plugin.store.types import Instant, Minor

from .columns import metadata, own_id, shop_id

products = Table(
    "products",
    metadata,
    own_id(),
    shop_id(),
    Column("product_id", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("handle", Text, nullable=False),
    Column("image_url", Text),
    Column("vendor", Text),
    Column("product_type", Text),
    Column("category", Text),  # Shopify's taxonomy, whole: Apparel & Accessories > Clothing
    Column("status", String(20), nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    UniqueConstraint("shop_id", "product_id"),
)
Index("ix_products_of_handle", products.c.shop_id, products.c.handle)  # which links name

product_tags = Table(
    "product_tags",
    metadata,
    shop_id(),
    Column("product_id", BigInteger, nullable=False),
    Column("tag", Text, nullable=False),
    Column("key", Text, nullable=False),  # casefolded
    UniqueConstraint("shop_id", "product_id", "key"),
)
Index(None, product_tags.c.shop_id, product_tags.c.key, product_tags.c.product_id)

collections = Table(
    "collections",
    metadata,
    own_id(),
    shop_id(),
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
    shop_id(),
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
    own_id(),
    shop_id(),
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
Index("ix_variants_of_sku", variants.c.shop_id, variants.c.sku, variants.c.product_id, variants.c.variant_id)

stock = Table(
    "stock",  # what was told of a variant's stock, each by its own instant; it may come before the variant
    metadata,
    own_id(),
    shop_id(),
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
    own_id(),
    shop_id(),
    Column("inventory_item_id", BigInteger, nullable=False),
    Column("location_id", BigInteger, nullable=False),
    Column("available", Integer),  # empty: not tracked
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("shop_id", "inventory_item_id", "location_id", "updated_at"),
)


discounts = Table(
    "discounts",
    metadata,
    own_id(),
    shop_id(),
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
    own_id(),
    shop_id(),
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
    own_id(),
    shop_id(),
    Column("segment_id", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("created_at", Instant),
    Column("updated_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    UniqueConstraint("shop_id", "segment_id"),
)
