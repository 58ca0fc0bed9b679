"""Days are the shop's; offsets keep to the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from plugin.segment.ast import Day, Moment, Offset
from plugin.segment.dates import Calendar


def on(day: date, timezone: str = "UTC") -> Calendar:
    return Calendar.at(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), timezone)


@pytest.mark.parametrize(
    ("today", "offset", "day"),
    [
        (date(2026, 3, 31), Offset(-1, "m"), date(2026, 2, 28)),
        (date(2024, 3, 31), Offset(-1, "m"), date(2024, 2, 29)),
        (date(2024, 2, 29), Offset(-1, "y"), date(2023, 2, 28)),
        (date(2024, 2, 29), Offset(4, "y"), date(2028, 2, 29)),
        (date(2026, 1, 15), Offset(-1, "m"), date(2025, 12, 15)),
        (date(2026, 11, 18), Offset(-12, "m"), date(2025, 11, 18)),
        (date(2021, 5, 15), Offset(-7, "d"), date(2021, 5, 8)),
        (date(2026, 3, 1), Offset(-2, "w"), date(2026, 2, 15)),
        (date(2026, 12, 31), Offset(2, "m"), date(2027, 2, 28)),
    ],
)
def test_offsets_clamp_to_the_end_of_the_month(today: date, offset: Offset, day: date) -> None:
    assert on(today).day(offset) == day


@pytest.mark.parametrize(
    ("timezone", "day", "start", "hours"),
    [
        ("America/New_York", date(2020, 5, 30), datetime(2020, 5, 30, 4, tzinfo=UTC), 24),
        ("Europe/London", date(2026, 3, 29), datetime(2026, 3, 29, tzinfo=UTC), 23),
        ("Europe/London", date(2026, 10, 25), datetime(2026, 10, 24, 23, tzinfo=UTC), 25),
        ("Africa/Cairo", date(2026, 4, 24), datetime(2026, 4, 23, 22, tzinfo=UTC), 23),
        ("America/Havana", date(2026, 11, 1), datetime(2026, 11, 1, 4, tzinfo=UTC), 25),
        ("Pacific/Apia", date(2011, 12, 30), datetime(2011, 12, 30, 10, tzinfo=UTC), 0),
        ("Australia/Lord_Howe", date(2026, 4, 5), datetime(2026, 4, 4, 13, tzinfo=UTC), 24.5),
    ],
)
def test_a_day_lasts_from_midnight_to_midnight(timezone: str, day: date, start: datetime, hours: float) -> None:
    found = on(day, timezone).range(Day(day))
    assert found.start == start
    assert (found.end - found.start).total_seconds() == hours * 3600


def test_today_is_the_shops_today() -> None:
    late = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
    assert Calendar.at(late, "Asia/Tokyo").today == date(2026, 11, 19)
    assert Calendar.at(late, "America/New_York").today == date(2026, 11, 18)


def test_a_time_that_comes_twice_is_the_first() -> None:
    twice = Moment(datetime(2026, 10, 25, 1, 30))  # noqa: DTZ001  a shop's clock
    assert on(date(2026, 10, 25), "Europe/London").range(twice).start == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
