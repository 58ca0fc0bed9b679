"""Events become rows: idempotent and order-safe, one event of a webhook or five hundred of a history alike.

Whatever comes late, twice or out of order leaves the state that the sorted stream would have left: each thing
carries the instant of its last news, and older news changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from plugin.ingest.events import CustomerRedacted, Event, ShopRedacted
from plugin.store.engine import Tx

from . import carts, customers, erase, identity, metrics, orders, products, shop, views
from .news import of_kind


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different now: our person ids, Shopify's order and product ids, carts' tokens."""

    people: frozenset[int] = frozenset()
    orders: tuple[int, ...] = ()
    carts: tuple[str, ...] = ()
    products: tuple[int, ...] = ()
    left: bool = False
    """The shop uninstalled the app."""


def apply(tx: Tx, shop_id: int, events: Sequence[Event], *, now: datetime) -> Changes:
    """Brings `events` of one shop into its profiles and says what changed."""
    identity.hold(tx, shop_id)
    left = shop.apply(tx, shop_id, events)
    changed_products = products.apply(tx, shop_id, events)
    told = customers.apply(tx, shop_id, events, now)
    changed_carts, tied = carts.apply(tx, shop_id, events, now)
    changed_orders = orders.apply(tx, shop_id, events, now)
    viewing = views.apply(tx, shop_id, events, now)
    metrics.recompute(tx, shop_id, changed_orders.people | tied)
    for redacted in of_kind(events, CustomerRedacted):
        erase.customer(tx, shop_id, redacted.customer_id, redacted.order_ids)
    if of_kind(events, ShopRedacted):
        erase.shop(tx, shop_id)
    return Changes(
        people=identity.still_there(tx, shop_id, told | tied | changed_orders.people | viewing),
        orders=changed_orders.orders,
        carts=tuple(sorted(changed_carts | changed_orders.carts)),
        products=changed_products,
        left=left,
    )
