"""A segment less those whom we may not reach."""

from __future__ import annotations

from datetime import datetime

import pytest

from plugin.audience.select import Reach, reach, sample
from plugin.segment.errors import SegmentError
from plugin.store.engine import Tx
from tests.factories import make_person, make_shop, make_subscription


def test_reach_counts_members_and_those_with_a_browser(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ann = make_person(tx, shop_id, customer_id=1, number_of_orders=3)
    make_subscription(tx, shop_id, of=ann)
    make_subscription(tx, shop_id, of=ann)
    make_subscription(tx, shop_id, of=make_person(tx, shop_id, customer_id=2, number_of_orders=4), state="gone")
    make_subscription(tx, shop_id, of=make_person(tx, shop_id))
    elsewhere = make_shop(tx, "other.myshopify.com")
    make_subscription(tx, elsewhere, of=make_person(tx, elsewhere, customer_id=1, number_of_orders=9))

    assert reach(tx, shop_id, "number_of_orders > 2", at_noon) == Reach(2, 1)
    assert reach(tx, shop_id, "", at_noon) == Reach(3, 2)


def test_the_sample_begins_with_people_who_can_be_reached(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    make_person(tx, shop_id, customer_id=1, last_order_at=at_noon)
    bob = make_person(tx, shop_id, customer_id=2)
    make_subscription(tx, shop_id, of=bob)
    people = sample(tx, shop_id, "", at_noon)
    assert [(each.customer_id, each.reachable) for each in people] == [(2, True), (1, False)]
    assert len(sample(tx, shop_id, "", at_noon, limit=1)) == 1


def test_a_query_that_cannot_be_read_says_so(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    with pytest.raises(SegmentError):
        reach(tx, shop_id, "number_of_oders > 2", at_noon)
