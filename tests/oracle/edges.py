"""Values at which readers of segments go wrong: midnights, long days, month ends, big numbers, odd letters."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

ZONES = (
    "Europe/London",
    "America/New_York",
    "Asia/Tokyo",
    "UTC",
    "Australia/Lord_Howe",  # its summer is half an hour long
    "America/Santiago",  # skips midnight
    "Africa/Cairo",  # skips midnight, and has one twice
    "America/Havana",  # midnight comes twice
    "America/St_Johns",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Pacific/Apia",  # has no 30 December 2011
)

WORDS = (
    *("vip", "VIP", "Vip ", " vip", "", " ", "wholesale", "Kids' club", "NULL", "true", "AND", "(", "a\nb", "\t"),
    *("Straße", "STRASSE", "straße", "ß", "SS", "ss", "İ", "i", "I", "ı", "i̇", "ﬁ", "fi", "Σ", "σ", "ς", "ǅ", "ᾳ"),
    *("it's", "O'Neil", "'", "''", "\\", "\\\\", "\\'", "a\\b", '"', "%", "_", "a%", "100%", "a_b"),
    *("日本", "👩‍👩‍👧", "e\u0301", "é", "\u212a", "k"),
)

NUMBERS = (0, 1, 2, 3, 5, 10, 99, 100, 2**31 - 1, 2**31, 2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1)


def now(r: Random, zone: ZoneInfo) -> datetime:
    """An instant of a day at which calendars are interesting, often beside its midnight."""
    return beside(r, max(_day(r, zone), date(2023, 1, 1)), zone)


OFFSETS = tuple(
    "-0d -1d -2d -7d -14d -29d -30d -31d -90d -365d -366d +1d +7d -1w -2w -1m -2m -3m -6m -12m +1m -1y -2y".split()
)


def days(r: Random, today: date, zone: ZoneInfo, offsets: Sequence[str]) -> list[date]:
    """A dozen days worth asking for: those that `offsets` mean today, one on which the clocks change, others."""
    change = r.choice(changes(today.year - r.randrange(2), zone))
    asked = [_from(today, offset) for offset in offsets]
    return [
        today,
        *asked,
        change,
        change,
        change + timedelta(days=r.choice((-1, 1))),
        *(_day(r, zone) for _ in range(4)),
    ]


def beside(r: Random, day: date, zone: ZoneInfo) -> datetime:
    """At the day's midnight or noon or when clocks change, or a little beside; in UTC."""
    clock = time(r.choice((0, 0, 0, 0, 1, 2, 12, 23)), r.choice((0, 0, 30)), fold=r.randrange(2))
    at = datetime.combine(day, clock, zone).astimezone(UTC)
    return at + r.choice(
        (
            timedelta(0),
            timedelta(microseconds=-1),
            timedelta(microseconds=1),
            timedelta(seconds=-1),
            timedelta(seconds=1),
            timedelta(minutes=r.randrange(-90, 90)),
            timedelta(seconds=r.randrange(86_400)),
        )
    )


def _day(r: Random, zone: ZoneInfo) -> date:
    match r.randrange(4):
        case 0:
            return r.choice(changes(r.choice((2024, 2025, 2026)), zone)) + timedelta(days=r.choice((-1, 0, 0, 1)))
        case 1:
            year, month = r.choice((2023, 2024, 2026)), r.randrange(1, 13)
            return date(year, month, calendar.monthrange(year, month)[1]) + timedelta(days=r.choice((-1, 0, 0, 1)))
        case 2:
            return r.choice((date(2024, 2, 29), date(2026, 1, 1), date(2025, 12, 31), date(2011, 12, 30)))
    return date(2025, 1, 1) + timedelta(days=r.randrange(700))


def changes(year: int, zone: ZoneInfo) -> Sequence[date]:
    """The days of `year` on which the clocks are changed; New Year where there is none."""
    first = date(year, 1, 1)

    def offset(day: date) -> timedelta | None:
        return datetime.combine(day, time(), zone).utcoffset()

    each = [first + timedelta(days=n) for n in range(365)]
    return [day for day in each if offset(day) != offset(day + timedelta(days=1))] or [first]


def _from(day: date, offset: str) -> date:
    count, unit = int(offset[:-1]), offset[-1]
    if unit in "dw":
        return day + timedelta(days=count * (7 if unit == "w" else 1))
    year, month = divmod(day.year * 12 + day.month - 1 + count * (12 if unit == "y" else 1), 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
