"""Dates of a query: whole days on the shop's clocks, as half-open spans of instants."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .grammar import Invalid, Token

Span = tuple[datetime, datetime]
_UNITS = {"days": "d", "weeks": "w", "months": "m", "years": "y"}


@dataclass(frozen=True, slots=True)
class Days:
    """`zone` is the shop's, for dates as they stand; `relative` is the one in which today is counted."""

    now: datetime
    zone: ZoneInfo
    relative: ZoneInfo

    def span(self, value: Token) -> Span:
        kind, text = value
        if kind == "moment":
            at = datetime.fromisoformat(text).replace(tzinfo=self.zone)
            return at, at + timedelta(seconds=1)
        if kind == "day":
            return self._day(_date(text), self.zone)
        return self._day(self._relative(kind, text), self.relative)

    def _relative(self, kind: str, text: str) -> date:
        today = self.now.astimezone(self.relative).date()
        if kind == "word" and text.lower() in ("today", "yesterday"):
            return today - timedelta(days=text.lower() == "yesterday")
        if kind == "offset":
            return _moved(today, int(text[:-1]), text[-1])
        if kind == "ago" and (found := re.fullmatch(r"(\d+)_(\w+)_ago", text)):
            return _moved(today, -int(found[1]), _UNITS[found[2]])
        raise Invalid(f"'{text}' is not a date.")

    def _day(self, day: date, zone: ZoneInfo) -> Span:
        return datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"'{text}' is not a date.") from None


def _moved(day: date, count: int, unit: str) -> date:
    try:
        if unit in "dw":
            return day + timedelta(days=count * (7 if unit == "w" else 1))
        year, month = divmod(day.year * 12 + day.month - 1 + count * (12 if unit == "y" else 1), 12)
        return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
    except (OverflowError, ValueError):
        raise Invalid("The date is too far away.") from None
