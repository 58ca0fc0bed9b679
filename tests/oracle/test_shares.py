"""random_share: what docs/segments.md promises of it, whatever numbers stand behind it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import sqrt

import pytest

from plugin.profile.load import load_many
from plugin.segment.compile import compile_segment
from plugin.segment.evaluate import belongs
from plugin.segment.sql import members
from plugin.store import tables
from plugin.store.engine import Tx
from tests.factories import LONG_AGO, make_shop

PEOPLE = 2_000
FIRST_IDS = (1, 2**53 - 1_000)
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)

Ask = Callable[..., frozenset[int]]


@pytest.fixture(params=FIRST_IDS)
def ask(tx: Tx, request: pytest.FixtureRequest) -> Ask:
    """Asks SQL and memory for a share of 2,000 people in a row, and gives what both say."""
    shop_id = make_shop(tx)
    ids = range(request.param, request.param + PEOPLE)
    tx.execute(tables.people.insert(), [{"id": one, "shop_id": shop_id, "created_at": LONG_AGO} for one in ids])
    profiles = load_many(tx, shop_id, ids)

    def asked(query: str, now: datetime = NOW) -> frozenset[int]:
        checked = compile_segment(query, now=now, timezone="UTC")
        found = frozenset(tx.execute(members(checked, shop_id)).scalars())
        assert found == {profile.person_id for profile in profiles if belongs(checked, profile)}
        return found

    return asked


def near(found: int, percent: float) -> bool:
    """Four standard deviations of a fair throw."""
    chance = percent / 100
    return abs(found - PEOPLE * chance) <= 4 * sqrt(PEOPLE * chance * (1 - chance))


def test_a_share_is_as_large_as_it_says_always_the_same_and_holds_the_smaller_ones(ask: Ask) -> None:
    before: frozenset[int] = frozenset()
    for percent in (0, 0.5, 10, 33.3, 50, 90, 100):
        found = ask(f"random_share({percent})")
        assert near(len(found), percent), percent
        assert before <= found
        assert found == ask(f"random_share({percent})", NOW + timedelta(days=400))
        before = found


def test_two_words_throw_apart(ask: Ask) -> None:
    spring, autumn = ask("random_share(50, 'spring')"), ask("random_share(50, 'autumn')")
    assert near(len(spring & autumn), 25)
    assert near(len(spring & ask("random_share(50)")), 25)


def test_neighbours_are_thrown_apart(ask: Ask) -> None:
    found = ask("random_share(50)")
    assert near(sum((one in found) is (one + 1 in found) for one in range(min(found), min(found) + PEOPLE)), 50)
