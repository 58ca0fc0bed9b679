"""By what a shop's people are compared with each other: taken each night, then everybody is grouped by them in pages.

Fifths of those who ordered, by their last order, how often and how much; thirds of the pieces sold, by their price.
Who has the same value has the same score, so a fifth is "above those": of a shop where most ordered once, most have
frequency 1.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, and_, exists, func, or_, select, update

from plugin.ingest.backfill import HISTORY, OPEN
from plugin.store.engine import Tx
from plugin.store.tables import backfills, order_lines, people, shops
from plugin.store.tables import measures as table
from plugin.store.upsert import upsert

PAGE: Final = 1_000
"""People a transaction."""
HOUR: Final = 3
"""Of the night, on the shop's clock."""
IDLE: Final = timedelta(minutes=10)
"""A job that moved nothing for so long is dead."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Who is above so many of the edges has a point more for each. `prices` are two, in minor units."""

    taken_at: datetime
    recency: tuple[datetime, ...]
    frequency: tuple[int, ...]
    monetary: tuple[int, ...]
    prices: tuple[int, ...]


def of(tx: Tx, shop_id: int) -> Measures | None:
    """Those of the shop; None before they were taken for the first time, or while nobody had ordered."""
    row = tx.execute(select(table).where(table.c.shop_id == shop_id)).first()
    return _measures(row) if row and row.frequency else None


def take(tx: Tx, shop_id: int, now: datetime) -> None:
    """Measures the shop anew, and begins with the first person."""
    ordered = people.c.shop_id == shop_id, people.c.customer_deleted_at.is_(None), people.c.number_of_orders > 0
    told = {
        "shop_id": shop_id,
        "taken_at": now,
        "recency": [at.isoformat() for at in _edges(tx, people.c.last_order_at, ordered, 5)],
        "frequency": _edges(tx, people.c.number_of_orders, ordered, 5),
        "monetary": _edges(tx, people.c.amount_spent, ordered, 5),
        "prices": _price_edges(tx, shop_id, 3),
        "cursor": 0,
        "finished_at": None,
        "hinted_at": now,
    }
    upsert(tx, table, [told], key=("shop_id",))


def next_page(tx: Tx, shop_id: int) -> list[int]:
    """The next people after those who were grouped; the place is moved behind them. Nobody: it is done."""
    row = tx.execute(select(table.c.cursor).where(table.c.shop_id == shop_id, table.c.finished_at.is_(None))).first()
    if row is None:
        return []
    page = select(people.c.id).where(people.c.shop_id == shop_id, people.c.id > row.cursor)
    ids = list(tx.execute(page.order_by(people.c.id).limit(PAGE)).scalars())
    if ids:
        tx.execute(update(table).where(table.c.shop_id == shop_id).values(cursor=ids[-1]))
    return ids


def finish(tx: Tx, shop_id: int, now: datetime) -> None:
    tx.execute(update(table).where(table.c.shop_id == shop_id).values(finished_at=now))


def due(tx: Tx, now: datetime, limit: int) -> list[int]:
    """Shops that were not measured since their last night, once their history is there; and those whose pages stand
    still."""
    parts = backfills.c.shop_id == shops.c.id
    here = and_(shops.c.uninstalled_at.is_(None), exists().where(parts), ~exists().where(parts, _LOADING))
    known = select(shops.c.id, shops.c.timezone, table.c.taken_at).outerjoin(table, table.c.shop_id == shops.c.id)
    rows = tx.execute(known.where(here).order_by(shops.c.id)).all()
    night = [row.id for row in rows if row.taken_at is None or row.taken_at < _tonight(row.timezone, now)]
    still = or_(table.c.hinted_at.is_(None), table.c.hinted_at <= now - IDLE)
    stuck = tx.execute(select(table.c.shop_id).where(table.c.finished_at.is_(None), still)).scalars().all()
    return sorted({*night, *stuck})[:limit]


def begin(tx: Tx, shop_id: int, now: datetime) -> None:
    """Takes the measures if they are older than the night; goes on with the pages of those that are not."""
    row = tx.execute(
        select(shops.c.timezone, table.c.taken_at)
        .outerjoin(table, table.c.shop_id == shops.c.id)
        .where(shops.c.id == shop_id)
    ).one()
    if row.taken_at is None or row.taken_at < _tonight(row.timezone, now):
        take(tx, shop_id, now)
    else:
        tx.execute(update(table).where(table.c.shop_id == shop_id).values(hinted_at=now))


_LOADING = and_(backfills.c.reconciliation_id == HISTORY, backfills.c.state.in_(OPEN))


def _edges(tx: Tx, column: ColumnElement[Any], mine: Sequence[ColumnElement[bool]], parts: int) -> list[Any]:
    """The values above which the second, third… of `parts` equal parts begin; none where there is no value."""
    there = (*mine, column.is_not(None))
    count = tx.execute(select(func.count()).where(*there)).scalar_one()
    if not count:
        return []
    places = [-(-part * count // parts) - 1 for part in range(1, parts)]
    sorted_values = select(column).where(*there).order_by(column)
    return [tx.execute(sorted_values.offset(place).limit(1)).scalar_one() for place in places]


def _price_edges(tx: Tx, shop_id: int, parts: int) -> list[int]:
    """The same of the prices of all pieces that the shop sold."""
    line = order_lines.c
    sold = line.shop_id == shop_id, line.product_id.is_not(None), line.quantity > 0
    counted = select(line.price, func.sum(line.quantity)).where(*sold).group_by(line.price).order_by(line.price)
    prices = tx.execute(counted).all()
    up_to = list(accumulate(int(pieces) for _, pieces in prices))
    if not prices:
        return []
    return [prices[bisect_left(up_to, -(-part * up_to[-1] // parts))].price for part in range(1, parts)]


def _tonight(timezone: str, now: datetime) -> datetime:
    here = now.astimezone(ZoneInfo(timezone))
    night = here.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return night if night <= here else night - timedelta(days=1)


def _measures(row: Row[Any]) -> Measures:
    return Measures(
        row.taken_at,
        tuple(datetime.fromisoformat(at) for at in row.recency),
        tuple(row.frequency),
        tuple(row.monetary),
        tuple(row.prices),
    )
