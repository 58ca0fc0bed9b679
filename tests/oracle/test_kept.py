"""Kept memberships over random lives, as tests/segment/membership lives them, with the oracle in the place of SQL."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from random import Random

import pytest

from plugin.segment import saved
from plugin.segment.lists import saved as lists
from plugin.store.engine import engine
from tests.factories import make_shop
from tests.oracle import judge, wording
from tests.oracle.bridge import ASKED, read_back
from tests.oracle.edges import OFFSETS
from tests.oracle.rows import Rows
from tests.oracle.stores import World as Store
from tests.oracle.subjects import behaviour, contact, cycle, elsewhere, engagement, orders
from tests.segment.membership.happening import SUBJECTS, next_step
from tests.segment.membership.happening.merchant import LISTS
from tests.segment.membership.replay import noon
from tests.segment.membership.world import PRODUCTS, TAGS, World

PLACES = (
    ("Europe/London", date(2026, 3, 20)),
    ("America/Santiago", date(2026, 9, 1)),
    ("Africa/Cairo", date(2026, 10, 20)),
    ("Asia/Tokyo", date(2024, 2, 20)),
)
SUBJECTS_OF_IT = (orders, contact, cycle, behaviour, engagement, elsewhere)
NOT_LIVED = ("rfm_group", "favourite_price_band", "favourite_vendor", "favourite_category")
"""What waits for the night, which never comes: the shop's measures, and products that have another vendor or type."""
LIVED = [name for name in ASKED if any(name in one.ENTRIES for one in SUBJECTS_OF_IT) and name not in NOT_LIVED]
"""What the lives are about."""


class SecondOpinion(World):
    """What the batch says is what the oracle says of the raw rows."""

    def batch(self) -> dict[int, set[int]]:
        tables = read_back(self.tx)
        shop = {"id": self.shop_id, "timezone": self.zone.key, "currency": "GBP"}
        rows = Rows(shop, tables | {"events": tables["custom_events"]})
        segments = {segment.name: segment.query for segment in saved.every(self.tx, self.shop_id)}
        return {
            segment.id: judge.members(segment.query, rows, self.now, segments)
            for segment in saved.every(self.tx, self.shop_id)
        }


def live(seed: int, steps: int) -> None:
    r = Random(seed)
    zone, day = r.choice(PLACES)
    with engine().connect() as tx, tx.begin() as trying:
        shop_id = make_shop(tx, timezone=zone)
        for name in LISTS:
            lists.create(tx, shop_id, name, noon(day))
        world = SecondOpinion(tx, shop_id, noon(day), r)
        world.queries = [wording.query(r, _asked(r, world.now), {"currency": "GBP"}, LIVED) for _ in range(12)]
        world.told.append(f"seed {seed} in {zone}: {world.queries}")
        for number in range(5):
            saved.create(tx, shop_id, f"Segment {number}", world.queries[number], world.now)
        for _ in range(steps):
            if r.random() < 0.65:
                subject = SUBJECTS[r.choice(sorted(SUBJECTS))]
                world.happen(next_step(world, subject, punctual=True), punctual=True)
            else:
                world.advance(world.now + timedelta(hours=r.choice((1, 12, 24, 50, 200))), punctual=r.random() < 0.7)
                world.settle_down()
        if (
            engine().dialect.name == "postgresql"
        ):  # SQLite gives the number of somebody who is gone to the next who comes
            world.compare_ledger()
        trying.rollback()


def _asked(r: Random, now: datetime) -> Store:
    """What the queries of a life ask for."""
    days = [(now + timedelta(days=n)).date() for n in (-30, -7, -1, 0, 1, 5, 8)]
    store = Store(now, [], days, r.sample([one for one in OFFSETS if not one.endswith("y")], 6))
    store.pools = {
        **{name: list(TAGS) for name in ("tags", "product_tags")},
        **{name: ["none"] for name in ("categories", "channels", "codes", "recipes")},
        "products": list(PRODUCTS),
        "collections": [1],
        "collection_handles": ["winter", "sale"],
        "collection_titles": ["Winter", "Sale"],
        "vendors": ["Hygge"],
        **{name: ["Lamps"] for name in ("types", "favourites")},
        "lists": list(LISTS),
        "countries": ["GB", "US", "IE"],
        "money": [0, 1, 100, 1_000, 10_000],
        "counts": [0, 1, 2, 3],
        "days": [0, 1, 5, 29, 30, 31, 60],
        "hours": [0, 11, 12, 13],
        "weekdays": [1, 3, 5, 7],
        "questions": ["gender", "birthday", "size"],
        "answers": ["female", "42"],
        "events": ["loyalty_points"],
        "event_values": ["50", "100", "150"],
        "event_texts": ["none"],
        "words": ["rain coat", "lamp"],
        "landing": ["/", "/sale"],
        "seconds": [0, 1_200, 2_400],
        "pages": [1, 2],
        "utm_source": ["newsletter"],
        "utm_medium": ["email"],
        "utm_campaign": ["spring"],
        "device": ["mobile", "desktop"],
        "platform": ["iOS", "Android"],
        "browser": ["Safari", "Chrome"],
        "language": ["en", "de"],
        "referrer": ["example.com"],
        "campaigns": ["Campaign"],
        "campaign_ids": [1, 2],
    }
    return store


@pytest.mark.timeout(600)
def test_kept_memberships_are_what_the_oracle_says_at_every_instant(store: str) -> None:
    for seed in (1, 2):
        live(seed, 12)


@pytest.mark.soak
@pytest.mark.timeout(7_200)
def test_they_are_over_long_lives_that_nobody_saw_before(store: str) -> None:
    first = secrets.randbelow(10**9)
    for seed in range(first, first + 100):
        live(seed, 40)
