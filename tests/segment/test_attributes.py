"""The catalogue keeps what it promises about its entries."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from plugin.profile.load import Profile, load
from plugin.segment.attributes import ATTRIBUTES, Question
from plugin.segment.checked import Asked
from plugin.segment.compile import compile_segment
from plugin.store.engine import Tx
from plugin.store.tables import people
from tests.conftest import NOON
from tests.segment.population import Bought, Someone, settle

QUESTIONS = {
    "random_share": "random_share(10)",
    "in_list": "in_list('Fair 2026')",
    "customer_within_distance": "customer_within_distance MATCHES (coordinates = '51.5,-0.1', distance_km = 9)",
}
"""Each question, asked."""


class Watched:
    """A profile that remembers which of its fields were looked at."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.seen: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.seen.add(name)
        return getattr(self.profile, name)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_entry_looks_only_at_the_parts_of_a_profile_that_it_names(tx: Tx, shop_id: int, name: str) -> None:
    bought = Bought(datetime(2026, 11, 18, tzinfo=UTC), lines=((1, 1),))
    settle(tx, shop_id, [Someone(tags=("VIP",), orders=(bought,))])
    watched = Watched(load(tx, shop_id, tx.execute(select(people.c.id)).scalar_one()))
    entry = ATTRIBUTES[name]
    if isinstance(entry, Question):
        asked = compile_segment(QUESTIONS[name], now=NOON, timezone="UTC").condition
        assert isinstance(asked, Asked)
        entry.read(watched, *asked.arguments)
    else:
        entry.read(watched)  # type: ignore[arg-type]
    assert watched.seen == entry.reads
    assert watched.seen <= {field.name for field in fields(Profile)}
