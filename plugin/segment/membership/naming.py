"""Which people events are about, told by the names of their fields: new kinds of events need no line here.

Asked twice of each event: before it is applied, for those whose time has come meanwhile, and after, for what to write
beside who entered or left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Column, Table, select

from plugin.ingest.events import normal_cart_token
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import carts, orders, people, visitors

Thing = tuple[str, Any]

_FIELDS: Final = {
    "order_id": "order",
    "customer_id": "customer",
    "lost_id": "customer",
    "kept_id": "customer",
    "visitor": "visitor",
    "cart_token": "cart",
    "person_id": "person",
}
_PLACES: Final[dict[str, tuple[Table, Column[Any], Column[Any]]]] = {
    "order": (orders, orders.c.order_id, orders.c.person_id),
    "customer": (people, people.c.customer_id, people.c.id),
    "visitor": (visitors, visitors.c.token, visitors.c.person_id),
    "cart": (carts, carts.c.token, carts.c.person_id),
    "person": (people, people.c.id, people.c.id),
}


def people_named(tx: Tx, shop_id: int, events: Sequence[object]) -> dict[int, list[object]]:
    """Person → the events about them, as far as the rows tell now."""
    named: dict[Thing, list[object]] = defaultdict(list)
    for event in events:
        for thing in _things(event):
            named[thing].append(event)
    found: dict[int, list[object]] = defaultdict(list)
    for kind, (table, key, person) in _PLACES.items():
        wanted = [name for of, name in named if of == kind]
        for some in batches(wanted, 1_000):
            rows = select(key, person).where(table.c.shop_id == shop_id, key.in_(some), person.is_not(None))
            for name, person_id in tx.execute(rows):
                found[person_id] += named[kind, name]
    return found


def _things(event: object) -> Iterable[Thing]:
    for field, kind in _FIELDS.items():
        name = getattr(event, field, None)
        if name is not None:
            yield kind, normal_cart_token(name) if kind == "cart" else name
    token = getattr(event, "token", None)  # of a cart, or of a checkout, which names its cart too
    if isinstance(token, str) and not hasattr(event, "cart_token"):
        yield "cart", normal_cart_token(token)
