"""Dates of a query → instants. The only place where a segment meets the calendar: after it nothing is relative.

Hours are counted from this second, whatever the clocks do. Days are the shop's: from one midnight of its clocks to the
next, 23 or 25 hours long when they change. Where the clocks skip midnight, the day begins when they jump; where a time
comes twice, the first is meant.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .ast import Day, Moment, Offset, Unit
from .kinds import Aged, Range, Years

FIRST_YEAR, LAST_YEAR = 1900, 2999
YEARS_AHEAD = 10
"""Anniversaries are those of dates of the years from FIRST_YEAR up to but not including so many from now."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The shop's calendar, with a finger on this second."""

    now: datetime
    today: date
    zone: ZoneInfo

    @classmethod
    def at(cls, now: datetime, timezone: str) -> Calendar:
        zone = ZoneInfo(timezone)
        return cls(now.replace(microsecond=0), now.astimezone(zone).date(), zone)

    def range(self, value: Day | Moment | Offset | Aged) -> Range[datetime]:
        """The instants that `value` covers: a day, a second, or a year of birthdays. Raises ValueError outside of our
        years."""
        if isinstance(value, Aged):
            return Range(self._midnight(self._born(value.years + 1)), self._midnight(self._born(value.years)))
        if isinstance(value, Moment) or (isinstance(value, Offset) and value.unit == "h"):
            start = self._second(value)
            return Range(start, start + timedelta(seconds=1))
        day = self.day(value)
        return Range(self._midnight(day), self._midnight(day + timedelta(days=1)))

    def day(self, value: Day | Offset) -> date:
        """The day that `value` names. Raises ValueError outside of our years."""
        day = value.on if isinstance(value, Day) else moved(self.today, value.count, value.unit)
        _refuse_distant(day)
        return day

    def clock(self, value: Moment | Offset) -> datetime:
        """What the shop's clocks show at the second that `value` names."""
        return value.at if isinstance(value, Moment) else self._second(value).astimezone(self.zone)

    def years(self, low: Day | Offset, high: Day | Offset) -> Years:
        """The days from `low` to `high` of every year that has anniversaries, also of a turn of the year that only ends
        or begins in one. Raises ValueError outside of our years."""
        first, behind = date(FIRST_YEAR, 1, 1), date(self.today.year + YEARS_AHEAD, 1, 1)
        spans = self.spans(low, high, range(FIRST_YEAR - 1, behind.year))
        known = ((max(start, first), min(end, behind)) for start, end in spans if end > first)
        return Years(tuple(Range(self._midnight(start), self._midnight(end)) for start, end in known))

    def spans(self, low: Day | Offset, high: Day | Offset, years: Iterable[int]) -> list[tuple[date, date]]:
        """The days from `low` to `high` in each of `years`, and the day after them, whatever year they stand in: over
        New Year where `high` comes first, none where both are counted from today and `high` comes first. Who was born
        on 29 February has the anniversary on the 28th in other years. Raises ValueError outside of our years."""
        first, last = self.day(low), self.day(high)
        if isinstance(low, Offset) and isinstance(high, Offset):
            if last < first:
                return []
            if last - first >= timedelta(days=364):
                return [(date(year, 1, 1), date(year + 1, 1, 1)) for year in years]
        wraps = (last.month, last.day) < (first.month, first.day)
        after = last + timedelta(days=1)
        ends = wraps + ((after.month, after.day) == (1, 1))
        return [
            (_in_year(year, first.month, first.day), _in_year(year + ends, after.month, after.day)) for year in years
        ]

    def age(self, born: datetime) -> int:
        """How many years old somebody is today; less than 0 before they are born."""
        day = local(born, self.zone).date()
        return self.today.year - day.year - ((self.today.month, self.today.day) < (day.month, day.day))

    def words(self, day: date) -> str:
        """`18 November 2026`, in English whatever the machine's locale."""
        return f"{self.day_of_year(day)} {day.year}"

    def day_of_year(self, day: date) -> str:
        """`18 November`."""
        return f"{day.day} {_MONTHS[day.month - 1]}"

    def _second(self, value: Moment | Offset) -> datetime:
        if isinstance(value, Moment):
            _refuse_distant(value.at.date())
            return value.at.replace(tzinfo=self.zone).astimezone(UTC)
        try:
            start = self.now + timedelta(hours=value.count)
        except OverflowError as error:
            raise ValueError("too far away") from error
        _refuse_distant(start.date())
        return start.astimezone(UTC)

    def _born(self, years: int) -> date:
        """The day after the last birthday of those who are so many years old. Who was born on 29 February has none
        when there is no 29th, and turns a year older on 1 March."""
        return moved(self.today, -years, "y") + timedelta(days=1)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


def local(at: datetime, zone: ZoneInfo) -> datetime:
    """What the clocks of `zone` show; behind the last of all days what those of UTC do."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at


def _in_year(year: int, month: int, day: int) -> date:
    """That day; 1 March in years without a 29 February."""
    return date(year, 3, 1) if (month, day) == (2, 29) and not calendar.isleap(year) else date(year, month, day)


def moved(day: date, count: int, unit: Unit) -> date:
    """`day` and so many days, weeks, months or years. A month before 31 March is the end of February. Raises ValueError
    for what is too far away."""
    match unit:
        case "d" | "w":
            try:
                return day + timedelta(days=count if unit == "d" else 7 * count)
            except OverflowError as error:
                raise ValueError("too far away") from error
        case "m" | "y":
            months = day.year * 12 + day.month - 1 + (count if unit == "m" else 12 * count)
            year, month = divmod(months, 12)
            if not MINYEAR <= year <= MAXYEAR:
                raise ValueError("too far away")
            return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
        case "h":
            raise ValueError("hours are no days")


_MONTHS = "January February March April May June July August September October November December".split()


def _refuse_distant(day: date) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError("too far away")
