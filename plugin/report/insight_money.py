"""Orders and revenue of a segment's people, in all and week by week, beside everybody's."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select

from plugin.store.engine import Tx
from plugin.store.tables import orders

from .insight import Counting, Sales, Week, count_people
from .insight_parts import counting

WEEKS: Final = 26


def sales(tx: Tx, asked: Counting) -> None:
    """All orders that Beckon holds, of the segment's people as they are today and of everybody."""
    worth = orders.c.total - orders.c.refunded
    mine = orders.c.person_id.in_(asked.mine)
    row = tx.execute(
        select(
            func.count(),
            func.coalesce(func.sum(worth), 0),
            func.count(orders.c.person_id.distinct()),
            func.coalesce(func.sum(case((mine, 1), else_=0)), 0),
            func.coalesce(func.sum(case((mine, worth), else_=0)), 0),
            func.count(case((mine, orders.c.person_id)).distinct()),
        ).where(counting(asked))
    ).one()
    count, revenue, buyers, count_here, revenue_here, buyers_here = map(int, row)
    asked.found["sales"] = Sales(count_people(tx, asked.here), buyers_here, count_here, revenue_here)
    asked.found["all_sales"] = Sales(count_people(tx, asked.alive), buyers, count, revenue)


def weeks(tx: Tx, asked: Counting) -> None:
    """The last twenty-six weeks of the shop's calendar, Monday to Sunday; the last one is not over yet."""
    begins = mondays(asked.now, asked.timezone)
    worth = orders.c.total - orders.c.refunded
    mine = orders.c.person_id.in_(asked.mine)
    week = case(*((orders.c.placed_at < end, number) for number, end in enumerate(begins[1:])), else_=WEEKS - 1)
    rows = tx.execute(
        select(
            week.label("week"),
            func.sum(case((mine, 1), else_=0)),
            func.sum(case((mine, worth), else_=0)),
            func.count(),
            func.sum(worth),
        )
        .where(counting(asked), orders.c.placed_at >= begins[0], orders.c.placed_at <= asked.now)
        .group_by(week)
    )
    told = {number: tuple(map(int, counts)) for number, *counts in rows}
    zone = ZoneInfo(asked.timezone)
    asked.found["weeks"] = [
        Week(begin.astimezone(zone).date().isoformat(), *told.get(number, (0, 0, 0, 0)))
        for number, begin in enumerate(begins)
    ]


def mondays(now: datetime, timezone: str) -> list[datetime]:
    """The midnights at which the last twenty-six weeks began, the earliest first."""
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    days = (monday - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1))
    return [datetime(day.year, day.month, day.day, tzinfo=zone) for day in days]
