"""The three topics that the law asks of every app."""

from __future__ import annotations

from plugin.base.errors import Unreadable
from plugin.ingest.events import CustomerRedacted, DataRequested, Event, ShopRedacted
from plugin.ingest.payload import LARGEST_ID, Part

from .delivery import Delivery


def data_requested(payload: Part, delivery: Delivery) -> list[Event]:
    """customers/data_request: the merchant finds it on the Privacy page, with the answer ready."""
    request = payload.part_if_any("data_request")
    number = request.id_if_any("id") if request else None
    return [
        DataRequested(
            customer_id=payload.part("customer").id("id"),
            order_ids=_order_ids(payload, "orders_requested"),
            reference=f"{number}" if number else delivery.webhook_id,
            asked_at=delivery.at,
        )
    ]


def customer_redacted(payload: Part, delivery: Delivery) -> list[Event]:
    """customers/redact."""
    customer = payload.part("customer")
    addresses = (customer.text_if_any(key, 320) for key in ("email", "phone"))
    return [
        CustomerRedacted(
            customer_id=customer.id("id"),
            order_ids=_order_ids(payload, "orders_to_redact"),
            addresses=tuple(address for address in addresses if address),
            reference=delivery.webhook_id,
            asked_at=delivery.at,
        )
    ]


def shop_redacted(_payload: Part, delivery: Delivery) -> list[Event]:
    """shop/redact, 48 hours after the app was uninstalled."""
    return [ShopRedacted(reference=delivery.webhook_id, asked_at=delivery.at)]


def _order_ids(payload: Part, key: str) -> tuple[int, ...]:
    orders = payload.value.get(key) or []
    if not isinstance(orders, list) or not all(type(one) is int and 0 < one <= LARGEST_ID for one in orders):
        raise Unreadable(f'{payload.of}: "{key}" is not a list of ids.')
    return tuple(orders)
