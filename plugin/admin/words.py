"""Numbers and instants as a shopkeeper reads them: counts with separators, times in the shop's zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


def count(number: int) -> str:
    """12345 → "12,345"."""
    return f"{number:,}"


def percent(part: int, whole: int) -> str:
    """861, 918 → "94 %"; small shares keep a decimal, and nothing of nothing says nothing."""
    if whole == 0:
        return "–"
    share = 100 * part / whole
    return f"{share:.1f} %" if 0 < share < 10 else f"{share:.0f} %"


def plural(number: int, one: str, many: str | None = None) -> str:
    """3, "order" → "3 orders"."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def moment(instant: datetime, zone: str, now: datetime) -> str:
    """ "today 12:04", "yesterday 18:30", "18 Nov, 12:04", "18 Nov 2025, 12:04"."""
    local, today = instant.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    if local.date() == today:
        return f"today {local:%H:%M}"
    if local.date() == today - timedelta(days=1):
        return f"yesterday {local:%H:%M}"
    if local.date() == today + timedelta(days=1):
        return f"tomorrow {local:%H:%M}"
    return f"{day(instant, zone, now)}, {local:%H:%M}"


def day(instant: datetime, zone: str, now: datetime) -> str:
    """ "18 Nov", with the year when it is another one."""
    local = instant.astimezone(ZoneInfo(zone))
    year = "" if local.year == now.astimezone(ZoneInfo(zone)).year else f" {local.year}"
    return f"{local.day} {local:%b}{year}"


def date(instant: datetime, zone: str, now: datetime) -> str:
    """ "3 December", with the year when it is another one."""
    local = instant.astimezone(ZoneInfo(zone))
    year = "" if local.year == now.astimezone(ZoneInfo(zone)).year else f" {local.year}"
    return f"{local.day} {local:%B}{year}"


def in_full(instant: datetime, zone: str) -> str:
    """ "Wednesday 18 November 2026, 12:04 (Europe/London)"."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M} ({zone})"


def duration(span: timedelta) -> str:
    """The biggest whole unit: "60 seconds", "45 minutes", "2 hours", "3 days"."""
    seconds = round(span.total_seconds())
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if (seconds > size and seconds % size == 0) or seconds == size != 60:
            return plural(seconds // size, unit)
    return plural(seconds, "second")
