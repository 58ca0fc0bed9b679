"""What is inferred of people, and the static lists that they are on, as parts of their profiles."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from plugin.store.engine import Tx
from plugin.store.tables import habits, list_members, lists


@dataclass(frozen=True, slots=True)
class Cycle:
    """Where somebody stands as a customer; `average_order` in minor units."""

    average_order: int | None = None
    expected_order_at: datetime | None = None
    overdue_at: datetime | None = None
    rfm_group: str | None = "PROSPECTS"


@dataclass(frozen=True, slots=True)
class Habits:
    """What somebody seems to like; None where they did too little to tell."""

    category: str | None = None
    vendor: str | None = None
    price_band: str | None = None
    hour: int | None = None
    weekday: int | None = None
    discounts: bool | None = None
    most_viewed: int | None = None


NOTHING = Habits()
PROSPECT = Cycle()


def cycle_of(row: Row[Any]) -> Cycle:
    """Of a row of `people`."""
    return Cycle(row.average_order, row.expected_order_at, row.overdue_at, row.rfm_group)


def habits_of(tx: Tx, shop_id: int, ids: list[int]) -> dict[int, Habits]:
    found = select(habits).where(habits.c.shop_id == shop_id, habits.c.person_id.in_(ids))
    return {
        row.person_id: Habits(
            row.category, row.vendor, row.price_band, row.hour, row.weekday, row.discounts, row.most_viewed
        )
        for row in tx.execute(found)
    }


def lists_of(tx: Tx, shop_id: int, ids: list[int]) -> defaultdict[int, frozenset[str]]:
    """Person → the keys of the lists that they are on."""
    on_it = (
        select(list_members.c.person_id, lists.c.key)
        .join(lists, lists.c.id == list_members.c.list_id)
        .where(list_members.c.shop_id == shop_id, list_members.c.person_id.in_(ids))
    )
    found: defaultdict[int, frozenset[str]] = defaultdict(frozenset)
    for person_id, key in tx.execute(on_it):
        found[person_id] |= {key}
    return found
