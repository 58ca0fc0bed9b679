"""Places, metafields, store credit, statuses and what made an order cheaper: asked by SQL and in memory alike."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from plugin.base.errors import BeckonError
from plugin.ingest.places import Place
from plugin.profile import shopper_facts
from plugin.profile.load import load_many
from plugin.segment.compile import compile_segment
from plugin.segment.errors import SegmentError
from plugin.segment.evaluate import belongs
from plugin.segment.format import sentence
from plugin.segment.sql import members
from plugin.store.engine import Tx
from tests.conftest import NOON
from tests.segment.population import Bought, Someone, settle
from tests.segment.told import LEEDS, LONDON, NEW_YORK, PARIS, Kept, Told

BIRTHDAY = Kept(("facts", "birth_date"), ("1990-11-19",), at=datetime(1990, 11, 19, 12, tzinfo=UTC))
PEOPLE = {
    "Ann": Someone(told=Told(places=(LONDON, LEEDS), metafields=(Kept(("custom", "level"), ("gold",)), BIRTHDAY))),
    "Ben": Someone(told=Told(places=(NEW_YORK,), metafields=(Kept(("custom", "level"), ("7",), number=7.0),))),
    "Cleo": Someone(told=Told(places=(PARIS,), credits=(("GBP", 1_250),), companies=(3, 2**53 + 1))),
    "Dot": Someone(told=Told(metafields=(Kept(("custom", "topics"), ("Garden", "Party")),))),
    "Eve": Someone(
        told=Told(metafields=(Kept(("custom", "level"), ("gold",)),), credits=(("GBP", 9),), overruled=True)
    ),
    "Fay": Someone(
        orders=(
            Bought(NOON, channel="pos", hour=17, weekday=6, discounts=(("code", "Welcome10"),)),
            Bought(NOON, channel="web", hour=9, weekday=1, discounts=(("manual", ""),)),
        )
    ),
}


def who(tx: Tx, shop_id: int, query: str) -> str:
    """The initials of the members by SQL, whom Python agrees on."""
    ids = settle(tx, shop_id, list(PEOPLE.values()))
    named = dict(zip(ids, PEOPLE, strict=True))
    checked = compile_segment(query, now=NOON, timezone="UTC")
    found = set(tx.execute(members(checked, shop_id)).scalars())
    assert found == {one.person_id for one in load_many(tx, shop_id, ids) if belongs(checked, one)}
    assert "{" not in sentence(checked)
    return "".join(sorted(named[one][0] for one in found))


LONDON_BRIDGE = "coordinates = '51.5079,-0.0877'"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("customer_regions CONTAINS 'GB-ENG'", "A"),
        ("customer_regions IS NULL AND customer_cities IS NOT NULL", "C"),
        ("customer_cities CONTAINS 'US-NY-NewYorkCity'", "B"),
        ("customer_cities CONTAINS 'US-NY-New York  city'", "B"),
        ("customer_cities CONTAINS 'FR-Paris'", "C"),
        ("customer_postcodes CONTAINS 'ls1 1aa'", "A"),
        (f"customer_within_distance MATCHES ({LONDON_BRIDGE}, distance_km = 5)", "A"),
        (f"customer_within_distance MATCHES ({LONDON_BRIDGE}, distance_km = 3)", ""),
        (f"customer_within_distance MATCHES ({LONDON_BRIDGE}, distance_km = 350)", "AC"),
        (f"customer_within_distance MATCHES ({LONDON_BRIDGE}, distance_mi = 3465)", "ABC"),
        (f"customer_within_distance NOT MATCHES ({LONDON_BRIDGE}, distance_km = 99999)", "DEF"),
        ("customer.metafields.custom.level = 'gold'", "A"),
        ("customer.metafields.custom.level != 'gold'", "BCDEF"),
        ("customer.metafields.custom.level IS NOT NULL", "AB"),
        ("customer.metafields.custom.level >= 7", "B"),
        ("customer.metafields.custom.topics CONTAINS 'Party'", "D"),
        ("customer.metafields.custom.topics = 'Garden'", "D"),
        ("customer.metafields.facts.birth_date = 1990-11-19", "A"),
        ("customer.metafields.custom.level = true", ""),
        ("customer.metafields.custom.level != true", "ABCDEF"),
        ("anniversary('metafields.facts.birth_date') BETWEEN today AND +7d", "A"),
        ("anniversary('metafields.facts.birth_date') = today", ""),
        ("birthday <= -18y", "A"),
        ("birthday > -18y", ""),
        ("anniversary('birthday') BETWEEN today AND +7d", "A"),
        ("gender IS NULL", "ABCDEF"),
        ("store_credit_accounts MATCHES (balance > 12.49)", "C"),
        ("store_credit_accounts MATCHES (balance > 12.5)", ""),
        ("store_credit_accounts MATCHES ()", "C"),
        ("companies = 9007199254740993", "C"),
        ("companies IS NULL", "ABDEF"),
        ("orders_placed MATCHES (channel = 'pos', hour >= 17, weekday = 6)", "F"),
        ("orders_placed MATCHES (discount = 'WELCOME10')", "F"),
        ("orders_placed MATCHES (discount = 'WELCOME10', weekday = 1)", ""),
        ("orders_placed MATCHES (discount_kind = 'any', count = 2)", "F"),
        ("orders_placed MATCHES (discount_kind = 'automatic')", ""),
    ],
)
def test_who_is_found(tx: Tx, shop_id: int, query: str, found: str) -> None:
    assert who(tx, shop_id, query) == found


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("customer_cities CONTAINS 'Paris'", "US-NY-NewYorkCity"),
        ("customer_regions CONTAINS 'ny'", "US-NY"),
        ("customer_language = 'en-GB'", "Did you mean 'en'?"),
        ("customer_account_status = 'enabled'", "Did you mean 'ENABLED'?"),
        ("store_credit_accounts MATCHES (currency = 'gbp')", "three capital letters"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_to_write(query: str, said: str) -> None:
    with pytest.raises(SegmentError, match=said.replace("?", "[?]")):
        compile_segment(query, now=NOON, timezone="UTC")


def test_a_short_way_over_the_pole_and_over_the_line_where_the_day_changes(tx: Tx, shop_id: int) -> None:
    fiji, siberia = Place("FJ", latitude=-17.0, longitude=179.9), Place("RU", latitude=89.9, longitude=100.0)
    ids = settle(tx, shop_id, [Someone(told=Told(places=(fiji,))), Someone(told=Told(places=(siberia,)))])
    for where, found in (("-17,-179.9", ids[0]), ("89.9,-80", ids[1])):
        query = f"customer_within_distance MATCHES (coordinates = '{where}', distance_km = 25)"
        checked = compile_segment(query, now=NOON, timezone="UTC")
        assert tx.execute(members(checked, shop_id)).scalars().all() == [found]


def test_a_fact_stands_in_the_metafield_that_the_merchant_names(tx: Tx, shop_id: int) -> None:
    shopper_facts.choose(tx, shop_id, {"profession": "customer.metafields.custom.level", "gender": " "})
    assert who(tx, shop_id, "profession = 'gold'") == "A"
    shopper_facts.choose(tx, shop_id, {"profession": ""})
    assert shopper_facts.paths(tx, shop_id) == dict(shopper_facts.DEFAULTS)
    with pytest.raises(BeckonError, match=r"Profession: write a metafield as namespace\.key"):
        shopper_facts.choose(tx, shop_id, {"profession": "level"})
