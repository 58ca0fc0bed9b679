"""What sets a segment apart: parts add up, everybody differs from nobody, small numbers promise nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin import segment_jobs
from plugin.report import insight, insight_kept
from plugin.report.insight import Comparison, Insight
from plugin.report.insight_money import WEEKS, mondays
from plugin.report.insight_statistics import ENOUGH, lift, wilson
from plugin.report.insight_steps import STEPS
from plugin.store import tables
from plugin.store.engine import Tx, transaction
from tests.conftest import NOON
from tests.factories import (
    make_campaign,
    make_delivery,
    make_order,
    make_person,
    make_product,
    make_segment,
    make_shop,
    make_subscription,
)

DAY = timedelta(days=1)


def count(tx: Tx, shop_id: int, query: str) -> Insight:
    """All steps over a segment of that query; through JSON, as it is kept."""
    counting = insight.begin(tx, shop_id, make_segment(tx, shop_id, query, f"Counted {query}"), NOON)
    for step in STEPS:
        step(tx, counting)
    found = insight.read(counting.told())
    assert found is not None
    return found


def comparison(found: Insight, of: str) -> Comparison:
    return next(one for one in found.comparisons if one.of == of)


def parts(found: Insight, of: str) -> dict[str, tuple[int, int]]:
    return {part.key: (part.here, part.everywhere) for part in comparison(found, of).parts}


@pytest.fixture
def street(tx: Tx, shop_id: int) -> int:
    """Forty people: British ones buy lamps in the morning and with a code, German ones rugs in the evening."""
    lamp = make_product(tx, shop_id, title="Lamp", product_type="Lamps", vendor="Glow")
    rug = make_product(tx, shop_id, title="Rug", product_type="Rugs", vendor="Weave")
    for number in range(40):
        british = number % 2 == 0
        orders = 1 + number % 3
        person = make_person(
            tx, shop_id, customer_id=number + 1, countries=["GB" if british else "DE"], number_of_orders=orders
        )
        for back in range(orders):
            order_id = make_order(
                tx,
                shop_id,
                of=person,
                placed_at=NOON - (back * 8 + 1) * DAY,
                total=1_000 + number,
                refunded=100 if number == 4 else 0,
                lines=[(lamp if british else rug, 1), (lamp if british else rug, 2)],
                hour=8 if british else 20,
                weekday=2,
                source_name="web" if number % 5 else "pos",
            )
            if british:
                code = {"shop_id": shop_id, "order_id": order_id, "kind": "code", "code": "TEN", "key": "ten"}
                tx.execute(tables.order_discounts.insert().values(code))
        if number % 4 == 0:
            make_subscription(tx, shop_id, of=person)
        _visit(tx, shop_id, person, "mobile" if british else "desktop")
    return shop_id


def _visit(tx: Tx, shop_id: int, person_id: int, device: str) -> None:
    """Twice on the same device: it counts once."""
    visitor = {"shop_id": shop_id, "person_id": person_id, "token": f"t{person_id}"}
    seen = tables.visitors.insert().values(**visitor, created_at=NOON, last_seen_at=NOON)
    visitor_id = tx.execute(seen.returning(tables.visitors.c.id)).scalar_one()
    mine = {"shop_id": shop_id, "person_id": person_id, "visitor_id": visitor_id, "seconds": 60, "pages": 2}
    for back in (1, 2):
        at = NOON - back * DAY
        tx.execute(tables.visits.insert().values(**mine, started_at=at, ended_at=at, device=device))


def test_what_the_british_do_stands_apart_from_everybody(tx: Tx, street: int) -> None:
    found = count(tx, street, "customer_countries CONTAINS 'GB'")

    assert (found.members, found.everybody) == (20, 40)
    assert parts(found, "product_type") == {"Lamps": (20, 20), "Rugs": (0, 20)}
    assert parts(found, "vendor") == {"Glow": (20, 20), "Weave": (0, 20)}
    assert parts(found, "country") == {"DE": (0, 20), "GB": (20, 20)}
    assert parts(found, "device") == {"desktop": (0, 20), "mobile": (20, 20)}
    hours = comparison(found, "hour")
    assert hours.whole
    assert {part.key for part in hours.parts if part.here} == {"8"}
    lamps = comparison(found, "product_type")
    told = lamps.lift(lamps.parts[0])
    assert told is not None
    assert told.value == 2.0
    assert told.stands_out
    assert parts(found, "discount")["yes"][0] == found.sales.orders
    assert (found.push.reachable, found.all_push.reachable) == (10, 10)


@pytest.mark.parametrize(
    "query", ["", "customer_countries CONTAINS 'GB'", "number_of_orders > 2", "number_of_orders > 99"]
)
def test_parts_add_up_to_the_whole(tx: Tx, street: int, query: str) -> None:
    mine, rest = count(tx, street, query), count(tx, street, "")

    assert mine.all_sales == rest.sales
    for one in mine.comparisons:
        assert all(0 <= part.here <= part.everywhere for part in one.parts)
        assert one.here <= one.everywhere
        if one.whole:
            assert sum(part.here for part in one.parts) == one.here
            assert sum(part.everywhere for part in one.parts) == one.everywhere == rest.sales.orders
    assert sum(week.all_orders for week in mine.weeks) == mine.all_sales.orders
    assert sum(week.revenue for week in mine.weeks) == mine.sales.revenue
    assert sum(week.orders for week in mine.weeks) == mine.sales.orders


def test_the_segment_and_its_complement_are_everybody(tx: Tx, street: int) -> None:
    mine = count(tx, street, "customer_countries CONTAINS 'GB'")
    others = count(tx, street, "customer_countries NOT CONTAINS 'GB'")

    for one, other in zip(mine.comparisons, others.comparisons, strict=True):
        assert {part.key: part.everywhere for part in one.parts} == {
            part.key: part.here + {each.key: each.here for each in other.parts}[part.key] for part in one.parts
        }
    assert mine.sales.revenue + others.sales.revenue == mine.all_sales.revenue


def test_everybody_is_as_everybody(tx: Tx, street: int) -> None:
    for one in count(tx, street, "").comparisons:
        for part in one.parts:
            told = one.lift(part)
            assert told is not None
            assert told.value == pytest.approx(1)
            assert not told.stands_out


def test_of_few_people_nothing_is_said(tx: Tx, street: int) -> None:
    few = count(tx, street, "number_of_orders > 2")

    assert few.members < ENOUGH
    assert all(one.lift(part) is None for one in few.comparisons for part in one.parts)


def test_nobody_is_counted_without_dividing_by_nothing(tx: Tx, shop_id: int) -> None:
    found = count(tx, shop_id, "number_of_orders > 2")

    assert (found.members, found.everybody, found.sales.orders) == (0, 0, 0)
    assert len(found.weeks) == WEEKS


def test_tests_deleted_orders_and_deleted_customers_count_nowhere(tx: Tx, shop_id: int) -> None:
    ann = make_person(tx, shop_id, customer_id=1)
    gone = make_person(tx, shop_id, customer_id=2, customer_deleted_at=NOON)
    make_order(tx, shop_id, of=ann, placed_at=NOON - DAY, total=500)
    make_order(tx, shop_id, of=ann, placed_at=NOON - DAY, test=True)
    make_order(tx, shop_id, of=ann, placed_at=NOON - DAY, deleted_at=NOON)
    make_order(tx, shop_id, of=gone, placed_at=NOON - DAY)
    other = make_shop(tx, "other.myshopify.com")
    make_order(tx, other, of=make_person(tx, other), placed_at=NOON - DAY)

    found = count(tx, shop_id, "")

    assert (found.sales.people, found.sales.buyers, found.sales.orders, found.sales.revenue) == (1, 1, 1, 500)


def test_messages_count_once_however_often_they_were_clicked(tx: Tx, shop_id: int) -> None:
    ann = make_person(tx, shop_id, number_of_orders=3)
    browser = make_subscription(tx, shop_id, of=ann)
    sent = {"state": "sent", "finished_at": NOON - DAY}
    first = make_delivery(tx, shop_id, to=browser, campaign_id=make_campaign(tx, shop_id), **sent)
    make_delivery(tx, shop_id, to=browser, campaign_id=make_campaign(tx, shop_id), **sent)
    make_delivery(tx, shop_id, to=browser, state="sent", finished_at=NOON - 100 * DAY)
    for kind in ("shown", "clicked"):
        tx.execute(tables.facts.insert().values(shop_id=shop_id, delivery_id=first, kind=kind, at=NOON))

    found = count(tx, shop_id, "number_of_orders > 2")

    assert (found.push.sent, found.push.shown, found.push.clicked) == (2, 1, 1)


def test_overlaps_count_both_ways(tx: Tx, street: int) -> None:
    make_segment(tx, street, "number_of_orders > 1", "Again")
    make_segment(tx, street, "shoe_size > 40", "Unreadable")

    (overlap,) = count(tx, street, "customer_countries CONTAINS 'GB'").overlaps

    assert (overlap.name, overlap.size) == ("Again", 26)
    assert overlap.both == sum(1 for number in range(0, 40, 2) if number % 3)


def test_a_count_is_kept_and_its_numbers_stay_while_the_next_one_runs(shop: int, at_noon: datetime) -> None:
    with transaction() as tx:
        make_person(tx, shop, customer_id=1)
        segment_id = make_segment(tx, shop, "", "All")
        first = insight_kept.ask(tx, shop, segment_id, at_noon)
    assert first is not None
    segment_jobs.count_insight(first)

    with transaction() as tx:
        kept = insight_kept.of(tx, shop, segment_id)
        assert kept is not None
        assert (kept.state, kept.as_of, kept.steps_done) == ("done", at_noon, len(STEPS))
        assert kept.insight is not None
        assert kept.insight.members == 1
        assert insight_kept.ask(tx, shop, segment_id, at_noon) == first
        assert insight_kept.ask(tx, shop, segment_id, at_noon) is None
        again = insight_kept.of(tx, shop, segment_id)
        assert again is not None
        assert again.is_open
        assert again.insight == kept.insight


def test_a_count_that_nobody_works_on_is_taken_up_by_the_clock(shop: int, at_noon: datetime) -> None:
    with transaction() as tx:
        segment_id = make_segment(tx, shop, "", "All")
        row = insight_kept.ask(tx, shop, segment_id, at_noon - timedelta(minutes=5))
        assert insight_kept.due(tx, at_noon) == [row]
        assert insight_kept.due(tx, at_noon) == []  # hinted just now


def test_a_query_that_cannot_be_read_any_more_fails_with_its_sentence(shop: int, at_noon: datetime) -> None:
    with transaction() as tx:
        segment_id = make_segment(tx, shop, "shoe_size > 40")
        row = insight_kept.ask(tx, shop, segment_id, at_noon)
    assert row is not None
    segment_jobs.count_insight(row)

    with transaction() as tx:
        kept = insight_kept.of(tx, shop, segment_id)
    assert kept is not None
    assert kept.state == "failed"
    assert "shoe_size" in (kept.error or "")


def test_numbers_of_another_shape_are_not_read() -> None:
    assert insight.read(None) is None
    assert insight.read({"shape": 0}) is None


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Pacific/Apia"])
def test_weeks_begin_on_mondays_at_midnight_of_the_shop(zone: str) -> None:
    begins = mondays(datetime(2026, 11, 1, 23, 30, tzinfo=UTC), zone)

    assert len(begins) == WEEKS
    assert {(begin.weekday(), begin.hour) for begin in begins} == {(0, 0)}
    assert begins == sorted(begins)


@given(people=st.integers(0, 10_000), share=st.floats(0, 1))
def test_an_interval_holds_what_was_found_and_narrows_with_people(people: int, share: float) -> None:
    low, high = wilson(share, people)
    lower, higher = wilson(share, people * 4)

    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1
    assert higher - lower <= high - low + 1e-9


@given(
    here=st.integers(0, 500),
    rest=st.integers(0, 500),
    of_rest=st.integers(0, 500),
    other=st.integers(0, 500),
    people=st.integers(0, 1_000),
)
def test_a_lift_lies_in_its_interval(here: int, rest: int, of_rest: int, other: int, people: int) -> None:
    told = lift(here, here + rest, here + of_rest, here + rest + of_rest + other, people)
    if told is not None:
        assert told.low - 1e-9 <= told.value <= told.high + 1e-9


def test_ten_orders_of_one_person_are_one_opinion() -> None:
    orders: dict[str, Any] = dict(here=100, of_here=100, everywhere=100, of_everywhere=1_000)

    assert lift(**orders, people=1) is None
    assert lift(**orders, people=100) is not None
