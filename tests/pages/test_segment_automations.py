"""Automations of segments in the panel: chosen, written, switched on, and the people who are in already."""

from __future__ import annotations

import pytest

from plugin.automation import lifecycle
from plugin.report.status import overview
from plugin.segment import saved
from plugin.store.engine import snapshot, transaction
from plugin.store.tables import automations
from tests.conftest import NOON
from tests.factories import make_discount, make_person, make_subscription
from tests.pages.conftest import Merchant

WORDS = {"title": "Welcome", "body": "You are in.", "url": "/vip"}


@pytest.fixture
def vips(shop: int) -> int:
    """A segment with one member who can be reached."""
    with transaction() as tx:
        make_subscription(tx, shop, of=make_person(tx, shop, customer_id=101, tags=["VIP"]))
        return saved.create(tx, shop, "VIPs", "customer_tags CONTAINS 'vip'", NOON)


def test_a_merchant_chooses_a_segment_and_writes_to_those_who_enter(alice: Merchant, vips: int) -> None:
    assert alice.opens("/automations").text_of("a", class_="button ")[:2] == [
        "When people enter a segment",
        "When people leave a segment",
    ]
    alice.reads(alice.sends("/automations/entered_segment", segment=""), 422)
    here = str(alice.sends("/automations/entered_segment", segment=str(vips)).location)
    assert here == f"/automations/entered_segment/{vips}"
    assert alice.opens(here).text_of("h1") == ["Entered a segment: VIPs"]

    assert alice.sends(here, enabled="1", delay="2", unit="days", **WORDS).location == here

    page = alice.opens(here)
    assert page.text_of("span", class_="badge success") == ["On"]
    assert next(field["value"] for field in page.all("input") if field.get("name") == "delay") == "2"
    assert alice.opens("/automations").text_of("a", class_="row") == ["Abandoned cart", "Entered a segment: VIPs"]
    assert alice.asks(f"{here}.json")["enabled"] is True


def test_people_who_are_in_already_are_written_to_when_asked_once(alice: Merchant, vips: int) -> None:
    here = f"/automations/entered_segment/{vips}"
    assert alice.sends(f"{here}/members").status_code == 422  # not on
    alice.sends(here, enabled="1", delay="0", **WORDS)
    assert "Write to 1 person now?" in alice.opens(here).text_of("h2")

    alice.sends(f"{here}/members")
    alice.sends(f"{here}/members")

    assert alice.asks(f"{here}.json")["waiting"] == 1


def test_mistakes_stand_beside_their_field(alice: Merchant, vips: int) -> None:
    here = f"/automations/left_segment/{vips}"

    page = alice.reads(
        alice.sends(here, enabled="1", delay="91", unit="days", title="{{ cart.total }}", body="", url="ftp://x"), 422
    )

    assert page.text_of("p", id="field-delay-error") == ["Between 0 minutes and 90 days."]
    assert "cart.total" in page.text_of("p", id="field-title-error")[0]
    assert page.text_of("p", id="field-url-error")[0]
    assert alice.reads(alice.sends(here, delay="soon", **WORDS), 422).text_of("p", id="field-delay-error") == [
        "A whole number, such as 30."
    ]


def test_the_preview_is_for_somebody_of_the_segment(alice: Merchant, vips: int) -> None:
    told = alice.sends(
        f"/automations/entered_segment/{vips}/preview", title="{{ customer.first_name | default: 'Hello' }}", body=""
    ).get_json()

    assert told["preview"]["title"] == "Hello"


def test_there_is_none_of_a_segment_that_there_is_not(alice: Merchant, vips: int) -> None:
    alice.opens(f"/automations/entered_segment/{vips + 1}", status=404)
    alice.opens(f"/automations/abandoned_cart/{vips}", status=404)
    assert alice.opens("/reports").text_of("a", class_="row") is not None


def test_what_is_asked_once_more_can_be_switched_off(alice: Merchant, shop: int, vips: int) -> None:
    here = f"/automations/entered_segment/{vips}"
    alice.sends(here, enabled="1", delay="0", asks_stock="0", **WORDS)
    with snapshot() as tx:
        found = lifecycle.find(tx, shop, "entered_segment", vips)
    assert (found.asks_stock, found.asks_purchase) == (False, True)


def test_one_that_paused_itself_says_why_and_goes_on_with_a_click(alice: Merchant, shop: int, vips: int) -> None:
    here = f"/automations/entered_segment/{vips}"
    alice.sends(here, enabled="1", delay="0", **WORDS)
    assert alice.sends(f"{here}/resume").status_code == 422
    with transaction() as tx:
        tx.execute(automations.update().values(paused_at=NOON, reason="It refused 3 messages in a row."))
    page = alice.opens(here)
    assert any("Paused. It refused 3 messages in a row." in words for words in page.text_of("div", role="status"))
    home = alice.client.get("/", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "is paused: It refused 3 messages in a row." in home

    assert alice.sends(f"{here}/resume").location == here

    assert not any("Paused." in words for words in alice.opens(here).text_of("div", role="status"))


def test_a_code_that_is_over_is_said_on_the_page_of_one_that_is_on(alice: Merchant, shop: int, vips: int) -> None:
    here = f"/automations/entered_segment/{vips}"
    with transaction() as tx:
        make_discount(tx, shop, "WINTER10", status="expired")
    alice.sends(here, enabled="1", delay="0", **WORDS | {"body": "With WINTER10"})
    said = [words for words in alice.opens(here).text_of("div", role="status") if "WINTER10 is over" in words]
    assert len(said) == 1
    with snapshot() as tx:
        assert any("sends nothing: The code WINTER10 is over" in each for each in overview(tx, NOON).stuck)
