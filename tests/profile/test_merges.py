"""Shopify makes one customer of two: what was either's is one person's, whatever comes when."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from plugin.ingest.events import (
    CartChanged,
    CheckoutChanged,
    CustomerChanged,
    CustomerDeleted,
    CustomerRedacted,
    CustomersMerged,
    CustomerTagged,
    Event,
    Line,
    OrderChanged,
    Purchases,
    PurchasesTold,
)
from plugin.profile import erase
from plugin.profile.apply import apply
from plugin.profile.identity import customer, person_of
from plugin.profile.load import Profile, load
from plugin.segment.compile import compile_segment
from plugin.segment.sql import members
from plugin.store import tables
from plugin.store.engine import Tx
from tests.conftest import NOON
from tests.factories import make_campaign, make_delivery, make_subscription

ANN, ANNA, ANNIE = (2**53 + number for number in (1, 2, 3))
HOUR = timedelta(hours=1)
PARKA = Line(7, 8, "Harbour Parka", 1, 99_00)


def order(order_id: int, customer_id: int, *, at: datetime = NOON, total: int = 99_00) -> OrderChanged:
    return OrderChanged(
        order_id=order_id,
        name=f"#{order_id}",
        customer_id=customer_id,
        placed_at=at,
        updated_at=at,
        cancelled_at=None,
        currency="GBP",
        total=total,
        refunds=(),
        test=False,
        lines=(PARKA,),
        cart_token=f"cart-{order_id}",
        countries=("IE",),
    )


def merged(lost: int, kept: int, at: datetime = NOON) -> CustomersMerged:
    return CustomersMerged(lost_id=lost, kept_id=kept, at=at)


def told(tx: Tx, shop_id: int, *events: Event) -> None:
    for event in events:
        apply(tx, shop_id, [event], now=NOON)


def everybody(tx: Tx, shop_id: int) -> list[int]:
    everyone = compile_segment("", now=NOON, timezone="UTC")
    return list(tx.execute(members(everyone, shop_id)).scalars())


def only_one(tx: Tx, shop_id: int) -> Profile:
    (person_id,) = everybody(tx, shop_id)
    return load(tx, shop_id, person_id)


def test_everything_of_the_lost_customer_is_the_kept_ones(tx: Tx, shop_id: int) -> None:
    lost = person_of(tx, shop_id, visitor="phone", customer_id=ANNA, now=NOON)
    subscription = make_subscription(tx, shop_id, of=lost)
    make_delivery(tx, shop_id, to=subscription, campaign_id=make_campaign(tx, shop_id))
    told(tx, shop_id, order(1, ANNA), order(2, ANN), CustomerTagged(ANNA, ("VIP",), (), NOON))

    told(tx, shop_id, merged(ANNA, ANN, NOON + HOUR))

    ann = only_one(tx, shop_id)
    assert (ann.customer_id, ann.number_of_orders, ann.amount_spent) == (ANN, 2, 198_00)
    assert (ann.push_subscribed, ann.tags, ann.countries) == (True, {"VIP"}, {"IE"})
    for table in (tables.visitors, tables.subscriptions, tables.orders, tables.order_lines, tables.deliveries):
        assert set(tx.execute(select(table.c.person_id)).scalars()) == {ann.person_id}


def test_news_that_names_the_lost_id_lands_on_the_kept_customer(tx: Tx, shop_id: int) -> None:
    told(
        tx,
        shop_id,
        merged(ANNA, ANN),
        order(1, ANNA),
        CartChanged("left", (PARKA,), NOON),
        CheckoutChanged("c", "left", ANNA, (), None, NOON, None),
        CustomerTagged(ANNA, ("VIP",), (), NOON - HOUR),
    )
    ann = only_one(tx, shop_id)
    assert (ann.customer_id, ann.number_of_orders, ann.tags) == (ANN, 1, {"VIP"})
    carts = select(tables.carts.c.person_id).where(tables.carts.c.token == "left")
    assert tx.execute(carts).scalar_one() == ann.person_id
    assert person_of(tx, shop_id, visitor="phone", customer_id=ANNA, now=NOON) == ann.person_id


@pytest.mark.parametrize("first", [0, 1])
def test_of_a_chain_the_last_is_who_they_are(tx: Tx, shop_id: int, first: int) -> None:
    both = [merged(ANNIE, ANNA, NOON), merged(ANNA, ANN, NOON + HOUR)]
    told(tx, shop_id, order(1, ANNIE), both[first], both[1 - first], order(2, ANNIE))
    assert (only_one(tx, shop_id).customer_id, only_one(tx, shop_id).number_of_orders) == (ANN, 2)


def test_a_merge_told_twice_or_in_a_circle_changes_nothing_more(tx: Tx, shop_id: int) -> None:
    told(tx, shop_id, merged(ANNA, ANN), merged(ANNA, ANN), merged(ANN, ANNA), order(1, ANNA))
    assert only_one(tx, shop_id).number_of_orders == 1


def test_the_lost_customer_is_deleted_and_the_kept_one_is_not(tx: Tx, shop_id: int) -> None:
    told(tx, shop_id, order(1, ANNA), merged(ANNA, ANN), CustomerDeleted(ANNA, NOON + HOUR))
    assert only_one(tx, shop_id).customer_id == ANN


def test_what_is_told_of_the_kept_customer_since_overrules_the_lost_ones(tx: Tx, shop_id: int) -> None:
    lost = CustomerChanged(ANNA, NOON, NOON, locale="pl", countries=("PL",), tags=("Press", "VIP"))
    told(tx, shop_id, CustomerTagged(ANN, ("Kept",), (), NOON - HOUR), merged(ANNA, ANN, NOON + HOUR), lost)
    assert only_one(tx, shop_id).tags == {"Kept", "Press", "VIP"}
    assert only_one(tx, shop_id).locale == "pl"

    told(tx, shop_id, CustomerTagged(ANN, (), ("VIP",), NOON + 2 * HOUR))
    assert only_one(tx, shop_id).tags == {"Kept", "Press"}

    told(tx, shop_id, CustomerChanged(ANN, NOON, NOON + 3 * HOUR, locale="en", countries=("GB",), tags=("Kept",)), lost)
    ann = only_one(tx, shop_id)
    assert (ann.tags, ann.countries, ann.locale) == ({"Kept"}, {"GB"}, "en")


def test_a_campaign_that_reached_both_still_adds_up(tx: Tx, shop_id: int) -> None:
    campaign = make_campaign(tx, shop_id)
    for customer_id in (ANN, ANNA):
        person = customer(tx, shop_id, customer_id, NOON)
        make_delivery(tx, shop_id, to=make_subscription(tx, shop_id, of=person), campaign_id=campaign)
    told(tx, shop_id, merged(ANNA, ANN))
    count = select(func.count()).select_from(tables.deliveries)
    assert tx.execute(count.where(tables.deliveries.c.campaign_id == campaign)).scalar_one() == 2
    assert everybody(tx, shop_id) == [customer(tx, shop_id, ANN, NOON)]


def test_shopifys_sums_are_added_up_until_it_tells_the_new_one(tx: Tx, shop_id: int) -> None:
    told(
        tx,
        shop_id,
        PurchasesTold(ANN, Purchases(4, 400_00), NOON),
        PurchasesTold(ANNA, Purchases(2, 50_00), NOON),
        merged(ANNA, ANN, NOON + HOUR),
    )
    assert (only_one(tx, shop_id).number_of_orders, only_one(tx, shop_id).amount_spent) == (6, 450_00)
    told(tx, shop_id, PurchasesTold(ANN, Purchases(5, 440_00), NOON + 2 * HOUR))
    assert (only_one(tx, shop_id).number_of_orders, only_one(tx, shop_id).amount_spent) == (5, 440_00)


@pytest.mark.parametrize("named", [ANN, ANNA])
def test_who_asks_to_be_forgotten_under_either_id_is_forgotten_under_both(tx: Tx, shop_id: int, named: int) -> None:
    told(tx, shop_id, order(1, ANNA), order(2, ANN), merged(ANNA, ANN))
    changes = apply(tx, shop_id, [CustomerRedacted(named, (), (), reference="1", asked_at=NOON)], now=NOON + HOUR)
    while erase.step(tx, changes.requests[0], NOON + HOUR):
        pass
    told(tx, shop_id, merged(ANNA, ANN), order(1, ANNA), CustomerTagged(ANNA, ("VIP",), (), NOON))
    for table in (tables.people, tables.orders, tables.order_lines, tables.person_countries):
        assert tx.execute(select(table).where(table.c.shop_id == shop_id)).all() == []
