"""When the days of a year that a query means by today come past an anniversary, or leave it behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from .ast import Day, Offset
from .dates import YEARS_AHEAD, Calendar
from .kinds import Years
from .moving import first_day_after, midnight

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""For a calendar that is asked for days alone."""
_UTC = ZoneInfo("UTC")
_DAY = timedelta(days=1)
_LEAP_YEARS = 4 * 366


@dataclass(frozen=True, slots=True)
class Yearly:
    """From `low` to `high` of every year: `anniversary( … ) BETWEEN low AND high`."""

    low: Day | Offset
    high: Day | Offset

    @property
    def moves(self) -> bool:
        """Are other days meant tomorrow?"""
        return isinstance(self.low, Offset) or isinstance(self.high, Offset)

    def changes(self, value: datetime, today: date, zone: ZoneInfo) -> datetime:
        """The first instant after `today` at which time alone can change whether `value` is on such a day."""
        day = date.fromordinal(first_day_after(value, zone) - 1)
        changed = _first_change(self, day.replace(year=2000), today)  # a leap year, so that every day is there
        if day.year >= today.year + YEARS_AHEAD - 1:  # not seen yet
            changed = min(changed, date(today.year + 1, 1, 1))
        return midnight(zone, changed.toordinal())


@lru_cache(maxsize=20_000)
def _first_change(span: Yearly, day: date, today: date) -> date:
    """The first day on which the answer for `day` is another one; some day in four years if it is none before."""
    found = _holds(span, day, today)
    later = (today + _DAY * days for days in range(1, _LEAP_YEARS))
    return next((one for one in later if _holds(span, day, one) is not found), today + _DAY * _LEAP_YEARS)


def _holds(span: Yearly, day: date, today: date) -> bool:
    try:
        spans = Calendar(EPOCH, today, _UTC).spans(span.low, span.high, (day.year - 1, day.year))
    except ValueError:
        return False
    return any(start <= day < end for start, end in spans)


@lru_cache(maxsize=200)
def years(spans: tuple[Yearly, ...], today: date, zone: ZoneInfo) -> tuple[Years, ...]:
    """What each of them means today."""
    dates = Calendar(EPOCH, today, zone)
    return tuple(dates.years(span.low, span.high) for span in spans)
