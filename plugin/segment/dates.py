"""Dates of a query → instants. The only place where a segment meets the calendar: after it nothing is relative.

Days are the shop's: from one midnight of its clocks to the next, 23 or 25 hours long when they change. Where the clocks
skip midnight, the day begins when they jump; where a time comes twice, the first is meant.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .ast import Day, Moment, Offset, Unit
from .kinds import Range

FIRST_YEAR, LAST_YEAR = 1900, 2999


@dataclass(frozen=True, slots=True)
class Calendar:
    """The shop's calendar, with a finger on today."""

    today: date
    zone: ZoneInfo

    @classmethod
    def at(cls, now: datetime, timezone: str) -> Calendar:
        zone = ZoneInfo(timezone)
        return cls(now.astimezone(zone).date(), zone)

    def range(self, value: Day | Moment | Offset) -> Range[datetime]:
        """The instants that `value` covers: a day, or a second. Raises ValueError outside of our years."""
        if isinstance(value, Moment):
            _refuse_distant(value.at.date())
            start = value.at.replace(tzinfo=self.zone).astimezone(UTC)
            return Range(start, start + timedelta(seconds=1))
        day = self.day(value)
        return Range(self._midnight(day), self._midnight(day + timedelta(days=1)))

    def day(self, value: Day | Offset) -> date:
        """The day that `value` names. Raises ValueError outside of our years."""
        day = value.on if isinstance(value, Day) else moved(self.today, value.count, value.unit)
        _refuse_distant(day)
        return day

    def words(self, day: date) -> str:
        """`18 November 2026`, in English whatever the machine's locale."""
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


def moved(day: date, count: int, unit: Unit) -> date:
    """A month before 31 March is the end of February."""
    match unit:
        case "d" | "w":
            try:
                return day + timedelta(days=count if unit == "d" else 7 * count)
            except OverflowError as error:
                raise ValueError("too far away") from error
        case "m" | "y":
            months = day.year * 12 + day.month - 1 + (count if unit == "m" else 12 * count)
            year, month = divmod(months, 12)
            if not FIRST_YEAR <= year <= LAST_YEAR:
                raise ValueError("too far away")
            return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


_MONTHS = "January February March April May June July August September October November December".split()


def _refuse_distant(day: date) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError("too far away")
