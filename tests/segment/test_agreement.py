"""SQL and Python give the same answer: generated segments on generated people, on both databases."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings

from plugin.profile.load import load_many
from plugin.segment.ast import Node
from plugin.segment.check import check
from plugin.segment.evaluate import belongs
from plugin.segment.format import canonical, sentence
from plugin.segment.parser import parse
from plugin.segment.sql import members
from plugin.store.engine import engine
from tests.conftest import NOON
from tests.factories import make_shop
from tests.segment.population import settle
from tests.segment.strategies import World, trees, worlds

DAYS = [date(2026, 11, 18), date(2024, 2, 29)]


@pytest.mark.timeout(900)  # a failing example is made small first, which takes a while
@given(world=worlds())
@settings(
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_sql_and_python_agree(store: str, world: World) -> None:
    with engine().connect() as tx:  # nothing is committed
        shop_id = make_shop(tx, timezone=world.timezone, currency=world.currency)
        ids = settle(tx, shop_id, world.people, world.product_tags, world.wares)
        profiles = load_many(tx, shop_id, ids)
        for tree in world.segments:
            checked = check(tree, canonical(tree), now=world.now, timezone=world.timezone)
            by_sql = set(tx.execute(members(checked, shop_id)).scalars())
            in_memory = {profile.person_id for profile in profiles if belongs(checked, profile)}
            assert by_sql == in_memory, canonical(tree)


@given(tree=trees(DAYS))
@settings(max_examples=100, deadline=None)
def test_the_canonical_form_reads_back_as_the_same_tree(tree: Node) -> None:
    written = canonical(tree)
    assert parse(written) == tree
    assert canonical(parse(written)) == written


@given(tree=trees(DAYS))
@settings(max_examples=50, deadline=None)
def test_every_segment_has_a_sentence(tree: Node) -> None:
    said = sentence(check(tree, canonical(tree), now=NOON, timezone="Europe/London"))
    assert said.startswith("People who ")
    assert "{" not in said
    assert "  " not in said
