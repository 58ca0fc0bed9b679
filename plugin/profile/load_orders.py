"""What a person ordered, as a Profile holds it: orders that count, with their lines and the discounts used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, not_, select

from plugin.store.engine import Tx
from plugin.store.tables import order_discounts, order_lines, orders, variants

from .load_products import UNKNOWN, Product, products_of, skus


@dataclass(frozen=True, slots=True)
class Sale:
    """Where, when and how an order was placed."""

    app_id: int | None = None
    location_id: int | None = None
    channel: str | None = None
    hour: int | None = None
    """0 to 23 by the shop's clock; `weekday` 1 (Monday) to 7."""
    weekday: int | None = None
    discounts: frozenset[tuple[str, str]] = frozenset()
    """Kind (code, automatic, manual) and casefolded name; a manual one has none."""


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line of an order, with the `sale` of the whole order; `product_id` None for a custom line. `price` is of one
    piece, before discounts, in minor units. `sku` is the variant's today."""

    order_id: int
    placed_at: datetime
    product_id: int | None
    quantity: int
    price: int = 0
    product: Product = UNKNOWN
    variant_id: int | None = None
    sku: str | None = None
    sale: Sale = field(default_factory=Sale)


@dataclass(frozen=True, slots=True)
class Order:
    """An order that counts: neither a test nor deleted. Money in minor units."""

    order_id: int
    placed_at: datetime
    total: int
    refunded: int
    lines: tuple[OrderLine, ...]
    sale: Sale = field(default_factory=Sale)
    name: str = ""
    """"#1001"."""


def load(tx: Tx, shop_id: int, ids: list[int]) -> defaultdict[int, list[Order]]:
    """Person → their orders in the order of their time. Three queries, and those for what was bought."""
    counting = orders.c.shop_id == shop_id, not_(orders.c.test), orders.c.deleted_at.is_(None)
    theirs = select(orders).where(*counting, orders.c.person_id.in_(ids))
    rows = tx.execute(theirs.order_by(orders.c.placed_at, orders.c.order_id)).all()
    used = _discounts(tx, shop_id, ids)
    sales = {row.order_id: _sale(row, used[row.order_id]) for row in rows}
    lines = _lines(tx, shop_id, ids, sales)
    placed: defaultdict[int, list[Order]] = defaultdict(list)
    for row in rows:
        order = Order(
            row.order_id,
            row.placed_at,
            row.total,
            row.refunded,
            tuple(lines[row.order_id]),
            sales[row.order_id],
            row.name,
        )
        placed[row.person_id].append(order)
    return placed


def _lines(tx: Tx, shop_id: int, ids: list[int], sales: Mapping[int, Sale]) -> defaultdict[int, list[OrderLine]]:
    """By order."""
    mine = order_lines.c.shop_id == shop_id, order_lines.c.person_id.in_(ids)
    bought = tx.execute(select(order_lines).where(*mine).order_by(order_lines.c.order_id, order_lines.c.position)).all()
    goods = products_of(tx, shop_id, {row.product_id for row in bought} - {None})
    numbered = skus(tx, shop_id, variants.c.variant_id, {row.variant_id for row in bought} - {None})
    sku = {(product_id, variant_id): number for product_id, variant_id, number in numbered}
    lines: defaultdict[int, list[OrderLine]] = defaultdict(list)
    for row in bought:
        line = OrderLine(
            row.order_id,
            row.placed_at,
            row.product_id,
            row.quantity,
            row.price,
            goods.get(row.product_id, UNKNOWN),
            row.variant_id,
            sku.get((row.product_id, row.variant_id)),
            sales.get(row.order_id, _NO_SALE),
        )
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


def _sale(row: Row[Any], used: Sequence[tuple[str, str]]) -> Sale:
    return Sale(row.app_id, row.location_id, row.source_name, row.hour, row.weekday, frozenset(used))


_NO_SALE: Final = Sale()
