"""When a person last began a checkout that came to nothing, so that segments need not look through all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Row, bindparam, select

from plugin.ingest.events import CheckoutChanged, Event
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import carts, checkouts, orders, people

from .news import of_kind


def told_of(tx: Tx, shop_id: int, events: Sequence[Event]) -> set[int]:
    """Whose the checkouts are that events tell of. Asked before they are applied, and after: they may have another
    customer then."""
    return _whose(tx, shop_id, checkouts.c.token, {event.token for event in of_kind(events, CheckoutChanged)})


def of_carts(tx: Tx, shop_id: int, touched: Collection[str]) -> set[int]:
    """Whose these carts are (their tokens), and whose their checkouts."""
    return _whose(tx, shop_id, carts.c.token, touched) | _whose(tx, shop_id, checkouts.c.cart_token, touched)


def _whose(tx: Tx, shop_id: int, key: Column[str], tokens: Collection[str]) -> set[int]:
    of, found = key.table.c, set[int]()
    for some in batches(sorted(tokens), 1_000):
        theirs = select(of.person_id).where(of.shop_id == shop_id, key.in_(some), of.person_id.is_not(None))
        found.update(tx.execute(theirs).scalars())
    return found


def recompute(tx: Tx, shop_id: int, person_ids: Collection[int]) -> None:
    """Looks anew for these people, a thousand at a time."""
    for some in batches(sorted(person_ids), 1_000):
        _recompute(tx, shop_id, some)


def _recompute(tx: Tx, shop_id: int, ids: Sequence[int]) -> None:
    last: dict[int, datetime] = {}
    begun = [(row.person_id, row.updated_at) for row in _open(tx, shop_id, ids)]
    for person_id, at in (*begun, *_left_in_carts(tx, ids)):
        last[person_id] = max(at, last.get(person_id, at))
    mine = people.c.shop_id == shop_id, people.c.id.in_(ids), people.c.merged_into.is_(None)
    held = select(people.c.id, people.c.abandoned_checkout_at).where(*mine)
    rows = [{"of": one, "at": last.get(one)} for one, at in tx.execute(held).all() if at != last.get(one)]
    if rows:
        found = people.update().where(people.c.id == bindparam("of")).values(abandoned_checkout_at=bindparam("at"))
        tx.execute(found, rows)


def _open(tx: Tx, shop_id: int, ids: Sequence[int]) -> list[Row[*tuple[Any, ...]]]:
    """Checkouts of these persons that nothing says were completed: neither they, nor their cart, nor an order."""
    of = checkouts.c
    mine = of.shop_id == shop_id, of.person_id.in_(ids), of.completed_at.is_(None)
    begun = list(tx.execute(select(of.person_id, of.token, of.cart_token, of.updated_at).where(*mine)).all())
    if not begun:
        return []
    bought = set(tx.execute(_ordered_carts(shop_id, {row.cart_token for row in begun if row.cart_token})).scalars())
    tokens = [row.token for row in begun]
    theirs = orders.c.shop_id == shop_id, orders.c.person_id.in_(ids), orders.c.checkout_token.in_(tokens)
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
