"""A checkout that was begun counts once, whoever tells of it: the shopper's browser, Shopify, or both, in any order."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from plugin import news
from plugin.ingest.events import (
    CartSeen,
    CheckoutChanged,
    CustomerChanged,
    CustomersMerged,
    Event,
    OrderChanged,
    Viewed,
)
from plugin.profile import identity, retention
from plugin.profile.load import load_many
from plugin.segment import membership, saved
from plugin.segment.compile import compile_segment
from plugin.segment.evaluate import belongs
from plugin.segment.membership import changes_of
from plugin.segment.sql import members
from plugin.store.engine import Tx
from plugin.store.tables import checkouts, people
from tests.segment.membership.world import inside

ANN, BOB = 2**53 + 1, 2**53 + 2
PHONE, TABLET = "a" * 16, "t" * 16
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def looked(at: datetime, token: str | None = "c1", visitor: str = PHONE) -> Viewed:
    """The web pixel's word."""
    return Viewed(f"{visitor}-{token}-{at}", visitor, None, at, "checkout_started", checkout_token=token)


def told(
    at: datetime, token: str = "c1", cart: str | None = None, customer: int | None = ANN, began: datetime | None = None
) -> CheckoutChanged:
    """Shopify's."""
    return CheckoutChanged(token, cart, customer, (), None, at, None, started_at=began)


def begun(tx: Tx, shop_id: int, now: datetime, of: str = "") -> dict[int, int]:
    """Person → how many they began, by SQL and in memory alike."""
    ids = tx.execute(select(people.c.id).where(people.c.shop_id == shop_id, people.c.merged_into.is_(None))).scalars()
    profiles = load_many(tx, shop_id, ids)
    found: dict[int, int] = {}
    for count in (1, 2, 3):
        query = f"checkout_started MATCHES (count = {count}{of})"
        checked = compile_segment(query, now=now, timezone="UTC")
        by_sql = set(tx.execute(members(checked, shop_id)).scalars())
        assert by_sql == {one.person_id for one in profiles if belongs(checked, one)}
        found |= dict.fromkeys(by_sql, count)
    return found


def is_customer(tx: Tx, shop_id: int, customer_id: int) -> int:
    return identity.known(tx, shop_id, {customer_id})[customer_id]


def test_told_by_both_it_counts_once_in_whatever_order(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    events: Sequence[Event] = (
        CartSeen(PHONE, "cart", at_noon),
        looked(at_noon + MINUTE),
        looked(at_noon + 2 * MINUTE),  # the page once more
        told(at_noon + MINUTE, cart="cart"),
    )
    for order in itertools.permutations(events):
        with tx.begin_nested() as trying:
            for event in order:
                news.take(tx, shop_id, [event], at_noon)
            assert begun(tx, shop_id, at_noon) == {is_customer(tx, shop_id, ANN): 1}
            trying.rollback()


def test_its_time_is_that_of_the_first_look_else_of_its_beginning(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    news.take(tx, shop_id, [looked(at_noon - 2 * DAY), looked(at_noon)], at_noon)
    changed = told(at_noon, "c2", began=at_noon - 5 * DAY)
    news.take(tx, shop_id, [CustomerChanged(ANN, None, at_noon), changed, told(at_noon - DAY, "c2")], at_noon)
    assert len(begun(tx, shop_id, at_noon, ", date = -2d")) == 1
    assert begun(tx, shop_id, at_noon, ", date = -5d") == {is_customer(tx, shop_id, ANN): 1}
    assert begun(tx, shop_id, at_noon, ", date >= -1d") == {}


def test_two_checkouts_are_two_and_one_without_a_token_is_one_of_its_own(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    news.take(tx, shop_id, [looked(at_noon), looked(at_noon, "c2"), looked(at_noon, None)], at_noon)
    assert list(begun(tx, shop_id, at_noon).values()) == [3]


def test_one_that_no_browser_told_of_brings_its_customer_in_and_the_ledger_says_why(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    segment = saved.create(tx, shop_id, "Began", "checkout_started MATCHES (date >= -3d)", at_noon)
    news.take(tx, shop_id, [CustomerChanged(ANN, None, at_noon)], at_noon)
    news.take(tx, shop_id, [told(at_noon)], at_noon)
    ann = is_customer(tx, shop_id, ANN)
    assert inside(tx, segment) == [ann]
    assert [one.cause.detail for one in changes_of(tx, shop_id, segment_id=segment, person_id=ann)] == ["a checkout"]


@pytest.mark.parametrize("by", ["news of the customer", "a login", "an order"])
def test_one_that_names_somebody_unknown_is_theirs_once_they_are_known(
    tx: Tx, shop_id: int, at_noon: datetime, by: str
) -> None:
    news.take(tx, shop_id, [told(at_noon)], at_noon)
    assert begun(tx, shop_id, at_noon) == {}
    match by:
        case "news of the customer":
            news.take(tx, shop_id, [CustomerChanged(ANN, None, at_noon)], at_noon)
        case "a login":
            for customer_id in (None, ANN):
                identity.person_of(tx, shop_id, visitor=PHONE, customer_id=customer_id, now=at_noon)
        case "an order":
            bought = OrderChanged(1, "#1", ANN, at_noon, at_noon, None, "GBP", 1, (), test=False, lines=())
            news.take(tx, shop_id, [bought], at_noon)
    assert begun(tx, shop_id, at_noon) == {is_customer(tx, shop_id, ANN): 1}


def test_a_guests_is_the_visitors_whose_cart_it_is(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    news.take(tx, shop_id, [told(at_noon, cart="cart", customer=None)], at_noon)
    assert begun(tx, shop_id, at_noon) == {}
    news.take(tx, shop_id, [CartSeen(PHONE, "cart", at_noon)], at_noon)
    assert list(begun(tx, shop_id, at_noon).values()) == [1]


def test_two_browsers_and_two_customers_who_turn_out_to_be_one_began_it_once(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    news.take(tx, shop_id, [looked(at_noon), looked(at_noon, visitor=TABLET), told(at_noon, customer=BOB)], at_noon)
    assert list(begun(tx, shop_id, at_noon).values()) == [1, 1]
    for visitor in (PHONE, TABLET):
        identity.person_of(tx, shop_id, visitor=visitor, customer_id=ANN, now=at_noon)
    news.take(tx, shop_id, [CustomersMerged(BOB, ANN, at_noon)], at_noon)
    assert begun(tx, shop_id, at_noon) == {is_customer(tx, shop_id, ANN): 1}


def test_a_checkout_that_comes_to_its_limit_lets_them_go(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    segment = saved.create(tx, shop_id, "Ever began", "checkout_started MATCHES ()", at_noon)
    news.take(tx, shop_id, [CustomerChanged(ANN, None, at_noon), told(at_noon)], at_noon)
    later = at_noon + 1_100 * DAY
    retention.LIMITS["carts"].sweep(tx, shop_id, later - DAY, later, 100)
    for shop, ids in membership.due(tx, later, 100, 100):
        membership.catch_up(tx, shop, ids, later)
    assert tx.execute(select(checkouts)).all() == []
    assert inside(tx, segment) == []
