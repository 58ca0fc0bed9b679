"""The plan in the panel: quiet when self-hosted; a meter, and a limit that acts before sending and never after."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta

import pytest

from plugin import jobs
from plugin.base import clock, settings
from plugin.base.settings import Billing
from plugin.campaign import lifecycle
from plugin.store.engine import snapshot, transaction
from plugin.store.tables import campaigns, deliveries, shop_plans
from tests.factories import LONG_AGO, make_campaign, make_delivery, make_person, make_plan, make_subscription
from tests.pages.conftest import Merchant

JSON = {"Origin": "https://beckon.test", "Accept": "application/json"}


@pytest.fixture
def sells(shop: int, at_noon: datetime) -> None:
    """This installation sells plans; Shopify is not to be reached from here, so that every row is as a test says."""
    billing = Billing("app_pricing", "beckon", "4242", "prtapi", partner_url="http://127.0.0.1:9")
    settings.use(dataclasses.replace(settings.current(), billing=billing, shopify_url="http://127.0.0.1:9/{shop}"))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan of three pushes, for tests that need not write thousands of rows."""
    from plugin.billing.plans import PLANS, Plan

    monkeypatch.setitem(PLANS, "tiny", Plan("tiny", "Tiny", price=100, pushes=3))


def test_self_hosted_is_one_quiet_line(alice: Merchant) -> None:
    page = alice.opens("/settings")

    assert "Self-hosted: unlimited" in page.text_of("dd")
    assert "Plan" not in page.text_of("h2")
    for deed in ("ask", "choose"):
        assert alice.sends(f"/settings/plan/{deed}").status_code == 404


def test_self_hosted_sends_to_any_number(alice: Merchant, shop: int, small: None) -> None:
    _subscribers(shop, 4)
    with transaction() as tx:
        make_plan(tx, shop, "tiny")  # left over from another life of the installation
        here = f"/campaigns/{make_campaign(tx, shop)}"

    assert alice.sends(f"{here}/send", when="now").status_code == 303


def test_the_meter_says_what_is_used_and_when_it_turns(
    alice: Merchant, shop: int, sells: None, at_noon: datetime
) -> None:
    with transaction() as tx:
        make_plan(tx, shop, "starter", month_from=at_noon - timedelta(days=15))
        ann = make_subscription(tx, shop, of=make_person(tx, shop))
        for _ in range(2):
            make_delivery(tx, shop, to=ann, state="sent", finished_at=at_noon)

    page = alice.opens("/settings")

    assert "2 of 15,000 pushes this month" in " ".join(page.text_of("p"))
    assert ", renews on 3 December" in " ".join(page.text_of("p"))
    assert {"max": "15000", "value": "2"}.items() <= page.all("progress")[0].items()
    change = next(link for link in page.all("a") if link.get("target") == "_top" and "charges" in str(link["href"]))
    assert change["href"] == "https://admin.shopify.com/store/vanta/charges/beckon/pricing_plans"


def test_at_four_fifths_home_and_settings_warn(
    alice: Merchant, shop: int, sells: None, small: None, at_noon: datetime
) -> None:
    with transaction() as tx:
        make_plan(tx, shop, "tiny")
        ann = make_subscription(tx, shop, of=make_person(tx, shop))
    for number, warned in ((2, False), (3, True), (4, True)):
        with transaction() as tx:
            tx.execute(deliveries.delete())
            for _ in range(number):
                make_delivery(tx, shop, to=ann, state="sent", finished_at=at_noon)
        text = " ".join(alice.opens("/").text_of("div"))
        assert ("pushes of this month are used" in text) is warned
    assert "Campaigns on their way and automations go on" in text
    assert "Campaigns on their way and automations go on" in " ".join(alice.opens("/settings").text_of("div"))


def test_more_than_the_plan_holds_is_said_while_writing_and_refused_at_send(
    alice: Merchant, shop: int, sells: None, small: None
) -> None:
    _subscribers(shop, 4)
    with transaction() as tx:
        make_plan(tx, shop, "tiny", month_from=LONG_AGO)
        here = f"/campaigns/{make_campaign(tx, shop)}"
    sentence = (
        "Your plan Tiny holds 3 pushes a month: 0 sent, 3 left. This campaign needs 4. Choose a bigger plan or a "
        "smaller segment, or send it after 1 December, when the next month begins."
    )

    told = alice.client.post(here, data={"title": "Coats"}, headers=JSON).get_json()
    refused = alice.reads(alice.sends(f"{here}/send", when="now", title="Words that stay"), 422)

    assert told["plan"] == sentence
    assert any(sentence in text for text in refused.text_of("div"))
    assert "/settings#plan" in refused.links
    with snapshot() as tx:
        row = tx.execute(campaigns.select()).one()
    assert (row.state, row.title) == ("draft", "Words that stay")


def test_a_segment_that_fits_is_sent_and_then_counted(alice: Merchant, shop: int, sells: None, small: None) -> None:
    _subscribers(shop, 2)
    with transaction() as tx:
        make_plan(tx, shop, "tiny")
        first, second = (f"/campaigns/{make_campaign(tx, shop, name=name)}" for name in ("First", "Second"))

    assert alice.sends(f"{first}/send", when="now").status_code == 303
    refused = alice.reads(alice.sends(f"{second}/send", when="now"), 422)

    assert any("0 sent, 2 pushes kept for campaigns on their way, 1 left" in text for text in refused.text_of("div"))


def test_next_month_s_campaign_is_next_month_s_matter(
    alice: Merchant, shop: int, sells: None, small: None, at_noon: datetime
) -> None:
    _subscribers(shop, 2)
    with transaction() as tx:
        make_plan(tx, shop, "tiny", month_from=at_noon)
        ann = make_subscription(tx, shop, of=make_person(tx, shop))
        for _ in range(3):
            make_delivery(tx, shop, to=ann, state="sent", finished_at=at_noon)
        here = f"/campaigns/{make_campaign(tx, shop)}"

    assert alice.sends(f"{here}/send", when="at", at="2026-12-18T11:00").status_code == 422
    assert alice.sends(f"{here}/send", when="at", at="2026-12-18T13:00").status_code == 303


def test_what_has_begun_goes_out_whatever_the_plan_holds(
    alice: Merchant, shop: int, sells: None, small: None, at_noon: datetime
) -> None:
    """Scheduled when the plan held it; meanwhile the month was used up and the plan frozen. It begins, and it ends."""
    from tests.delivery.rows import states
    from tests.delivery.wire import PushService

    _subscribers(shop, 3)
    with transaction() as tx:
        make_plan(tx, shop, "tiny")
        campaign_id = make_campaign(tx, shop)
    assert alice.sends(f"/campaigns/{campaign_id}/send", when="now").status_code == 303
    with transaction() as tx:
        tx.execute(shop_plans.update().values(state="frozen", plan="tiny"))
        ann = make_subscription(tx, shop, of=make_person(tx, shop))
        for _ in range(1_000):
            make_delivery(tx, shop, to=ann, state="sent", finished_at=at_noon)
    wire = PushService()

    with clock.stopped_at(at_noon + timedelta(minutes=2)):
        ids = _begin(campaign_id)
        jobs.send_batch(ids[:1], send=wire.send)
        alice.sends(f"/campaigns/{campaign_id}/pause")
        alice.sends(f"/campaigns/{campaign_id}/resume")
        jobs.send_batch(ids[1:], send=wire.send)

    with snapshot() as tx:
        assert states(tx, campaign_id) == {"sent": 4}
        assert lifecycle.find(tx, shop, campaign_id).state == "sent"


def test_without_a_word_from_shopify_nothing_is_limited(alice: Merchant, shop: int, sells: None) -> None:
    _subscribers(shop, 1)
    with transaction() as tx:
        make_plan(tx, shop, None, state="none", known_at=None, error="Shopify's Partner API did not answer: HTTP 503.")
        here = f"/campaigns/{make_campaign(tx, shop)}"

    assert alice.sends(f"{here}/send", when="now").status_code == 303
    said = " ".join(alice.opens("/settings").text_of("div"))
    assert "Until it answers, nothing is limited." in said
    assert "HTTP 503" not in said


def test_the_older_api_s_plans_are_chosen_on_our_page(alice: Merchant, shop: int, sells: None) -> None:
    billing = Billing("billing_api", "beckon")
    settings.use(dataclasses.replace(settings.current(), billing=billing))
    with transaction() as tx:
        make_plan(tx, shop, "starter", test=True)

    page = alice.opens("/settings")

    labels = [button.get("aria-label") for button in page.all("button")]
    assert {"Choose Free", "Choose Growth", "Choose Scale"} <= set(labels)
    assert "Choose Starter" not in labels
    assert "Your plan" in page.text_of("span")
    assert "Test mode" in page.text_of("span")
    assert "Go back to the free plan?" in page.text_of("h2")


def _subscribers(shop_id: int, number: int) -> None:
    with transaction() as tx:
        for _ in range(number):
            make_subscription(tx, shop_id, of=make_person(tx, shop_id))


def _begin(campaign_id: int) -> list[int]:
    from plugin.campaign import sending
    from plugin.delivery import fanout

    with transaction() as tx:
        assert sending.start(tx, campaign_id, clock.now())
    with transaction() as tx:
        return fanout.next_page(tx, campaign_id, clock.now()) or []
