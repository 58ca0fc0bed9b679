"""What a person bought, in four numbers beside them, so that segments need not add up orders.

All orders that we hold count but tests and deleted ones; refunded and cancelled ones count too, as with Shopify. Where
Shopify told its own sums, which know orders that we may not read, these count, and of the orders that we hold what
happened since: docs/decisions/0025-shopifys-sums.md.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    FromClause,
    Update,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    not_,
    select,
)

from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import orders, people, refunds
from plugin.store.types import Instant

from . import cycle, families, habits, measures
from .families import Family

_COUNTS = and_(not_(orders.c.test), orders.c.deleted_at.is_(None))
_NET = orders.c.total - orders.c.refunded


def recompute(tx: Tx, shop_id: int, person_ids: Collection[int]) -> None:
    """Counts anew for these people, a thousand in one statement, and what follows from it: cycle and habits."""
    if not person_ids:
        return
    _count(tx, shop_id, person_ids)
    measured = measures.of(tx, shop_id)
    cycle.recompute(tx, shop_id, person_ids, measured)
    habits.recompute(tx, shop_id, person_ids, measured)


def _count(tx: Tx, shop_id: int, person_ids: Collection[int]) -> None:
    for some in batches(sorted(person_ids), 1_000):
        tx.execute(_RECOMPUTE, {"shop": shop_id, "ids": some})
    for family in families.of(tx, shop_id, person_ids):
        tx.execute(_RECOMPUTE_FAMILY, {"shop": shop_id, "ids": [family.kept.id]} | _told(family))


def _told(family: Family) -> dict[str, Any]:
    """Shopify's sums of the kept customer, if told since the merge; until then all sums that it told of any of them."""
    merged_at = max(row.merged_at for row in family.lost)
    if family.kept.told_at is not None and family.kept.told_at >= merged_at:
        telling = [family.kept]
    else:
        telling = [row for row in (family.kept, *family.lost) if row.told_at is not None]
    last = max(telling, key=lambda row: (row.told_at, row.customer_id), default=None)
    return {
        "b_orders": sum(row.told_orders for row in telling),
        "b_spent": sum(row.told_spent for row in telling),
        "b_at": last and last.told_at,
        "b_last": last and last.told_last_order,
        "b_summed": len(telling) != 1 or telling[0] is not family.kept,
    }


def _counting(
    told_orders: ColumnElement[Any],
    told_spent: ColumnElement[Any],
    told_at: ColumnElement[Any],
    told_last: ColumnElement[Any],
    summed: ColumnElement[bool],
) -> Update:
    """Sets the four numbers of people `ids`; the arguments are what Shopify told of each."""
    last = orders.alias()
    number, spent = _since(told_at, last)
    held = func.count(case((_COUNTS, orders.c.id)))
    held_spent = func.coalesce(func.sum(case((_COUNTS, _NET), else_=0)), 0)
    by_told = func.coalesce(told_orders, 0) + func.coalesce(number, 0)
    more_held = and_(summed, held > by_told)
    found = (
        select(
            people.c.id.label("person_id"),
            case((more_held, held), (by_told < 0, 0), else_=by_told).label("number"),
            case((more_held, held_spent), else_=func.coalesce(told_spent, 0) + func.coalesce(spent, 0)).label("spent"),
            func.min(case((_COUNTS, orders.c.placed_at))).label("first"),
            func.max(case((_COUNTS, orders.c.placed_at))).label("last"),
        )
        .outerjoin(orders, orders.c.person_id == people.c.id)
        .outerjoin(last, and_(last.c.person_id == people.c.id, last.c.order_id == told_last))
        .where(people.c.shop_id == bindparam("shop"), people.c.id.in_(bindparam("ids", expanding=True)))
        .where(people.c.merged_into.is_(None))
        .group_by(people.c.id)
        .subquery()
    )
    return (
        people.update()
        .where(people.c.id == found.c.person_id)
        .values(
            number_of_orders=found.c.number,
            amount_spent=found.c.spent,
            average_order=case((found.c.number > 0, cast(found.c.spent, BigInteger) // found.c.number)),
            first_order_at=found.c.first,
            last_order_at=found.c.last,
        )
    )


def _since(told_at: ColumnElement[Any], last: FromClause) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """What the orders that we hold add to sums that were told at `told_at`: how many, and how much. `last` is the
    order that the telling names as the last."""
    until = case((last.c.placed_at > told_at, last.c.placed_at), else_=told_at)
    included = and_(told_at.is_not(None), orders.c.customer_id.is_not(None), orders.c.placed_at <= until)
    lost_since = and_(not_(orders.c.test), orders.c.deleted_at > told_at)
    back_since = (
        select(func.coalesce(func.sum(refunds.c.amount), 0))
        .where(refunds.c.shop_id == orders.c.shop_id, refunds.c.order_id == orders.c.order_id)
        .where(refunds.c.refunded_at > told_at)
        .correlate(orders, people)
        .scalar_subquery()
    )
    back = case((orders.c.refunded != 0, back_since), else_=0)
    number = func.sum(case((and_(included, lost_since), -1), (and_(not_(included), _COUNTS), 1), else_=0))
    spent = func.sum(
        case(
            (and_(included, _COUNTS), -back),
            (and_(included, lost_since), -(_NET + back)),
            (and_(not_(included), _COUNTS), _NET),
            else_=0,
        )
    )
    return number, spent


_RECOMPUTE = _counting(people.c.told_orders, people.c.told_spent, people.c.told_at, people.c.told_last_order, false())
_RECOMPUTE_FAMILY = _counting(
    bindparam("b_orders", type_=BigInteger),
    bindparam("b_spent", type_=BigInteger),
    bindparam("b_at", type_=Instant),
    bindparam("b_last", type_=BigInteger),
    bindparam("b_summed", type_=Boolean),
)
