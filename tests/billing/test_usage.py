"""How a month's pushes are counted: exactly, from what push services took, in months of thirty days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from plugin.billing import limits, standing, usage
from plugin.billing.plans import PLANS, plan_of
from plugin.billing.usage import Month, month_of
from plugin.ingest import shops
from plugin.store.engine import Tx
from tests.factories import (
    make_campaign,
    make_delivery,
    make_person,
    make_plan,
    make_segment,
    make_shop,
    make_subscription,
)

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
NOVEMBER = Month(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
instants = st.datetimes(datetime(2015, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(instants, instants)
def test_every_instant_is_in_one_month_and_months_follow_each_other(anchor: datetime, at: datetime) -> None:
    month = month_of(anchor, at)

    assert month.begins <= at < month.ends
    assert (month.begins - anchor) % timedelta(days=30) == timedelta(0)
    assert month_of(anchor, month.ends).begins == month.ends
    assert month_of(month.begins, at) == month


def test_only_what_a_push_service_took_counts_and_only_in_its_month(tx: Tx, shop_id: int) -> None:
    ann = make_subscription(tx, shop_id, of=make_person(tx, shop_id))
    for state in ("sent", "sent", "gone", "rejected", "failed", "expired", "cancelled"):
        make_delivery(tx, shop_id, to=ann, state=state, finished_at=NOON)
    make_delivery(tx, shop_id, to=ann, state="sent", finished_at=NOVEMBER.begins)
    make_delivery(tx, shop_id, to=ann, state="sent", finished_at=NOVEMBER.ends)  # the next month's first
    make_delivery(tx, shop_id, to=ann, state="sent", finished_at=NOVEMBER.begins - timedelta(microseconds=1))
    make_delivery(tx, shop_id, to=ann, state="queued")

    assert usage.sent(tx, shop_id, NOVEMBER) == 3


def test_another_shop_s_pushes_are_its_own(tx: Tx, shop_id: int) -> None:
    other = make_shop(tx, "other.myshopify.com")
    bob = make_subscription(tx, other, of=make_person(tx, other))
    make_delivery(tx, other, to=bob, state="sent", finished_at=NOON)

    assert usage.sent(tx, shop_id, NOVEMBER) == 0


def test_campaigns_on_their_way_keep_what_they_need(tx: Tx, shop_id: int) -> None:
    ann, bob, cleo = (make_subscription(tx, shop_id, of=make_person(tx, shop_id)) for _ in range(3))
    running = make_campaign(tx, shop_id, state="sending", audience=3, started_at=NOON)
    make_delivery(tx, shop_id, to=ann, campaign_id=running, state="sent", finished_at=NOON)
    make_delivery(tx, shop_id, to=bob, campaign_id=running, state="queued")
    make_campaign(tx, shop_id, state="scheduled", scheduled_at=NOON + timedelta(days=3))
    make_campaign(tx, shop_id, state="scheduled", scheduled_at=NOVEMBER.ends)  # another month's
    make_campaign(tx, shop_id, state="draft")
    make_campaign(tx, shop_id, state="sent", audience=100)

    assert usage.promised(tx, shop_id, NOVEMBER, NOON) == 2 + 3
    assert cleo


def test_a_scheduled_campaign_whose_segment_is_gone_keeps_nothing(tx: Tx, shop_id: int) -> None:
    make_subscription(tx, shop_id, of=make_person(tx, shop_id))
    gone = make_segment(tx, shop_id, "number_of_orders = 0", deleted_at=NOON)
    broken = make_segment(tx, shop_id, "no_such_thing = 1", name="Broken")
    for segment_id in (gone, broken):
        make_campaign(tx, shop_id, state="scheduled", scheduled_at=NOON, segment_id=segment_id)

    assert usage.promised(tx, shop_id, NOVEMBER, NOON) == 0


def test_the_meter_turns_with_the_plan_s_month(tx: Tx, shop_id: int) -> None:
    make_plan(tx, shop_id, "starter", month_from=NOON - timedelta(days=40))
    shop = shops.by_id(tx, shop_id)

    found = limits.meter(tx, shop, standing.of(tx, shop), NOON, NOON)

    assert found.month == Month(NOON - timedelta(days=10), NOON + timedelta(days=20))
    assert (found.limit, found.left) == (15_000, 15_000)


def test_a_plan_made_in_the_dashboard_alone_is_never_a_limit(tx: Tx, shop_id: int) -> None:
    make_plan(tx, shop_id, "friends-and-family")
    shop = shops.by_id(tx, shop_id)

    assert limits.too_much(tx, shop, 10_000_000, NOON, NOON) == ""
    assert plan_of("friends-and-family").name == "Friends and family"


def test_the_table_of_plans_is_in_order() -> None:
    listed = [plan for plan in PLANS.values() if plan.listed]
    assert [plan.price for plan in listed] == sorted(plan.price for plan in listed)
    assert [plan.pushes for plan in listed] == sorted(plan.pushes or 0 for plan in listed)
    assert all(handle == plan.handle for handle, plan in PLANS.items())
    assert len(listed) <= 8  # Shopify shows no more
