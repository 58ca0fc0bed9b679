"""One delivery for each person, page by page, whatever stops half-way."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from plugin.audience import consent
from plugin.audience.limits import is_held_out
from plugin.campaign import lifecycle
from plugin.delivery import claims, fanout
from plugin.profile import identity
from plugin.report import funnel
from plugin.store.engine import Tx, transaction
from plugin.store.tables import deliveries, people, segments, subscriptions
from tests.delivery.rows import begun, campaign, delivery, row_of, set_state, states, subscribers, written
from tests.factories import make_person, make_segment, make_subscription


def test_every_reachable_person_gets_one_delivery(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 5)
    make_person(tx, shop_id)  # never agreed
    make_subscription(tx, shop_id, of=make_person(tx, shop_id), state="gone")
    sale = begun(tx, shop_id, at_noon)

    pages = [fanout.next_page(tx, sale, at_noon, limit=2) for _ in range(4)]

    assert [page if page is None else len(page) for page in pages] == [2, 2, 1, None]
    assert states(tx, sale) == {"queued": 5}
    assert (campaign(tx, sale).audience, campaign(tx, sale).fanned_out_at) == (5, at_noon)


def test_of_two_browsers_the_one_last_seen_gets_it(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ann = make_person(tx, shop_id)
    make_subscription(tx, shop_id, of=ann, last_seen_at=at_noon - timedelta(days=3))
    phone = make_subscription(tx, shop_id, of=ann, last_seen_at=at_noon - timedelta(hours=1))
    make_subscription(tx, shop_id, of=ann, last_seen_at=at_noon, state="unsubscribed")

    (made,) = written(tx, begun(tx, shop_id, at_noon), at_noon)

    assert delivery(tx, made).subscription_id == phone


def test_a_crash_before_the_commit_leaves_no_rows_and_everybody_on_the_roll(shop: int, at_noon: datetime) -> None:
    with transaction() as tx:
        subscribers(tx, shop, 4)
        sale = begun(tx, shop, at_noon)

    def crash() -> None:
        with transaction() as tx:
            fanout.next_page(tx, sale, at_noon, limit=2)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        crash()

    with transaction() as tx:
        assert states(tx, sale) == {}
        assert len(written(tx, sale, at_noon)) == 4


def test_who_comes_after_the_start_does_not_get_it(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 2)
    sale = begun(tx, shop_id, at_noon)
    fanout.next_page(tx, sale, at_noon, limit=1)
    subscribers(tx, shop_id, 3)

    fanout.next_page(tx, sale, at_noon, limit=10)

    assert states(tx, sale) == {"queued": 2}


def test_who_leaves_before_their_turn_has_that_for_an_outcome(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    stays, gone, unsubscribed, deleted = subscribers(tx, shop_id, 4)
    sale = begun(tx, shop_id, at_noon)
    consent.gone(tx, [gone], "The browser has ended its subscription.", at_noon)
    consent.withdraw(tx, shop_id, row_of(tx, subscriptions, unsubscribed).endpoint, at_noon)
    set_state(tx, people, row_of(tx, subscriptions, deleted).person_id, customer_deleted_at=at_noon)

    (made,) = written(tx, sale, at_noon)

    assert delivery(tx, made).subscription_id == stays
    assert states(tx, sale) == {"queued": 1, "gone": 1, "unsubscribed": 1, "deleted": 1}
    assert campaign(tx, sale).audience == 4


def test_who_turns_out_to_be_somebody_in_the_audience_gets_it_once(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ann = make_person(tx, shop_id, customer_id=1)
    visitor, other = make_person(tx, shop_id), make_person(tx, shop_id)
    for person in (ann, visitor, other):
        make_subscription(tx, shop_id, of=person)
    sale = begun(tx, shop_id, at_noon)
    identity.merge(tx, shop_id, gone=visitor, kept=ann, now=at_noon)

    made = written(tx, sale, at_noon)

    assert {delivery(tx, each).person_id for each in made} == {ann, other}
    assert states(tx, sale) == {"queued": 2, "duplicate_person": 1}


def test_who_turns_out_to_be_somebody_else_is_sent_it_as_such(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    visitor = make_person(tx, shop_id)
    phone = make_subscription(tx, shop_id, of=visitor)
    sale = begun(tx, shop_id, at_noon)
    ann = make_person(tx, shop_id, customer_id=1)
    identity.merge(tx, shop_id, gone=visitor, kept=ann, now=at_noon)

    (made,) = written(tx, sale, at_noon)

    assert (delivery(tx, made).person_id, delivery(tx, made).subscription_id) == (ann, phone)
    assert states(tx, sale) == {"queued": 1}


def test_some_are_held_out_by_chance_that_stays_the_same(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 60)
    sale = begun(tx, shop_id, at_noon, holdout=30)

    made = written(tx, sale, at_noon)

    told = states(tx, sale)
    assert told == {"queued": len(made), "held_out": 60 - len(made)}
    assert 6 <= told["held_out"] <= 30
    held = select(deliveries.c.person_id).where(deliveries.c.state == "held_out")
    everybody = tx.execute(select(people.c.id)).scalars()
    assert {*tx.execute(held).scalars()} == {one for one in everybody if is_held_out(sale, one, 30)}
    assert claims.claim(tx, [*tx.execute(select(deliveries.c.id)).scalars()], at_noon)[0].push.delivery_id in made


def test_of_ten_thousand_people_about_a_tenth_is_held_out() -> None:
    assert 900 < sum(is_held_out(7, person, 10) for person in range(10_000)) < 1_100
    assert not any(is_held_out(7, person, 0) for person in range(100))
    assert all(is_held_out(7, person, 100) for person in range(100))


def test_everybody_in_a_cancelled_campaign_has_an_outcome(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 5)
    sale = begun(tx, shop_id, at_noon)
    fanout.next_page(tx, sale, at_noon, limit=2)
    lifecycle.cancel(tx, shop_id, sale, at_noon)
    assert funnel.campaign(tx, shop_id, sale).outcomes == [("cancelled", 5, "")]

    assert fanout.standing_still(tx, at_noon) == [sale]
    assert written(tx, sale, at_noon) == []

    assert states(tx, sale) == {"cancelled": 5}
    assert campaign(tx, sale).audience == 5
    assert fanout.standing_still(tx, at_noon + timedelta(days=1)) == []


def test_the_query_is_that_of_the_start(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    loyal = make_person(tx, shop_id, customer_id=1, number_of_orders=5)
    make_subscription(tx, shop_id, of=loyal)
    subscribers(tx, shop_id, 2)
    often = make_segment(tx, shop_id, "number_of_orders >= 3")
    sale = begun(tx, shop_id, at_noon, segment_id=often)
    set_state(tx, segments, often, query="number_of_orders = 0")

    (made,) = written(tx, sale, at_noon)

    assert delivery(tx, made).person_id == loyal


def test_a_paused_campaign_is_not_fanned_out_and_goes_on_where_it_was(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 4)
    sale = begun(tx, shop_id, at_noon)
    fanout.next_page(tx, sale, at_noon, limit=2)
    lifecycle.pause(tx, shop_id, sale, at_noon)
    assert fanout.next_page(tx, sale, at_noon, limit=2) is None
    assert fanout.standing_still(tx, at_noon) == []

    lifecycle.resume(tx, shop_id, sale, at_noon)

    assert fanout.standing_still(tx, at_noon) == [sale]
    assert fanout.standing_still(tx, at_noon) == []  # hinted a moment ago
    assert len(written(tx, sale, at_noon)) == 2


def test_a_campaign_to_nobody_is_done_at_once(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    sale = begun(tx, shop_id, at_noon)
    assert fanout.next_page(tx, sale, at_noon) is None
    assert (campaign(tx, sale).state, campaign(tx, sale).audience) == ("sent", 0)


def test_every_delivery_has_a_name_that_is_a_topic(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 20)
    fanout.next_page(tx, begun(tx, shop_id, at_noon), at_noon)
    tokens = tx.execute(select(deliveries.c.token)).scalars().all()
    assert len(set(tokens)) == 20
    assert all(len(token) <= 32 and token.replace("-", "").replace("_", "").isalnum() for token in tokens)
