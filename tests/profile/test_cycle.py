"""Where people stand as customers: groups by fifths, the next order by the usual gap, both as plain Python reckons."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from plugin import schedule, segment_jobs
from plugin.base import clock
from plugin.profile import cycle, measures
from plugin.profile.load import load
from plugin.segment.compile import compile_segment
from plugin.segment.evaluate import belongs
from plugin.segment.explain import explain
from plugin.segment.format import sentence
from plugin.segment.judge import bench
from plugin.store.engine import Tx, engine, snapshot, transaction
from plugin.store.tables import backfills, people
from plugin.store.tables import measures as table
from tests.conftest import NOON
from tests.factories import make_order, make_person, make_shop

DAY = timedelta(days=1)


def plain_scores(values: list[float]) -> list[int]:
    """1 to 5 by the share of people whose value is smaller."""
    return [1 + math.floor(5 * sum(other < value for other in values) / len(values)) for value in values]


def plain_group(recency: int, frequency: int, monetary: int) -> str:
    """The group of three scores from 1 to 5, of somebody who ordered."""
    both = frequency + monetary  # twice what Shopify calls FM
    if recency <= 2:
        faded = "ALMOST_LOST" if recency == 2 else "DORMANT"
        return "PREVIOUSLY_LOYAL" if both >= 9 else "AT_RISK" if both >= 6 else faded
    if both >= 8:
        return "CHAMPIONS" if recency == 5 else "LOYAL"
    if both >= 4:
        return "ACTIVE" if recency >= 4 else "NEEDS_ATTENTION"
    return "NEW" if recency == 5 else "PROMISING"


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 6), st.integers(-500, 9_000)), min_size=1, max_size=25))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_groups_are_those_of_plain_python(store: str, customers: list[tuple[int, int, int]]) -> None:
    with engine().connect() as tx:  # nothing is committed
        shop_id = make_shop(tx)
        ids = [
            make_person(
                tx,
                shop_id,
                number_of_orders=number,
                amount_spent=spent,
                last_order_at=NOON - ago * DAY,
            )
            for ago, number, spent in customers
        ]
        visitor = make_person(tx, shop_id)
        measures.take(tx, shop_id, NOON)

        cycle.recompute(tx, shop_id, [*ids, visitor], measures.of(tx, shop_id))

        found = dict(tx.execute(select(people.c.id, people.c.rfm_group)).all())
        columns = zip(*((-ago, number, spent) for ago, number, spent in customers), strict=True)
        scores = zip(*(plain_scores(list(column)) for column in columns), strict=True)
        assert found == {person: plain_group(*three) for person, three in zip(ids, scores, strict=True)} | {
            visitor: "PROSPECTS"
        }


def test_the_eleven_groups_are_shopifys() -> None:
    reachable = {plain_group(r, f, m) for r in range(1, 6) for f in range(1, 6) for m in range(1, 6)}
    assert reachable | {"PROSPECTS"} == set(cycle.GROUPS)
    assert plain_group(5, 5, 5) == "CHAMPIONS"
    assert plain_group(1, 1, 1) == "DORMANT"
    assert plain_group(1, 5, 5) == "PREVIOUSLY_LOYAL"
    assert plain_group(5, 1, 1) == "NEW"


def test_the_next_order_is_expected_one_usual_gap_after_the_last() -> None:
    days = [NOON + n * DAY for n in (0, 10, 40, 50)]
    assert cycle.expected(days) == (NOON + 60 * DAY, NOON + 70 * DAY)
    assert cycle.expected(days[:3]) == (NOON + 60 * DAY, NOON + 80 * DAY)
    assert cycle.expected(days[:2]) is None
    assert cycle.expected([NOON, NOON + DAY / 2, NOON + DAY / 3 * 2]) is None, "one visit to the shop"


def test_stages_and_risks_move_by_the_clock_to_the_second(tx: Tx, shop_id: int) -> None:
    ann = make_person(tx, shop_id, customer_id=17850, number_of_orders=1, last_order_at=NOON, first_order_at=NOON)
    profile = load(tx, shop_id, ann)
    new = compile_segment("life_cycle_stage = 'NEW'", now=NOON, timezone="Europe/London")
    answer = bench({1: new}, "GBP", "Europe/London").judge(profile, NOON)[1]
    assert answer.holds
    assert answer.until == datetime(2026, 12, 19, tzinfo=UTC), "thirty days of the shop's after that of the order"

    def stage(days: int) -> str:
        at = NOON + days * DAY
        checked = compile_segment("life_cycle_stage IS NOT NULL", now=at, timezone="Europe/London")
        assert belongs(checked, profile)
        return explain(checked, profile)[0].value.removeprefix("life_cycle_stage is ")

    assert [stage(days) for days in (0, 30, 31, 180, 181, 365, 366)] == [
        *("NEW", "NEW", "ACTIVE", "ACTIVE", "DORMANT", "DORMANT", "LAPSED")
    ]
    said = compile_segment("life_cycle_stage NOT IN ('NEW', 'ACTIVE')", now=NOON, timezone="Europe/London")
    assert sentence(said) == "People who are not in the stage NEW or ACTIVE."


def test_every_night_the_shop_is_measured_and_everybody_grouped_even_after_a_crash(store: str) -> None:
    with transaction() as tx:
        shop_id = make_shop(tx)
        tx.execute(backfills.insert().values(shop_id=shop_id, kind="orders", state="done", started_at=NOON))
        ann, ben = (
            make_person(
                tx, shop_id, customer_id=n, number_of_orders=n, amount_spent=n * 900, last_order_at=NOON - 9 * DAY / n
            )
            for n in (1, 2)
        )
        for days in (9, 19, 29):
            make_order(tx, shop_id, of=ann, placed_at=NOON - days * DAY)
        assert measures.due(tx, NOON, 20) == [shop_id]
        measures.begin(tx, shop_id, NOON)  # and the worker dies
        assert measures.due(tx, NOON, 20) == []
        assert measures.due(tx, NOON + measures.IDLE, 20) == [shop_id]

    with clock.stopped_at(NOON + measures.IDLE):
        segment_jobs.measure(shop_id)

    with snapshot() as tx:
        found = {row.id: row for row in tx.execute(select(people))}
        assert tx.execute(select(table.c.finished_at)).scalar_one() is not None
        assert measures.due(tx, NOON + timedelta(hours=14), 20) == [], "three in the night has not come"
        assert measures.due(tx, NOON + timedelta(hours=15), 20) == [shop_id]
    assert (found[ann].rfm_group, found[ben].rfm_group) == ("DORMANT", "NEEDS_ATTENTION")
    assert found[ann].expected_order_at == NOON + DAY


def test_the_clock_asks_for_the_nights_measures(store: str) -> None:
    with transaction() as tx:
        shop_id = make_shop(tx)
        tx.execute(backfills.insert().values(shop_id=shop_id, kind="orders", state="done", started_at=NOON))
        ann = make_person(tx, shop_id, customer_id=1, number_of_orders=1, amount_spent=900, last_order_at=NOON)
    with clock.stopped_at(NOON):
        schedule.tick(NOON)
    with snapshot() as tx:
        assert tx.execute(select(people.c.rfm_group).where(people.c.id == ann)).scalar_one() == "DORMANT"
