"""How often and when people are written to: what meets a limit waits while it lives."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from plugin.audience import limits
from plugin.audience.limits import Limits
from plugin.base.errors import BeckonError
from plugin.delivery import claims, verdicts
from plugin.store import tables
from plugin.store.engine import Tx, transaction
from tests.delivery.rows import campaign, delivery, fanned_out, set_state, states, subscribers
from tests.factories import make_delivery, make_person, make_subscription

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NIGHT = Limits(quiet_from=22 * 60, quiet_until=8 * 60)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "zone", "until"),
    [
        ("2026-11-18T23:00", "Europe/London", "2026-11-19T08:00"),
        ("2026-11-19T07:59", "Europe/London", "2026-11-19T08:00"),
        ("2026-11-19T08:00", "Europe/London", None),
        ("2026-11-18T21:59", "Europe/London", None),
        ("2026-11-18T12:00", "Asia/Tokyo", None),  # 21:00
        ("2026-11-18T13:00", "Asia/Tokyo", "2026-11-18T23:00"),
        ("2026-11-18T23:00", "America/New_York", None),
        ("2026-11-18T23:00", "Middle/Earth", "2026-11-19T08:00"),  # a browser may say anything: the shop's
        ("2026-11-18T23:00", None, "2026-11-19T08:00"),
        ("2026-03-29T00:30", "Europe/London", "2026-03-29T07:00"),  # the night in which summer begins
    ],
)
def test_a_night_ends_at_the_persons_own_morning(now: str, zone: str | None, until: str | None) -> None:
    assert limits.morning(NIGHT, zone, "Europe/London", at(now)) == (at(until) if until else None)


def test_quiet_hours_may_lie_within_a_day_and_may_be_off() -> None:
    siesta = Limits(quiet_from=13 * 60, quiet_until=15 * 60 + 30)
    assert limits.morning(siesta, None, "UTC", at("2026-11-18T14:00")) == at("2026-11-18T15:30")
    assert limits.morning(siesta, None, "UTC", at("2026-11-18T16:00")) is None
    assert limits.morning(Limits(), None, "UTC", at("2026-11-18T03:00")) is None


@pytest.mark.parametrize(
    "wrong", [Limits(cap=0), Limits(cap=101), Limits(cap=1, cap_days=0), Limits(quiet_from=60, quiet_until=60)]
)
def test_what_makes_no_sense_is_refused(tx: Tx, shop_id: int, at_noon: datetime, wrong: Limits) -> None:
    with pytest.raises(BeckonError):
        limits.choose(tx, shop_id, wrong, at_noon)


def test_at_night_a_campaign_waits_for_each_persons_morning(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    limits.choose(tx, shop_id, NIGHT, at_noon)
    for zone in ("Europe/London", "Asia/Tokyo", None):
        make_subscription(tx, shop_id, of=make_person(tx, shop_id), timezone=zone)
    late = at("2026-11-18T22:30")  # 07:30 in Tokyo
    sale, ids = fanned_out(tx, shop_id, late)

    assert claims.claim(tx, ids, late) == []

    assert [delivery(tx, each).due_at for each in ids] == [
        at("2026-11-19T08:00"),
        at("2026-11-18T23:00"),
        at("2026-11-19T08:00"),
    ]
    assert delivery(tx, ids[0]).reason == verdicts.NIGHT
    assert [each.push.delivery_id for each in claims.claim(tx, ids, late + HOUR)] == ids[1:2]
    assert len(claims.claim(tx, ids, at("2026-11-19T08:00"))) == 2
    assert campaign(tx, sale).state == "sending"


def test_what_would_be_too_late_in_the_morning_is_left_out(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    limits.choose(tx, shop_id, NIGHT, at_noon)
    subscribers(tx, shop_id, 1)
    late = at("2026-11-18T22:30")
    sale, ids = fanned_out(tx, shop_id, late, ttl=3_600)

    assert claims.claim(tx, ids, late) == []

    assert states(tx, sale) == {"quiet_hours": 1}
    assert campaign(tx, sale).state == "sent"


def test_who_was_written_to_often_enough_waits_until_there_is_room(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    limits.choose(tx, shop_id, Limits(cap=2, cap_days=7), at_noon)
    ann, bob = subscribers(tx, shop_id, 2)
    for days in (1, 6.5, 9):
        sent = at_noon - days * DAY
        make_delivery(tx, shop_id, to=ann, state="sent", created_at=sent, finished_at=sent)
    make_delivery(tx, shop_id, to=bob, state="sent", created_at=at_noon - DAY, finished_at=at_noon - DAY)
    _, ids = fanned_out(tx, shop_id, at_noon)

    (mine,) = claims.claim(tx, ids, at_noon)

    assert mine.subscription_id == bob
    anns = next(delivery(tx, each) for each in ids if delivery(tx, each).subscription_id == ann)
    assert (anns.due_at, anns.reason) == (at_noon + DAY / 2, verdicts.OFTEN)
    assert len(claims.claim(tx, ids, at_noon + DAY / 2)) == 1


def test_who_would_have_to_wait_for_too_long_is_left_out(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    limits.choose(tx, shop_id, Limits(cap=1, cap_days=7), at_noon)
    (ann,) = subscribers(tx, shop_id, 1)
    make_delivery(tx, shop_id, to=ann, state="sent", created_at=at_noon - DAY, finished_at=at_noon - DAY)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    assert claims.claim(tx, ids, at_noon) == []
    assert states(tx, sale) == {"capped": 1}


@pytest.mark.parametrize("together", [True, False])
def test_of_two_messages_at_once_only_the_first_goes(tx: Tx, shop_id: int, at_noon: datetime, together: bool) -> None:
    limits.choose(tx, shop_id, Limits(cap=1), at_noon)
    subscribers(tx, shop_id, 1)
    first, ids = fanned_out(tx, shop_id, at_noon)
    second, more = fanned_out(tx, shop_id, at_noon)

    taken = claims.claim(tx, ids + more, at_noon) if together else claims.claim(tx, ids, at_noon)
    taken += claims.claim(tx, more, at_noon)

    assert [each.campaign_id for each in taken] == [first]
    assert states(tx, second) == {"capped": 1}


def test_what_may_have_arrived_is_sent_again_and_counts_once(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    limits.choose(tx, shop_id, Limits(cap=1), at_noon)
    subscribers(tx, shop_id, 1)
    _, ids = fanned_out(tx, shop_id, at_noon)
    assert len(claims.claim(tx, ids, at_noon)) == 1
    set_state(tx, tables.deliveries, ids[0], state="unknown")  # its worker died
    assert len(claims.claim(tx, ids, at_noon)) == 1


def test_of_two_workers_at_once_only_one_writes_to_a_person(shop: int, at_noon: datetime) -> None:
    with transaction() as tx:
        limits.choose(tx, shop, Limits(cap=1), at_noon)
        subscribers(tx, shop, 8)
        campaigns = [fanned_out(tx, shop, at_noon)[1] for _ in range(2)]

    def work(ids: list[int]) -> int:
        with transaction() as tx:
            taken = len(claims.claim(tx, ids, at_noon))
            time.sleep(0.1)  # the other one looks meanwhile
            return taken

    with ThreadPoolExecutor(2) as workers:
        assert sorted(workers.map(work, campaigns)) == [0, 8]
