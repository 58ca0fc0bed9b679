"""People enter a segment, or leave it: who is written to, when, once, and who is not."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select

from plugin import news
from plugin.automation import lifecycle, moves, steps
from plugin.base.errors import BeckonError, NotFound
from plugin.delivery import claims
from plugin.ingest.events import CustomersMerged, CustomerTagged
from plugin.profile import erase
from plugin.profile.subject import of_person
from plugin.report import funnel
from plugin.segment import membership, saved
from plugin.store.engine import Tx
from plugin.store.tables import enrollments
from tests.factories import make_person, make_subscription

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ANN, BOB = 101, 102


def begin(
    tx: Tx,
    shop_id: int,
    now: datetime,
    query: str = "customer_tags CONTAINS 'vip'",
    recipe: str = "entered_segment",
    **more: Any,
) -> int:
    """A segment with its automation, switched on; gives the segment."""
    segment_id = saved.create(tx, shop_id, "VIPs", query, now)
    words = {"title": "Welcome, {{ customer.first_name | default: 'friend' }}", "body": "You are in."}
    switch(tx, shop_id, segment_id, now, recipe, **words | more)
    return segment_id


def switch(tx: Tx, shop_id: int, segment_id: int, now: datetime, recipe: str = "entered_segment", **more: Any) -> None:
    chosen: dict[str, Any] = dict(enabled=True, delay=HOUR, title="Welcome", body="", url="/vip") | more
    lifecycle.configure(tx, shop_id, recipe, segment_id=segment_id, now=now, **chosen)


def subscriber(tx: Tx, shop_id: int, customer_id: int, **changes: Any) -> int:
    person = make_person(tx, shop_id, customer_id=customer_id, **changes)
    make_subscription(tx, shop_id, of=person)
    return person


def tag(tx: Tx, shop_id: int, customer_id: int, at: datetime, *, off: bool = False) -> None:
    told = CustomerTagged(customer_id, () if off else ("VIP",), ("VIP",) if off else (), at)
    news.take(tx, shop_id, [told], at)


def waiting(tx: Tx) -> list[Row[Any]]:
    return list(tx.execute(select(enrollments).where(enrollments.c.state == "waiting").order_by(enrollments.c.id)))


def message_of(tx: Tx, enrollment_id: int, at: datetime) -> dict[str, Any]:
    made = steps.advance(tx, enrollment_id, at)
    assert made is not None
    (mine,) = claims.claim(tx, [made], at)
    said: dict[str, Any] = json.loads(mine.push.payload)["notification"]
    return said


def test_who_enters_is_written_to_after_the_delay(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    begin(tx, shop_id, at_noon)
    subscriber(tx, shop_id, ANN, first_name="Ann")

    tag(tx, shop_id, ANN, at_noon)

    (ann_s,) = waiting(tx)
    assert ann_s.due_at == at_noon + HOUR
    assert steps.advance(tx, ann_s.id, at_noon + HOUR - timedelta(seconds=1)) is None
    said = message_of(tx, ann_s.id, at_noon + HOUR)
    assert (said["title"], said["body"]) == ("Welcome, Ann", "You are in.")
    assert said["navigate"].startswith("https://vanta-outdoor.test/vip?utm_source=beckon")


def test_who_left_again_by_then_is_not(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    segment = begin(tx, shop_id, at_noon)
    subscriber(tx, shop_id, ANN)
    tag(tx, shop_id, ANN, at_noon)

    tag(tx, shop_id, ANN, at_noon + HOUR / 2, off=True)

    assert waiting(tx) == []
    report = funnel.automation(tx, shop_id, "entered_segment", segment)
    assert report.outcomes == [("no_longer_matching", 1, "They left the segment again.")]
    assert (report.enrolled, report.waiting) == (1, 0)


def test_who_leaves_by_an_edit_is_not_either_and_not_at_the_last_moment(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    segment = begin(tx, shop_id, at_noon)
    for customer in (ANN, BOB):
        subscriber(tx, shop_id, customer)
        tag(tx, shop_id, customer, at_noon)
    ann_s, bob_s = waiting(tx)
    made = steps.advance(tx, bob_s.id, at_noon + HOUR)  # on its way, but not sent

    saved.save(tx, shop_id, segment, "VIPs", "number_of_orders > 99", at_noon + HOUR)

    assert steps.advance(tx, ann_s.id, at_noon + HOUR) is None
    assert claims.claim(tx, [made or 0], at_noon + HOUR) == []
    report = funnel.automation(tx, shop_id, "entered_segment", segment)
    assert report.outcomes == [("no_longer_matching", 2, "They left the segment again.")]  # one of them had a delivery
    assert report.enrolled == 2


def test_one_message_for_each_entering(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    begin(tx, shop_id, at_noon)
    subscriber(tx, shop_id, ANN)

    tag(tx, shop_id, ANN, at_noon)
    tag(tx, shop_id, ANN, at_noon + HOUR / 4)  # told again
    assert len(waiting(tx)) == 1
    tag(tx, shop_id, ANN, at_noon + HOUR / 3, off=True)
    tag(tx, shop_id, ANN, at_noon + HOUR / 2)

    (again,) = waiting(tx)
    assert again.due_at == at_noon + HOUR / 2 + HOUR


def test_time_makes_people_enter_and_leave_too(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    dormant = begin(tx, shop_id, at_noon, "last_order_date < -30d", delay=timedelta(0))
    switch(tx, shop_id, dormant, at_noon, "left_segment", title="Nice to see you")
    ann = subscriber(tx, shop_id, ANN, last_order_at=at_noon - 29 * DAY, number_of_orders=1)
    while membership.settle_timers(tx, dormant, at_noon):
        pass
    midnight = datetime.fromisoformat("2026-11-20T00:00:00+00:00")
    assert membership.due(tx, midnight - timedelta(microseconds=1), 10, 10) == []

    late = midnight + timedelta(minutes=3)
    ((_, ids),) = membership.due(tx, late, 10, 10)
    moves.moved(tx, shop_id, membership.catch_up(tx, shop_id, ids, late), late)

    (due,) = waiting(tx)
    assert (due.person_id, due.due_at) == (ann, midnight)


def test_whom_time_moves_before_their_timer_knows_of_the_segment_is_written_to_once(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    ann = subscriber(tx, shop_id, ANN, last_order_at=at_noon - 29 * DAY, number_of_orders=1)
    subscriber(tx, shop_id, BOB, last_order_at=at_noon - 40 * DAY, number_of_orders=1)  # in from the start
    dormant = begin(tx, shop_id, at_noon, "last_order_date < -30d", delay=timedelta(0))
    midnight = datetime.fromisoformat("2026-11-20T00:00:00+00:00")

    late = midnight + timedelta(minutes=3)
    while page := membership.settle_timers(tx, dormant, late):
        moves.moved(tx, shop_id, page.changes, late)
    for _, ids in membership.due(tx, late + HOUR, 10, 10):
        moves.moved(tx, shop_id, membership.catch_up(tx, shop_id, ids, late + HOUR), late + HOUR)

    (due,) = waiting(tx)
    assert (due.person_id, due.due_at) == (ann, midnight)
    told = membership.changes_of(tx, shop_id, segment_id=dormant)
    moved = [(one.person_id, one.kind, one.at, one.cause.kind) for one in told if one.cause.kind == "time"]
    assert moved == [(ann, "entered", midnight, "time")]
    assert membership.size(tx, shop_id, dormant) == 2


def test_first_members_and_those_of_an_edit_are_not_written_to_unless_asked(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    subscriber(tx, shop_id, ANN, tags=["VIP"])
    make_person(tx, shop_id, customer_id=BOB, tags=["VIP"])  # cannot be reached
    segment = begin(tx, shop_id, at_noon)
    saved.save(tx, shop_id, segment, "VIPs", "", at_noon + HOUR)
    saved.save(tx, shop_id, segment, "VIPs", "customer_tags CONTAINS 'VIP'", at_noon + HOUR)
    assert waiting(tx) == []

    mine = lifecycle.find(tx, shop_id, "entered_segment", segment)
    assert moves.reachable_members(tx, shop_id, segment) == 1
    assert moves.enroll_members(tx, shop_id, mine.id or 0, at_noon + HOUR) == 1
    assert moves.enroll_members(tx, shop_id, mine.id or 0, at_noon + 2 * HOUR) == 0  # asked twice

    (ann_s,) = waiting(tx)
    assert message_of(tx, ann_s.id, at_noon + HOUR)["title"] == "Welcome, friend"


def test_who_entered_before_it_was_on_or_cannot_be_reached_is_not_written_to(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    segment = begin(tx, shop_id, at_noon, enabled=False)
    subscriber(tx, shop_id, ANN)
    make_person(tx, shop_id, customer_id=BOB)
    tag(tx, shop_id, ANN, at_noon)

    switch(tx, shop_id, segment, at_noon + HOUR)
    tag(tx, shop_id, BOB, at_noon + HOUR)

    assert waiting(tx) == []


def test_two_customers_who_become_one_get_one_message(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    begin(tx, shop_id, at_noon)
    for customer in (ANN, BOB):
        subscriber(tx, shop_id, customer)
    tag(tx, shop_id, ANN, at_noon)

    news.take(tx, shop_id, [CustomersMerged(ANN, BOB, at_noon + HOUR / 2)], at_noon + HOUR / 2)

    (only,) = waiting(tx)
    assert message_of(tx, only.id, at_noon + HOUR)["title"] == "Welcome, friend"


def test_a_deleted_segment_and_a_switch_turned_off_end_what_waits(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    segment = begin(tx, shop_id, at_noon)
    for customer in (ANN, BOB):
        subscriber(tx, shop_id, customer)
        tag(tx, shop_id, customer, at_noon)
    ann_s, bob_s = waiting(tx)

    switch(tx, shop_id, segment, at_noon, enabled=False)
    assert steps.advance(tx, ann_s.id, at_noon + HOUR) is None
    switch(tx, shop_id, segment, at_noon)
    saved.delete(tx, shop_id, segment, at_noon)
    assert steps.advance(tx, bob_s.id, at_noon + HOUR) is None

    with pytest.raises(NotFound):
        lifecycle.find(tx, shop_id, "entered_segment", segment)
    assert [one.recipe.name for one in lifecycle.overview(tx, shop_id)] == ["abandoned_cart"]


def test_who_is_erased_gets_nothing_and_is_named_nowhere(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    begin(tx, shop_id, at_noon)
    ann = subscriber(tx, shop_id, ANN)
    tag(tx, shop_id, ANN, at_noon)

    erase.persons(tx, of_person(tx, shop_id, ann), at_noon)

    (row,) = tx.execute(select(enrollments)).all()
    assert (row.state, row.person_id, row.subject) == ("stopped", None, f"erased {row.id}")


def test_a_delay_may_be_nothing_and_up_to_ninety_days(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    segment = begin(tx, shop_id, at_noon, delay=90 * DAY)
    with pytest.raises(BeckonError, match="between 0 minutes and 90 days"):
        switch(tx, shop_id, segment, at_noon, delay=91 * DAY)
    with pytest.raises(BeckonError, match="no title"):
        switch(tx, shop_id, segment, at_noon, title=" ")
