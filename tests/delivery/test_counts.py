"""How many pushes each push service took, and how fast: told from few rows."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from plugin.delivery import claims, counts, record, waiting
from plugin.store.engine import Tx
from plugin.store.tables import push_counts
from tests.delivery.rows import fanned_out, subscribers
from tests.delivery.wire import PushService

SECOND = timedelta(seconds=1)
FCM = "fcm.googleapis.com"


def push(tx: Tx, ids: list[int], now: datetime, status: int = 201) -> None:
    mine = claims.claim(tx, ids, now)
    record.finish(tx, mine, PushService(lambda _: status).send([each.push for each in mine], now), now)


def test_every_answer_is_counted_where_it_is_recorded(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 6)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    push(tx, ids[:3], at_noon)
    push(tx, ids[3:4], at_noon + SECOND, 410)
    push(tx, ids[4:], at_noon + SECOND, 503)

    assert counts.of_services(tx, sale) == {FCM: {"sent": 3, "gone": 1, "unavailable": 2}}
    assert counts.of_services(tx, sale + 1) == {}


def test_the_pace_is_that_of_the_last_minute_and_unknown_before_it_is_measured(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    subscribers(tx, shop_id, 30)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    push(tx, ids[:20], at_noon + SECOND)
    assert counts.pace(tx, sale, at_noon + 9 * SECOND, at_noon) is None
    assert counts.pace(tx, sale, at_noon + 11 * SECOND, at_noon) == 2.0
    push(tx, ids[20:], at_noon + 12 * SECOND, 503)  # tried again later: nobody got further

    assert counts.pace(tx, sale, at_noon + 20 * SECOND, at_noon) == 1.0
    assert counts.pace(tx, sale, at_noon + 5 * 60 * SECOND, at_noon) == 0.0


def test_claims_of_dead_workers_are_counted(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 2)
    _, ids = fanned_out(tx, shop_id, at_noon)
    claims.claim(tx, ids, at_noon)
    waiting.forget_the_dead(tx, at_noon + timedelta(hours=1))
    assert counts.of_services(tx) == {"": {"lapsed": 2}}


def test_after_an_hour_only_the_sums_are_kept(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 6)
    _, ids = fanned_out(tx, shop_id, at_noon)
    for number, each in enumerate(ids):
        push(tx, [each], at_noon + number * counts.SPAN)
    before = counts.of_services(tx)

    for hours in (1, 2, 3):
        counts.forget_times(tx, at_noon + timedelta(hours=hours))

    assert counts.of_services(tx) == before == {FCM: {"sent": 6}}
    assert tx.execute(select(func.count()).select_from(push_counts)).scalar() == 1
