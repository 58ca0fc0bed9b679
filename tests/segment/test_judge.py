"""The judge of all segments gives the answers of the other readings, and knows until when they hold by time alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugin.profile.load import Profile, load_many
from plugin.profile.load_orders import Order
from plugin.segment.answers import Answer
from plugin.segment.ast import Offset
from plugin.segment.check import check
from plugin.segment.compile import compile_segment
from plugin.segment.dates import Calendar
from plugin.segment.evaluate import belongs
from plugin.segment.format import canonical
from plugin.segment.judge import bench
from plugin.segment.moving import NEVER, edges
from plugin.store.engine import engine
from tests.conftest import NOON
from tests.factories import make_shop
from tests.segment.population import settle
from tests.segment.strategies import PLACES, World, worlds

MOMENT = timedelta(microseconds=1)
EARLY = datetime(2009, 1, 1, tzinfo=UTC)


@pytest.mark.timeout(900)
@given(world=worlds(), data=st.data())
@settings(
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_it_answers_as_the_other_readings_and_until_then_nothing_changes(
    store: str, world: World, data: st.DataObject
) -> None:
    with engine().connect() as tx:  # nothing is committed
        shop_id = make_shop(tx, timezone=world.timezone, currency=world.currency)
        profiles = load_many(tx, shop_id, settle(tx, shop_id, world.people, world.product_tags, world.wares))
    trees = dict(enumerate(world.segments))
    made = bench(
        {at: check(tree, canonical(tree), now=world.now, timezone=world.timezone) for at, tree in trees.items()},
        world.currency,
        world.timezone,
    )
    later = sorted(data.draw(st.lists(st.sampled_from(list(_instants(world))), min_size=3, max_size=6)))
    for profile in profiles:
        answers = made.judge(profile, world.now)
        for at, tree in trees.items():
            answer = answers[at]
            before = {moment for moment in (*later, answer.until - MOMENT) if world.now <= moment < answer.until}
            for moment in sorted(before - {NEVER - MOMENT}):
                then = check(tree, canonical(tree), now=moment, timezone=world.timezone)
                assert belongs(then, profile) is answer.holds, f"{canonical(tree)} at {moment}, until {answer.until}"
                assert made.judge(profile, moment)[at].holds is answer.holds


def _instants(world: World) -> Iterator[datetime]:
    """Midnights of the shop's in the next weeks and years, and what comes just before them."""
    zone = ZoneInfo(world.timezone)
    today = Calendar.at(world.now, world.timezone).today
    for days in (*range(70), 90, 120, 365, 366, 400, 730, 800, 1_500, 4_000, 11_400):
        midnight = datetime.combine(today + timedelta(days=days), datetime.min.time(), zone).astimezone(UTC)
        yield midnight
        yield midnight - MOMENT


@given(
    place=st.sampled_from(PLACES),
    offset=st.builds(Offset, st.integers(-40, 40), st.sampled_from("dwmy")),
    value=st.integers(0, 20 * 365 * 86_400_000_000).map(lambda micros: EARLY + timedelta(microseconds=micros)),
    is_end=st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_an_edge_comes_past_a_value_at_one_instant(
    place: tuple[str, object], offset: Offset, value: datetime, is_end: bool
) -> None:
    zone = ZoneInfo(place[0])
    edge = edges(offset)[is_end]
    passes = edge.passes(value, zone)
    if passes.year > 2900:
        return

    def behind(now: datetime) -> bool:
        covered = Calendar.at(now, place[0]).range(offset)
        return (covered.end if is_end else covered.start) > value

    assert behind(passes)
    assert not behind(passes - MOMENT)


# --- how early it asks again --------------------------------------------------------------------


def test_who_ordered_ten_days_ago_leaves_a_window_of_thirty_at_the_midnight_after_it() -> None:
    ann = a_person(last_order_at=NOON - timedelta(days=10), number_of_orders=1)

    answer = judged("last_order_date >= -30d", ann)

    assert answer == Answer(holds=True, until=datetime(2026, 12, 9, tzinfo=UTC))
    assert judged("last_order_date >= -30d", ann, now=answer.until) == Answer(holds=False, until=NEVER)


def test_who_has_to_wait_for_two_things_is_asked_when_the_later_one_comes() -> None:
    ann = a_person(
        last_order_at=NOON - timedelta(days=10), first_order_at=NOON - timedelta(days=20), number_of_orders=2
    )

    answer = judged("last_order_date < -60d AND first_order_date < -100d", ann)

    assert answer == Answer(holds=False, until=datetime(2027, 2, 7, tzinfo=UTC))


def test_nobody_is_asked_again_for_what_time_cannot_change() -> None:
    ann = a_person(last_order_at=NOON - timedelta(days=10), number_of_orders=1)

    assert judged("number_of_orders > 3 AND last_order_date >= -30d", ann) == Answer(holds=False, until=NEVER)
    assert judged("number_of_orders = 1 OR last_order_date >= -30d", ann) == Answer(holds=True, until=NEVER)
    assert judged("last_order_date > 2020-01-01", ann) == Answer(holds=True, until=NEVER)


def test_a_buyer_stays_as_long_as_the_youngest_of_the_rows_that_match() -> None:
    ann = a_person(orders=(an_order(NOON - timedelta(days=29)), an_order(NOON - timedelta(days=3))))

    assert judged("orders_placed MATCHES (date >= -30d)", ann).until == datetime(2026, 12, 16, tzinfo=UTC)
    assert judged("orders_placed MATCHES (date >= -30d, count > 1)", ann).until == datetime(2026, 11, 20, tzinfo=UTC)


def test_clocks_that_change_move_the_instant() -> None:
    ann = a_person(last_order_at=datetime(2026, 10, 20, 12, tzinfo=UTC))

    answer = judged("last_order_date >= -30d", ann, timezone="America/New_York")

    assert answer.until == datetime(2026, 11, 20, 5, tzinfo=UTC)  # midnight there, after the change of 1 November


def test_somebody_deleted_in_shopify_is_a_member_of_nothing_for_ever() -> None:
    assert judged("", a_person(deleted=True)) == Answer(holds=False, until=NEVER)


def test_equal_clauses_of_several_segments_are_judged_once() -> None:
    queries = {1: "number_of_orders = 1", 2: "number_of_orders = 1 AND amount_spent = 0", 3: "(number_of_orders=1)"}
    made = bench(
        {key: compile_segment(query, now=NOON, timezone="UTC") for key, query in queries.items()}, "GBP", "UTC"
    )

    assert made.sizes.answers == 2
    assert {key: answer.holds for key, answer in made.judge(a_person(number_of_orders=1), NOON).items()} == {
        1: True,
        2: True,
        3: True,
    }


def judged(query: str, profile: Profile, now: datetime = NOON, timezone: str = "Europe/London") -> Answer:
    checked = compile_segment(query, now=now, timezone=timezone)
    return bench({1: checked}, profile.currency, timezone).judge(profile, now)[1]


def a_person(**changes: object) -> Profile:
    nobody = Profile(
        shop_id=1,
        person_id=1,
        customer_id=None,
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
    return replace(nobody, **changes)  # type: ignore[arg-type]


def an_order(at: datetime) -> Order:
    return Order(order_id=1, placed_at=at, total=100, refunded=0, lines=())
