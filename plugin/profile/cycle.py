"""Where people stand in their life as customers: when they are expected again, and their RFM group.

Both are kept beside the person and change with their orders at once. What a group means moves each night, when the
shop's people are measured anew (measures.py): docs/decisions/0039-life-cycle.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import ColumnElement, String, and_, bindparam, case, literal, not_, select, update

from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import orders, people

from .measures import Measures

LEAST_ORDERS: Final = 3
"""Fewer tell no habit."""
ONE_VISIT: Final = timedelta(days=1)
"""Orders that follow each other faster count as one."""

GROUPS: Final = (
    *("CHAMPIONS", "LOYAL", "ACTIVE", "NEW", "PROMISING", "NEEDS_ATTENTION"),
    *("AT_RISK", "ALMOST_LOST", "PREVIOUSLY_LOYAL", "DORMANT", "PROSPECTS"),
)
"""Shopify's names (Admin API, CustomerRfmGroup)."""


def expected(placed: Sequence[datetime]) -> tuple[datetime, datetime] | None:
    """From the instants of somebody's orders, in order: when the next one is expected, and when it is overdue, after
    one and after two of their usual (median) gaps. None with too few orders."""
    kept: list[datetime] = []
    for at in placed:
        if not kept or at - kept[-1] >= ONE_VISIT:
            kept.append(at)
    if len(kept) < LEAST_ORDERS:
        return None
    gaps = sorted(later - earlier for earlier, later in pairwise(kept))
    middle = len(gaps) // 2
    usual = gaps[middle] if len(gaps) % 2 else (gaps[middle - 1] + gaps[middle]) / 2
    return placed[-1] + usual, placed[-1] + 2 * usual


def recompute(tx: Tx, shop_id: int, person_ids: Collection[int], measures: Measures | None) -> frozenset[int]:
    """Reckons anew for these people; gives those whose group is another one now."""
    changed: set[int] = set()
    for some in batches(sorted(person_ids), 1_000):
        _expect(tx, shop_id, some)
        changed.update(_regroup(tx, shop_id, some, measures))
    return frozenset(changed)


def _expect(tx: Tx, shop_id: int, ids: list[int]) -> None:
    placed: defaultdict[int, list[datetime]] = defaultdict(list)
    for person_id, at in tx.execute(_PLACED, {"shop": shop_id, "ids": ids}):
        placed[person_id].append(at)
    tx.execute(_EXPECT_NOBODY, {"shop": shop_id, "ids": ids})
    found = [
        {"its_id": person_id, "its_next": both[0], "its_overdue": both[1]}
        for person_id, instants in placed.items()
        if (both := expected(instants)) is not None
    ]
    if found:
        tx.execute(_EXPECT, found)


def _regroup(tx: Tx, shop_id: int, ids: list[int], measures: Measures | None) -> Sequence[int]:
    meant = _group(measures)
    mine = people.c.shop_id == shop_id, people.c.id.in_(ids), people.c.rfm_group.is_distinct_from(meant)
    return tx.execute(update(people).where(*mine).values(rfm_group=meant).returning(people.c.id)).scalars().all()


def _group(measures: Measures | None) -> ColumnElement[Any]:
    """`group` in SQL. Who ordered in a shop that was never measured has none yet."""
    ordered = literal(None, String) if measures is None else _scored(measures)
    return case((people.c.number_of_orders <= 0, literal("PROSPECTS", String)), else_=ordered)


def _scored(measures: Measures) -> ColumnElement[Any]:
    recency = _score(people.c.last_order_at, measures.recency)
    both = _score(people.c.number_of_orders, measures.frequency) + _score(people.c.amount_spent, measures.monetary)
    return case(
        (and_(recency <= 2, both >= 9), "PREVIOUSLY_LOYAL"),
        (and_(recency <= 2, both >= 6), "AT_RISK"),
        (recency == 2, "ALMOST_LOST"),
        (recency == 1, "DORMANT"),
        (and_(both >= 8, recency == 5), "CHAMPIONS"),
        (both >= 8, "LOYAL"),
        (and_(both >= 4, recency >= 4), "ACTIVE"),
        (both >= 4, "NEEDS_ATTENTION"),
        (recency == 5, "NEW"),
        else_="PROMISING",
    )


def _score(column: ColumnElement[Any], edges: Sequence[Any]) -> ColumnElement[int]:
    """1, and a point more for each edge that the value is above; no value is above none."""
    score: ColumnElement[int] = literal(1)
    for edge in edges:
        score = score + case((column > edge, 1), else_=0)
    return score


_IDS: Any = bindparam("ids", expanding=True)
_PLACED = (
    select(orders.c.person_id, orders.c.placed_at)
    .where(orders.c.shop_id == bindparam("shop"), orders.c.person_id.in_(_IDS))
    .where(not_(orders.c.test), orders.c.deleted_at.is_(None))
    .order_by(orders.c.person_id, orders.c.placed_at)
)
_EXPECT_NOBODY = (
    update(people)
    .where(people.c.shop_id == bindparam("shop"), people.c.id.in_(_IDS), people.c.expected_order_at.is_not(None))
    .values(expected_order_at=None, overdue_at=None)
)
_EXPECT = (
    update(people)
    .where(people.c.id == bindparam("its_id"))
    .values(expected_order_at=bindparam("its_next"), overdue_at=bindparam("its_overdue"))
)
