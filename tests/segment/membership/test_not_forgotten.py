"""Who is concerned without being named: whose browser is another's now, whose things came to their limit."""

from __future__ import annotations

from datetime import datetime, timedelta

from plugin import news
from plugin.audience import consent
from plugin.ingest import cities
from plugin.ingest.events import CartChanged, CartSeen, Line, Located
from plugin.profile import identity, retention
from plugin.report import facts
from plugin.segment import saved
from plugin.store.engine import Tx
from tests.factories import make_delivery, make_person, make_subscription
from tests.segment.membership.world import inside, ring

ANN, BOB = 101, 102
HOUR, YEAR = timedelta(hours=1), timedelta(days=365)
ENDPOINT = "https://fcm.googleapis.com/fcm/send/the-tablet"


def a_person(tx: Tx, shop_id: int, visitor: str, customer_id: int, now: datetime) -> int:
    """Who is logged in as a customer in a browser."""
    person = identity.person_of(tx, shop_id, visitor=visitor, customer_id=customer_id, now=now)
    news.take(tx, shop_id, [], now, also={person})
    return person


def test_who_gives_the_tablet_away_has_no_notifications_any_more(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    reached = saved.create(tx, shop_id, "Reached", "push_subscribed = true", at_noon)
    agreed = consent.Subscribed(ENDPOINT, b"\4" * 65, b"1" * 16)
    ann = a_person(tx, shop_id, "the-tablet", ANN, at_noon)
    consent.grant(tx, shop_id, ann, agreed, at_noon)
    ring(tx, at_noon)
    assert set(inside(tx, reached)) == {ann}

    bob = a_person(tx, shop_id, "the-tablet", BOB, at_noon + HOUR)
    consent.grant(tx, shop_id, bob, agreed, at_noon + HOUR)
    news.take(tx, shop_id, [], at_noon + HOUR, also={bob})
    ring(tx, at_noon + HOUR)

    assert set(inside(tx, reached)) == {bob}


def test_who_gives_the_tablet_away_is_not_where_it_is_any_more(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    here = saved.create(tx, shop_id, "Here", "located_cities CONTAINS 'Leeds'", at_noon)
    ann = a_person(tx, shop_id, "the-tablet", ANN, at_noon)
    spot = cities.Spot(53.8, -1.55, "GB", "England", "Leeds")
    news.take(tx, shop_id, [Located("the-tablet", "shopper", spot, at_noon)], at_noon)
    assert set(inside(tx, here)) == {ann}

    later = at_noon + HOUR
    bob = a_person(tx, shop_id, "the-tablet", BOB, later)
    news.take(tx, shop_id, [Located("the-tablet", "shopper", spot, later)], later)
    ring(tx, later)

    assert set(inside(tx, here)) == {bob}


def test_a_cart_that_comes_to_its_limit_takes_her_out(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    carted = saved.create(tx, shop_id, "Carted", "cart_updated MATCHES ()", at_noon)
    cart = CartChanged("c1", (Line(42, 1, "A lamp", 1, 4_900),), at_noon)
    news.take(tx, shop_id, [CartSeen("her-phone", "c1", at_noon), cart], at_noon)
    assert len(inside(tx, carted)) == 1

    later = at_noon + YEAR
    for place in retention.places(tx):
        if place.kind == "carts":
            while retention.sweep(tx, place, later):
                pass
    ring(tx, later)

    assert set(inside(tx, carted)) == set()


def test_a_message_that_only_its_browser_tells_of_was_sent(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    """A worker died before it could write that the push service took it."""
    told = saved.create(tx, shop_id, "Told", "push_sent MATCHES ()", at_noon)
    ann = make_person(tx, shop_id, customer_id=ANN)
    browser = make_subscription(tx, shop_id, of=ann)
    make_delivery(tx, shop_id, to=browser, state="unknown", token="t1", attempts=1)

    facts.record(tx, "t1", "shown", at_noon)
    ring(tx, at_noon)

    assert set(inside(tx, told)) == {ann}
