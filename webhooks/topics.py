"""One table: topic → parser. shopify.app.toml subscribes exactly these (a test holds them equal)."""

from __future__ import annotations

from collections.abc import Callable

from plugin.base.errors import Unreadable
from plugin.ingest.events import Event
from plugin.ingest.payload import Part, read

from . import (
    billing,
    carts,
    collections,
    consents,
    customers,
    discounts,
    fulfillments,
    inventory,
    lifecycle,
    orders,
    privacy,
    products,
    segments,
    themes,
)
from .delivery import Delivery

Parser = Callable[[Part, Delivery], list[Event]]

TOPICS: dict[str, Parser] = {
    "app/uninstalled": lifecycle.uninstalled,
    "app/scopes_update": lifecycle.scopes_changed,
    "shop/update": lifecycle.shop_changed,
    "bulk_operations/finish": lifecycle.bulk_finished,
    "app_subscriptions/update": billing.changed,
    "orders/create": orders.changed,
    "orders/paid": orders.changed,
    "orders/updated": orders.changed,
    "orders/cancelled": orders.changed,
    "orders/fulfilled": orders.changed,
    "orders/delete": orders.deleted,
    "refunds/create": orders.refunded,
    "fulfillments/create": fulfillments.changed,
    "fulfillments/update": fulfillments.changed,
    "carts/create": carts.changed,
    "carts/update": carts.changed,
    "checkouts/create": carts.checkout_changed,
    "checkouts/update": carts.checkout_changed,
    "checkouts/delete": carts.checkout_deleted,
    "products/create": products.changed,
    "products/update": products.changed,
    "products/delete": products.deleted,
    "variants/in_stock": inventory.in_stock,
    "variants/out_of_stock": inventory.out_of_stock,
    "inventory_levels/update": inventory.level_changed,
    "discounts/create": discounts.changed,
    "discounts/update": discounts.changed,
    "discounts/delete": discounts.deleted,
    "discounts/redeemcode_added": discounts.code_added,
    "discounts/redeemcode_removed": discounts.code_removed,
    "segments/create": segments.changed,
    "segments/update": segments.changed,
    "segments/delete": segments.deleted,
    "themes/publish": themes.published,
    "collections/create": collections.changed,
    "collections/update": collections.changed,
    "collections/delete": collections.deleted,
    "customers/create": customers.changed,
    "customers/update": customers.changed,
    "customers/delete": customers.deleted,
    "customers/merge": customers.merged,
    "customers/purchasing_summary": customers.summed,
    "customer.tags_added": customers.tagged,
    "customer.tags_removed": customers.untagged,
    "customers_email_marketing_consent/update": consents.email_changed,
    "customers_marketing_consent/update": consents.sms_changed,
    "customers/data_request": privacy.data_requested,
    "customers/redact": privacy.customer_redacted,
    "shop/redact": privacy.shop_redacted,
}


def parse(topic: str, body: bytes, delivery: Delivery) -> list[Event]:
    """A payload as events. Raises Unreadable naming what is missing."""
    parser = TOPICS.get(topic)
    if parser is None:
        raise Unreadable(f"{topic}: we have no parser for this topic.")
    return parser(read(topic, body), delivery)
