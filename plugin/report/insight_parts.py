"""The segment beside everybody, kind by kind: what they buy, where they are, when and how they order, with what.

Of people (a type, a vendor, a country, a device) somebody may stand in several rows, so the rows do not add up; of
orders (hour, weekday, channel, discount) each stands in exactly one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, not_, or_, select

from plugin.store.engine import Tx
from plugin.store.tables import (
    order_discounts,
    order_lines,
    orders,
    person_countries,
    products,
    visits,
)

from .insight import Comparison, Counting, Part

MOST: Final = 40
"""Rows kept of one comparison: those that are most frequent among everybody."""

Pairs = Callable[[int], Select[tuple[int, str]]]


def of_people(name: str, pairs: Pairs) -> Callable[[Tx, Counting], None]:
    """`pairs` selects (person, key), each once; who has none is not counted at all."""

    def step(tx: Tx, asked: Counting) -> None:
        found = pairs(asked.shop_id).subquery()
        person, key = found.c
        mine = case((person.in_(asked.mine), 1), else_=0)
        alive = person.in_(asked.all)
        rows = tx.execute(
            select(key, func.sum(mine), func.count())
            .where(alive)
            .group_by(key)
            .order_by(func.count().desc(), key)
            .limit(MOST)
        ).all()
        each = select(person).where(alive).distinct().subquery()
        everywhere, here = tx.execute(
            select(func.count(), func.coalesce(func.sum(case((each.c[0].in_(asked.mine), 1), else_=0)), 0))
        ).one()
        parts = tuple(Part(str(key), int(mine), int(count)) for key, mine, count in rows)
        _add(asked, Comparison(name, int(here), int(everywhere), int(here), whole=False, parts=parts))

    return step


def of_orders(name: str, key: Callable[[], ColumnElement[Any]]) -> Callable[[Tx, Counting], None]:
    """`key` says of each order in which row it stands; NULL: it is not known, and the order is not counted."""

    def step(tx: Tx, asked: Counting) -> None:
        mine = case((orders.c.person_id.in_(asked.mine), 1), else_=0)
        each = select(key().label("key"), orders.c.person_id, mine.label("mine")).where(counting(asked)).subquery().c
        known = each.key.is_not(None)
        rows = tx.execute(
            select(each.key, func.sum(each.mine), func.count())
            .where(known)
            .group_by(each.key)
            .order_by(func.count().desc(), each.key)
        ).all()
        buyers = tx.execute(select(func.count(each.person_id.distinct())).where(known, each.mine == 1)).scalar_one()
        parts = tuple(Part(str(word), int(here), int(count)) for word, here, count in rows)
        here, everywhere = sum(part.here for part in parts), sum(part.everywhere for part in parts)
        _add(asked, Comparison(name, here, everywhere, buyers, whole=len(parts) <= MOST, parts=parts[:MOST]))

    return step


def counting(asked: Counting) -> ColumnElement[bool]:
    """Orders that count: of somebody who is not deleted, neither a test nor deleted."""
    return and_(
        orders.c.shop_id == asked.shop_id,
        orders.c.person_id.in_(asked.all),
        not_(orders.c.test),
        orders.c.deleted_at.is_(None),
    )


def _add(asked: Counting, comparison: Comparison) -> None:
    asked.found.setdefault("comparisons", []).append(comparison)


def _bought(column: ColumnElement[Any]) -> Pairs:
    """(person, a property of a product that they bought)."""

    def pairs(shop_id: int) -> Select[tuple[int, str]]:
        not_counting = select(orders.c.order_id).where(
            orders.c.shop_id == shop_id, or_(orders.c.test, orders.c.deleted_at.is_not(None))
        )
        return (
            select(order_lines.c.person_id, column)
            .join(
                products,
                and_(products.c.shop_id == order_lines.c.shop_id, products.c.product_id == order_lines.c.product_id),
            )
            .where(
                order_lines.c.shop_id == shop_id,
                order_lines.c.person_id.is_not(None),
                order_lines.c.order_id.not_in(not_counting),
                column.is_not(None),
                column != "",
            )
            .distinct()
        )

    return pairs


def _countries(shop_id: int) -> Select[tuple[int, str]]:
    mine = person_countries.c
    return select(mine.person_id, mine.country).where(mine.shop_id == shop_id).distinct()


def _devices(shop_id: int) -> Select[tuple[int, str]]:
    mine = visits.c
    return select(mine.person_id, mine.device).where(mine.shop_id == shop_id, mine.device.is_not(None)).distinct()


def _discounted() -> ColumnElement[Any]:
    cheaper = exists().where(
        order_discounts.c.shop_id == orders.c.shop_id, order_discounts.c.order_id == orders.c.order_id
    )
    return case((cheaper, literal("yes")), else_=literal("no"))


STEPS: Final = (
    of_people("product_type", _bought(products.c.product_type)),
    of_people("vendor", _bought(products.c.vendor)),
    of_people("country", _countries),
    of_people("device", _devices),
    of_orders("hour", lambda: orders.c.hour),
    of_orders("weekday", lambda: orders.c.weekday),
    of_orders("channel", lambda: orders.c.source_name),
    of_orders("discount", _discounted),
)
