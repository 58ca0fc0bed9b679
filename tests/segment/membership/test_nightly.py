"""Every night kept memberships are compared with what SQL answers; what somebody tampered with is put right."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from plugin import segment_jobs
from plugin.base import clock
from plugin.profile.memberships import ring_at
from plugin.report import status
from plugin.segment import membership, saved
from plugin.segment.membership import Cause, checking, why
from plugin.segment.membership.nightly import Nightly
from plugin.store import tables
from plugin.store.engine import Tx, transaction
from tests.factories import make_person, make_subscription

ANN, BOB = 101, 102
DAY = timedelta(days=1)
CHECKED = Cause("check")


@pytest.fixture
def buyers(shop: int, at_noon: datetime) -> tuple[int, int, int]:
    """A segment that Ann is in and Bob is not: its id, hers, his."""
    with transaction() as tx:
        ann = make_person(tx, shop, customer_id=ANN, number_of_orders=2)
        bob = make_person(tx, shop, customer_id=BOB)
        mine = saved.create(tx, shop, "Buyers", "number_of_orders > 1", at_noon)
        saved.create(tx, shop, "Lately", "last_order_date >= -30d", at_noon)
        settle(tx, at_noon)
    return mine, ann, bob


def settle(tx: Tx, now: datetime) -> None:
    for segment_id in membership.settling(tx, now, now):
        while membership.settle_timers(tx, segment_id, now):
            pass


def tonights(shop: int) -> Nightly:
    """What the night's check says of itself."""
    segment_jobs.check_memberships(shop)
    with transaction() as tx:
        found = membership.nightly.latest(tx, shop)
    assert found is not None
    return found


def tampered(tx: Tx, shop: int, segment_id: int, *, out: int, into: int, at: datetime) -> None:
    """Somebody writes into the table by hand."""
    both = tables.memberships.c.segment_id == segment_id, tables.memberships.c.person_id == out
    tx.execute(delete(tables.memberships).where(*both))
    row = {"shop_id": shop, "segment_id": segment_id, "person_id": into, "entered_at": at}
    tx.execute(insert(tables.memberships).values(row))


def inside(segment_id: int) -> set[int]:
    with transaction() as tx:
        mine = select(tables.memberships.c.person_id).where(tables.memberships.c.segment_id == segment_id)
        return set(tx.execute(mine).scalars())


def test_where_everything_is_right_nothing_is_repaired(
    shop: int, buyers: tuple[int, int, int], at_noon: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    assert tonights(shop) == Nightly(at_noon, at_noon, segments=2, repaired=0, disputed=0)
    assert caplog.records == []


def test_a_row_that_was_tampered_with_is_found_said_and_repaired(
    shop: int, buyers: tuple[int, int, int], at_noon: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    mine, ann, bob = buyers
    with transaction() as tx:
        tampered(tx, shop, mine, out=ann, into=bob, at=at_noon)

    found = tonights(shop)

    assert (found.segments, found.repaired, found.disputed) == (2, 2, 0)
    assert inside(mine) == {ann}
    with transaction() as tx:
        assert membership.size(tx, shop, mine) == 1
        changes = membership.changes_of(tx, shop, segment_id=mine, limit=2)
        assert {(one.person_id, one.kind, one.cause) for one in changes} == {
            (ann, "entered", CHECKED),
            (bob, "left", CHECKED),
        }
        assert dict(status.overview(tx, at_noon).lines())["members checked vanta.myshopify.com"] == (
            "2026-11-18 12:00 UTC, 2 segments, 2 people repaired"
        )
    assert why(CHECKED) == "the nightly check"
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert f"segment {mine}: people {ann}, {bob} were not where they belong" in caplog.text


def test_many_are_repaired_page_by_page(
    shop: int, buyers: tuple[int, int, int], at_noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, ann, _ = buyers
    with transaction() as tx:
        others = [make_person(tx, shop, customer_id=number, number_of_orders=3) for number in range(1, 6)]
    monkeypatch.setattr(checking, "PAGE", 2)

    assert tonights(shop).repaired == 5

    assert inside(mine) == {ann, *others}


def test_a_lost_timer_is_set_again(shop: int, buyers: tuple[int, int, int], at_noon: datetime) -> None:
    """She should have left weeks ago; nobody was told to look."""
    _, ann, _ = buyers
    with transaction() as tx:
        tx.execute(update(tables.people).where(tables.people.c.id == ann).values(last_order_at=at_noon))
    assert tonights(shop).repaired == 1
    with transaction() as tx:
        assert [at for _, at in due(tx)] == [datetime.fromisoformat("2026-12-19T00:00Z")]
        tx.execute(delete(tables.timers))

    with clock.stopped_at(at_noon + 60 * DAY):
        assert tonights(shop).repaired == 1


def due(tx: Tx) -> list[tuple[int, datetime]]:
    return [(row.person_id, row.due_at) for row in tx.execute(select(tables.timers))]


def test_whom_nobody_has_judged_yet_is_no_mistake(shop: int, buyers: tuple[int, int, int], at_noon: datetime) -> None:
    mine, ann, bob = buyers
    with transaction() as tx:
        tampered(tx, shop, mine, out=ann, into=bob, at=at_noon)
        ring_at(tx, shop, [(ann, at_noon), (bob, at_noon + DAY)])

    assert tonights(shop).repaired == 1  # Bob: his timer is set for tomorrow

    assert inside(mine) == set()


def test_a_segment_that_is_being_settled_waits_for_the_next_night(
    shop: int, buyers: tuple[int, int, int], at_noon: datetime
) -> None:
    mine, ann, bob = buyers
    with transaction() as tx:
        tampered(tx, shop, mine, out=ann, into=bob, at=at_noon)
        one = tables.segments.c.id == mine
        tx.execute(update(tables.segments).where(one).values(settling_from=at_noon, settling_after=0))

    found = tonights(shop)

    assert (found.segments, found.repaired) == (1, 0)
    assert found.finished_at is not None


def test_where_the_judge_contradicts_sql_nobody_is_moved_to_and_fro(
    shop: int,
    buyers: tuple[int, int, int],
    at_noon: datetime,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As it would be if one of the two readings had a mistake; here SQL's is given one."""
    mine, ann, _ = buyers
    monkeypatch.setattr(checking, "condition", lambda *_: tables.people.c.customer_id == BOB)

    found = tonights(shop)

    assert (found.repaired, found.disputed) == (0, 3)  # both in Buyers, Bob in Lately
    assert inside(mine) == {ann}
    assert "by SQL than by the judge" in caplog.text


def test_a_repair_ends_what_waits_and_starts_nothing(
    shop: int, buyers: tuple[int, int, int], at_noon: datetime
) -> None:
    mine, ann, bob = buyers
    with transaction() as tx:
        welcome = automation(tx, shop, mine, "entered_segment", at_noon)
        automation(tx, shop, mine, "left_segment", at_noon)
        for one in (ann, bob):
            make_subscription(tx, shop, of=one)
        tampered(tx, shop, mine, out=ann, into=bob, at=at_noon)
        waits = {"automation_id": welcome, "shop_id": shop, "person_id": bob, "subject": "1", "state": "waiting"}
        tx.execute(insert(tables.enrollments).values(waits | {"due_at": at_noon + DAY, "created_at": at_noon}))

    assert tonights(shop).repaired == 2

    with transaction() as tx:
        (left,) = tx.execute(select(tables.enrollments)).all()
    assert (left.person_id, left.state, left.reason) == (bob, "stopped", "left again")


def automation(tx: Tx, shop: int, segment_id: int, recipe: str, at: datetime) -> int:
    words = {"title": "Hello", "body": "It is us.", "url": "https://vanta.test/"}
    row = {"shop_id": shop, "segment_id": segment_id, "recipe": recipe, "enabled": True, "delay": 0}
    row |= {"enabled_at": at, "updated_at": at}
    return int(tx.execute(insert(tables.automations).values(row | words)).inserted_primary_key[0])


def test_the_clock_asks_once_a_night_and_goes_on_where_a_worker_died(
    shop: int, buyers: tuple[int, int, int], at_noon: datetime
) -> None:
    tomorrow = at_noon + DAY
    with transaction() as tx:
        assert membership.nightly.due(tx, at_noon, 20) == []  # the segment is younger than the last night
        assert membership.nightly.due(tx, tomorrow, 20) == [shop]
        membership.nightly.begin(tx, shop, tomorrow)
        assert membership.nightly.due(tx, tomorrow, 20) == []
        assert membership.nightly.due(tx, tomorrow + timedelta(minutes=11), 20) == [shop]
    with clock.stopped_at(tomorrow):
        assert tonights(shop).segments == 2
    with transaction() as tx:
        assert membership.nightly.due(tx, tomorrow + timedelta(hours=1), 20) == []
        assert membership.nightly.due(tx, tomorrow + DAY, 20) == [shop]
