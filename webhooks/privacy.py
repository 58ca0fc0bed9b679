"""The three topics that the law asks of every app."""

from __future__ import annotations

from plugin.base.errors import Unreadable
from plugin.ingest.events import CustomerRedacted, Event, ShopRedacted
from plugin.ingest.payload import LARGEST_ID, Part

from .delivery import Delivery


def data_requested(payload: Part, _delivery: Delivery) -> list[Event]:
    """customers/data_request: the inbox keeps it; the merchant answers it with what Shopify and our panel show."""
    payload.part("customer").id("id")
    return []


def customer_redacted(payload: Part, _delivery: Delivery) -> list[Event]:
    """customers/redact."""
    orders = payload.value.get("orders_to_redact") or []
    if not isinstance(orders, list) or not all(type(one) is int and 0 < one <= LARGEST_ID for one in orders):
        raise Unreadable(f'{payload.of}: "orders_to_redact" is not a list of ids.')
    return [CustomerRedacted(customer_id=payload.part("customer").id("id"), order_ids=tuple(orders))]


def shop_redacted(_payload: Part, _delivery: Delivery) -> list[Event]:
    """shop/redact, 48 hours after the app was uninstalled."""
    return [ShopRedacted()]
