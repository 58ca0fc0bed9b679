"""What people like, inferred from what they bought and looked at: one row a person, reckoned anew in two statements.

The favourite is what most pieces, orders or looks are of; of equals the one that came last, then the one with the
smallest product id (or number). docs/decisions/0041-habits.md says what is inferred from what, and why not more.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    ColumnElement,
    Row,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
)

from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import habits, order_discounts, order_lines, orders, people, products, views

from .measures import Measures

BANDS: Final = ("LOW", "MIDDLE", "HIGH")


def recompute(tx: Tx, shop_id: int, person_ids: Collection[int], measures: Measures | None) -> None:
    """Reckons anew for these people, five hundred in two statements."""
    low, high = measures.prices if measures is not None and measures.prices else (0, 0)
    told = {"shop": shop_id, "low": low, "high": high, "measured": measures is not None and bool(measures.prices)}
    for some in batches(sorted(person_ids), 500):
        tx.execute(_FORGET, {"shop": shop_id, "ids": some})
        tx.execute(_WRITE, told | {"ids": some})


def recompute_page(tx: Tx, shop_id: int, ids: list[int], measures: Measures | None) -> set[int]:
    """As `recompute`; gives those of whom something is different now."""
    before = _rows(tx, ids)
    recompute(tx, shop_id, ids, measures)
    after = _rows(tx, ids)
    return {one for one in before.keys() | after.keys() if before.get(one) != after.get(one)}


def _rows(tx: Tx, ids: list[int]) -> dict[int, Row[Any]]:
    return {row.person_id: row for row in tx.execute(select(habits).where(habits.c.person_id.in_(ids)))}


def _written() -> Any:
    """Built once: it stands in the way of every order."""
    found = [
        _favourite(_pieces(func.coalesce(products.c.category, products.c.product_type), "category")),
        _favourite(_pieces(products.c.vendor, "vendor")),
        _favourite(_bands()),
        _favourite(_ordered(orders.c.hour)),
        _favourite(_ordered(orders.c.weekday)),
        _discounts(),
        _favourite(_viewed()),
    ]
    joined: Any = people
    for one in found:
        joined = joined.outerjoin(one, one.c.person_id == people.c.id)
    columns = (one.c.value for one in found)
    anything = or_(*(one.c.person_id.is_not(None) for one in found))
    chosen = select(people.c.id, _SHOP, *columns).select_from(joined)
    names = "person_id shop_id category vendor price_band hour weekday discounts most_viewed".split()
    return insert(habits).from_select(names, chosen.where(people.c.shop_id == _SHOP, people.c.id.in_(_IDS), anything))


def _favourite(counted: Select[Any]) -> Subquery:
    """Of (person, value, times, last, tie) the first of each person; what they had no piece of is no favourite."""
    every = counted.subquery()
    place = func.row_number().over(
        partition_by=every.c.person_id, order_by=(every.c.times.desc(), every.c.last.desc(), every.c.tie)
    )
    ranked = select(every.c.person_id, every.c.value, place.label("place")).where(every.c.times > 0).subquery()
    return select(ranked.c.person_id, ranked.c.value).where(ranked.c.place == 1).subquery()


def _pieces(value: ColumnElement[Any], name: str) -> Select[Any]:
    """Pieces bought by the value of their product; `name` tells two of them apart in one statement."""
    lines = order_lines.alias(f"lines_by_{name}")
    return (
        select(
            lines.c.person_id,
            value.label("value"),
            func.sum(lines.c.quantity).label("times"),
            func.max(lines.c.placed_at).label("last"),
            func.min(lines.c.product_id).label("tie"),
        )
        .join(products, and_(products.c.shop_id == lines.c.shop_id, products.c.product_id == lines.c.product_id))
        .where(lines.c.shop_id == _SHOP, lines.c.person_id.in_(_IDS), value.is_not(None), value != "")
        .group_by(lines.c.person_id, value)
    )


def _bands() -> Select[Any]:
    """Pieces bought by their price; before the shop was measured there is no cheap and no dear."""
    low, high = bindparam("low", type_=BigInteger), bindparam("high", type_=BigInteger)
    mine = order_lines.c.shop_id == _SHOP, order_lines.c.person_id.in_(_IDS), order_lines.c.product_id.is_not(None)
    line = (
        select(
            order_lines.c.person_id,
            order_lines.c.quantity,
            order_lines.c.placed_at,
            case((order_lines.c.price <= low, 0), (order_lines.c.price <= high, 1), else_=2).label("band"),
        )
        .where(*mine, bindparam("measured", type_=Boolean))
        .subquery("banded")
    )
    return select(
        line.c.person_id,
        case((line.c.band == 0, BANDS[0]), (line.c.band == 1, BANDS[1]), else_=BANDS[2]).label("value"),
        func.sum(line.c.quantity).label("times"),
        func.max(line.c.placed_at).label("last"),
        line.c.band.label("tie"),
    ).group_by(line.c.person_id, line.c.band)


def _ordered(value: ColumnElement[Any]) -> Select[Any]:
    return (
        select(
            orders.c.person_id,
            value.label("value"),
            func.count().label("times"),
            func.max(orders.c.placed_at).label("last"),
            value.label("tie"),
        )
        .where(*_COUNTING, value.is_not(None))
        .group_by(orders.c.person_id, value)
    )


def _discounts() -> Subquery:
    """Had at least half of the orders a discount?"""
    had = exists().where(order_discounts.c.shop_id == _SHOP, order_discounts.c.order_id == orders.c.order_id)
    return (
        select(orders.c.person_id, (2 * func.sum(case((had, 1), else_=0)) >= func.count()).label("value"))
        .where(*_COUNTING)
        .group_by(orders.c.person_id)
        .subquery()
    )


def _viewed() -> Select[Any]:
    return (
        select(
            views.c.person_id,
            views.c.product_id.label("value"),
            func.count().label("times"),
            func.max(views.c.at).label("last"),
            views.c.product_id.label("tie"),
        )
        .where(views.c.shop_id == _SHOP, views.c.person_id.in_(_IDS))
        .where(views.c.kind == "product_viewed", views.c.product_id.is_not(None))
        .group_by(views.c.person_id, views.c.product_id)
    )


_SHOP: BindParameter[int] = bindparam("shop", type_=BigInteger)
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_COUNTING = (
    orders.c.shop_id == _SHOP,
    orders.c.person_id.in_(_IDS),
    not_(orders.c.test),
    orders.c.deleted_at.is_(None),
)
_FORGET = delete(habits).where(habits.c.shop_id == _SHOP, habits.c.person_id.in_(_IDS))
_WRITE = _written()
