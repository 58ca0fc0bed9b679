"""The schema, to be read in one sitting. Every table that holds a store's data has `shop_id`.

Instants are UTC, money is in minor units of the shop's currency, ids of Shopify's are 64-bit.
Unique keys are what makes a repeated webhook, job or click harmless; each says so beside it.
A file a subject: shop, inbox, people, goods, trade, behaviour, consent, intent, insight, lists, habits, membership,
sending, privacy, timing.
"""

from __future__ import annotations

from .behaviour import answers, api_keys, custom_events, person_located, visits
from .columns import metadata
from .consent import consents, subscriptions
from .goods import (
    collection_products,
    collections,
    discount_codes,
    discounts,
    inventory_levels,
    product_tags,
    products,
    shopify_segments,
    stock,
    variants,
)
from .habits import habits, measures
from .inbox import backfills, reconciliations, webhooks
from .insight import segment_check_members, segment_checks, segment_imports, segment_insights, segment_readings
from .intent import automations, campaigns, enrollments, segments, sending_limits
from .lists import list_imports, list_members, lists
from .membership import membership_changes, membership_checks, memberships, segment_days, segment_versions, timers
from .people import (
    people,
    person_companies,
    person_countries,
    person_metafields,
    person_places,
    person_tags,
    shopper_facts,
    store_credits,
    visitors,
)
from .privacy import privacy_receipts, privacy_requests, retention_choices, tombstones
from .sending import audience_pages, deliveries, delivery_browsers, facts, push_counts, refusals, services
from .shop import pixels, shop_plans, shops
from .timing import leases
from .trade import (
    cart_lines,
    carts,
    checkouts,
    fulfillments,
    order_discounts,
    order_lines,
    orders,
    refunds,
    views,
)

__all__ = [
    "answers",
    "api_keys",
    "audience_pages",
    "automations",
    "backfills",
    "campaigns",
    "cart_lines",
    "carts",
    "checkouts",
    "collection_products",
    "collections",
    "consents",
    "custom_events",
    "deliveries",
    "delivery_browsers",
    "discount_codes",
    "discounts",
    "enrollments",
    "facts",
    "fulfillments",
    "habits",
    "inventory_levels",
    "leases",
    "list_imports",
    "list_members",
    "lists",
    "measures",
    "membership_changes",
    "membership_checks",
    "memberships",
    "metadata",
    "order_discounts",
    "order_lines",
    "orders",
    "people",
    "person_companies",
    "person_countries",
    "person_located",
    "person_metafields",
    "person_places",
    "person_tags",
    "pixels",
    "privacy_receipts",
    "privacy_requests",
    "product_tags",
    "products",
    "push_counts",
    "reconciliations",
    "refunds",
    "refusals",
    "retention_choices",
    "segment_check_members",
    "segment_checks",
    "segment_days",
    "segment_imports",
    "segment_insights",
    "segment_readings",
    "segment_versions",
    "segments",
    "sending_limits",
    "services",
    "shop_plans",
    "shopify_segments",
    "shopper_facts",
    "shops",
    "stock",
    "store_credits",
    "subscriptions",
    "timers",
    "tombstones",
    "variants",
    "views",
    "visitors",
    "visits",
    "webhooks",
]
