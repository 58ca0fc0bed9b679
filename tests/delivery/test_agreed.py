"""Whoever takes consent back between the claim and the push is not sent it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from plugin import jobs
from plugin.audience import consent
from plugin.campaign import lifecycle
from plugin.delivery import agreed, claims, record, waiting
from plugin.profile import erase, identity, subject
from plugin.store import tables
from plugin.store.engine import Tx, snapshot, transaction
from tests.delivery.rows import campaign, delivery, fanned_out, row_of, set_state, states, subscribers
from tests.delivery.wire import PushService
from tests.factories import make_person, make_subscription

MINUTE = timedelta(minutes=1)


def withdraw(tx: Tx, shop_id: int, subscription_id: int, now: datetime) -> None:
    consent.withdraw(tx, shop_id, row_of(tx, tables.subscriptions, subscription_id).endpoint, now)


def test_a_withdrawal_after_the_claim_is_respected(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ann, bob, _ = subscribers(tx, shop_id, 3)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    mine = claims.claim(tx, ids, at_noon)
    assert agreed.all_agree(tx, mine)

    withdraw(tx, shop_id, ann, at_noon)
    consent.gone(tx, [bob], "The browser has ended its subscription.", at_noon)

    assert not agreed.all_agree(tx, mine)
    assert [each.push.delivery_id for each in agreed.those_who_agree(tx, mine, at_noon)] == ids[2:]
    assert waiting.ahead(tx, sale, at_noon) == ids[:2]
    assert claims.claim(tx, ids, at_noon) == []  # which says how it ended, and not that it may have arrived
    assert states(tx, sale) == {"unsubscribed": 1, "gone": 1, "sending": 1}
    assert {delivery(tx, one).reason for one in ids} == {None}


def test_another_browser_of_theirs_gets_it(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ann = make_person(tx, shop_id)
    make_subscription(tx, shop_id, of=ann, last_seen_at=at_noon - MINUTE)
    phone = make_subscription(tx, shop_id, of=ann, last_seen_at=at_noon)
    _, ids = fanned_out(tx, shop_id, at_noon)
    mine = claims.claim(tx, ids, at_noon)
    withdraw(tx, shop_id, phone, at_noon)

    assert agreed.those_who_agree(tx, mine, at_noon) == []

    (again,) = claims.claim(tx, ids, at_noon)
    assert (again.subscription_id != phone, again.attempts) == (True, 1)


def test_of_several_browsers_the_others_get_it_at_once(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ann = make_person(tx, shop_id)
    laptop, phone = (make_subscription(tx, shop_id, of=ann) for _ in range(2))
    sale, ids = fanned_out(tx, shop_id, at_noon, browsers="all")
    mine = claims.claim(tx, ids, at_noon)
    withdraw(tx, shop_id, phone, at_noon)

    goes = agreed.those_who_agree(tx, mine, at_noon)

    assert [each.subscription_id for each in goes] == [laptop]
    record.finish(tx, goes, PushService().send([each.push for each in goes], at_noon), at_noon)
    assert (states(tx, sale), campaign(tx, sale).state) == ({"sent": 1}, "sent")


def test_whom_a_cancelled_campaign_did_not_reach_it_did_not_reach(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    (ann,) = subscribers(tx, shop_id, 1)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    mine = claims.claim(tx, ids, at_noon)
    withdraw(tx, shop_id, ann, at_noon)
    lifecycle.cancel(tx, shop_id, sale, at_noon)

    assert agreed.those_who_agree(tx, mine, at_noon) == []
    assert states(tx, sale) == {"cancelled": 1}


@pytest.mark.parametrize("since", ["lapsed", "claimed anew"])
def test_what_is_not_ours_any_more_is_left_to_whom_it_is(tx: Tx, shop_id: int, at_noon: datetime, since: str) -> None:
    (ann,) = subscribers(tx, shop_id, 1)
    _, ids = fanned_out(tx, shop_id, at_noon)
    mine = claims.claim(tx, ids, at_noon)
    withdraw(tx, shop_id, ann, at_noon)
    set_state(tx, tables.deliveries, ids[0], **({"state": "unknown"} if since == "lapsed" else {"attempts": 2}))

    assert agreed.those_who_agree(tx, mine, at_noon) == []
    assert delivery(tx, ids[0]).state in ("unknown", "sending")


def test_whoever_was_erased_in_that_moment_is_not_sent_it(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ann = make_person(tx, shop_id, customer_id=1)
    make_subscription(tx, shop_id, of=ann)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    mine = claims.claim(tx, ids, at_noon)
    identity.hold(tx, shop_id)
    erase.persons(tx, subject.of_person(tx, shop_id, ann), at_noon)

    assert not agreed.all_agree(tx, mine)
    assert agreed.those_who_agree(tx, mine, at_noon) == []
    assert states(tx, sale) == {"deleted": 1}


def test_a_worker_asks_before_it_sends(shop: int, at_noon: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ann takes it back after her batch was claimed: here, while the next batch is being enqueued."""
    with transaction() as tx:
        ann, bob = subscribers(tx, shop, 2)
        sale, ids = fanned_out(tx, shop, at_noon)

    def meanwhile(_ids: object, _campaign: int) -> None:
        with transaction() as tx:
            withdraw(tx, shop, ann, at_noon)

    monkeypatch.setattr(jobs, "_enqueue_batches", meanwhile)
    service = PushService()
    jobs.send_batch(ids, sale, send=service.send)

    with snapshot() as tx:
        assert states(tx, sale) == {"queued": 1, "sent": 1}
        assert [push.endpoint for push in service.pushes] == [row_of(tx, tables.subscriptions, bob).endpoint]
