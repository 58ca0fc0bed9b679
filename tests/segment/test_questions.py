"""What stands with arguments: other segments, shares by chance, anniversaries; the contrary of things; hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from plugin.profile.load import load_many
from plugin.segment import saved
from plugin.segment.checked import Checked
from plugin.segment.compile import compile_segment
from plugin.segment.errors import SegmentError
from plugin.segment.evaluate import belongs
from plugin.segment.format import canonical, sentence
from plugin.segment.parser import parse
from plugin.segment.sql import members
from plugin.store.engine import Tx
from plugin.store.tables import people
from tests.conftest import NOON
from tests.segment.population import Bought, Someone, settle


def asked(tx: Tx, shop_id: int, checked: Checked) -> set[int]:
    """Members by SQL, whom Python agrees on."""
    found = set(tx.execute(members(checked, shop_id)).scalars())
    everybody = compile_segment("", now=NOON, timezone="UTC")
    profiles = load_many(tx, shop_id, tx.execute(members(everybody, shop_id)).scalars())
    assert found == {profile.person_id for profile in profiles if belongs(checked, profile)}
    return found


def read(query: str, *, now: datetime = NOON, timezone: str = "UTC", **segments: str) -> Checked:
    return compile_segment(query, now=now, timezone=timezone, segments=segments)


# --- one shape for what means the same -----------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "canon"),
    [
        ("NOT (number_of_orders > 2)", "NOT (number_of_orders > 2)"),
        (
            "not number_of_orders > 2 and push_subscribed = true",
            "NOT (number_of_orders > 2) AND push_subscribed = true",
        ),
        ("NOT NOT number_of_orders > 2", "number_of_orders > 2"),
        ("NOT (NOT (number_of_orders > 2))", "number_of_orders > 2"),
        ("NOT orders_placed MATCHES ()", "orders_placed NOT MATCHES ()"),
        ("NOT orders_placed NOT MATCHES ()", "orders_placed MATCHES ()"),
        ("orders_placed(count: 2)", "orders_placed MATCHES (count = 2)"),
        ("NOT random_share(10)", "NOT random_share(10)"),
        ("random_share(10) = false", "NOT random_share(10)"),
        ("random_share(10) != true", "NOT random_share(10)"),
        ("NOT random_share(10) = false", "random_share(10)"),
        ("RANDOM_share(10)", None),
        ("in_segment('it\\'s')", "in_segment('it\\'s')"),
        ("event('points', value > 100)", "event MATCHES (name = 'points', value > 100)"),
        ("event('points') = false", "event NOT MATCHES (name = 'points')"),
        ("event(name = 'points', value > 100)", "event MATCHES (name = 'points', value > 100)"),
        ("orders_placed MATCHES (since = -3h)", "orders_placed MATCHES (date >= -3h)"),
        ("orders_placed MATCHES (until = -3H, count > 2, since = -2d)", None),
        ("orders_placed(since: 3_hours_ago) = true", "orders_placed MATCHES (date >= -3h)"),
        ("anniversary('first_order_date') = today", "anniversary('first_order_date') = today"),
        ("anniversary (date: 'first_order_date') = +0d", "anniversary('first_order_date') = today"),
        (
            "anniversary(date: 'metafields.facts.birth_date') BETWEEN today AND +30d",
            "anniversary('metafields.facts.birth_date') BETWEEN today AND +30d",
        ),
        (
            "customer_within_distance(coordinates: (51.5, -0.1), distance_mi: 6.2) = true",
            "customer_within_distance MATCHES (coordinates = '51.5,-0.1', distance_mi = 6.2)",
        ),
        (
            "customer_within_distance MATCHES (coordinates = (51.5, -0.1), distance_km = 25)",
            "customer_within_distance MATCHES (coordinates = '51.5,-0.1', distance_km = 25)",
        ),
        ("customer.metafields.my-app.level-2 = 'gold'", "customer.metafields.my-app.level-2 = 'gold'"),
    ],
)
def test_there_is_one_way_to_write_it(written: str, canon: str | None) -> None:
    tree = parse(written)
    assert canonical(tree) == (canon or canonical(tree))
    assert parse(canonical(tree)) == tree


def test_since_and_until_together_are_between() -> None:
    tree = parse("orders_placed MATCHES (until = -3h, count > 2, since = -2d)")
    assert canonical(tree) == "orders_placed MATCHES (date BETWEEN -2d AND -3h, count > 2)"


# --- hours ---------------------------------------------------------------------------------------


def test_three_hours_ago_is_a_second() -> None:
    shop = read("last_order_date = -3h", now=NOON + timedelta(microseconds=5), timezone="Asia/Kathmandu")
    (operand,) = shop.condition.operands  # type: ignore[union-attr]
    assert operand.meaning.start == NOON - timedelta(hours=3)
    assert operand.meaning.end - operand.meaning.start == timedelta(seconds=1)
    assert operand.words == "18 November 2026 at 14:45:00 (3 hours ago)"


def test_who_ordered_in_the_last_three_hours(tx: Tx, shop_id: int) -> None:
    ago = [timedelta(hours=3), timedelta(hours=3, microseconds=1), timedelta(hours=1), timedelta(days=1)]
    ids = settle(tx, shop_id, [Someone(orders=(Bought(NOON - before),)) for before in ago])
    assert asked(tx, shop_id, read("last_order_date >= -3h")) == {ids[0], ids[2]}
    assert asked(tx, shop_id, read("orders_placed MATCHES (since = -48h, until = -2h)")) == {ids[0], ids[1], ids[3]}


# --- anniversaries -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "now", "days"),
    [
        ("= today", "2026-11-18", {"1990-11-18", "2025-11-18"}),
        ("= 1955-11-18", "2026-01-01", {"1990-11-18", "2025-11-18"}),
        ("BETWEEN today AND +44d", "2026-11-18", {"1990-11-18", "2025-11-18", "1999-12-31", "2001-01-01"}),
        ("BETWEEN 2026-12-31 AND 2026-01-01", "2026-06-01", {"1999-12-31", "2001-01-01"}),
        ("BETWEEN 2026-12-31 AND 2027-01-01", "2026-06-01", {"1999-12-31", "2001-01-01"}),
        ("BETWEEN -1d AND today", "2027-01-01", {"1999-12-31", "2001-01-01"}),
        ("BETWEEN +1d AND today", "2026-11-18", set()),
        ("BETWEEN today AND +400d", "2026-11-18", None),
        ("BETWEEN today AND +364d", "2026-11-18", None),
        ("= today", "2028-02-29", {"2000-02-29"}),
        ("= today", "2028-02-28", {"1999-02-28"}),
        ("= today", "2027-02-28", {"1999-02-28", "2000-02-29"}),
        ("= today", "2027-03-01", {"1999-03-01"}),
        ("= +1m", "2027-01-31", {"1999-02-28", "2000-02-29"}),
    ],
)
def test_a_day_of_every_year(tx: Tx, shop_id: int, query: str, now: str, days: set[str] | None) -> None:
    every = "1990-11-18 2025-11-18 1999-12-31 2001-01-01 1999-02-28 2000-02-29 1999-03-01".split()
    came = [Someone(added_at=datetime.fromisoformat(f"{day}T23:59:59").replace(tzinfo=UTC)) for day in every]
    ids = dict(zip(settle(tx, shop_id, [*came, Someone()]), [*every, "never"], strict=True))
    checked = read(f"anniversary('customer_added_date') {query}", now=datetime.fromisoformat(f"{now}T12:00:00+00:00"))
    assert {ids[one] for one in asked(tx, shop_id, checked)} == (set(every) if days is None else days)


# --- distances -----------------------------------------------------------------------------------

LONDON, CROYDON, OXFORD, AUCKLAND = (51.5072, -0.1276), (51.3762, -0.0982), (51.752, -1.2577), (-36.85, 174.76)


@pytest.mark.parametrize(
    ("asked_for", "near"),
    [
        ("coordinates = '51.5072,-0.1276', distance_km = 14.71", "london croydon both"),  # Croydon: 14.708 km
        ("coordinates = '51.5072, -0.1276', distance_km = 14.7", "london both"),
        ("coordinates = (51.5072, -0.1276), distance_mi = 9.14", "london croydon both"),
        ("coordinates = '51.5072,-0.1276', distance_mi = 9.13", "london both"),
        ("coordinates = '51.5072,-0.1276', distance_km = 82.62", "london croydon both oxford"),  # Oxford: 82.62 km
        ("coordinates = '51.5072,-0.1276', distance_km = 18336", "london croydon both oxford"),  # Auckland: 18,336.14
        ("coordinates = '51.5072,-0.1276', distance_km = 18336.2", "london croydon both oxford auckland"),
        ("coordinates = '51.5072,-0.1276', distance_km = 99999", "london croydon both oxford auckland"),
        ("coordinates = '-36.85,-185.24', distance_km = 1", None),
    ],
)
def test_who_has_a_place_near_by(tx: Tx, shop_id: int, asked_for: str, near: str | None) -> None:
    query = f"customer_within_distance MATCHES ({asked_for})"
    if near is None:
        with pytest.raises(SegmentError, match="coordinates takes a latitude and a longitude in degrees"):
            read(query)
        return
    places = {"london": (LONDON,), "croydon": (CROYDON,), "both": (LONDON, AUCKLAND), "oxford": (OXFORD,)}
    places |= {"auckland": (AUCKLAND,), "nowhere": ()}
    names = dict(zip(settle(tx, shop_id, [Someone(points=one) for one in places.values()]), places, strict=True))
    assert {names[one] for one in asked(tx, shop_id, read(query))} == set(near.split())


@pytest.mark.parametrize(
    ("asked_for", "said"),
    [
        ("coordinates = '51.5,-0.1'", "customer_within_distance takes one of distance_km and distance_mi."),
        ("coordinates = '51.5,-0.1', distance_km = 1, distance_mi = 1", "takes one of distance_km and distance_mi."),
        ("coordinates = '51.5,-0.1', distance_km = 0", "customer_within_distance takes a distance of more than 0."),
        ("distance_km = 1", "customer_within_distance needs coordinates"),
        ("coordinates = 'London', distance_km = 1", "coordinates takes a latitude and a longitude in degrees"),
        ("coordinates = '91,0', distance_km = 1", "coordinates takes a latitude and a longitude in degrees"),
        ("coordinates = (1, 2, 3), distance_km = 1", "coordinates are two numbers: a latitude and a longitude."),
        ("coordinates = '1,2', distance_km > 1", "distance_km takes =, not >."),
        ("coordinate = '1,2', distance_km = 1", "Did you mean coordinates?"),
    ],
)
def test_a_distance_that_cannot_be_measured_is_refused(asked_for: str, said: str) -> None:
    with pytest.raises(SegmentError) as caught:
        read(f"customer_within_distance MATCHES ({asked_for})")
    assert said in caught.value.message


# --- other segments ------------------------------------------------------------------------------


def test_a_segment_asks_for_another_as_it_stands_now(tx: Tx, shop_id: int) -> None:
    ann, bob, cleo = settle(tx, shop_id, [Someone(tags=("vip",)), Someone(tags=("vip", "new")), Someone()])
    segments = {"VIPs": "customer_tags CONTAINS 'vip'", "Old": "in_segment('VIPs') AND NOT in_segment('New')"}
    segments["New"] = "customer_tags CONTAINS 'new'"
    assert asked(tx, shop_id, read("in_segment('Old')", **segments)) == {ann}
    assert asked(tx, shop_id, read("NOT in_segment('Old')", **segments)) == {bob, cleo}
    assert sentence(read("NOT in_segment('Old')", **segments)) == "People who are not in the segment “Old”."


def test_segments_that_ask_for_each_other_are_refused_when_they_are_saved(tx: Tx, shop_id: int) -> None:
    saved.create(tx, shop_id, "Heads", "number_of_orders > 1", NOON)
    tails = saved.create(tx, shop_id, "Tails", "in_segment('Heads')", NOON)
    (heads,) = [one.id for one in saved.every(tx, shop_id) if one.name == "Heads"]
    with pytest.raises(SegmentError, match="Segments ask for each other in a circle: Tails → Heads → Tails"):
        saved.save(tx, shop_id, heads, "Heads", "in_segment('Tails')", NOON)
    with pytest.raises(SegmentError, match="in a circle: Tails → Tails"):
        saved.save(tx, shop_id, tails, "Tails", "in_segment('Tails')", NOON)


@pytest.mark.parametrize(
    ("query", "place", "said"),
    [
        ("in_segment('VIP')", "'VIP'", "There is no segment 'VIP'. Did you mean 'VIPs'?"),
        ("in_segment('Bad')", "'Bad'", "In the segment 'Bad': There is no filter nubmer_of_orders."),
        ("in_segment(3)", "in_segment(3)", "in_segment takes one segment's name in single quotes."),
        ("in_segment('VIPs') > 3", "3", "in_segment( … ) is compared with true or false."),
    ],
)
def test_what_is_wrong_with_another_segment_is_said(query: str, place: str, said: str) -> None:
    with pytest.raises(SegmentError) as caught:
        read(query, VIPs="amount_spent > 10", Bad="nubmer_of_orders > 1")
    assert said in caught.value.message
    assert query[caught.value.start : caught.value.end] == place


def test_segments_inside_segments_do_not_grow_without_end() -> None:
    wide = {f"s{n}": " AND ".join([f"in_segment('s{n - 1}')"] * 10) for n in range(1, 5)}
    with pytest.raises(SegmentError, match=r"^With the segments that it asks for, the query has over 500 clauses"):
        read("in_segment('s4')", s0="number_of_orders > 1", **wide)
    long = {f"s{n}": f"in_segment('s{n - 1}')" for n in range(1, 60)}
    with pytest.raises(SegmentError, match=r"^Segments ask for segments too deeply, 5 at most"):
        read("in_segment('s59')", s0="number_of_orders > 1", **long)


# --- shares --------------------------------------------------------------------------------------


def test_shares_are_as_large_as_they_say_and_independent(tx: Tx, shop_id: int) -> None:
    tx.execute(people.insert(), [{"shop_id": shop_id, "created_at": NOON} for _ in range(2_000)])
    everybody = asked(tx, shop_id, read(""))
    tenth = asked(tx, shop_id, read("random_share(10)"))
    fifth = asked(tx, shop_id, read("random_share(20)"))
    other = asked(tx, shop_id, read("random_share(50, 'spring')"))
    assert 150 < len(tenth) < 250  # 200 ± 3.7 standard deviations
    assert tenth < fifth
    assert 900 < len(other) < 1_100
    assert 60 < len(tenth & other) < 140
    assert asked(tx, shop_id, read("random_share(0)")) == set()
    assert asked(tx, shop_id, read("random_share(100)")) == everybody
    assert asked(tx, shop_id, read("NOT random_share(10)")) == everybody - tenth


@pytest.mark.parametrize("percent", ["-1", "100.5", "'10'"])
def test_a_share_is_a_percentage(percent: str) -> None:
    with pytest.raises(SegmentError, match="takes a"):
        read(f"random_share({percent})")
