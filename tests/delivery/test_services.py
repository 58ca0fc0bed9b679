"""What workers know of push services together: who is let in, and who waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from plugin.delivery import claims, outcome, record, services
from plugin.delivery.claims import Claimed
from plugin.report import status
from plugin.store import tables
from plugin.store.engine import Tx
from plugin.store.upsert import insert_new
from tests.delivery.rows import campaign, delivery, fanned_out, states, subscribers

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
GOOGLE = "fcm.googleapis.com"


def answers(claimed: Sequence[Claimed], status: int | None, rest: timedelta | None = None) -> list[outcome.Answer]:
    return [
        outcome.answer(each.push.delivery_id, status, rest, "")
        if status
        else outcome.silence(each.push.delivery_id, "timeout")
        for each in claimed
    ]


def known(tx: Tx) -> dict[str, float | None]:
    return dict(tx.execute(select(tables.services.c.host, tables.services.c.rate)).all())


def test_a_service_without_trouble_is_not_written_down(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 3)
    _, ids = fanned_out(tx, shop_id, at_noon)
    mine = claims.claim(tx, ids, at_noon)
    record.finish(tx, mine, answers(mine, 201), at_noon + SECOND)
    assert known(tx) == {}
    assert services.standing(tx, at_noon) == []


def test_all_workers_keep_to_the_rate_together(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 60)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    insert_new(tx, tables.services, [{"host": GOOGLE, "rate": 5.0, "throttled_at": at_noon}])

    first = claims.claim(tx, ids[:30], at_noon)
    second = claims.claim(tx, ids[30:], at_noon)

    assert (len(first), len(second)) == (11, 0)  # two seconds' worth
    assert states(tx, sale) == {"sending": 11, "queued": 49}
    assert delivery(tx, ids[-1]).reason == services.TURN_KEPT
    sent, now = 11, at_noon
    for _ in range(10):
        now += SECOND
        sent += len(claims.claim(tx, ids, now))
    assert sent == 51  # five a second, whoever asks


def test_a_turn_that_nobody_used_in_time_is_asked_for_anew(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 40)
    _, ids = fanned_out(tx, shop_id, at_noon)
    insert_new(tx, tables.services, [{"host": GOOGLE, "rate": 2.0, "throttled_at": at_noon}])
    assert len(claims.claim(tx, ids, at_noon)) == 5
    much_later = at_noon + 10 * MINUTE  # no worker ran meanwhile: not all of them at once
    assert len(claims.claim(tx, ids, much_later)) == 5


def test_a_service_that_is_not_there_is_asked_with_one_push_and_then_served(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    subscribers(tx, shop_id, 30)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    mine = claims.claim(tx, ids[:12], at_noon)
    record.finish(tx, mine, answers(mine, None), at_noon + SECOND)
    assert len(services.standing(tx, at_noon + SECOND)) == 1
    assert services.standing(tx, at_noon + SECOND)[0][1].startswith("Not there since 12:00 UTC: ")

    assert claims.claim(tx, ids, at_noon + 20 * SECOND) == []  # open: also for those who never tried
    assert delivery(tx, ids[20]).reason == services.NOT_THERE

    now = at_noon + 5 * MINUTE
    (probe,) = claims.claim(tx, ids, now)  # half open
    assert claims.claim(tx, ids, now + SECOND) == []
    record.finish(tx, [probe], answers([probe], None), now + SECOND)
    assert claims.claim(tx, ids, now + 30 * SECOND) == []  # twice as long

    now += 10 * MINUTE
    (probe,) = claims.claim(tx, ids, now)
    record.finish(tx, [probe], answers([probe], 201), now)
    assert services.standing(tx, now) == []
    rest = claims.claim(tx, ids, now + 5 * MINUTE)
    record.finish(tx, rest, answers(rest, 201), now + 5 * MINUTE)
    assert states(tx, sale) == {"sent": 30}
    assert campaign(tx, sale).state == "sent"


def test_the_rate_is_learned_from_answers_and_others_are_not_slowed(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 4)
    _, ids = fanned_out(tx, shop_id, at_noon)
    mine = claims.claim(tx, ids, at_noon)
    record.finish(tx, mine, answers(mine, 429, MINUTE), at_noon + SECOND)
    assert known(tx) == {GOOGLE: 25.0}
    now = at_noon + 2 * MINUTE
    mine = claims.claim(tx, ids, now)
    record.finish(tx, mine, answers(mine, 201), now + SECOND)
    assert known(tx)[GOOGLE] == 25.0 + 5 * 4 / 25


def test_status_says_how_a_service_stands(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    insert_new(tx, tables.services, [{"host": GOOGLE, "slow_until": at_noon + MINUTE, "rate": 7.0}])
    insert_new(tx, tables.services, [{"host": "web.push.apple.com"}])
    said = dict(status.overview(tx, at_noon).lines())
    assert said[f"push service {GOOGLE}"] == "It asked for a rest until 12:01:00 UTC."
    assert "push service web.push.apple.com" not in said
