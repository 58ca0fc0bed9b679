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
from plugin.segment.ast import Node
from plugin.segment.format import canonical
from plugin.segment.lists import saved as lists
from plugin.store.engine import engine
from tests.factories import make_shop
from tests.segment.membership.happening import EVERY_QUERY, SUBJECTS, next_step
from tests.segment.membership.happening.merchant import LISTS
from tests.segment.membership.replay import noon
from tests.segment.membership.world import World
from tests.segment.strategies import PLACES, trees

ANYWHERE = [day for _, day in PLACES]
SUPPRESSED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
NO_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]  # a smaller seed is no smaller story


def live(place: tuple[str, date], subject: str, made: list[str], seed: int, steps: int) -> None:
    """`subject`: what mostly happens, and what half of the segments ask for; `made`: further queries."""
    zone, day = place
    dice, mostly = random.Random(seed), SUBJECTS[subject]
    with engine().connect() as tx, tx.begin() as trying:
        shop_id = make_shop(tx, timezone=zone)
        world = World(tx, shop_id, noon(day) - timedelta(days=dice.choice((1, 3, 40))), dice)
        world.queries = [*EVERY_QUERY, *made]
        for name in LISTS:
            lists.create(tx, shop_id, name, world.now)
        queries = [*dice.sample(mostly.queries, k=4), *dice.sample(world.queries, k=3)]
        queries.sort(key=lambda query: "in_segment" in query)
        world.told.append(f"seed {seed} in {zone}: {queries}")
        for number, query in enumerate(queries):
            saved.create(tx, shop_id, f"Segment {number}", query, world.now)
        for _ in range(steps):
            if dice.random() < 0.6:
                world.happen(next_step(world, mostly, punctual=True), punctual=True)
                continue
            if dice.random() < 0.5:
                world.advance(world.now + some_time(dice), punctual=True)
                continue
            for _ in range(dice.randint(1, 3)):  # a worker is away
                world.advance(world.now + some_time(dice), punctual=False)
                if dice.random() < 0.6:
                    world.happen(next_step(world, mostly, punctual=False), punctual=False)
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
    subject=st.sampled_from(sorted(SUBJECTS)),
    made=st.lists(trees(ANYWHERE), min_size=6, max_size=6),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=6, deadline=None, suppress_health_check=SUPPRESSED, phases=NO_SHRINKING)
def test_kept_memberships_are_the_batch_answer_at_every_instant(
    store: str, place: tuple[str, date], subject: str, made: list[Node], seed: int
) -> None:
    live(place, subject, list(map(canonical, made)), seed, steps=14)


@pytest.mark.soak
@pytest.mark.timeout(7_200)
@given(
    place=st.sampled_from(PLACES),
    subject=st.sampled_from(sorted(SUBJECTS)),
    made=st.lists(trees(ANYWHERE), min_size=6, max_size=6),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=600, deadline=None, suppress_health_check=SUPPRESSED, phases=NO_SHRINKING)
def test_the_law_over_long_lives(
    store: str, place: tuple[str, date], subject: str, made: list[Node], seed: int
) -> None:
    live(place, subject, list(map(canonical, made)), seed, steps=40)
