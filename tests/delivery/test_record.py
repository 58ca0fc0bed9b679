"""What every answer of a push service does to the delivery, the subscriber and the campaign."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from plugin.campaign import lifecycle
from plugin.delivery import claims, outcome, record, waiting
from plugin.delivery.claims import Claimed
from plugin.delivery.pace import after_silence
from plugin.store import tables
from plugin.store.engine import Tx
from tests.delivery.rows import campaign, delivery, fanned_out, row_of, states, subscribers
from tests.factories import make_person, make_subscription


def answer(
    claimed: Sequence[Claimed], status: int | None, retry_after: timedelta | None = None
) -> list[outcome.Answer]:
    return [
        outcome.answer(each.push.delivery_id, status, retry_after, "")
        if status
        else outcome.silence(each.push.delivery_id, "timeout")
        for each in claimed
    ]


def test_sent(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 2)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    mine = claims.claim(tx, ids, at_noon)

    record.finish(tx, mine, answer(mine, 201), at_noon)

    assert states(tx, sale) == {"sent": 2}
    row = delivery(tx, ids[0])
    assert (row.status, row.reason, row.finished_at) == (201, None, at_noon)
    assert (campaign(tx, sale).state, campaign(tx, sale).finished_at) == ("sent", at_noon)


@pytest.mark.parametrize("status", [404, 410])
def test_gone_ends_the_subscription_with_its_row_in_the_ledger(
    tx: Tx, shop_id: int, at_noon: datetime, status: int
) -> None:
    (ann,) = subscribers(tx, shop_id, 1)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    mine = claims.claim(tx, ids, at_noon)

    record.finish(tx, mine, answer(mine, status), at_noon)

    assert states(tx, sale) == {"gone": 1}
    assert (row_of(tx, tables.subscriptions, ann).state, row_of(tx, tables.subscriptions, ann).ended_at) == (
        "gone",
        at_noon,
    )
    assert [(row.kind, row.subscription_id) for row in tx.execute(tables.consents.select())] == [("ended", ann)]


def test_throttled_waits_as_long_as_it_was_asked_and_gives_the_service_a_rest(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    google, bob = subscribers(tx, shop_id, 2)
    mozilla = make_subscription(
        tx, shop_id, of=make_person(tx, shop_id), endpoint="https://updates.push.services.mozilla.com/wpush/v2/a"
    )
    sale, ids = fanned_out(tx, shop_id, at_noon)
    mine = claims.claim(tx, ids[:1], at_noon)
    minute = timedelta(seconds=60)

    record.finish(tx, mine, answer(mine, 429, minute), at_noon)

    row = delivery(tx, ids[0])
    assert (row.state, row.subscription_id) == ("queued", google)
    assert at_noon + minute <= row.due_at <= at_noon + minute * 1.25
    assert [each.subscription_id for each in claims.claim(tx, ids, at_noon)] == [mozilla]  # and not bob's, yet
    assert bob in [each.subscription_id for each in claims.claim(tx, ids, at_noon + minute * 2)]
    assert campaign(tx, sale).state == "sending"


@pytest.mark.parametrize("status", [None, 500, 503])
def test_an_unavailable_service_is_asked_again_after_growing_waits(
    tx: Tx, shop_id: int, at_noon: datetime, status: int | None
) -> None:
    subscribers(tx, shop_id, 1)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    now, waits = at_noon, []
    for _ in range(3):
        mine = claims.claim(tx, ids, now)
        record.finish(tx, mine, answer(mine, status), now)
        due = delivery(tx, ids[0]).due_at
        assert claims.claim(tx, ids, due - timedelta(milliseconds=1)) == []
        assert waiting.ahead(tx, sale, due) == ids  # the clock needs no further patience
        waits.append(due - now)
        now = due
    assert waits == sorted(waits)
    assert waits[2] > waits[0] * 3
    assert states(tx, sale) == {"queued": 1}


def test_waits_grow_to_a_quarter_of_an_hour() -> None:
    assert [after_silence(attempts, None).total_seconds() for attempts in (1, 2, 3, 9, 99)] == [5, 10, 20, 900, 900]
    assert after_silence(1, timedelta(minutes=2)) == timedelta(minutes=2)


def test_what_cannot_be_tried_again_in_time_is_expired(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 1)
    sale, ids = fanned_out(tx, shop_id, at_noon, ttl=60)
    mine = claims.claim(tx, ids, at_noon)

    record.finish(tx, mine, answer(mine, 429, timedelta(seconds=90)), at_noon)

    assert delivery(tx, ids[0]).state == "expired"
    assert delivery(tx, ids[0]).reason == (
        "Its time was over before it could be sent. The push service asked us to slow down."
    )
    assert campaign(tx, sale).state == "sent"


def test_too_long_fails_the_message_and_keeps_the_subscriber(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    (ann,) = subscribers(tx, shop_id, 1)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    mine = claims.claim(tx, ids, at_noon)

    record.finish(tx, mine, answer(mine, 413), at_noon)

    assert states(tx, sale) == {"rejected": 1}
    assert "too long" in delivery(tx, ids[0]).reason
    assert row_of(tx, tables.subscriptions, ann).state == "active"
    assert campaign(tx, sale).state == "sent"  # nobody else is concerned


@pytest.mark.parametrize("status", [400, 401, 403])
def test_refusals_in_a_row_pause_the_campaign_and_keep_the_subscribers(
    tx: Tx, shop_id: int, at_noon: datetime, status: int
) -> None:
    everybody = subscribers(tx, shop_id, 5)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    for some in (ids[:1], ids[1:3]):
        mine = claims.claim(tx, some, at_noon)
        assert campaign(tx, sale).state == "sending"  # one alone says nothing
        record.finish(tx, mine, answer(mine, status), at_noon)

    assert states(tx, sale) == {"rejected": 3, "queued": 2}
    paused = campaign(tx, sale)
    assert paused.state == "paused"
    assert paused.reason.startswith("fcm.googleapis.com refused 3 messages in a row and took none, so the rest waits.")
    assert str(status) in paused.reason
    assert {row_of(tx, tables.subscriptions, each).state for each in everybody} == {"active"}
    assert claims.claim(tx, ids, at_noon) == []

    lifecycle.resume(tx, shop_id, sale, at_noon)  # the keys are mended
    mine = claims.claim(tx, ids, at_noon)
    record.finish(tx, mine, answer(mine, 201), at_noon)
    assert states(tx, sale) == {"rejected": 3, "sent": 2}
    assert campaign(tx, sale).state == "sent"
    assert tx.execute(tables.refusals.select()).all() == []


def test_keys_that_are_still_wrong_pause_it_at_the_next_refusal(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 5)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    for some in (ids[:3], ids[3:4]):
        mine = claims.claim(tx, some, at_noon)
        record.finish(tx, mine, answer(mine, 403), at_noon)
        assert campaign(tx, sale).state == "paused"
        lifecycle.resume(tx, shop_id, sale, at_noon)


def test_a_browser_with_another_key_stops_nobody_elses_message(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 12)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    for some in (ids[:6], ids[6:]):  # five of six have another key: nobody's in a row, since one was taken
        mine = claims.claim(tx, some, at_noon)
        record.finish(tx, mine, [*answer(mine[:5], 403), *answer(mine[5:], 201)], at_noon)
    assert states(tx, sale) == {"rejected": 10, "sent": 2}
    assert campaign(tx, sale).state == "sent"


def test_one_services_refusals_are_not_anothers(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 3)
    endpoint = "https://updates.push.services.mozilla.com/wpush/v2/a"
    mozilla = make_subscription(tx, shop_id, of=make_person(tx, shop_id), endpoint=endpoint)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    mine = claims.claim(tx, ids, at_noon)
    told = [(each, 201 if each.subscription_id == mozilla else 403) for each in mine]
    record.finish(tx, mine, [one for each, status in told for one in answer([each], status)], at_noon)
    assert campaign(tx, sale).state == "sent"  # everybody has an outcome: nothing is left to wait
    assert states(tx, sale) == {"rejected": 3, "sent": 1}


def test_an_answer_after_the_cancellation_is_still_the_outcome(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 2)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    mine = claims.claim(tx, ids, at_noon)
    lifecycle.cancel(tx, shop_id, sale, at_noon)

    record.finish(tx, mine, [*answer(mine[:1], 201), *answer(mine[1:], 503)], at_noon)

    assert [delivery(tx, each).state for each in ids] == ["sent", "cancelled"]  # the second is not tried again


def test_a_slow_worker_does_not_undo_what_a_second_one_did(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 1)
    _, ids = fanned_out(tx, shop_id, at_noon)
    slow = claims.claim(tx, ids, at_noon)
    later = at_noon + timedelta(minutes=2)
    waiting.forget_the_dead(tx, later)
    quick = claims.claim(tx, ids, later)

    record.finish(tx, slow, answer(slow, 503), later)
    assert delivery(tx, ids[0]).state == "sending"  # the second worker's
    record.finish(tx, quick, answer(quick, 201), later)
    record.finish(tx, slow, answer(slow, 410), later)
    assert delivery(tx, ids[0]).state == "sent"


def test_that_the_service_took_it_is_true_whatever_we_believed_meanwhile(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    subscribers(tx, shop_id, 1)
    sale, ids = fanned_out(tx, shop_id, at_noon, ttl=90)
    slow = claims.claim(tx, ids, at_noon)
    waiting.forget_the_dead(tx, at_noon + timedelta(minutes=2))
    claims.claim(tx, ids, at_noon + timedelta(minutes=2))
    assert delivery(tx, ids[0]).state == "expired"
    assert "may have arrived" in delivery(tx, ids[0]).reason

    record.finish(tx, slow, answer(slow, 201), at_noon + timedelta(minutes=3))

    assert states(tx, sale) == {"sent": 1}
    assert delivery(tx, ids[0]).reason is None
