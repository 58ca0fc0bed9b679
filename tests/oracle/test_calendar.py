"""Every half hour around changes of clocks, asked for in every way: the calendar of the product and ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from plugin.ingest import metafields
from plugin.ingest.payload import Part
from plugin.profile import shop_clock
from plugin.profile.load import Profile
from plugin.profile.load_told import Field
from plugin.segment.compile import compile_segment
from plugin.segment.evaluate import belongs
from plugin.segment.judge import bench
from tests.oracle import edges, judge
from tests.oracle.rows import Rows

SOMEBODY = Profile(
    shop_id=1,
    person_id=1,
    customer_id=1,
    deleted=False,
    locale=None,
    currency="GBP",
    customer_added_at=None,
    number_of_orders=0,
    amount_spent=0,
    first_order_at=None,
    last_order_at=None,
    push_subscribed=False,
    countries=frozenset(),
    tags=frozenset(),
    orders=(),
)
CLOCKS = ("00:00:00", "00:30:00", "01:00:00", "01:30:00", "01:59:59", "02:15:00", "03:00:00", "23:30:00")


@pytest.mark.parametrize("timezone", edges.ZONES)
def test_days_and_seconds_around_a_change_of_clocks(timezone: str) -> None:
    zone = ZoneInfo(timezone)
    changes = {*edges.changes(2026, zone), *((date(2011, 12, 30),) if timezone == "Pacific/Apia" else ())}
    for change in sorted(changes):
        begins = datetime.combine(change - timedelta(days=1), time(), zone).astimezone(UTC)
        instants = [begins + timedelta(minutes=30) * n for n in range(2 * 24 * 3)]
        instants += [at - timedelta(microseconds=1) for at in instants]
        dates = [f"{change + timedelta(days=n)}" for n in (-1, 0, 1)] + [f"{change}T{clock}" for clock in CLOCKS]
        now = datetime.combine(change + timedelta(days=1), time(12), zone)
        for written in (*dates, "-1d", "yesterday", "-12h", "-36h"):
            for operator in ("=", ">", "<="):
                same(f"customer_added_date {operator} {written}", instants, now, timezone)


def same(query: str, instants: list[datetime], now: datetime, timezone: str) -> None:
    shop = {"id": 1, "timezone": timezone, "currency": "GBP"}
    checked = compile_segment(query, now=now, timezone=timezone)
    verdict, rows = judge.understood(query, judge.shop_of(shop, now)), Rows(shop, {})
    for at in instants:
        found = belongs(checked, replace(SOMEBODY, customer_added_at=at))
        assert found is verdict({"customer_added_at": at}, rows), f"{query} at {at} ({timezone})"


BORN = (
    *("0001-01-01", "1899-12-25", "1899-12-31", "1900-01-01", "1900-02-28", "1900-12-31", "2026-11-18", "2035-12-31"),
    *("2036-01-01", "2036-02-29", "2036-12-25", "9999-12-31"),
)
YEARLY = ("= 2026-01-01", "BETWEEN 2026-12-20 AND 2026-01-10", "BETWEEN today AND +60d", "BETWEEN today AND +2y")


@pytest.mark.parametrize("timezone", ["Europe/London", "Pacific/Kiritimati", "America/Los_Angeles"])
def test_anniversaries_begin_and_end_with_the_years_that_have_them(timezone: str) -> None:
    """Also where New Year lies between the days; and dates that mean "never" spoil nothing."""
    now = datetime(2026, 11, 18, 12, tzinfo=UTC)
    shop = {"id": 1, "timezone": timezone, "currency": "GBP", "facts": {}}
    path = {"namespace": "facts", "key": "birth_date", "type": "date"}
    for query in (f"anniversary('birthday') {days}" for days in YEARLY):
        checked = compile_segment(query, now=now, timezone=timezone)
        verdict = judge.understood(query, judge.shop_of(shop, now))
        for day in BORN:
            read = metafields.of_api(Part("customers", "", path | {"value": day}))
            assert read is not None
            assert read.day is not None
            noon = shop_clock.noon(read.day, ZoneInfo(timezone)).astimezone(UTC)
            somebody = replace(SOMEBODY, facts={"birthday": Field((day,), at=noon)})
            rows = Rows(shop, {"metafields": [{"shop_id": 1, "person_id": 1, **path, "value": day}]})
            wanted = verdict({"id": 1}, rows)
            assert belongs(checked, somebody) is wanted, f"{query} of {day}"
            assert bench({1: checked}, "GBP", timezone).judge(somebody, now)[1].holds is wanted, f"{query} of {day}"
