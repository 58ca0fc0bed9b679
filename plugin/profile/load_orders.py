"""What a person ordered, as a Profile holds it: orders that count, with their lines and the discounts used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, not_, select

from plugin.store.engine import Tx
from plugin.store.tables import order_discounts, order_lines, orders

from .load_products import UNKNOWN, Product, products_of


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line of an order; `product_id` None for a custom line. `price` is of one piece, before discounts, in minor
    units."""

    order_id: int
    placed_at: datetime
    product_id: int | None
    quantity: int
    price: int = 0
    product: Product = UNKNOWN


@dataclass(frozen=True, slots=True)
class Order:
    """An order that counts: neither a test nor deleted. Money in minor units."""

    order_id: int
    placed_at: datetime
    total: int
    refunded: int
    app_id: int | None
    location_id: int | None
    lines: tuple[OrderLine, ...]
    channel: str | None = None
    hour: int | None = None
    """0 to 23 by the shop's clock; `weekday` 1 (Monday) to 7."""
    weekday: int | None = None
    discounts: frozenset[tuple[str, str]] = frozenset()
    """Kind (code, automatic, manual) and casefolded name; a manual one has none."""
    name: str = ""
    """"#1001"."""


def load(tx: Tx, shop_id: int, ids: list[int]) -> defaultdict[int, list[Order]]:
    """Person → their orders in the order of their time. Three queries, and those for the products bought."""
    lines, used = _lines(tx, shop_id, ids), _discounts(tx, shop_id, ids)
    counting = orders.c.shop_id == shop_id, not_(orders.c.test), orders.c.deleted_at.is_(None)
    theirs = select(orders).where(*counting, orders.c.person_id.in_(ids))
    placed: defaultdict[int, list[Order]] = defaultdict(list)
    for row in tx.execute(theirs.order_by(orders.c.placed_at, orders.c.order_id)):
        placed[row.person_id].append(_order(row, lines[row.order_id], used[row.order_id]))
    return placed


def _lines(tx: Tx, shop_id: int, ids: list[int]) -> defaultdict[int, list[OrderLine]]:
    """By order."""
    mine = order_lines.c.shop_id == shop_id, order_lines.c.person_id.in_(ids)
    bought = tx.execute(select(order_lines).where(*mine).order_by(order_lines.c.order_id, order_lines.c.position)).all()
    goods = products_of(tx, shop_id, {row.product_id for row in bought} - {None})
    lines: defaultdict[int, list[OrderLine]] = defaultdict(list)
    for row in bought:
        product = goods.get(row.product_id, UNKNOWN)
        line = OrderLine(row.order_id, row.placed_at, row.product_id, row.quantity, row.price, product)
        lines[row.order_id].append(line)
    return lines


def _discounts(tx: Tx, shop_id: int, ids: list[int]) -> defaultdict[int, list[tuple[str, str]]]:
    """By order, of these people's orders."""
    theirs = (orders.c.shop_id == order_discounts.c.shop_id) & (orders.c.order_id == order_discounts.c.order_id)
    of = order_discounts.c
    query = select(of.order_id, of.kind, of.key).join(orders, theirs).where(of.shop_id == shop_id)
    found: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for order_id, kind, key in tx.execute(query.where(orders.c.person_id.in_(ids))):
        found[order_id].append((kind, key))
    return found


def _order(row: Row[Any], lines: Sequence[OrderLine], used: Sequence[tuple[str, str]]) -> Order:
    return Order(
        order_id=row.order_id,
        placed_at=row.placed_at,
        total=row.total,
        refunded=row.refunded,
        app_id=row.app_id,
        location_id=row.location_id,
        lines=tuple(lines),
        channel=row.source_name,
        hour=row.hour,
        weekday=row.weekday,
        discounts=frozenset(used),
        name=row.name,
    )
