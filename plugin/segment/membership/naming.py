"""Which people events are about, told by the names of their fields: new kinds of events need no line here.

Asked twice of each event: before it is applied, for those whose time has come meanwhile, and after, for what to write
beside who entered or left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Column, Table, select

from plugin.ingest.events import normal_cart_token
from plugin.profile import identity
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import carts, checkouts, orders, people, visitors

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
_PLACES: Final[tuple[tuple[str, Table, Column[Any], Column[Any]], ...]] = (
    ("order", orders, orders.c.order_id, orders.c.person_id),
    ("visitor", visitors, visitors.c.token, visitors.c.person_id),
    ("cart", carts, carts.c.token, carts.c.person_id),
    ("cart", orders, orders.c.cart_token, orders.c.person_id),  # of a cart that nobody told us of yet
    ("cart", checkouts, checkouts.c.cart_token, checkouts.c.person_id),
    ("checkout", checkouts, checkouts.c.token, checkouts.c.person_id),
    ("person", people, people.c.id, people.c.id),
)


def people_named(tx: Tx, shop_id: int, events: Sequence[object]) -> dict[int, list[object]]:
    """Person → the events about them, as far as the rows tell now."""
    named: dict[Thing, list[object]] = defaultdict(list)
    for event in events:
        for thing in _things(event):
            named[thing].append(event)
    found: dict[int, list[object]] = defaultdict(list)
    for thing, person_id in _persons(tx, shop_id, named):
        found[person_id] += [event for event in named[thing] if event not in found[person_id]]
    return found


def _persons(tx: Tx, shop_id: int, things: Iterable[Thing]) -> Iterator[tuple[Thing, int]]:
    """Each thing with whose it is; of a customer who became another one, the other."""
    names: dict[str, list[Any]] = defaultdict(list)
    for kind, name in things:
        names[kind].append(name)
    for customer_id, person_id in identity.known(tx, shop_id, names["customer"]).items():
        yield ("customer", customer_id), person_id
    for kind, table, key, person in _PLACES:
        for some in batches(names[kind], 1_000):
            rows = select(key, person).where(table.c.shop_id == shop_id, key.in_(some), person.is_not(None))
            for name, person_id in tx.execute(rows.distinct()):
                yield (kind, name), person_id


def _things(event: object) -> Iterable[Thing]:
    for field, kind in _FIELDS.items():
        name = getattr(event, field, None)
        if name is not None:
            yield kind, normal_cart_token(name) if kind == "cart" else name
    token = getattr(event, "token", None)  # of a cart, or of a checkout, which names its cart too
    if isinstance(token, str):
        yield ("checkout", token) if hasattr(event, "cart_token") else ("cart", normal_cart_token(token))
