"""Lines of orders that count: those of a test or of a deleted order would look like a purchase."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from plugin.ingest.events import Line, LinesFound, OrderChanged
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import order_lines

Known = dict[int, Row[*tuple[Any, ...]]]
"""Order id → what we hold of the order."""


def write(
    tx: Tx,
    shop_id: int,
    fresh: Sequence[OrderChanged],
    owner: dict[int, int | None],
    known: Known,
) -> None:
    """Replaces the lines of these orders; `known` is what we held before."""
    remove(tx, shop_id, [event.order_id for event in fresh if event.order_id in known])
    deleted = {order_id for order_id, row in known.items() if row.deleted_at is not None}
    rows = [
        _line(
            shop_id, event.order_id, line, position=position, person_id=owner[event.order_id], placed_at=event.placed_at
        )
        for event in fresh
        if not event.test and event.order_id not in deleted
        for position, line in enumerate(event.lines)
    ]
    if rows:
        tx.execute(order_lines.insert(), rows)


def add(tx: Tx, shop_id: int, found: Sequence[LinesFound], parents: Known) -> None:
    """Lines that the history told apart from their order; those that the order has already are not added again."""
    held, last = _held_lines(tx, shop_id, parents)
    rows = []
    for more in found:
        order = parents.get(more.order_id)
        if order is None or order.test or order.deleted_at is not None:
            continue
        for line in more.lines:
            if (more.order_id, line.line_id) in held:
                continue
            held.add((more.order_id, line.line_id))
            last[more.order_id] = position = last.get(more.order_id, -1) + 1
            person_id, placed_at = order.person_id, order.placed_at
            rows.append(
                _line(shop_id, more.order_id, line, position=position, person_id=person_id, placed_at=placed_at)
            )
    if rows:
        tx.execute(order_lines.insert(), rows)


def remove(tx: Tx, shop_id: int, order_ids: Sequence[int]) -> None:
    """These orders have no lines any more."""
    for some in batches(order_ids, 1_000):
        tx.execute(order_lines.delete().where(order_lines.c.shop_id == shop_id, order_lines.c.order_id.in_(some)))


def _held_lines(tx: Tx, shop_id: int, order_ids: Collection[int]) -> tuple[set[tuple[int, int | None]], dict[int, int]]:
    held: set[tuple[int, int | None]] = set()
    last: dict[int, int] = {}
    for some in batches(order_ids, 1_000):
        query = select(order_lines.c.order_id, order_lines.c.line_id, order_lines.c.position)
        query = query.where(order_lines.c.shop_id == shop_id, order_lines.c.order_id.in_(some))
        for order_id, line_id, position in tx.execute(query):
            held.add((order_id, line_id))
            last[order_id] = max(position, last.get(order_id, -1))
    return held, last


def _line(
    shop_id: int, order_id: int, line: Line, *, position: int, person_id: int | None, placed_at: datetime
) -> dict[str, Any]:
    return {
        "shop_id": shop_id,
        "person_id": person_id,
        "order_id": order_id,
        "position": position,
        "line_id": line.line_id,
        "product_id": line.product_id,
        "variant_id": line.variant_id,
        "title": line.title,
        "quantity": line.quantity,
        "price": line.price,
        "placed_at": placed_at,
    }
