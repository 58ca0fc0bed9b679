"""Orders, their lines and what was given back for them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select

from plugin.ingest.events import Event, LinesFound, OrderChanged, OrderDeleted, OrderRefunded
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import orders
from plugin.store.upsert import insert_new, upsert

from . import carts, customers, identity, order_discounts, order_lines, refunds, shop_clock
from .news import NEVER, newest, of_kind
from .order_lines import Known

_HELD = select(  # built once: it stands in the way of every webhook
    orders.c.order_id,
    orders.c.updated_at,
    orders.c.person_id,
    orders.c.placed_at,
    orders.c.deleted_at,
    orders.c.test,
).where(orders.c.shop_id == bindparam("shop"), orders.c.order_id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Changed:
    """Shopify's ids of the orders, the persons whose metrics may differ now, the carts that became orders."""

    orders: tuple[int, ...]
    people: set[int]
    carts: set[str]


def apply(tx: Tx, shop_id: int, events: Sequence[Event], now: datetime) -> Changed:
    """Each order in its newest state; refunds by their ids; deleted ones stay, marked, without lines."""
    told = of_kind(events, OrderChanged)
    refunded = of_kind(events, OrderRefunded)
    deleted = of_kind(events, OrderDeleted)
    found = of_kind(events, LinesFound)
    latest = newest(told, lambda event: event.order_id, lambda event: event.updated_at)
    known = _known(tx, shop_id, {*latest, *(one.order_id for some in (refunded, deleted, found) for one in some)})
    fresh = [event for event in latest.values() if _is_newer(event, known.get(event.order_id))]
    bought = carts.mark_ordered(
        tx, shop_id, ((event.cart_token, event.placed_at) for event in fresh if event.cart_token)
    )
    owner = _owners(tx, shop_id, fresh, bought, now)
    _write(tx, shop_id, fresh, owner, known)
    _add_addresses(tx, shop_id, told, now)
    order_lines.write(tx, shop_id, fresh, owner, known)
    order_discounts.write(tx, shop_id, fresh, known)
    parents = _known(tx, shop_id, {more.order_id for more in found})
    order_lines.add(tx, shop_id, found, parents)
    order_discounts.add(tx, shop_id, found, parents)
    for gone in deleted:
        _delete(tx, shop_id, gone)
    given_back = refunds.write(tx, shop_id, told, refunded)
    refunds.add_up(tx, shop_id, given_back | {event.order_id for event in fresh})
    before = {row.person_id for row in known.values() if row.person_id is not None}
    ids = {event.order_id for event in fresh} | given_back | {event.order_id for event in deleted}
    return Changed(orders=tuple(sorted(ids)), people=before | {one for one in owner.values() if one}, carts=bought)


def _known(tx: Tx, shop_id: int, order_ids: Collection[int]) -> Known:
    found: Known = {}
    for some in batches(order_ids, 1_000):
        found.update((row.order_id, row) for row in tx.execute(_HELD, {"shop": shop_id, "ids": some}))
    return found


def _is_newer(event: OrderChanged, known: Row[*tuple[Any, ...]] | None) -> bool:
    return known is None or known.updated_at <= event.updated_at


def _owners(
    tx: Tx, shop_id: int, fresh: Sequence[OrderChanged], held: Collection[str], now: datetime
) -> dict[int, int | None]:
    """Order id → person: the customer; a guest's by the cart; a customer's order tells whose cart it is."""
    person = identity.customers(tx, shop_id, {event.customer_id for event in fresh if event.customer_id}, now)
    for event in fresh:
        if event.customer_id and event.cart_token and event.cart_token in held:
            carts.tie(tx, shop_id, event.cart_token, person[event.customer_id], now)
    guests = carts.persons(tx, shop_id, held)  # after the ties, which may have made one of two persons
    return {
        event.order_id: person[event.customer_id] if event.customer_id else guests.get(event.cart_token or "")
        for event in fresh
    }


def _write(
    tx: Tx,
    shop_id: int,
    fresh: Sequence[OrderChanged],
    owner: dict[int, int | None],
    known: Collection[int],
) -> None:
    if not fresh:
        return
    zone = shop_clock.zone(tx, shop_id)
    rows = [_row(shop_id, event, owner[event.order_id]) | shop_clock.of(event.placed_at, zone) for event in fresh]
    new = [row for row in rows if row["order_id"] not in known]
    if new:
        tx.execute(orders.insert(), new)
    upsert(tx, orders, [row for row in rows if row["order_id"] in known], key=("shop_id", "order_id"))


def _add_addresses(tx: Tx, shop_id: int, told: Sequence[OrderChanged], now: datetime) -> None:
    """Of every state told, also of one that another has overtaken: an address that was used was used."""
    seen = [
        customers.Used(event.customer_id, event.placed_at, event.countries, event.places)
        for event in told
        if event.customer_id and event.countries
    ]
    if seen:
        customers.add_addresses(tx, shop_id, seen, now)


def _row(shop_id: int, event: OrderChanged, person_id: int | None) -> dict[str, Any]:
    return {
        "shop_id": shop_id,
        "person_id": person_id,
        "order_id": event.order_id,
        "customer_id": event.customer_id,
        "name": event.name,
        "placed_at": event.placed_at,
        "updated_at": event.updated_at,
        "cancelled_at": event.cancelled_at,
        "currency": event.currency,
        "total": event.total,
        "test": event.test,
        "cart_token": event.cart_token,
        "checkout_token": event.checkout_token,
        "app_id": event.app_id,
        "location_id": event.location_id,
        "source_name": event.source_name,
    }


def _delete(tx: Tx, shop_id: int, gone: OrderDeleted) -> None:
    """Marks it for ever, even when we had not heard of it yet."""
    unknown = {
        "shop_id": shop_id,
        "order_id": gone.order_id,
        "name": "",
        "placed_at": NEVER,
        "updated_at": NEVER,
        "currency": "",
        "total": 0,
    }
    insert_new(tx, orders, [unknown])
    mine = orders.c.shop_id == shop_id, orders.c.order_id == gone.order_id
    tx.execute(orders.update().where(*mine).values(deleted_at=func.coalesce(orders.c.deleted_at, gone.at)))
    order_lines.remove(tx, shop_id, [gone.order_id])
    order_discounts.remove(tx, shop_id, [gone.order_id])
