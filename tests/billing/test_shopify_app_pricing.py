"""Plans chosen on Shopify's own page, and known by asking the Partner API."""

from __future__ import annotations

from datetime import timedelta

from plugin import jobs, schedule
from plugin.base import clock
from plugin.store.engine import transaction
from plugin.store.tables import shop_plans
from tests.billing.conftest import Merchant


def test_who_has_not_chosen_has_the_free_plan_and_a_way_to_choose(ann: Merchant) -> None:
    page = ann.opens("/settings").get_data(as_text=True)

    assert "0 of 1,000 pushes this month" in page
    address = f"{ann.sandbox.admin_url}/store/demo/charges/beckon/pricing_plans"
    assert f'href="{address}" target="_top"' in page
    assert "Choose a plan" in page


def test_a_plan_is_chosen_on_the_hosted_page_and_in_force_on_coming_back(ann: Merchant) -> None:
    said = ann.chooses("growth")

    assert "You are on Growth." in said
    assert "0 of 75,000 pushes this month" in said
    assert "Test mode" in said  # a development store tries it and pays nothing
    assert ann.stands().told.state == "active"


def test_the_plan_in_the_address_is_a_hint_and_never_believed(ann: Merchant) -> None:
    said = ann.sees("/settings?plan_handle=scale")

    assert "You chose Scale. Shopify has not confirmed it yet" in said
    assert "0 of 1,000 pushes this month" in said
    with transaction() as tx:
        ask_at = tx.execute(shop_plans.select()).one().ask_at
    assert ask_at <= clock.now() + timedelta(minutes=1)


def test_up_holds_at_once_and_down_from_the_next_month_without_anybody_s_help(ann: Merchant) -> None:
    ann.hand(development=False)
    ann.chooses("starter")
    assert "0 of 75,000 pushes this month" in ann.chooses("growth")

    said = ann.chooses("starter")
    assert "0 of 75,000 pushes this month" in said
    assert "Starter begins " in said
    assert "Test mode" not in said

    ann.hand(do="renew")
    assert "0 of 15,000 pushes this month" in ann.sees("/settings?plan_handle=starter")


def test_a_plan_that_was_ended_lasts_as_long_as_it_is_paid(ann: Merchant) -> None:
    ann.hand(development=False)
    ann.chooses("growth")

    assert "Ends " in ann.chooses("", end=True) or "Ends " in _asked(ann)
    assert "0 of 75,000 pushes this month" in ann.sees("/settings")
    ann.hand(do="renew")
    said = _asked(ann)
    assert "Your plan Growth has ended. You are on the free plan" in said
    assert "0 of 1,000 pushes this month" in said


def test_a_trial_says_until_when(ann: Merchant) -> None:
    ann.hand(development=False, trials=True)

    said = ann.chooses("starter")

    assert "Free trial until " in said
    assert "0 of 15,000 pushes this month" in said


def test_a_frozen_plan_is_measured_by_the_free_one_and_says_what_to_do(ann: Merchant) -> None:
    ann.chooses("growth")
    ann.hand(do="freeze")

    said = _asked(ann)
    assert "Your plan is on hold, because a bill of your store has not been paid." in said
    assert "0 of 1,000 pushes this month" in said
    assert "Your plan is on hold" in ann.sees("/")

    ann.hand(do="unfreeze")
    assert "0 of 75,000 pushes this month" in _asked(ann)


def test_while_shopify_is_away_the_last_known_plan_holds_with_its_age(ann: Merchant) -> None:
    ann.chooses("growth")
    for mood in ("away", "forbidden", "slow down"):
        ann.hand(partner=mood)

        said = _asked(ann)

        assert "Shopify could not be asked for your plan today" in said
        assert "What you see here is from today" in said
        assert "0 of 75,000 pushes this month" in said
    ann.hand(partner="here")
    assert "could not be asked" not in _asked(ann)


def test_who_was_never_told_a_plan_is_not_limited(ann: Merchant) -> None:
    with transaction() as tx:
        tx.execute(shop_plans.delete())
    ann.hand(partner="away")

    said = _asked(ann)

    assert "Until it answers, nothing is limited." in said
    assert ann.stands().plan is None


def test_the_clock_asks_for_what_no_webhook_tells(ann: Merchant) -> None:
    ann.chooses("starter")
    ann.hand(do="cancel")
    assert ann.stands().told.state == "active"

    with clock.stopped_at(clock.now() + timedelta(minutes=30)):  # not yet
        schedule.tick(clock.now())
    assert ann.stands().told.state == "active"
    schedule.tick(clock.now() + timedelta(hours=7))

    assert ann.stands().told.state == "cancelled"


def test_an_uninstall_ends_the_plan_and_a_reinstall_asks_anew(ann: Merchant) -> None:
    ann.chooses("growth")
    ann.uninstalls()

    ann.installs()

    said = ann.sees("/settings")
    assert "0 of 1,000 pushes this month" in said
    assert ann.stands().plan.handle == "free"
    assert "0 of 15,000 pushes this month" in ann.chooses("starter")


def test_a_shop_that_left_is_not_asked_about(ann: Merchant) -> None:
    ann.uninstalls()

    jobs.ask_plan(ann.shop_id)

    assert ann.stands().told is None or ann.stands().known_at is not None
    assert schedule.tick(clock.now() + timedelta(days=2)) >= 0


def test_who_paid_through_the_older_api_keeps_the_plan(ann: Merchant) -> None:
    """The operator moved to App Pricing; the merchant's charge of before goes on until she chooses anew."""
    import dataclasses

    from plugin.base import settings

    mine = settings.current()
    ann.hand(pricing="manual")
    settings.use(dataclasses.replace(mine, billing=dataclasses.replace(mine.billing, way="billing_api")))
    ann.answers(ann.wants("growth"), "approve")
    ann.hand(pricing="app_pricing")
    settings.use(mine)

    assert "0 of 75,000 pushes this month" in _asked(ann)


def _asked(ann: Merchant) -> str:
    """“Ask Shopify again”, and what Settings say then."""
    assert ann.sends("/settings/plan/ask").status_code == 303
    return ann.sees("/settings")
