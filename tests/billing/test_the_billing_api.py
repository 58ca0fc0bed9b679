"""The older way: a charge of our making, approved or declined on Shopify's page, known by asking and by webhook."""

from __future__ import annotations

import json

from plugin import schedule
from plugin.base import clock
from plugin.store.engine import snapshot
from plugin.store.tables import shop_plans, webhooks
from tests.billing.conftest import Merchant
from tests.browser.waiting import until


def test_a_plan_is_approved_at_shopify_s_and_in_force_on_coming_back(bea: Merchant) -> None:
    assert "Starter · $15 every 30 days, 14 days free 15,000 pushes a month" in bea.sees("/settings")
    address = bea.wants("starter")
    assert address.startswith(f"{bea.sandbox.admin_url}/store/demo/charges/")

    said = bea.answers(address, "approve")

    assert "You are on Starter." in said
    assert "0 of 15,000 pushes this month" in said
    assert "Free trial until " in said
    assert "Test mode" in said
    (charge,) = bea.hand()["charges"]
    assert (charge["status"], charge["test"], charge["amount"]) == ("ACTIVE", 1, 1_500)


def test_declined_nothing_changes_and_a_word_says_so(bea: Merchant) -> None:
    bea.answers(bea.wants("growth"), "decline")
    _hears_of(bea, "DECLINED")

    said = _after_a_minute(bea)

    assert "Growth was not approved, so nothing has changed." in said
    assert "0 of 1,000 pushes this month" in said


def test_a_declined_upgrade_leaves_the_plan_that_is_paid(bea: Merchant) -> None:
    bea.answers(bea.wants("starter"), "approve")
    bea.answers(bea.wants("growth"), "decline")
    _hears_of(bea, "DECLINED")

    said = _after_a_minute(bea)

    assert "Growth was not approved, so nothing has changed." in said
    assert "0 of 15,000 pushes this month" in said


def test_a_charge_that_waits_or_was_forgotten_says_so(bea: Merchant) -> None:
    bea.wants("growth")
    assert "Growth waits for your approval at Shopify." in _asked(bea)

    bea.hand(do="expire")
    assert "Growth was not approved within two days." in _asked(bea)


def test_up_and_down_without_support_or_reinstall_one_charge_at_a_time(bea: Merchant) -> None:
    bea.hand(development=False)
    _asked(bea)
    bea.answers(bea.wants("starter"), "approve")
    assert "0 of 300,000 pushes this month" in bea.answers(bea.wants("scale"), "approve")
    assert "0 of 15,000 pushes this month" in bea.answers(bea.wants("starter"), "approve")

    charges = bea.hand()["charges"]
    assert [charge["status"] for charge in charges] == ["ACTIVE", "CANCELLED", "CANCELLED"]
    assert [charge["trial_days"] for charge in charges] == [0, 0, 14]  # a trial is given once
    assert not any(charge["test"] for charge in charges)


def test_back_to_free_ends_the_charge(bea: Merchant) -> None:
    bea.answers(bea.wants("growth"), "approve")

    assert bea.sends("/settings/plan/choose", plan="free").status_code == 303

    said = bea.sees("/settings")
    assert "Your plan Growth has ended. You are on the free plan; nothing you made is lost." in said
    assert bea.hand()["charges"][0]["status"] == "CANCELLED"


def test_frozen_and_taken_up_again(bea: Merchant) -> None:
    bea.answers(bea.wants("growth"), "approve")
    bea.hand(do="freeze")
    _hears_of(bea, "FROZEN")

    assert "Your plan is on hold" in _after_a_minute(bea)
    bea.hand(do="unfreeze")
    assert "0 of 75,000 pushes this month" in _asked(bea)


def test_late_and_repeated_webhooks_decide_nothing(bea: Merchant) -> None:
    """What they say is never taken over: they only make us ask."""
    bea.answers(bea.wants("starter"), "approve")
    bea.answers(bea.wants("growth"), "approve")
    _hears_of(bea, "CANCELLED")

    _after_a_minute(bea)

    assert bea.stands().told.plan == "growth"


def test_shopify_s_no_is_shown_and_nothing_is_opened(bea: Merchant) -> None:
    bea.hand(pricing="app_pricing")

    answer = bea.sends("/settings/plan/choose", accept="application/json", plan="growth")

    assert answer.status_code == 422
    assert "Managed Pricing Apps cannot use the Billing API" in answer.get_json()["error"]


def test_a_plan_that_is_not_sold_cannot_be_chosen(bea: Merchant) -> None:
    for handle in ("partner", "nonsense", ""):
        answer = bea.sends("/settings/plan/choose", accept="application/json", plan=handle)
        assert answer.get_json() == {"error": "Choose one of the plans on this page."}
    assert bea.hand()["charges"] == []


def test_the_webhook_is_harmless_where_plans_are_not_sold(ann: Merchant) -> None:
    import dataclasses

    from plugin.base import settings

    billing = settings.current().billing
    ann.hand(pricing="manual")
    settings.use(dataclasses.replace(settings.current(), billing=dataclasses.replace(billing, way="billing_api")))
    address = ann.wants("starter")
    settings.use(dataclasses.replace(settings.current(), billing=None))
    before = _row()

    ann.answers(address, "approve")
    _hears_of(ann, "ACTIVE")

    assert _row() == before


def _hears_of(merchant: Merchant, status: str) -> None:
    """Waits for the webhook that says so."""

    def heard() -> bool:
        with snapshot() as tx:
            rows = tx.execute(webhooks.select().where(webhooks.c.topic == "app_subscriptions/update")).all()
        return any(json.loads(row.body)["app_subscription"]["status"] == status for row in rows if row.state == "done")

    until(heard, saying=f"a webhook that says {status}")


def _after_a_minute(merchant: Merchant) -> str:
    """The clock asks; what Settings say then."""
    from datetime import timedelta

    schedule.tick(clock.now() + timedelta(minutes=2))
    return merchant.sees("/settings")


def _asked(merchant: Merchant) -> str:
    assert merchant.sends("/settings/plan/ask").status_code == 303
    return merchant.sees("/settings")


def _row() -> object:
    with snapshot() as tx:
        return tx.execute(shop_plans.select()).one()
