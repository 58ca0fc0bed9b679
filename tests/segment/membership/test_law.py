"""The law of kept memberships: at every instant they are what SQL answers, and the ledger is what a replay says.

Random events, random advances of a simulated clock; timers looked at to the second, or by a worker that comes late.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from plugin.segment import saved
from plugin.segment.format import canonical
from plugin.store.engine import engine
from tests.factories import make_shop
from tests.segment.membership.world import World, noon
from tests.segment.strategies import PLACES, trees

TYPICAL = (
    "last_order_date >= -30d",
    "number_of_orders = 0",
    "orders_placed MATCHES (date >= -7d, count > 1)",
    "products_purchased NOT MATCHES (date >= -2m)",
    "products_purchased MATCHES (tag = 'vip', date BETWEEN -30d AND -1d)",
    "customer_added_date > -1w OR (customer_tags CONTAINS 'VIP' AND last_order_date < -5d)",
    "push_subscribed = true AND last_order_date = yesterday",
    "first_order_date <= -1m AND amount_spent > 1",
    "orders_placed MATCHES (date >= -3h) AND NOT last_order_date > -1h",
    "anniversary('first_order_date') BETWEEN today AND +7d",
    "gender = 'female' OR birthday > -1m",
    "NOT in_segment('Segment 0') AND number_of_orders > 0",
    "cart_updated MATCHES (tag = 'vip', date >= -5d)",
    "abandoned_checkout_date >= -5d",
    "",
)
ANYWHERE = [day for _, day in PLACES]
SUPPRESSED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
NO_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]  # a smaller seed is no smaller story


def live(place: tuple[str, date], queries: list[str], seed: int, steps: int) -> None:
    zone, day = place
    dice = random.Random(seed)
    with engine().connect() as tx, tx.begin() as trying:
        shop_id = make_shop(tx, timezone=zone)
        world = World(tx, shop_id, noon(day) - timedelta(days=dice.choice((1, 3, 40))), dice)
        world.queries = queries
        world.told.append(f"seed {seed} in {zone}: {queries}")
        inner = [query for query in queries if "in_segment" not in query]
        for number, query in enumerate([dice.choice(inner), *dice.sample(queries, k=min(6, len(queries)))]):
            saved.create(tx, shop_id, f"Segment {number}", query, world.now)
        for _ in range(steps):
            if dice.random() < 0.6:
                world.happen(punctual=True)
                continue
            if dice.random() < 0.5:
                world.advance(world.now + some_time(dice), punctual=True)
                continue
            for _ in range(dice.randint(1, 3)):  # a worker is away
                world.advance(world.now + some_time(dice), punctual=False)
                if dice.random() < 0.6:
                    world.happen(punctual=False)
            world.settle_down()
        world.settle_down()
        world.compare_ledger()
        trying.rollback()


def some_time(dice: random.Random) -> timedelta:
    return dice.choice(
        (
            timedelta(0),
            timedelta(minutes=1),
            timedelta(hours=12),
            timedelta(days=1),
            timedelta(days=6),
            timedelta(days=33),
        )
    )


@pytest.mark.timeout(900)
@given(
    place=st.sampled_from(PLACES),
    made=st.lists(trees(ANYWHERE), min_size=6, max_size=6),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=6, deadline=None, suppress_health_check=SUPPRESSED, phases=NO_SHRINKING)
def test_kept_memberships_are_the_batch_answer_at_every_instant(
    store: str, place: tuple[str, date], made: list[object], seed: int
) -> None:
    live(place, [*TYPICAL, *map(canonical, made)], seed, steps=14)  # type: ignore[arg-type]


@pytest.mark.soak
@pytest.mark.timeout(7_200)
@given(
    place=st.sampled_from(PLACES),
    made=st.lists(trees(ANYWHERE), min_size=6, max_size=6),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=600, deadline=None, suppress_health_check=SUPPRESSED, phases=NO_SHRINKING)
def test_the_law_over_long_lives(store: str, place: tuple[str, date], made: list[object], seed: int) -> None:
    live(place, [*TYPICAL, *map(canonical, made)], seed, steps=40)  # type: ignore[arg-type]
