"""One delivery for each person, page by page, whatever stops half-way."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from plugin.audience import consent
from plugin.campaign import lifecycle
from plugin.delivery import fanout
from plugin.store.engine import Tx, transaction
from plugin.store.tables import campaigns, deliveries, segments
from tests.delivery.rows import begun, campaign, delivery, set_state, states, subscribers
from tests.factories import make_person, make_segment, make_subscription


def test_every_reachable_person_gets_one_delivery(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 5)
    make_person(tx, shop_id)  # never agreed
    make_subscription(tx, shop_id, of=make_person(tx, shop_id), state="gone")
    sale = begun(tx, shop_id, at_noon)

    pages = [fanout.next_page(tx, sale, at_noon, limit=2) for _ in range(4)]

    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert states(tx, sale) == {"queued": 5}
    assert (campaign(tx, sale).audience, campaign(tx, sale).fanned_out_at) == (5, at_noon)


def test_of_two_browsers_the_one_last_seen_gets_it(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ann = make_person(tx, shop_id)
    make_subscription(tx, shop_id, of=ann, last_seen_at=at_noon - timedelta(days=3))
    phone = make_subscription(tx, shop_id, of=ann, last_seen_at=at_noon - timedelta(hours=1))
    make_subscription(tx, shop_id, of=ann, last_seen_at=at_noon, state="unsubscribed")

    (made,) = fanout.next_page(tx, begun(tx, shop_id, at_noon), at_noon)

    assert delivery(tx, made).subscription_id == phone


def test_a_page_that_is_written_twice_is_written_once(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 3)
    sale = begun(tx, shop_id, at_noon)
    assert len(fanout.next_page(tx, sale, at_noon, limit=3)) == 3
    set_state(tx, campaigns, sale, cursor=0)  # as if the cursor had been lost

    assert fanout.next_page(tx, sale, at_noon, limit=3) == []
    assert states(tx, sale) == {"queued": 3}


def test_a_crash_before_the_commit_leaves_neither_rows_nor_a_moved_cursor(shop: int, at_noon: datetime) -> None:
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
        assert campaign(tx, sale).cursor == 0
        assert states(tx, sale) == {}
        assert len(fanout.next_page(tx, sale, at_noon, limit=4)) == 4


def test_who_comes_after_the_start_does_not_get_it(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 2)
    sale = begun(tx, shop_id, at_noon)
    fanout.next_page(tx, sale, at_noon, limit=1)
    subscribers(tx, shop_id, 3)

    fanout.next_page(tx, sale, at_noon, limit=10)

    assert states(tx, sale) == {"queued": 2}


def test_who_leaves_meanwhile_is_not_in_the_audience(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    first, second = subscribers(tx, shop_id, 2)
    sale = begun(tx, shop_id, at_noon)
    assert campaign(tx, sale).audience == 2
    consent.gone(tx, [second], "The browser has ended its subscription.", at_noon)
    (made,) = fanout.next_page(tx, sale, at_noon)

    assert delivery(tx, made).subscription_id == first
    assert campaign(tx, sale).audience == 1


def test_the_query_is_that_of_the_start(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    loyal = make_person(tx, shop_id, customer_id=1, number_of_orders=5)
    make_subscription(tx, shop_id, of=loyal)
    subscribers(tx, shop_id, 2)
    often = make_segment(tx, shop_id, "number_of_orders >= 3")
    sale = begun(tx, shop_id, at_noon, segment_id=often)
    set_state(tx, segments, often, query="number_of_orders = 0")

    (made,) = fanout.next_page(tx, sale, at_noon)

    assert delivery(tx, made).person_id == loyal


def test_a_paused_campaign_is_not_fanned_out_and_goes_on_where_it_was(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 4)
    sale = begun(tx, shop_id, at_noon)
    fanout.next_page(tx, sale, at_noon, limit=2)
    lifecycle.pause(tx, shop_id, sale, at_noon)
    assert fanout.next_page(tx, sale, at_noon, limit=2) == []
    assert fanout.standing_still(tx, at_noon) == []

    lifecycle.resume(tx, shop_id, sale, at_noon)

    assert fanout.standing_still(tx, at_noon) == [sale]
    assert fanout.standing_still(tx, at_noon) == []  # hinted a moment ago
    assert len(fanout.next_page(tx, sale, at_noon, limit=9)) == 2


def test_a_campaign_to_nobody_is_done_at_once(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    sale = begun(tx, shop_id, at_noon)
    assert fanout.next_page(tx, sale, at_noon) == []
    assert (campaign(tx, sale).state, campaign(tx, sale).audience) == ("sent", 0)


def test_every_delivery_has_a_name_that_is_a_topic(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 20)
    fanout.next_page(tx, begun(tx, shop_id, at_noon), at_noon)
    tokens = tx.execute(select(deliveries.c.token)).scalars().all()
    assert len(set(tokens)) == 20
    assert all(len(token) <= 32 and token.replace("-", "").replace("_", "").isalnum() for token in tokens)
