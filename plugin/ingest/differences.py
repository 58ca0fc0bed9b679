"""What we hold of things, before and after Shopify's news of them: what differs was missed, and is repaired now.

Only content counts: versions (`updated_at` and the like) move without anything having changed for the merchant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, select

from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import (
    checkouts,
    collection_products,
    collections,
    order_discounts,
    order_lines,
    orders,
    people,
    person_countries,
    person_places,
    person_tags,
    product_tags,
    products,
    refunds,
    variants,
)

from . import events
from .events import Event

Key = int | str
Content = dict[Key, list[tuple[str, tuple[tuple[str, Any], ...]]]]
"""Of each thing its rows: table and columns."""

INSTANTS = {"placed_at", "cancelled_at", "deleted_at", "customer_added_at", "customer_deleted_at", "completed_at"}
"""Instants that are content; all others are versions."""
OURS = {"id", "shop_id", "person_id", "source_id", "position"}
TOLD_HERE_ALONE = {"locale", "told_orders", "told_spent", "told_last_order", "email_status", "sms_status"} | {
    *("language", "subscriber_status", "spend_tier", "shopify_rfm_group"),
    *("key", "origin", "latitude", "longitude", "x", "y", "z"),  # of an address; a webhook of a customer has none
}
"""Not told by the webhook of a new customer, so that a first reading of it repairs nothing."""
SUMS = {"number_of_orders", "amount_spent", "first_order_at", "last_order_at"}
"""Of a person: what orders come to, and orders have their own line in the report."""


def keys(told: Iterable[Event]) -> list[Key]:
    """The things that these events tell the whole state of."""
    return [_WHOLE[type(event)](event) for event in told if type(event) in _WHOLE]


def content(tx: Tx, shop_id: int, kind: str, of: Sequence[Key]) -> Content:
    """What we hold of these things of a kind; nothing where we hold none."""
    found: Content = {}
    for some in batches(of, 1_000):
        for table, key, only in _HELD[kind](shop_id, some):
            for row in tx.execute(select(*table.c, key.label("of")).where(table.c.shop_id == shop_id, *only)):
                values = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it
                found.setdefault(values.pop("of"), []).append((table.name, _content(values)))
    for rows in found.values():
        rows.sort(key=repr)
    return found


def differing(before: Content, after: Content) -> int:
    """How many things are not what they were."""
    return sum(before.get(key) != after.get(key) for key in before.keys() | after.keys())


def _content(values: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(
        (name, tuple(value) if isinstance(value, list) else value)
        for name, value in values.items()
        if name not in OURS | SUMS | TOLD_HERE_ALONE and (not name.endswith(("_at", "_since")) or name in INSTANTS)
    )


Held = list[tuple[Table, ColumnElement[Any], list[ColumnElement[bool]]]]


def _by(column: str, *tables: Table) -> Callable[[int, Sequence[Key]], Held]:
    return lambda _, some: [(table, table.c[column], [table.c[column].in_(some)]) for table in tables]


def _customers(shop_id: int, some: Sequence[Key]) -> Held:
    mine = people.c.shop_id == shop_id, people.c.customer_id.in_(some)
    whose = people.c.id
    return [
        (people, people.c.customer_id, [*mine]),
        (person_countries, people.c.customer_id, [person_countries.c.person_id == whose, *mine]),
        (person_places, people.c.customer_id, [person_places.c.person_id == whose, *mine]),
        (person_tags, people.c.customer_id, [person_tags.c.person_id == whose, ~person_tags.c.removed, *mine]),
    ]


_HELD: dict[str, Callable[[int, Sequence[Key]], Held]] = {
    "products": _by("product_id", products, product_tags, variants),
    "collections": _by("collection_id", collections, collection_products),
    "customers": _customers,
    "orders": _by("order_id", orders, order_discounts, order_lines, refunds),
    "checkouts": _by("token", checkouts),
}
_WHOLE: dict[type[Any], Callable[[Any], Key]] = {
    events.ProductChanged: lambda event: event.product_id,
    events.CollectionChanged: lambda event: event.collection_id,
    events.CustomerChanged: lambda event: event.customer_id,
    events.OrderChanged: lambda event: event.order_id,
    events.CheckoutChanged: lambda event: event.token,
}
