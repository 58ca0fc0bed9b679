"""Carts, which name nobody: a visitor's script, a checkout or an order ties them to a person, in whatever order.

A cart that we only know by such a tie stands as an empty row of version NEVER until Shopify tells its lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select

from plugin.ingest.events import CartChanged, CartSeen, CheckoutChanged, CheckoutDeleted, Event, normal_cart_token
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import cart_lines, carts, order_lines, orders, visitors
from plugin.store.upsert import insert_new, upsert

from . import checkouts, identity, logins
from .news import NEVER, newest, of_kind


def apply(tx: Tx, shop_id: int, events: Sequence[Event], now: datetime) -> tuple[set[str], set[int]]:
    """Gives the tokens of the carts that changed and the persons whose orders may have."""
    tied: set[int] = set()
    changed = newest(of_kind(events, CartChanged), lambda cart: cart.token, lambda cart: cart.updated_at)
    _write(tx, shop_id, changed.values())
    seen = of_kind(events, CartSeen)
    for event in seen:
        tied.add(_see(tx, shop_id, event, now))
    checked_out = checkouts.keep(tx, shop_id, of_kind(events, CheckoutChanged))
    for checkout in checked_out:
        tied |= _check_out(tx, shop_id, checkout, now)
    checkouts.settle(tx, shop_id, {event.token for event in of_kind(events, CheckoutChanged)})
    for gone in of_kind(events, CheckoutDeleted):
        _lose_checkout(tx, shop_id, gone)
    touched = {*changed, *(event.cart_token for event in seen), *(event.cart_token or "" for event in checked_out)}
    return touched, tied


def persons(tx: Tx, shop_id: int, tokens: Collection[str]) -> dict[str, int]:
    """Cart token → the person whose cart it is, where we know."""
    found: dict[str, int] = {}
    for some in batches(sorted(tokens), 1_000):
        query = select(carts.c.token, carts.c.person_id).where(carts.c.shop_id == shop_id, carts.c.token.in_(some))
        found.update((token, person_id) for token, person_id in tx.execute(query) if person_id is not None)
    return found


def tie(tx: Tx, shop_id: int, token: str, person_id: int, now: datetime) -> int:
    """This cart is this person's: makes one of two persons, and theirs of guests' orders. Gives who stays."""
    _make_known(tx, shop_id, [token])
    other = persons(tx, shop_id, [token]).get(token)
    if other is not None:
        return identity.link(tx, shop_id, other, person_id, now)
    tx.execute(carts.update().where(carts.c.shop_id == shop_id, carts.c.token == token).values(person_id=person_id))
    checkouts.of_cart(tx, shop_id, token, person_id)
    guests = [orders.c.shop_id == shop_id, orders.c.cart_token == token, orders.c.person_id.is_(None)]
    mine = tx.execute(orders.update().where(*guests).values(person_id=person_id).returning(orders.c.order_id)).scalars()
    tx.execute(
        order_lines.update()
        .where(order_lines.c.shop_id == shop_id, order_lines.c.order_id.in_(mine.all()))
        .values(person_id=person_id)
    )
    return person_id


def mark_ordered(tx: Tx, shop_id: int, bought: Iterable[tuple[str, datetime]]) -> set[str]:
    """Carts that became orders, at the earliest instant that anyone tells; gives those that we hold."""
    held: set[str] = set()
    for token, at in bought:
        earliest = case((or_(carts.c.ordered_at.is_(None), carts.c.ordered_at > at), at), else_=carts.c.ordered_at)
        update = carts.update().where(carts.c.shop_id == shop_id, carts.c.token == token).values(ordered_at=earliest)
        held.update(tx.execute(update.returning(carts.c.token)).scalars())
    return held


def _write(tx: Tx, shop_id: int, changed: Collection[CartChanged]) -> None:
    rows = [
        {
            "shop_id": shop_id,
            "token": cart.token,
            "updated_at": cart.updated_at,
            "lines": [_line(line) for line in cart.lines],
            "total": sum(line.price * line.quantity for line in cart.lines),
        }
        for cart in changed
    ]
    _make_known(tx, shop_id, [cart.token for cart in changed])
    upsert(tx, carts, rows, key=("shop_id", "token"), newer="updated_at")
    _write_lines(tx, shop_id, changed)


def _write_lines(tx: Tx, shop_id: int, changed: Collection[CartChanged]) -> None:
    """The products of those carts whose news was the newest."""
    told = {cart.token: cart for cart in changed}
    for some in batches(sorted(told), 1_000):
        mine = carts.c.shop_id == shop_id, carts.c.token.in_(some)
        rows = tx.execute(select(carts.c.id, carts.c.token, carts.c.updated_at).where(*mine)).all()
        newest = {row.id: told[row.token] for row in rows if row.updated_at == told[row.token].updated_at}
        tx.execute(cart_lines.delete().where(cart_lines.c.cart_id.in_(newest)))
        lines = [line for cart_id, cart in newest.items() for line in _products(shop_id, cart_id, cart)]
        if lines:
            tx.execute(cart_lines.insert(), lines)


def _products(shop_id: int, cart_id: int, cart: CartChanged) -> list[dict[str, Any]]:
    pieces: Counter[int] = Counter()
    for line in cart.lines:
        if line.product_id is not None:
            pieces[line.product_id] += line.quantity
    mine = {"shop_id": shop_id, "cart_id": cart_id}
    return [mine | {"product_id": product_id, "quantity": quantity} for product_id, quantity in pieces.items()]


def _line(line: Any) -> dict[str, Any]:
    told = asdict(line)
    del told["line_id"]
    return told


def _make_known(tx: Tx, shop_id: int, tokens: Sequence[str]) -> None:
    """Rows for carts we did not know, with what an earlier order or visitor says of them."""
    known = set(_known(tx, shop_id, tokens))
    for token in dict.fromkeys(tokens):
        if token in known:
            continue
        order = tx.execute(
            select(func.min(orders.c.placed_at), func.min(orders.c.person_id)).where(
                orders.c.shop_id == shop_id, orders.c.cart_token == token
            )
        ).one()
        row = {"shop_id": shop_id, "token": token, "updated_at": NEVER, "lines": [], "total": 0}
        insert_new(tx, carts, [row | {"ordered_at": order[0], "person_id": order[1]}])
        if order[1] is not None:
            checkouts.of_cart(tx, shop_id, token, order[1])


def _known(tx: Tx, shop_id: int, tokens: Sequence[str]) -> Iterable[str]:
    for some in batches(tokens, 1_000):
        yield from tx.execute(
            select(carts.c.token).where(carts.c.shop_id == shop_id, carts.c.token.in_(some))
        ).scalars()


def _see(tx: Tx, shop_id: int, event: CartSeen, now: datetime) -> int:
    person_id = identity.person_of(tx, shop_id, visitor=event.visitor, customer_id=None, now=now)
    token = normal_cart_token(event.cart_token)
    tx.execute(
        visitors.update()
        .where(visitors.c.shop_id == shop_id, visitors.c.token == event.visitor)
        .values(cart_token=token)
    )
    whose = persons(tx, shop_id, [token]).get(token)
    if whose not in (None, person_id) and logins.has_logged_out(tx, shop_id, event.visitor):
        return person_id  # the cart of whoever was logged in there
    return tie(tx, shop_id, token, person_id, now)


def _check_out(tx: Tx, shop_id: int, checkout: CheckoutChanged, now: datetime) -> set[int]:
    token = normal_cart_token(checkout.cart_token or "")
    _make_known(tx, shop_id, [token])
    older = or_(carts.c.checkout_updated_at.is_(None), carts.c.checkout_updated_at <= checkout.updated_at)
    tx.execute(
        carts.update()
        .where(carts.c.shop_id == shop_id, carts.c.token == token, older)
        .values(
            checkout_token=checkout.token,
            recovery_url=checkout.recovery_url,
            checkout_updated_at=checkout.updated_at,
        )
    )
    if checkout.completed_at is not None:
        mark_ordered(tx, shop_id, [(token, checkout.completed_at)])
    if checkout.customer_id is None:
        return set()
    return {tie(tx, shop_id, token, identity.customer(tx, shop_id, checkout.customer_id, now), now)}


def _lose_checkout(tx: Tx, shop_id: int, gone: CheckoutDeleted) -> None:
    """Its link is dead from then on; a checkout that is told later lives again."""
    _make_known(tx, shop_id, [gone.cart_token])
    earlier = or_(carts.c.checkout_deleted_at.is_(None), carts.c.checkout_deleted_at < gone.at)
    mine = carts.c.shop_id == shop_id, carts.c.token == gone.cart_token
    tx.execute(carts.update().where(*mine, earlier).values(checkout_deleted_at=gone.at))
