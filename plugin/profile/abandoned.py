"""When a person last began a checkout that came to nothing, so that segments need not look through all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, select

from plugin.ingest.events import CheckoutChanged, Event
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import carts, checkouts, orders, people

from . import families, identity
from .news import of_kind


def named(tx: Tx, shop_id: int, events: Sequence[Event]) -> set[int]:
    """Customers whom these events' checkouts name, or named before: Shopify's ids. Asked before they are applied."""
    told = of_kind(events, CheckoutChanged)
    found = {event.customer_id for event in told if event.customer_id}
    for some in batches(sorted({event.token for event in told}), 1_000):
        found.update(tx.execute(_customers(shop_id, checkouts.c.token.in_(some))).scalars())
    return found


def persons(tx: Tx, shop_id: int, customer_ids: Collection[int], touched: Collection[str]) -> set[int]:
    """Who these customers are now, and those whose carts or whose checkouts' carts were `touched` (their tokens)."""
    found: set[int] = set()
    customers = set(customer_ids)
    for these in batches(sorted(touched), 1_000):
        theirs = carts.c.shop_id == shop_id, carts.c.token.in_(these), carts.c.person_id.is_not(None)
        found.update(tx.execute(select(carts.c.person_id).where(*theirs)).scalars())
        customers.update(tx.execute(_customers(shop_id, checkouts.c.cart_token.in_(these))).scalars())
    return found.union(identity.known(tx, shop_id, customers).values())


def _customers(shop_id: int, which: ColumnElement[bool]) -> Select[Any]:
    mine = checkouts.c.shop_id == shop_id, checkouts.c.customer_id.is_not(None)
    return select(checkouts.c.customer_id).where(*mine, which)


def recompute(tx: Tx, shop_id: int, person_ids: Collection[int]) -> None:
    """Looks anew for these people, a thousand at a time."""
    for some in batches(sorted(person_ids), 1_000):
        _recompute(tx, shop_id, some)


def _recompute(tx: Tx, shop_id: int, ids: Sequence[int]) -> None:
    person = {one: one for one in ids}
    for family in families.of(tx, shop_id, ids):
        person |= {row.id: family.kept.id for row in family.lost}
    last: dict[int, datetime] = {}
    begun = [(person[row.id], row.updated_at) for row in _open(tx, shop_id, sorted(person))]
    for person_id, at in (*begun, *_left_in_carts(tx, ids)):
        last[person_id] = max(at, last.get(person_id, at))
    mine = people.c.shop_id == shop_id, people.c.id.in_(ids), people.c.merged_into.is_(None)
    held = select(people.c.id, people.c.abandoned_checkout_at).where(*mine)
    rows = [{"of": one, "at": last.get(one)} for one, at in tx.execute(held).all() if at != last.get(one)]
    if rows:
        found = people.update().where(people.c.id == bindparam("of")).values(abandoned_checkout_at=bindparam("at"))
        tx.execute(found, rows)


def _open(tx: Tx, shop_id: int, row_ids: Sequence[int]) -> list[Row[*tuple[Any, ...]]]:
    """Checkouts of these customers that nothing says were completed: neither they, nor their cart, nor an order."""
    mine = checkouts.c.shop_id == people.c.shop_id, checkouts.c.customer_id == people.c.customer_id
    of = select(people.c.id, checkouts.c.token, checkouts.c.cart_token, checkouts.c.updated_at)
    of = of.join(checkouts, mine[0] & mine[1]).where(people.c.shop_id == shop_id, people.c.id.in_(row_ids))
    begun = tx.execute(of.where(checkouts.c.completed_at.is_(None))).all()
    if not begun:
        return []
    bought = set(tx.execute(_ordered_carts(shop_id, {row.cart_token for row in begun if row.cart_token})).scalars())
    tokens = [row.token for row in begun]
    theirs = orders.c.shop_id == shop_id, orders.c.person_id.in_(row_ids), orders.c.checkout_token.in_(tokens)
    done = set(tx.execute(select(orders.c.checkout_token).where(*theirs)).scalars())
    return [row for row in begun if row.token not in done and row.cart_token not in bought]


def _ordered_carts(shop_id: int, tokens: Collection[str]) -> Any:
    mine = carts.c.shop_id == shop_id, carts.c.token.in_(sorted(tokens)), carts.c.ordered_at.is_not(None)
    return select(carts.c.token).where(*mine)


def _left_in_carts(tx: Tx, ids: Sequence[int]) -> Iterable[tuple[int, datetime]]:
    """Of anybody, also of visitors: their carts that came to a checkout and to no order."""
    left = carts.c.checkout_updated_at.is_not(None), carts.c.ordered_at.is_(None)
    query = select(carts.c.person_id, carts.c.checkout_updated_at).where(carts.c.person_id.in_(ids), *left)
    return ((row.person_id, row.checkout_updated_at) for row in tx.execute(query))
