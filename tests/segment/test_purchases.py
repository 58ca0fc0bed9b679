"""What was bought, and where, when and how: a line answers for its variant, its product and its whole order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from plugin import news
from plugin.ingest.events import Line, OrderChanged, ProductChanged, Variant
from plugin.profile.load import load_many
from plugin.segment import membership, saved
from plugin.segment.compile import compile_segment
from plugin.segment.evaluate import belongs
from plugin.segment.format import sentence
from plugin.segment.membership import changes_of
from plugin.segment.sql import members
from plugin.segment.suggest import suggestions
from plugin.store.engine import Tx
from tests.conftest import NOON
from tests.segment.membership.world import inside
from tests.segment.population import SKUS, Bought, Someone, settle

LAMP, VASE = 4, 5
"""With the stock numbers A-1 and a-1."""
PEOPLE = {
    "Ann": Someone(
        orders=(
            Bought(
                NOON,
                ((LAMP, 2), (VASE, 1)),
                channel="pos",
                hour=17,
                weekday=6,
                location_id=9,
                discounts=(("code", "Ten"),),
            ),
            Bought(NOON, ((None, 1),), channel="web", hour=9, weekday=1),
        )
    ),
    "Ben": Someone(
        orders=(Bought(NOON, ((LAMP, 1),), channel="web", hour=9, weekday=1, app_id=7, discounts=(("manual", ""),)),)
    ),
    "Cleo": Someone(orders=(Bought(NOON, ((VASE, 1),), hour=None, variants=False),)),
    "Dot": Someone(),
}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("channel = 'pos'", "A"),
        ("channel = 'web'", "B"),  # Ann bought no product there
        ("channel != 'pos'", "BC"),
        ("hour >= 17, weekday = 6", "A"),
        ("hour < 12", "B"),
        ("hour != 9", "AC"),
        (f"id = {LAMP}, weekday <= 5", "B"),
        ("location_id = 9", "A"),
        ("app_id IN (7, 8)", "B"),
        ("discount = 'TEN'", "A"),
        ("discount != 'ten'", "BC"),
        ("discount_kind = 'any'", "AB"),
        ("discount_kind = 'manual', channel = 'web'", "B"),
        (f"variant_id = {LAMP}", "AB"),
        (f"variant_id != {LAMP}", "AC"),
        ("sku = 'A-1'", "AB"),
        ("sku = 'a-1'", "A"),  # of Cleo's vase nobody knows the variant
        ("sku != 'A-1'", "AC"),
        ("sku = 'A-1', channel = 'pos', quantity >= 2", "A"),
        ("hour = 17, count >= 2", ""),
        ("channel = 'pos', count < 1", "BCD"),
    ],
)
def test_who_bought_so(tx: Tx, shop_id: int, asked: str, found: str) -> None:
    assert (SKUS[LAMP % 4], SKUS[VASE % 4]) == ("A-1", "a-1")
    ids = settle(tx, shop_id, list(PEOPLE.values()))
    named = dict(zip(ids, PEOPLE, strict=True))
    checked = compile_segment(f"products_purchased MATCHES ({asked})", now=NOON, timezone="UTC")
    by_sql = set(tx.execute(members(checked, shop_id)).scalars())
    assert by_sql == {one.person_id for one in load_many(tx, shop_id, ids) if belongs(checked, one)}
    assert "".join(sorted(named[one][0] for one in by_sql)) == found


def test_a_purchase_is_said_with_its_order() -> None:
    query = "products_purchased MATCHES (sku = 'A-1', channel = 'pos', hour >= 17, discount = 'TEN', count >= 2)"
    assert sentence(compile_segment(query, now=NOON, timezone="UTC")) == (
        "People who have bought any product with the stock number “A-1” through the channel “pos” "
        "at the hour of at least 17 with the discount “TEN” in at least 2 orders."
    )


def test_a_variants_new_stock_number_lets_in_who_bought_it(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    variant = Variant(VASE, "One", "old", 100, None, None, None, None)
    vase = ProductChanged(VASE, "A vase", "vase", None, None, None, "active", (), (variant,), at_noon)
    bought = OrderChanged(
        1, "#1", 101, at_noon, at_noon, None, "GBP", 100, (), test=False, lines=(Line(VASE, VASE, "A vase", 1, 100),)
    )
    news.take(tx, shop_id, [vase, bought], at_noon)
    segment = saved.create(tx, shop_id, "New vases", "products_purchased MATCHES (sku = 'new')", at_noon)
    assert inside(tx, segment) == []
    news.take(tx, shop_id, [replace(vase, variants=(replace(variant, sku="new"),))], at_noon)
    for shop, ids in membership.due(tx, at_noon, 100, 100):
        membership.catch_up(tx, shop, ids, at_noon)
    [ann] = inside(tx, segment)
    [change] = changes_of(tx, shop_id, segment_id=segment, person_id=ann)
    assert change.cause.detail == "a product changed"
    assert [one.value for one in suggestions(tx, shop_id, "sku", "NE")] == ["new"]
