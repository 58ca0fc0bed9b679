"""The four numbers that a merchant reads first, each with the last thirty days of the shop's own calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Column, ColumnElement, case, exists, func, or_, select, tuple_

from plugin.store.engine import Tx
from plugin.store.tables import deliveries, facts, orders, shops, subscriptions

DAYS = 30
DEFINITIONS = {
    "reachable": "People with at least one browser that agreed to notifications and still takes them.",
    "shown": "Notifications of the last 30 days that browsers told us they showed, as a share of those sent.",
    "orders": "Orders of the last 30 days placed after a click by the same person, each counted once.",
    "revenue": "What those orders are worth: their totals, less what has been refunded since.",
}
"""What each number means, in words: shown beside it."""


@dataclass(frozen=True, slots=True)
class Series:
    """One value for each of `days`, the last being today."""

    days: tuple[date, ...]
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KeyNumbers:
    """Money in minor units of `currency`; shares None where there is nothing to divide by."""

    reachable: int
    reachable_change: int
    reachable_daily: Series
    sent: int
    shown: int
    shown_share: float | None
    shown_daily: Series
    orders: int
    average_order: int | None
    orders_daily: Series
    revenue: int
    revenue_daily: Series
    currency: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """The last thirty days in the shop's zone: where each begins, and what comes after the last."""

    days: tuple[date, ...]
    begins: tuple[datetime, ...]
    end: datetime

    def series(self, values: Sequence[int]) -> Series:
        return Series(self.days, tuple(values))


def key_numbers(tx: Tx, shop_id: int, now: datetime) -> KeyNumbers:
    """Reachable people, what was shown, orders after a click, and their revenue."""
    shop = tx.execute(select(shops.c.timezone, shops.c.currency).where(shops.c.id == shop_id)).one()
    calendar = _calendar(now, shop.timezone)
    reachable = _reachable(tx, shop_id, calendar)
    sent = _sent(tx, shop_id, calendar)
    shown = _shown(tx, shop_id, calendar)
    bought, revenue = _bought(tx, shop_id, calendar)
    count, worth = sum(bought), sum(revenue)
    return KeyNumbers(
        reachable=reachable[-1],
        reachable_change=reachable[-1] - reachable[0],
        reachable_daily=calendar.series(reachable[1:]),
        sent=sent,
        shown=sum(shown),
        shown_share=sum(shown) / sent if sent else None,
        shown_daily=calendar.series(shown),
        orders=count,
        average_order=round(worth / count) if count else None,
        orders_daily=calendar.series(bought),
        revenue=worth,
        revenue_daily=calendar.series(revenue),
        currency=shop.currency,
    )


def _calendar(now: datetime, timezone: str) -> Calendar:
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    days = tuple(today - timedelta(days=ago) for ago in reversed(range(DAYS)))
    begins = [datetime.combine(day, time(), zone).astimezone(UTC) for day in (*days, today + timedelta(days=1))]
    return Calendar(days, tuple(begins[:-1]), begins[-1])


def _reachable(tx: Tx, shop_id: int, calendar: Calendar) -> list[int]:
    """People reachable before the first day, and at the end of each: from today backwards, by who came and who left."""
    of = subscriptions.c
    now = select(func.count(of.person_id.distinct())).where(of.shop_id == shop_id, of.state == "active")
    came, left = _came(tx, shop_id, calendar), _left(tx, shop_id, calendar)
    counts = [tx.execute(now).scalar_one()]
    for day in reversed(range(DAYS)):
        counts.append(counts[-1] - came[day] + left[day])
    return counts[::-1]


def _came(tx: Tx, shop_id: int, calendar: Calendar) -> list[int]:
    """People whose first browser agreed, by day."""
    of, other = subscriptions.c, subscriptions.alias("other")
    earlier = exists().where(
        other.c.person_id == of.person_id, tuple_(other.c.created_at, other.c.id) < tuple_(of.created_at, of.id)
    )
    return _by_day(tx, calendar, of.created_at, of.shop_id == shop_id, of.created_at >= calendar.begins[0], ~earlier)


def _left(tx: Tx, shop_id: int, calendar: Calendar) -> list[int]:
    """People whose last browser ended, by day."""
    of, other = subscriptions.c, subscriptions.alias("other")
    goes_on = exists().where(
        other.c.person_id == of.person_id,
        or_(other.c.state == "active", tuple_(other.c.ended_at, other.c.id) > tuple_(of.ended_at, of.id)),
    )
    its = of.shop_id == shop_id, of.state != "active", of.ended_at >= calendar.begins[0]
    return _by_day(tx, calendar, of.ended_at, *its, ~goes_on)


def _sent(tx: Tx, shop_id: int, calendar: Calendar) -> int:
    return tx.execute(
        select(func.count()).where(
            deliveries.c.shop_id == shop_id,
            deliveries.c.state == "sent",
            deliveries.c.finished_at >= calendar.begins[0],
        )
    ).scalar_one()


def _shown(tx: Tx, shop_id: int, calendar: Calendar) -> list[int]:
    of = facts.c
    return _by_day(tx, calendar, of.at, of.shop_id == shop_id, of.kind == "shown", of.at >= calendar.begins[0])


def _bought(tx: Tx, shop_id: int, calendar: Calendar) -> tuple[list[int], list[int]]:
    """Orders after a click, and their worth, by the day on which they were placed; erased ones by their worth alone."""
    credited = exists().where(
        facts.c.shop_id == shop_id, facts.c.kind == "converted", facts.c.order_id == orders.c.order_id
    )
    day = _day_of(orders.c.placed_at, calendar)
    rows = tx.execute(
        select(day, func.count(), func.sum(orders.c.total - orders.c.refunded))
        .where(
            orders.c.shop_id == shop_id,
            orders.c.placed_at >= calendar.begins[0],
            orders.c.deleted_at.is_(None),
            credited,
        )
        .group_by(day)
    )
    day = _day_of(facts.c.at, calendar)  # a conversion's instant is that of its order
    erased = tx.execute(
        select(day, func.count(), func.sum(facts.c.worth))
        .where(
            facts.c.shop_id == shop_id,
            facts.c.kind == "converted",
            facts.c.at >= calendar.begins[0],
            facts.c.worth.is_not(None),
        )
        .group_by(day)
    )
    counts, worths = [0] * DAYS, [0] * DAYS
    for number, count, worth in (*rows, *erased):
        counts[number] += count
        worths[number] += int(worth)
    return counts, worths


def _by_day(tx: Tx, calendar: Calendar, instant: Column[datetime], *conditions: ColumnElement[bool]) -> list[int]:
    """How many rows fit, by the day of `instant`."""
    day, values = _day_of(instant, calendar), [0] * DAYS
    for number, count in tx.execute(select(day, func.count()).where(*conditions).group_by(day)):
        values[number] = count
    return values


def _day_of(instant: ColumnElement[datetime], calendar: Calendar) -> ColumnElement[int]:
    """The number of the day: the calendar is ours, so no date arithmetic is left to the database."""
    ends = (*calendar.begins[1:], calendar.end)
    return case(*((instant < end, number) for number, end in enumerate(ends)), else_=DAYS - 1).label("day")
