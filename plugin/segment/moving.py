"""When a relative date comes past an instant: `-30d` moves on at each midnight of the shop's, and so over a last order.

The edges of what a relative date covers (its start, and the end behind it) are functions of the present that never go
back. So for each value there is one first instant from which an edge lies behind it: the only instant at which a
comparison of the two can change by time alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from .ast import Offset
from .dates import local, moved
from .kinds import Aged, Moving

NEVER: Final = datetime.max.replace(tzinfo=UTC)
"""No time will come at which time alone changes it."""
_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)
Passer: TypeAlias = Callable[[datetime, int, ZoneInfo], datetime]
_LAST = date(9998, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Edge:
    """The start of what `offset` covers, or its end."""

    offset: Offset
    is_end: bool

    def passes(self, value: datetime, zone: ZoneInfo) -> datetime:
        """The first instant at which the edge, which does not yet, lies behind `value`; NEVER when our calendar ends
        before it."""
        return self.passer()(value, first_day_after(value, zone), zone)

    def passer(self) -> Passer:
        """`passes`, of a value and the first day that begins after it: for those who ask often."""
        offset, is_end = self.offset, self.is_end
        if offset.unit == "h":
            ago = timedelta(hours=offset.count, seconds=is_end)
            return lambda value, day, zone: (value - ago).replace(microsecond=0) + _SECOND
        if offset.unit in ("d", "w"):  # the edge must come to the midnight of that day
            days = offset.count * (7 if offset.unit == "w" else 1) + is_end
            return lambda value, day, zone: midnight(zone, day - days)
        return lambda value, day, zone: midnight(zone, _today_when(offset, day - is_end))


def edges(offset: Moving) -> tuple[Edge, Edge]:
    """Both edges of a relative date. An age begins where the next one ends: behind the day so many years ago."""
    if isinstance(offset, Aged):
        older, same = Offset(-offset.years - 1, "y"), Offset(-offset.years, "y")
        return Edge(older, is_end=True), Edge(same, is_end=True)
    return Edge(offset, is_end=False), Edge(offset, is_end=True)


def first_day_after(value: datetime, zone: ZoneInfo) -> int:
    """The first day (its ordinal) that begins after `value`."""
    day = local(value, zone).date().toordinal() + 1
    while midnight(zone, day) <= value:  # clocks that went back over midnight
        day += 1
    while midnight(zone, day - 1) > value:
        day -= 1
    return day


@lru_cache(maxsize=50_000)
def midnight(zone: ZoneInfo, day: int) -> datetime:
    """The instant at which a day begins in `zone`."""
    if not 1 <= day <= _LAST:
        return NEVER
    return datetime.combine(date.fromordinal(day), time(), zone).astimezone(UTC)


@lru_cache(maxsize=50_000)
def _today_when(offset: Offset, day: int) -> int:
    """The first today from which `offset` leads to `day` or a later one: months end on different days."""
    back = Offset(-offset.count, offset.unit)
    try:
        today = moved(date.fromordinal(day), back.count, back.unit)
        while moved(today, offset.count, offset.unit).toordinal() < day:
            today += _DAY
        while moved(today - _DAY, offset.count, offset.unit).toordinal() >= day:
            today -= _DAY
    except (ValueError, OverflowError):
        return _LAST + 1
    return today.toordinal()
