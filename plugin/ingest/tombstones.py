"""What was erased, as keyed hashes that name nobody: late news of it brings nobody back.

A person who really returns is a new person: by an order placed after the erasure, or in a browser where Shopify says
that they are logged in. Then news from after the erasure is theirs again; what came before it never is.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from plugin.base import settings
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import tombstones
from plugin.store.upsert import upsert

from .events import (
    CartChanged,
    CheckoutChanged,
    CheckoutDeleted,
    CustomerRedacted,
    DataRequested,
    Event,
    OrderChanged,
    normal_cart_token,
)

CUSTOMER, ORDER, CART, VISITOR, ENDPOINT = "customer", "order", "cart", "visitor", "endpoint"

Thing = tuple[str, str]
"""Kind and name: `("customer", "12347")`."""

_NAMING = (
    ("order_id", ORDER),
    ("customer_id", CUSTOMER),
    ("lost_id", CUSTOMER),
    ("kept_id", CUSTOMER),
    ("visitor", VISITOR),
)
"""Fields of events → what they name."""
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_STANDING = select(tombstones.c.key, tombstones.c.at, tombstones.c.returned_at).where(
    tombstones.c.shop_id == bindparam("shop"), tombstones.c.key.in_(bindparam("keys", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Tombstone:
    at: datetime
    returned: bool


def key_of(shop_id: int, kind: str, name: object) -> bytes:
    """A keyed hash: ids are few enough to try them all, the installation's secret is not."""
    return hmac.digest(settings.current().secret.encode(), f"{shop_id}\n{kind}\n{name}".encode(), hashlib.sha256)


def bury(tx: Tx, shop_id: int, things: Iterable[Thing], now: datetime) -> None:
    """Remembers that these were erased now. Erased again, they have not returned any more."""
    keys = {key_of(shop_id, kind, name) for kind, name in things}
    for some in batches(sorted(keys), 1_000):
        rows = [{"shop_id": shop_id, "key": key, "at": now, "returned_at": None} for key in some]
        upsert(tx, tombstones, rows, key=("shop_id", "key"))


def returned(tx: Tx, shop_id: int, kind: str, name: object, now: datetime) -> None:
    """The person came back by themselves."""
    tx.execute(
        update(tombstones)
        .where(
            tombstones.c.shop_id == shop_id,
            tombstones.c.key == key_of(shop_id, kind, name),
            tombstones.c.returned_at.is_(None),
        )
        .values(returned_at=now)
    )


def is_buried(tx: Tx, shop_id: int, kind: str, name: object) -> bool:
    """Was this erased, and did it not return?"""
    return any(not tomb.returned for tomb in _standing(tx, shop_id, {(kind, str(name))}).values())


def still_news(tx: Tx, shop_id: int, events: Sequence[Event], now: datetime) -> list[Event]:
    """`events` without those that tell of what was erased; a new order of an erased customer brings them back."""
    named = {thing for event in events for thing in _things(event)}
    standing = _standing(tx, shop_id, named) if named else {}
    if not standing:
        return list(events)
    for event in events:
        if isinstance(event, OrderChanged) and _is_return(event, standing):
            returned(tx, shop_id, CUSTOMER, event.customer_id, now)
            who = (CUSTOMER, str(event.customer_id))
            standing[who] = replace(standing[who], returned=True)
    return [kept for event in events if (kept := _kept(event, standing)) is not None]


def _standing(tx: Tx, shop_id: int, things: Collection[Thing]) -> dict[Thing, Tombstone]:
    by_key = {key_of(shop_id, kind, name): (kind, name) for kind, name in things}
    found: dict[Thing, Tombstone] = {}
    for some in batches(by_key, 1_000):
        for key, at, back in tx.execute(_STANDING, {"shop": shop_id, "keys": some}):
            found[by_key[bytes(key)]] = Tombstone(at, back is not None)
    return found


def _things(event: Event) -> list[Thing]:
    """Whatever an event names that can have been erased, told by its fields' names: new events need no line here."""
    if isinstance(event, DataRequested | CustomerRedacted):
        return []  # a request is heard, whoever was erased
    named: list[Thing] = []
    for field, kind in _NAMING:
        name = getattr(event, field, None)
        if name is not None:
            named.append((kind, str(name)))
    if isinstance(event, CartChanged):
        named.append((CART, event.token))
    if isinstance(event, CheckoutChanged | CheckoutDeleted) and event.cart_token:
        named.append((CART, normal_cart_token(event.cart_token)))
    return named


def _is_return(event: OrderChanged, standing: Mapping[Thing, Tombstone]) -> bool:
    tomb = standing.get((CUSTOMER, str(event.customer_id)))
    return tomb is not None and (ORDER, str(event.order_id)) not in standing and event.placed_at > tomb.at


def _kept(event: Event, standing: Mapping[Thing, Tombstone]) -> Event | None:
    """The event; without its customer where only that was erased; None when nothing of it may stay."""
    for thing in _things(event):
        tomb = standing.get(thing)
        if tomb is None:
            continue
        kind, _ = thing
        if kind == ORDER:
            return None
        if _instant(event) <= tomb.at:
            return None
        if kind == CUSTOMER and not tomb.returned:
            if not isinstance(event, CheckoutChanged):
                return None
            event = replace(event, customer_id=None)  # a cart of somebody whom we do not know
    return event


def _instant(event: Any) -> datetime:
    """When it happened, as far as the event tells; what tells nothing is as old as can be."""
    for field in ("placed_at", "updated_at", "at"):
        found = getattr(event, field, None)
        if found is not None:
            return found  # type: ignore[no-any-return]
    return _EVER
