"""Checkouts by their tokens. Webhooks name the cart, the Admin API (history, reconciliation) does not: what either
tells is kept here, and a cart gets its recovery link from here as soon as both are known, in whatever order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, select

from plugin.ingest.events import CheckoutChanged
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import carts, checkouts
from plugin.store.upsert import upsert

from . import identity


def keep(tx: Tx, shop_id: int, told: Sequence[CheckoutChanged]) -> list[CheckoutChanged]:
    """Keeps each checkout in its newest state; gives what it says of the carts that are known, old news first."""
    known = {token: _event(row) for token, row in _known(tx, shop_id, {event.token for event in told}).items()}
    for event in told:
        known[event.token] = _merged(known.get(event.token), event)
    upsert(tx, checkouts, [_row(shop_id, event) for event in known.values()], key=("shop_id", "token"))
    by_cart = [replace(event, cart_token=known[event.token].cart_token) for event in told]
    return [event for event in (*by_cart, *known.values()) if event.cart_token]


def settle(tx: Tx, shop_id: int, tokens: Collection[str]) -> None:
    """Whose these checkouts are: the customer's whom they name, else whose cart they are of, as long as it is kept."""
    of = checkouts.c
    for some in batches(sorted(tokens), 1_000):
        cart = and_(carts.c.shop_id == of.shop_id, carts.c.token == of.cart_token)
        query = select(of.token, of.customer_id, of.person_id, carts.c.person_id.label("of_cart"))
        query = query.join_from(checkouts, carts, cart, isouter=True).where(of.shop_id == shop_id, of.token.in_(some))
        rows = tx.execute(query).all()
        known = identity.known(tx, shop_id, {row.customer_id for row in rows if row.customer_id})
        whose = {row.token: known.get(row.customer_id, row.of_cart or row.person_id) for row in rows}
        anew = [{"which": row.token, "whose": whose[row.token]} for row in rows if row.person_id != whose[row.token]]
        if anew:
            mine = of.shop_id == shop_id, of.token == bindparam("which")
            tx.execute(checkouts.update().where(*mine).values(person_id=bindparam("whose")), anew)


def of_cart(tx: Tx, shop_id: int, cart_token: str, person_id: int) -> None:
    """The cart is this person's, and so are its checkouts that name nobody."""
    mine = checkouts.c.shop_id == shop_id, checkouts.c.cart_token == cart_token, checkouts.c.customer_id.is_(None)
    tx.execute(checkouts.update().where(*mine).values(person_id=person_id))


def _known(tx: Tx, shop_id: int, tokens: Collection[str]) -> dict[str, Row[*tuple[Any, ...]]]:
    found: dict[str, Row[*tuple[Any, ...]]] = {}
    for some in batches(sorted(tokens), 1_000):
        query = select(checkouts).where(checkouts.c.shop_id == shop_id, checkouts.c.token.in_(some))
        found.update((row.token, row) for row in tx.execute(query))
    return found


def _merged(one: CheckoutChanged | None, other: CheckoutChanged) -> CheckoutChanged:
    """The newer state, with the cart and the customer of the older where it names none; the earliest completion."""
    if one is None:
        return replace(other, total=_total(other), lines=(), started_at=other.started_at or other.updated_at)
    older, newer = (one, other) if one.updated_at <= other.updated_at else (other, one)
    return replace(
        newer,
        cart_token=newer.cart_token or older.cart_token,
        customer_id=newer.customer_id or older.customer_id,
        completed_at=_earliest(newer.completed_at, older.completed_at),
        started_at=_earliest(one.started_at, other.started_at or other.updated_at),
        total=_total(newer),
        lines=(),
    )


def _total(event: CheckoutChanged) -> int:
    return sum(line.price * line.quantity for line in event.lines) if event.total is None else event.total


def _earliest(*instants: datetime | None) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)


def _event(row: Row[*tuple[Any, ...]]) -> CheckoutChanged:
    return CheckoutChanged(
        token=row.token,
        cart_token=row.cart_token,
        customer_id=row.customer_id,
        lines=(),
        recovery_url=row.recovery_url,
        updated_at=row.updated_at,
        completed_at=row.completed_at,
        total=row.total,
        started_at=row.started_at,
    )


def _row(shop_id: int, event: CheckoutChanged) -> dict[str, Any]:
    return {
        "shop_id": shop_id,
        "token": event.token,
        "cart_token": event.cart_token,
        "customer_id": event.customer_id,
        "recovery_url": event.recovery_url,
        "total": event.total,
        "started_at": event.started_at,
        "updated_at": event.updated_at,
        "completed_at": event.completed_at,
    }
