"""Events become rows: idempotent and order-safe, one event of a webhook or five hundred of a history alike.

Whatever comes late, twice or out of order leaves the state that the sorted stream would have left: each thing
carries the instant of its last news, and older news changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from plugin.ingest import tombstones
from plugin.ingest.events import Event
from plugin.store.engine import Tx

from . import (
    abandoned,
    carts,
    collections,
    custom_events,
    customers,
    discounts,
    fulfillments,
    habits,
    identity,
    located,
    measures,
    merges,
    metrics,
    orders,
    products,
    requests,
    shop,
    shopify_segments,
    stock,
    views,
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different now: our person ids, Shopify's order and product ids, carts' tokens."""

    people: frozenset[int] = frozenset()
    orders: tuple[int, ...] = ()
    carts: tuple[str, ...] = ()
    products: tuple[int, ...] = ()
    reclassified: tuple[int, ...] = ()
    """Products whose tags, vendor, type or collections are others: who bought or saw them, or
    has them in a cart, may belong elsewhere."""
    renamed: tuple[int, ...] = ()
    """Collections whose handle or title is another."""
    left: bool = False
    """The shop uninstalled the app."""
    requests: tuple[int, ...] = ()
    """Erasures to carry out."""
    forgotten: tuple[Event, ...] = ()
    """Events that told of somebody who was erased: not applied."""


def apply(tx: Tx, shop_id: int, events: Sequence[Event], *, now: datetime) -> Changes:
    """Brings `events` of one shop into its profiles and says what changed."""
    identity.hold(tx, shop_id)
    told, events = events, tombstones.still_news(tx, shop_id, events, now)
    left = shop.apply(tx, shop_id, events, now)
    changed_products, reclassified = products.apply(tx, shop_id, events)
    regrouped, renamed = collections.apply(tx, shop_id, events, now)
    restocked = stock.apply(tx, shop_id, events)
    discounts.apply(tx, shop_id, events)
    shopify_segments.apply(tx, shop_id, events)
    fulfillments.apply(tx, shop_id, events)
    kept = merges.apply(tx, shop_id, events, now)  # first: then all other news find who is who
    named, summed = customers.apply(tx, shop_id, events, now)
    leaving = abandoned.told_of(tx, shop_id, events)
    changed_carts, tied = carts.apply(tx, shop_id, events, now)
    changed_orders = orders.apply(tx, shop_id, events, now)
    viewing = views.apply(tx, shop_id, events, now) | custom_events.apply(tx, shop_id, events, now)
    viewing |= located.apply(tx, shop_id, events, now)
    ordering = changed_orders.people | tied | kept | summed
    metrics.recompute(tx, shop_id, ordering)
    habits.recompute(tx, shop_id, viewing - ordering, measures.of(tx, shop_id) if viewing else None)
    leaving |= abandoned.told_of(tx, shop_id, events)
    leaving |= abandoned.of_carts(tx, shop_id, changed_carts | changed_orders.carts)
    abandoned.recompute(tx, shop_id, leaving | named | changed_orders.people | tied | kept)
    return Changes(
        people=identity.still_there(tx, shop_id, named | tied | changed_orders.people | viewing | kept | leaving),
        orders=changed_orders.orders,
        carts=tuple(sorted(changed_carts | changed_orders.carts)),
        products=tuple(sorted(restocked.union(changed_products))),
        reclassified=tuple(sorted(reclassified | regrouped)),
        renamed=tuple(sorted(renamed)),
        left=left,
        requests=requests.record(tx, shop_id, events, now),
        forgotten=_less(told, events),
    )


def _less(told: Sequence[Event], kept: Sequence[Event]) -> tuple[Event, ...]:
    """Those told that were not kept as they were."""
    same = {id(event) for event in kept}
    return tuple(event for event in told if id(event) not in same)
