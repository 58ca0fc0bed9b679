"""One person, several browsers: the one used last, or all of them; one outcome either way."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from plugin.audience import consent
from plugin.campaign import lifecycle
from plugin.delivery import again, claims, outcome, record, waiting
from plugin.delivery.claims import Claimed
from plugin.report import facts, funnel
from plugin.segment import saved
from plugin.store.engine import Tx
from plugin.store.tables import campaigns, delivery_browsers, services, subscriptions
from plugin.store.upsert import insert_new
from tests.delivery.rows import campaign, delivery, fanned_out, row_of, set_state, states
from tests.factories import make_person, make_subscription
from tests.segment.membership.world import inside, ring

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
GOOGLE, MOZILLA = "fcm.googleapis.com", "updates.push.services.mozilla.com"


def browser(tx: Tx, shop_id: int, of: int, seen_at: datetime, host: str = GOOGLE) -> int:
    endpoint = f"https://{host}/{secrets.token_hex(8)}"
    return make_subscription(tx, shop_id, of=of, endpoint=endpoint, last_seen_at=seen_at)


@pytest.fixture
def ann(tx: Tx, shop_id: int, at_noon: datetime) -> dict[str, int]:
    """Ann's browsers; the telephone was used last."""
    person = make_person(tx, shop_id)
    names = {"laptop": 3, "phone": 1, "tablet": 2}
    return {"ann": person} | {name: browser(tx, shop_id, person, at_noon - n * HOUR) for name, n in names.items()}


def goes_to(claimed: list[Claimed]) -> list[int]:
    return [each.subscription_id for each in claimed]


def finish(tx: Tx, claimed: list[Claimed], statuses: Mapping[int, int | None], now: datetime) -> None:
    """Each browser's service answers as told, or nothing."""
    told = [
        outcome.answer(each.push.delivery_id, status, None, "", each.push.browser)
        if (status := statuses[each.subscription_id])
        else outcome.silence(each.push.delivery_id, "timeout", each.push.browser)
        for each in claimed
    ]
    record.finish(tx, claimed, told, now)


# --- the one used last


def test_the_browser_used_last_is_chosen_when_it_is_sent_and_not_when_it_was_written(
    tx: Tx, shop_id: int, at_noon: datetime, ann: dict[str, int]
) -> None:
    _, ids = fanned_out(tx, shop_id, at_noon)
    assert delivery(tx, ids[0]).subscription_id == ann["phone"]
    set_state(tx, subscriptions, ann["laptop"], last_seen_at=at_noon)

    mine = claims.claim(tx, ids, at_noon)

    assert goes_to(mine) == [ann["laptop"]]
    assert mine[0].push.endpoint == row_of(tx, subscriptions, ann["laptop"]).endpoint
    assert delivery(tx, ids[0]).subscription_id == ann["laptop"]
    assert tx.execute(select(func.count()).select_from(delivery_browsers)).scalar() == 0


def test_where_the_last_one_is_gone_the_same_message_goes_to_the_next_until_none_is_left(
    tx: Tx, shop_id: int, at_noon: datetime, ann: dict[str, int]
) -> None:
    sale, ids = fanned_out(tx, shop_id, at_noon)
    token = delivery(tx, ids[0]).token
    for name in ("phone", "tablet"):
        mine = claims.claim(tx, waiting.ahead(tx, sale, at_noon), at_noon)
        assert (goes_to(mine), mine[0].push.topic) == ([ann[name]], token)
        finish(tx, mine, {ann[name]: 410}, at_noon)
        assert row_of(tx, subscriptions, ann[name]).state == "gone"
        assert (states(tx, sale), campaign(tx, sale).state) == ({"queued": 1}, "sending")
    mine = claims.claim(tx, waiting.ahead(tx, sale, at_noon), at_noon)
    finish(tx, mine, {ann["laptop"]: 404}, at_noon)
    assert (states(tx, sale), campaign(tx, sale).state) == ({"gone": 1}, "sent")


def test_a_browser_that_ended_before_its_turn_leaves_it_to_the_others(
    tx: Tx, shop_id: int, at_noon: datetime, ann: dict[str, int]
) -> None:
    _, ids = fanned_out(tx, shop_id, at_noon)
    consent.withdraw(tx, shop_id, row_of(tx, subscriptions, ann["phone"]).endpoint, at_noon)
    assert goes_to(claims.claim(tx, ids, at_noon)) == [ann["tablet"]]


def test_a_browser_that_somebody_else_has_now_gets_nothing_for_the_former_person(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    bob, carl = make_person(tx, shop_id), make_person(tx, shop_id)
    shared = browser(tx, shop_id, bob, at_noon)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    set_state(tx, subscriptions, shared, person_id=carl)
    assert claims.claim(tx, ids, at_noon) == []
    assert states(tx, sale) == {"gone": 1}


def test_what_is_cancelled_does_not_go_on_to_the_next_browser(
    tx: Tx, shop_id: int, at_noon: datetime, ann: dict[str, int]
) -> None:
    sale, ids = fanned_out(tx, shop_id, at_noon)
    mine = claims.claim(tx, ids, at_noon)
    lifecycle.cancel(tx, shop_id, sale, at_noon)
    finish(tx, mine, {ann["phone"]: 410}, at_noon)
    assert states(tx, sale) == {"cancelled": 1}


# --- all of them


def test_all_browsers_get_it_and_the_person_counts_once(
    tx: Tx, shop_id: int, at_noon: datetime, ann: dict[str, int]
) -> None:
    bob = browser(tx, shop_id, make_person(tx, shop_id), at_noon)
    sale, ids = fanned_out(tx, shop_id, at_noon, browsers="all")

    mine = claims.claim(tx, ids, at_noon)
    assert sorted(goes_to(mine)) == sorted([ann["laptop"], ann["phone"], ann["tablet"], bob])
    assert len({each.push.topic for each in mine}) == 2  # a message has one name in all browsers
    assert [each.push.browser for each in mine if each.subscription_id == bob] == [0]  # who has one needs no rows
    finish(tx, mine, dict.fromkeys(goes_to(mine), 201), at_noon)

    assert states(tx, sale) == {"sent": 2}
    report = funnel.campaign(tx, shop_id, sale)
    assert (report.audience, report.sent) == (2, 2)
    assert claims.claim(tx, ids, at_noon + HOUR) == []


@pytest.mark.parametrize(
    ("laptop", "phone", "tablet", "ends"),
    [
        (201, 410, 404, "sent"),
        (410, 410, 404, "gone"),
        (410, 413, 404, "rejected"),
        (201, 403, 201, "sent"),
        (403, 410, 201, "sent"),
    ],
)
def test_it_is_sent_if_one_took_it_and_gone_if_all_are(
    tx: Tx, shop_id: int, at_noon: datetime, ann: dict[str, int], laptop: int, phone: int, tablet: int, ends: str
) -> None:
    sale, ids = fanned_out(tx, shop_id, at_noon, browsers="all")
    mine = claims.claim(tx, ids, at_noon)
    answers = {ann["laptop"]: laptop, ann["phone"]: phone, ann["tablet"]: tablet}
    finish(tx, mine, answers, at_noon)
    assert (states(tx, sale), campaign(tx, sale).state) == ({ends: 1}, "sent")
    for one, status in answers.items():
        assert row_of(tx, subscriptions, one).state == ("gone" if status in (404, 410) else "active")


def test_only_the_browser_that_did_not_take_it_is_tried_again(
    tx: Tx, shop_id: int, at_noon: datetime, ann: dict[str, int]
) -> None:
    sale, ids = fanned_out(tx, shop_id, at_noon, browsers="all")
    finish(tx, claims.claim(tx, ids, at_noon), {ann["laptop"]: 201, ann["phone"]: None, ann["tablet"]: 201}, at_noon)
    row = delivery(tx, ids[0])
    assert (row.state, row.taken_at, row.status) == ("queued", at_noon, 201)
    assert claims.claim(tx, ids, at_noon) == []

    mine = claims.claim(tx, ids, at_noon + HOUR)
    assert goes_to(mine) == [ann["phone"]]
    assert mine[0].push.topic == row.token
    finish(tx, mine, {ann["phone"]: 201}, at_noon + HOUR)
    assert states(tx, sale) == {"sent": 1}


def test_after_a_crash_only_those_are_sent_it_again_of_whom_nothing_is_known(
    tx: Tx, shop_id: int, at_noon: datetime, ann: dict[str, int]
) -> None:
    _, ids = fanned_out(tx, shop_id, at_noon, browsers="all")
    finish(tx, claims.claim(tx, ids, at_noon), {ann["laptop"]: 201, ann["phone"]: 503, ann["tablet"]: 503}, at_noon)
    claims.claim(tx, ids, at_noon + HOUR)  # and its worker dies
    assert waiting.forget_the_dead(tx, at_noon + 2 * HOUR) == 1
    mine = claims.claim(tx, ids, at_noon + 2 * HOUR)
    assert sorted(goes_to(mine)) == sorted([ann["phone"], ann["tablet"]])


@pytest.mark.parametrize("end", ["expired", "cancelled", "unsubscribed"])
def test_whoever_was_sent_it_in_one_browser_was_sent_it_however_the_others_end(
    tx: Tx, shop_id: int, at_noon: datetime, ann: dict[str, int], end: str
) -> None:
    told = saved.create(tx, shop_id, "Told", "push_sent MATCHES ()", at_noon)
    sale, ids = fanned_out(tx, shop_id, at_noon, browsers="all", ttl=3_600)
    finish(tx, claims.claim(tx, ids, at_noon), {ann["laptop"]: 201, ann["phone"]: 503, ann["tablet"]: 503}, at_noon)
    if end == "expired":
        assert claims.claim(tx, ids, at_noon + 2 * HOUR) == []
    elif end == "cancelled":
        lifecycle.cancel(tx, shop_id, sale, at_noon)
    else:
        for name in ("laptop", "phone", "tablet"):
            consent.withdraw(tx, shop_id, row_of(tx, subscriptions, ann[name]).endpoint, at_noon)
        assert claims.claim(tx, ids, at_noon + MINUTE) == []
    row = delivery(tx, ids[0])
    assert (row.state, row.reason) == ("sent", None)
    ring(tx, at_noon + 2 * HOUR)
    assert inside(tx, told) == [ann["ann"]]  # segments know it at once, too


def test_a_push_service_that_rests_keeps_only_its_own_browsers_waiting(
    tx: Tx, shop_id: int, at_noon: datetime, ann: dict[str, int]
) -> None:
    fox = browser(tx, shop_id, ann["ann"], at_noon, MOZILLA)
    insert_new(tx, services, [{"host": MOZILLA, "slow_until": at_noon + MINUTE}])
    sale, ids = fanned_out(tx, shop_id, at_noon, browsers="all")
    mine = claims.claim(tx, ids, at_noon)
    assert sorted(goes_to(mine)) == sorted(ann[name] for name in ("laptop", "phone", "tablet"))
    finish(tx, mine, dict.fromkeys(goes_to(mine), 201), at_noon)
    due = delivery(tx, ids[0]).due_at
    assert due >= at_noon + MINUTE
    mine = claims.claim(tx, ids, due)
    assert goes_to(mine) == [fox]
    finish(tx, mine, {fox: 201}, due)
    assert states(tx, sale) == {"sent": 1}


def test_where_all_its_push_services_rest_the_delivery_waits_for_the_first(
    tx: Tx, shop_id: int, at_noon: datetime, ann: dict[str, int]
) -> None:
    insert_new(tx, services, [{"host": GOOGLE, "slow_until": at_noon + MINUTE}])
    _, ids = fanned_out(tx, shop_id, at_noon, browsers="all")
    assert claims.claim(tx, ids, at_noon) == []
    row = delivery(tx, ids[0])
    assert (row.state, row.attempts, row.due_at >= at_noon + MINUTE) == ("queued", 0, True)
    assert len(claims.claim(tx, ids, row.due_at)) == 3


def test_a_browser_that_comes_meanwhile_gets_it_too_and_one_that_goes_is_not_waited_for(
    tx: Tx, shop_id: int, at_noon: datetime, ann: dict[str, int]
) -> None:
    sale, ids = fanned_out(tx, shop_id, at_noon, browsers="all")
    finish(tx, claims.claim(tx, ids, at_noon), {ann["laptop"]: 201, ann["phone"]: 503, ann["tablet"]: 503}, at_noon)
    consent.withdraw(tx, shop_id, row_of(tx, subscriptions, ann["phone"]).endpoint, at_noon)
    new = browser(tx, shop_id, ann["ann"], at_noon)
    mine = claims.claim(tx, ids, at_noon + HOUR)
    assert sorted(goes_to(mine)) == sorted([ann["tablet"], new])
    finish(tx, mine, {ann["tablet"]: 201, new: 410}, at_noon + HOUR)
    assert states(tx, sale) == {"sent": 1}


def test_a_slower_worker_does_not_take_back_that_a_browser_has_it(
    tx: Tx, shop_id: int, at_noon: datetime, ann: dict[str, int]
) -> None:
    sale, ids = fanned_out(tx, shop_id, at_noon, browsers="all")
    slow = claims.claim(tx, ids, at_noon)
    later = at_noon + HOUR
    waiting.forget_the_dead(tx, later)
    quick = claims.claim(tx, ids, later)
    finish(tx, quick, dict.fromkeys(goes_to(quick), 201), later)
    finish(tx, slow, dict.fromkeys(goes_to(slow), 503), later)
    assert states(tx, sale) == {"sent": 1}
    assert set(tx.execute(select(delivery_browsers.c.state)).scalars()) == {"sent"}


def test_a_receipt_from_one_browser_does_not_keep_it_from_the_others(
    tx: Tx, shop_id: int, at_noon: datetime, ann: dict[str, int]
) -> None:
    sale, ids = fanned_out(tx, shop_id, at_noon, browsers="all")
    claims.claim(tx, ids, at_noon)  # and its worker dies
    later = at_noon + HOUR
    waiting.forget_the_dead(tx, later)
    token = delivery(tx, ids[0]).token
    for kind in ("shown", "shown", "clicked", "dismissed"):
        facts.record(tx, token, kind, later)
    assert states(tx, sale) == {"unknown": 1}
    assert len(claims.claim(tx, ids, later)) == 3
    lifecycle.cancel(tx, shop_id, sale, later)
    waiting.forget_the_dead(tx, later + HOUR)
    assert states(tx, sale) == {"sent": 1}  # it was shown, after all
    assert funnel.campaign(tx, shop_id, sale).shown == 1


def test_what_all_browsers_refused_can_be_tried_again_with_all(
    tx: Tx, shop_id: int, at_noon: datetime, ann: dict[str, int]
) -> None:
    sale, ids = fanned_out(tx, shop_id, at_noon, browsers="all")
    mine = claims.claim(tx, ids, at_noon)
    finish(tx, mine, dict.fromkeys(goes_to(mine), 403), at_noon)
    reason = delivery(tx, ids[0]).reason
    tx.execute(update(campaigns).where(campaigns.c.state == "paused").values(state="sending"))
    assert again.retry(tx, shop_id, sale, "rejected", reason, at_noon) == 1
    assert len(claims.claim(tx, ids, at_noon)) == 3
