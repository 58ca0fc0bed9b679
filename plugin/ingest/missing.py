"""Things that Shopify no longer lists: their deletion was told by a webhook that never came."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, Table, select

from plugin.store.engine import Tx
from plugin.store.tables import collections, orders, people, products

from . import events, payload
from .events import Event

PAGE = 5_000
FEW, SHARE = 20, 0.2
"""More than so many, and than this share of what we hold, never vanish at once: then nothing is removed."""
READ_ALL = "read_all_orders"
READABLE_ORDERS = timedelta(days=60)
"""Without that scope Shopify lists no older ones, and they are not gone for that."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How we hold things of a kind: those `known` before the list was made, and what their absence says."""

    key: Column[int]
    known: ColumnElement[datetime]
    there: ColumnElement[bool]
    gone: Callable[[int, datetime], Event]

    @property
    def table(self) -> Table:
        return self.key.table


KINDS: dict[str, Kind] = {
    "ids_products": Kind(
        products.c.product_id, products.c.updated_at, products.c.deleted_at.is_(None), events.ProductDeleted
    ),
    "ids_collections": Kind(
        collections.c.collection_id,
        collections.c.updated_at,
        collections.c.deleted_at.is_(None),
        events.CollectionDeleted,
    ),
    "ids_customers": Kind(
        people.c.customer_id,
        people.c.created_at,
        people.c.customer_id.is_not(None) & people.c.customer_deleted_at.is_(None) & people.c.merged_into.is_(None),
        events.CustomerDeleted,
    ),
    "ids_orders": Kind(orders.c.order_id, orders.c.placed_at, orders.c.deleted_at.is_(None), events.OrderDeleted),
}


@dataclass(frozen=True, slots=True)
class Absent:
    """What we held, and the news that some of it is gone. `doubt` in words when it is too much to believe."""

    held: int
    gone: tuple[Event, ...]
    doubt: str | None


def listed(kind: str, lines: Iterable[bytes]) -> array[int]:
    """The ids of a file, sorted: eight bytes each. Raises Unreadable."""
    ids = array("q")
    for number, line in enumerate(lines, 1):
        if line.strip():
            ids.append(payload.read(f"{kind}, line {number}", line).id("id"))
    return array("q", sorted(ids))


def absent(tx: Tx, shop_id: int, kind: str, there: array[int], *, asked_at: datetime, all_orders: bool) -> Absent:
    """Compares what we knew before `asked_at` with what was listed then."""
    of, held, gone = KINDS[kind], 0, []
    oldest = asked_at - READABLE_ORDERS + timedelta(days=1) if kind == "ids_orders" and not all_orders else None
    for thing in _held(tx, shop_id, of, asked_at, oldest):
        held += 1
        place = bisect_left(there, thing)
        if place == len(there) or there[place] != thing:
            gone.append(of.gone(thing, asked_at))
    if len(gone) > max(FEW, SHARE * held):
        what = kind.removeprefix("ids_")
        sentence = (
            f"Shopify lists {held - len(gone):,} of the {held:,} {what} that Beckon holds. That many do not vanish"
        )
        return Absent(held, (), f"{sentence} in a week, so nothing was removed.")
    return Absent(held, tuple(gone), None)


def _held(tx: Tx, shop_id: int, of: Kind, before: datetime, oldest: datetime | None) -> Iterator[int]:
    last = 0
    mine = [of.table.c.shop_id == shop_id, of.there, of.known < before]
    while True:
        query = select(of.key).where(*mine, of.key > last, *([of.known >= oldest] if oldest else []))
        page = tx.execute(query.order_by(of.key).limit(PAGE)).scalars().all()
        yield from page
        if len(page) < PAGE:
            return
        last = page[-1]
