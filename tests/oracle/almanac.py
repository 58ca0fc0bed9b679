"""The shop's calendar by its clocks on the wall: a row's instant is turned into a local day, and days are compared."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.scanning import Piece, Refused

YEARS = range(1900, 3000)


@dataclass(frozen=True)
class Almanac:
    now: datetime
    zone: ZoneInfo

    def local_day(self, instant: datetime) -> date:
        try:
            return instant.astimezone(self.zone).date()
        except OverflowError:  # behind the last day of all calendars, or before the first
            return instant.date()

    def side(self, instant: datetime, written: Piece) -> int:
        """-1: `instant` is before what was written, 0: within it, 1: after it. Raises Refused for far dates."""
        kind, value = written
        if kind == "second" or (kind == "shift" and value[1] == "h"):
            start = self.second(value) if kind == "second" else self.hours(value[0])
            return -1 if instant < start else 0 if instant < start + timedelta(seconds=1) else 1
        day, there = self.day(written), self.local_day(instant)
        return (there > day) - (there < day)

    def second(self, wall: datetime) -> datetime:
        """A second on the shop's clocks; where they show it twice, the first."""
        _near(wall.date())
        return wall.replace(tzinfo=self.zone, fold=0).astimezone(UTC)

    def hours(self, count: int) -> datetime:
        try:
            then = self.now + timedelta(hours=count)
        except OverflowError:
            raise Refused("too far away") from None
        _near(then.date())
        return then.replace(microsecond=0)

    def has_day_of_year(self, instant: datetime, low: Piece, high: Piece) -> bool:
        """Is the instant's day of the year among those from `low` to `high`? Written years do not count: where `high`
        stands before `low`, New Year lies between them. Of instants of the years from 1900 to nine from this one."""
        first, last, mine = self.day(low), self.day(high), self.local_day(instant)
        if not YEARS.start <= mine.year < self.local_day(self.now).year + 10:
            return False
        counted = low[0] == high[0] == "shift"
        if counted and not timedelta(0) <= last - first < timedelta(days=364):
            return last >= first
        keys = {(mine.month, mine.day)}
        if keys == {(2, 29)} and not calendar.isleap(last.year):
            keys.add((2, 28))
        start, end = (first.month, first.day), (last.month, last.day)
        return any(start <= key <= end if start <= end else key >= start or key <= end for key in keys)

    def day(self, written: Piece) -> date:
        kind, value = written
        return _near(value if kind == "day" else moved(self.local_day(self.now), *value))


def moved(day: date, count: int, unit: str) -> date:
    """By days and weeks one by one; by months to the same number of day, or to the month's last."""
    try:
        if unit in "dw":
            return day + timedelta(days=count * (7 if unit == "w" else 1))
        month = day.year * 12 + day.month - 1 + count * (12 if unit == "y" else 1)
        year, month = month // 12, month % 12 + 1
        return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
    except (OverflowError, ValueError, calendar.IllegalMonthError):
        raise Refused("too far away") from None


def _near(day: date) -> date:
    if day.year not in YEARS:
        raise Refused("too far away")
    return day


def instant(value: Any) -> datetime | None:
    """An instant as SELECT * gives it: aware from PostgreSQL, from SQLite a text in UTC."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value.astimezone(UTC) if value is not None else None
