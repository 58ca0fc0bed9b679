"""Signed deliveries in any order, some twice, leave what they leave in the order in which things happened."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from plugin.store import tables
from plugin.store.engine import snapshot, transaction
from tests.factories import make_shop
from tests.profile.test_order_safety import state
from webhooks.topics import TOPICS

from .builders import BUILDERS, ONCE, Json
from .signed import deliver, door

MORNING = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
WITHOUT = ("app", "shop/", "bulk_operations/", "customers/data_request", "customers/redact", "collections/")
"""Topics of the shop itself and of the law tell of nothing that changes; collections are tested where they live."""

Told = tuple[str, Json, datetime]


def test_every_topic_that_tells_of_something_has_its_builder() -> None:
    assert {topic for topic in TOPICS if not topic.startswith(WITHOUT)} <= set(BUILDERS) <= set(TOPICS)


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(seed=st.integers(0, 2**32))
def test_deliveries_in_any_order_leave_the_sorted_state(store: str, seed: int) -> None:
    dice = random.Random(seed)
    story = a_story(dice)
    shops = ("tidy.myshopify.com", "messy.myshopify.com")
    with transaction() as tx:
        tx.execute(tables.webhooks.delete())
        tx.execute(tables.shops.delete())
        kept = {"keeps_name": True, "keeps_address": dice.random() < 0.5}
        tidy, messy = (make_shop(tx, name, **kept) for name in shops)
    arrive(shops[0], story)
    arrive(shops[1], shuffled(dice, story))
    with snapshot() as tx:
        assert set(tx.execute(select(tables.webhooks.c.state)).scalars()) == {"done"}
        assert state(tx, messy) == state(tx, tidy)


def a_story(dice: random.Random) -> list[Told]:
    """News of all topics, each at an instant of its own, in the order of the instants."""
    topics = [topic for topic in BUILDERS for _ in range(1 if topic in ONCE else dice.randrange(4))]
    dice.shuffle(topics)
    instants = sorted(MORNING + timedelta(seconds=second) for second in dice.sample(range(500_000), len(topics)))
    return [(topic, BUILDERS[topic](dice, at), at) for topic, at in zip(topics, instants, strict=True)]


def shuffled(dice: random.Random, story: list[Told]) -> list[Told]:
    late = [*story, *dice.choices(story, k=len(story) // 3)]
    dice.shuffle(late)
    return late


def arrive(shop: str, story: list[Told]) -> None:
    """Through the door, as Shopify sends them; without Redis each is applied at once."""
    client = door()
    for topic, payload, at in story:
        sent = {"X-Shopify-Shop-Domain": shop}
        assert deliver(client, topic, payload, triggered_at=at.isoformat(), **sent).status_code == 200
