"""What came back from browsers, what it is credited with, and reports that add up."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from plugin.automation import reasons
from plugin.base import settings
from plugin.base.errors import NotFound
from plugin.base.outcomes import FINAL, OPEN, Outcome
from plugin.report import attribution, facts, funnel, home
from plugin.store import tables
from plugin.store.engine import Tx
from tests.delivery.rows import delivery, row_of, set_state
from tests.factories import make_campaign, make_delivery, make_order, make_person, make_shop, make_subscription

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def sent(
    tx: Tx, shop_id: int, person: int, at: datetime, *, campaign_id: int | None = None, state: str = "sent"
) -> int:
    browser = make_subscription(tx, shop_id, of=person)
    return make_delivery(
        tx, shop_id, to=browser, state=state, campaign_id=campaign_id, created_at=at - DAY, finished_at=at - DAY
    )


def report(tx: Tx, delivery_id: int, kind: str, now: datetime, at: datetime | None = None) -> bool:
    return facts.record(tx, delivery(tx, delivery_id).token, kind, now, at=at)


def counts(tx: Tx) -> dict[str, int]:
    return dict(tx.execute(select(tables.facts.c.kind, func.count()).group_by(tables.facts.c.kind)).all())


def credited(tx: Tx) -> dict[int, int]:
    """Order → delivery."""
    found = select(tables.facts.c.order_id, tables.facts.c.delivery_id).where(tables.facts.c.kind == "converted")
    return dict(tx.execute(found).all())


def test_a_click_is_counted_once_and_was_shown(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    push = sent(tx, shop_id, make_person(tx, shop_id), at_noon)
    assert report(tx, push, "clicked", at_noon)
    assert report(tx, push, "clicked", at_noon)
    assert report(tx, push, "shown", at_noon)
    assert counts(tx) == {"shown": 1, "clicked": 1}


def test_what_we_do_not_know_is_not_kept(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    push = sent(tx, shop_id, make_person(tx, shop_id), at_noon)
    assert not report(tx, push, "converted", at_noon)
    assert not facts.record(tx, "no-such-token", "shown", at_noon)
    assert counts(tx) == {}


def test_a_browsers_clock_may_be_wrong(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    push = sent(tx, shop_id, make_person(tx, shop_id), at_noon)
    report(tx, push, "shown", at_noon, at=at_noon + DAY)
    report(tx, push, "dismissed", at_noon, at=at_noon - 30 * DAY)
    found = select(tables.facts.c.kind, tables.facts.c.at)
    assert dict(tx.execute(found).all()) == {"shown": at_noon, "dismissed": at_noon - DAY}


@pytest.mark.parametrize("state", ["unknown", "expired", "cancelled", "rejected"])
def test_a_receipt_proves_what_a_dead_worker_could_not_tell(
    tx: Tx, shop_id: int, at_noon: datetime, state: str
) -> None:
    push = sent(tx, shop_id, make_person(tx, shop_id), at_noon, state=state)
    set_state(tx, tables.deliveries, push, attempts=1)
    report(tx, push, "shown", at_noon)
    assert (delivery(tx, push).state, delivery(tx, push).reason) == ("sent", "The browser showed it.")


def test_an_order_is_owed_to_the_last_click_before_it(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ann, bob = make_person(tx, shop_id), make_person(tx, shop_id)
    first, second, bobs = (sent(tx, shop_id, person, at_noon) for person in (ann, ann, bob))
    for push, ago in ((first, 60), (second, 30), (bobs, 5)):
        report(tx, push, "clicked", at_noon - ago * MINUTE)
    report(tx, first, "shown", at_noon)
    order = make_order(tx, shop_id, of=ann, placed_at=at_noon)
    before = make_order(tx, shop_id, of=ann, placed_at=at_noon - 2 * DAY)
    test_order = make_order(tx, shop_id, of=ann, placed_at=at_noon, test=True)
    guests = make_order(tx, shop_id, of=None, placed_at=at_noon)

    for _ in range(2):
        attribution.credit(tx, shop_id, [order, before, test_order, guests], at_noon)

    assert credited(tx) == {order: second}


def test_a_click_too_long_ago_is_not_why(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ann = make_person(tx, shop_id)
    report(tx, sent(tx, shop_id, ann, at_noon), "clicked", at_noon)
    window = settings.current().attribution
    within = make_order(tx, shop_id, of=ann, placed_at=at_noon + window)
    beyond = make_order(tx, shop_id, of=ann, placed_at=at_noon + window + MINUTE)
    assert attribution.credit(tx, shop_id, [within, beyond], at_noon) == 1
    assert list(credited(tx)) == [within]


def test_a_click_reported_after_the_orders_webhook_is_still_credited(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ann = make_person(tx, shop_id)
    early, late = sent(tx, shop_id, ann, at_noon), sent(tx, shop_id, ann, at_noon)
    order = make_order(tx, shop_id, of=ann, placed_at=at_noon)
    attribution.credit(tx, shop_id, [order], at_noon)
    assert credited(tx) == {}

    report(tx, early, "clicked", at_noon + MINUTE, at=at_noon - 20 * MINUTE)
    assert credited(tx) == {order: early}
    report(tx, late, "clicked", at_noon + MINUTE, at=at_noon - 5 * MINUTE)
    assert credited(tx) == {order: late}  # it was the last one
    report(tx, early, "clicked", at_noon + MINUTE)
    assert credited(tx) == {order: late}


def test_a_campaigns_report_adds_up(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    sale = make_campaign(tx, shop_id, state="sent", audience=4, fanned_out_at=at_noon)
    people = [make_person(tx, shop_id) for _ in range(4)]
    ann, _, cid, dan = (sent(tx, shop_id, person, at_noon, campaign_id=sale) for person in people)
    set_state(tx, tables.deliveries, cid, state="gone", reason="It ended.")
    set_state(tx, tables.deliveries, dan, state="unsubscribed")
    report(tx, ann, "clicked", at_noon)
    order = make_order(tx, shop_id, of=people[0], placed_at=at_noon, total=5_000, refunded=1_200)
    attribution.credit(tx, shop_id, [order], at_noon)

    told = funnel.campaign(tx, shop_id, sale)

    assert told.outcomes == [("shown", 1, ""), ("sent", 1, ""), ("unsubscribed", 1, ""), ("gone", 1, "It ended.")]
    assert sum(each.people for each in told.outcomes) == told.audience == 4
    assert (told.sent, told.shown, told.clicked, told.orders, told.revenue, told.currency) == (2, 1, 1, 1, 3_800, "GBP")
    with pytest.raises(NotFound):
        funnel.campaign(tx, make_shop(tx, "other.myshopify.com"), sale)


def test_a_campaign_on_its_way_counts_those_whose_turn_has_not_come(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    sale = make_campaign(tx, shop_id, state="sending", audience=10)
    sent(tx, shop_id, make_person(tx, shop_id), at_noon, campaign_id=sale)
    told = funnel.campaign(tx, shop_id, sale)
    assert told.audience == 10
    assert told.outcomes == [("sent", 1, ""), ("queued", 9, "")]


def test_every_state_has_a_name_for_merchants_and_every_number_its_definition() -> None:
    assert {*Outcome, *OPEN} == set(funnel.OUTCOMES) == set(funnel.WHY)
    assert set(funnel.STATES) == {*FINAL, *OPEN}
    assert {"audience", "sent", "shown", "clicked", "orders", "revenue"} <= set(funnel.DEFINITIONS)


def test_every_reason_to_end_a_reminder_means_an_outcome() -> None:
    named = {value for name, value in vars(reasons).items() if name.isupper() and isinstance(value, str)}
    assert named == set(reasons.REASONS)


def test_key_numbers_by_the_shops_own_days(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ann, bob, cid = (make_person(tx, shop_id) for _ in range(3))
    make_subscription(tx, shop_id, of=ann)
    make_subscription(tx, shop_id, of=bob, created_at=at_noon - 3 * DAY)
    make_subscription(tx, shop_id, of=cid, state="gone", ended_at=at_noon - 2 * DAY)
    push = sent(tx, shop_id, ann, at_noon)
    report(tx, push, "clicked", at_noon)
    report(tx, sent(tx, shop_id, ann, at_noon), "shown", at_noon - DAY)
    sent(tx, shop_id, ann, at_noon)
    sent(tx, shop_id, ann, at_noon)
    order = make_order(tx, shop_id, of=ann, placed_at=at_noon, total=4_000)
    other = make_order(tx, shop_id, of=ann, placed_at=at_noon + MINUTE, total=2_000, refunded=500)
    attribution.credit(tx, shop_id, [order, other], at_noon)

    told = home.key_numbers(tx, shop_id, at_noon + MINUTE)

    assert (told.reachable, told.reachable_change) == (2, 0)  # bob came, cid left
    assert told.reachable_daily.values[-5:] == (2, 3, 2, 2, 2)
    assert (told.sent, told.shown, told.shown_share) == (4, 2, 0.5)
    assert told.shown_daily.values[-2:] == (1, 1)
    assert (told.orders, told.average_order, told.revenue, told.currency) == (2, 2_750, 5_500, "GBP")
    assert (told.orders_daily.values[-1], told.revenue_daily.values[-1]) == (2, 5_500)
    assert [len(each.values) for each in (told.reachable_daily, told.shown_daily, told.orders_daily)] == [30, 30, 30]
    assert str(told.shown_daily.days[-1]) == "2026-11-18"


def test_several_browsers_of_a_person_are_one_reachable_person(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ann, bob = make_person(tx, shop_id), make_person(tx, shop_id)
    make_subscription(tx, shop_id, of=ann, created_at=at_noon - 5 * DAY, state="gone", ended_at=at_noon - 3 * DAY)
    make_subscription(tx, shop_id, of=ann, created_at=at_noon - 4 * DAY)
    make_subscription(tx, shop_id, of=ann, created_at=at_noon - 4 * DAY)
    for ended in (1, 2):
        make_subscription(
            tx, shop_id, of=bob, created_at=at_noon - 4 * DAY, state="unsubscribed", ended_at=at_noon - ended * DAY
        )
    told = home.key_numbers(tx, shop_id, at_noon)
    assert told.reachable_daily.values[-7:] == (0, 1, 2, 2, 2, 1, 1)


def test_a_day_ends_at_the_shops_midnight(tx: Tx, at_noon: datetime) -> None:
    auckland = make_shop(tx, "south.myshopify.com", timezone="Pacific/Auckland")  # noon in London is 01:00 tomorrow
    push = sent(tx, auckland, make_person(tx, auckland), at_noon)
    report(tx, push, "shown", at_noon - 2 * timedelta(hours=1))
    told = home.key_numbers(tx, auckland, at_noon)
    assert str(told.shown_daily.days[-1]) == "2026-11-19"
    assert told.shown_daily.values[-2:] == (1, 0)


def test_a_new_shop_has_nothing_to_divide_by(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    told = home.key_numbers(tx, shop_id, at_noon)
    assert (told.reachable, told.shown_share, told.average_order) == (0, None, None)
    assert row_of(tx, tables.shops, shop_id).currency == told.currency
