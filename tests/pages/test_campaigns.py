"""Campaigns: written, previewed, sent once, taken back, watched, stopped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from plugin.admin.drafts import instant
from plugin.base.errors import BeckonError
from plugin.campaign import lifecycle
from plugin.delivery import counts
from plugin.store.engine import snapshot, transaction
from plugin.store.tables import campaigns, facts, services
from tests.factories import (
    make_campaign,
    make_delivery,
    make_discount,
    make_person,
    make_product,
    make_segment,
    make_subscription,
    make_variant,
)
from tests.pages.conftest import Merchant
from tests.pages.lint import Page

MINUTE = timedelta(minutes=1)
WORDS = {"title": "Winter is here", "body": "20 % off until Sunday.", "url": "/collections/coats"}


def test_an_empty_list_says_what_a_campaign_is(alice: Merchant) -> None:
    assert alice.opens("/campaigns").text_of("h2") == ["Write your first campaign"]


def test_a_draft_keeps_itself_and_tells_what_it_means(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        ann = make_person(tx, shop, customer_id=17850, number_of_orders=3)
        make_subscription(tx, shop, of=ann)
        make_person(tx, shop, customer_id=13047, number_of_orders=2)
        loyal = make_segment(tx, shop, "number_of_orders >= 2", "Loyal")
    here = alice.sends("/campaigns").location

    told = alice.client.post(
        here,
        data={"title": "{{ customer.number_of_orders }} times, thank you", "segment_id": str(loyal)},
        headers={"Origin": "https://beckon.test", "Accept": "application/json"},
    ).get_json()

    assert told["saved"] is True
    assert told["preview"]["title"] == "3 times, thank you"
    assert told["seen_by"] == "As customer 17850 sees it"
    assert told["audience"] == "1 person will get it. 1 will not: they have not agreed to notifications."
    page = alice.opens(here)
    assert {"id": "field-title", "value": "{{ customer.number_of_orders }} times, thank you"}.items() <= page.all(
        "input"
    )[1].items()


def test_a_new_campaign_may_begin_with_what_is_known(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        loyal = make_segment(tx, shop, "number_of_orders >= 2", "Loyal")

    page = alice.opens(alice.sends("/campaigns", name="Coats", segment_id=str(loyal)).location)

    assert page.text_of("h1") == ["Coats"]
    chosen = [option["value"] for option in page.all("option") if "selected" in option]
    assert chosen == [str(loyal), "0"]  # and nobody is held out


def test_a_message_goes_to_the_browser_used_last_or_to_all_as_its_author_chooses(alice: Merchant) -> None:
    here = alice.sends("/campaigns", **WORDS).location
    chosen = [radio["value"] for radio in alice.opens(here).all("input") if radio.get("name") == "browsers"]
    assert chosen == ["last", "all"]
    assert _campaign(here).browsers == "last"

    alice.sends(here, browsers="all")
    assert alice.sends(here, browsers="some").status_code == 422
    assert _campaign(here).browsers == "all"

    alice.sends(f"{here}/send", when="now")
    assert "All their browsers" in alice.opens(here).text_of("dd")


def test_sending_now_leaves_a_minute_to_take_it_back(alice: Merchant, shop: int, at_noon: datetime) -> None:
    here = alice.sends("/campaigns", **WORDS).location

    assert alice.sends(f"{here}/send", when="now").location == here
    assert _campaign(here).scheduled_at == at_noon + timedelta(seconds=60)
    assert "Take back" in alice.opens(here).text_of("button")

    alice.sends(f"{here}/take-back")
    assert _campaign(here).state == "draft"
    assert "Review and send" in alice.opens(here).text_of("button")


def test_what_the_form_shows_is_what_is_sent(alice: Merchant) -> None:
    here = alice.sends("/campaigns", **WORDS).location

    alice.sends(f"{here}/send", when="now", **(WORDS | {"title": "A last thought"}))

    assert _campaign(here).title == "A last thought"


def test_a_time_is_the_shops_own(alice: Merchant) -> None:
    here = alice.sends("/campaigns", **WORDS).location

    alice.sends(f"{here}/send", when="at", at="2027-07-01T18:30")

    assert _campaign(here).scheduled_at == datetime(2027, 7, 1, 17, 30, tzinfo=UTC)
    assert "1 Jul 2027, 18:30" in alice.opens(here).text_of("time")


def test_an_hour_that_the_clocks_skip_is_no_time() -> None:
    with pytest.raises(BeckonError, match="clocks go forward"):
        instant("2027-03-28T01:30", "Europe/London")
    with pytest.raises(BeckonError, match="Choose a day"):
        instant("tomorrow", "Europe/London")


def test_what_cannot_be_sent_says_why_beside_the_field(alice: Merchant) -> None:
    here = alice.sends("/campaigns", **WORDS).location

    page = alice.reads(alice.sends(f"{here}/send", when="now", title="{{ person.name }}", body="x", url="ftp://x"), 422)

    assert "{{ person.name }}" in page.text_of("p", id="field-title-error")[0]
    assert "is no link" in page.text_of("p", id="field-url-error")[0]
    assert _campaign(here).state == "draft"


def test_a_time_that_has_passed_is_refused_on_the_page(alice: Merchant) -> None:
    here = alice.sends("/campaigns", **WORDS).location

    page = alice.reads(alice.sends(f"{here}/send", when="at", at="2026-11-18T11:00"), 422)

    assert any("That time has passed" in alert for alert in page.text_of("div", role="alert"))


def test_what_is_asked_once_more_can_be_switched_off(alice: Merchant) -> None:
    here = alice.sends("/campaigns", **WORDS).location
    assert _asked(here) == (True, True, True)

    alice.sends(here, asks_stock="0")

    assert _asked(here) == (True, False, True)
    boxes = [each for each in alice.opens(here).all("input") if each.get("type") == "checkbox"]
    ticked = {each["name"]: "checked" in each for each in boxes}
    assert ticked == {"asks_segment": True, "asks_stock": False, "asks_purchase": True}


def _asked(here: str) -> tuple[bool, bool, bool]:
    written = _campaign(here)
    return written.asks_segment, written.asks_stock, written.asks_purchase


def test_what_cannot_be_had_is_said_while_it_is_written_and_forbids_nothing(
    alice: Merchant, shop: int, at_noon: datetime
) -> None:
    with transaction() as tx:
        make_variant(tx, shop, of=make_product(tx, shop), in_stock=False)
        make_discount(tx, shop, "WINTER10", ends_at=at_noon - MINUTE)
    here = alice.sends("/campaigns", **WORDS | {"body": "With WINTER10", "url": "/products/harbour-parka"}).location

    told = alice.client.post(here, headers={"Accept": "application/json", "Origin": "https://beckon.test"}).get_json()

    assert told["problems"] == [
        {"field": "body", "sentence": "The code WINTER10 ended on 18 November 2026, 11:59.", "warning": True},
        {"field": "url", "sentence": "Harbour Parka is sold out.", "warning": True},
    ]
    alice.sends(f"{here}/send", when="now")
    assert _campaign(here).state == "scheduled"


def test_two_clicks_send_once(alice: Merchant) -> None:
    here = alice.sends("/campaigns", **WORDS).location
    alice.sends(f"{here}/send", when="now")

    page = alice.reads(alice.sends(f"{here}/send", when="now"), 422)

    assert any("it is scheduled" in words for words in page.text_of("p"))


def test_sending_is_watched_paused_and_resumed(alice: Merchant, shop: int, at_noon: datetime) -> None:
    with transaction() as tx:
        campaign = make_campaign(tx, shop, state="sending", started_at=at_noon, audience=10)
        for state in ("sent", "sent", "gone", "queued"):
            to = make_subscription(tx, shop, of=make_person(tx, shop))
            make_delivery(tx, shop, to=to, campaign_id=campaign, state=state)

    told = alice.asks(f"/campaigns/{campaign}/progress")
    numbers = {"audience": 10, "done": 3, "queued": 1, "sending": 0, "ahead": 6}
    assert told == {"state": "sending", "outcomes": {"sent": 2, "gone": 1}, "pace": None} | numbers
    page = alice.opens(f"/campaigns/{campaign}")
    assert page.text_of("p", class_="value") == ["3 of 10"]

    alice.sends(f"/campaigns/{campaign}/pause")
    assert any(
        "You paused it." in words for words in alice.opens(f"/campaigns/{campaign}").text_of("div", role="status")
    )
    alice.sends(f"/campaigns/{campaign}/resume")
    alice.sends(f"/campaigns/{campaign}/cancel")
    assert _campaign(f"/campaigns/{campaign}").state == "cancelled"
    alice.opens(f"/campaigns/{campaign}")


def test_what_browsers_showed_is_told_apart_from_what_was_only_sent(
    alice: Merchant, shop: int, at_noon: datetime
) -> None:
    with transaction() as tx:
        campaign = make_campaign(tx, shop, state="sending", started_at=at_noon, audience=3)
        for seen in (True, True, False):
            to = make_subscription(tx, shop, of=make_person(tx, shop))
            sent = make_delivery(tx, shop, to=to, campaign_id=campaign, state="sent")
            if seen:
                tx.execute(facts.insert().values(shop_id=shop, delivery_id=sent, kind="shown", at=at_noon))

    told = alice.asks(f"/campaigns/{campaign}/progress")

    assert (told["audience"], told["done"], told["outcomes"]) == (3, 3, {"shown": 2, "sent": 1})
    page = alice.opens(f"/campaigns/{campaign}")
    assert [words.split("The ")[0] for words in page.text_of("dt")[:2]] == ["Shown", "Sent, not seen yet"]
    assert page.text_of("dd")[:2] == ["2", "1"]


def test_the_end_is_said_only_as_it_is_measured(alice: Merchant, shop: int, at_noon: datetime) -> None:
    with transaction() as tx:
        campaign = make_campaign(tx, shop, state="sending", started_at=at_noon - MINUTE, audience=1_230)
        for minutes in (-1, 5):
            to = make_subscription(tx, shop, of=make_person(tx, shop))
            hinted = at_noon + minutes * MINUTE
            make_delivery(tx, shop, to=to, campaign_id=campaign, due_at=hinted + MINUTE, hinted_at=hinted)
    assert _said(alice, campaign).startswith("No answer from the push services in the last minute.")
    with transaction() as tx:
        counts.note(tx, [counts.What(shop, campaign, "fcm.googleapis.com", "sent")] * 120, at_noon - MINUTE / 2)
        counts.note(tx, [counts.What(shop, campaign, "fcm.googleapis.com", "throttled")] * 7, at_noon - MINUTE / 2)

    said = _said(alice, campaign)

    assert said == (
        "2 a second over the last minute · about 10 minutes left, until today 12:10. "
        "1 person of them waits for a better hour or for a push service, until today 12:06 at most."
    )
    with transaction() as tx:
        tx.execute(services.insert().values(host="fcm.googleapis.com", rate=25.0, throttled_at=at_noon))
        tx.execute(services.insert().values(host="web.push.apple.com", rate=7.0, throttled_at=at_noon))  # of others
    page = alice.opens(f"/campaigns/{campaign}")
    assert page.text_of("td") == ["fcm.googleapis.com", "120", "0", "7", "0"]
    told = [words for words in page.text_of("p", class_="quiet") if "messages a second" in words]
    assert told == ["fcm.googleapis.com: It takes about 25 messages a second; Beckon keeps to that."]
    assert page.all("progress")[0]["aria-label"] == "People with an outcome"


def test_a_campaign_that_has_just_begun_has_no_end_yet(alice: Merchant, shop: int, at_noon: datetime) -> None:
    with transaction() as tx:
        campaign = make_campaign(tx, shop, state="sending", started_at=at_noon - MINUTE / 10, audience=9)
    assert _said(alice, campaign) == "The end is unknown yet: the pace is being measured."


def test_the_frame_alone_is_what_the_page_fetches(alice: Merchant, shop: int, at_noon: datetime) -> None:
    with transaction() as tx:
        campaign = make_campaign(tx, shop, state="paused", started_at=at_noon, audience=9)
        to = make_subscription(tx, shop, of=make_person(tx, shop))
        make_delivery(tx, shop, to=to, campaign_id=campaign, state="rejected", reason="It answered 403.")
    answer = alice.client.get(f"/campaigns/{campaign}/progress", headers={"Accept": "text/html"})
    frame = Page(answer.get_data(as_text=True))
    assert frame.all("turbo-frame") == [{"id": "progress", "refresh": "morph"}]
    assert frame.all("div")[0] == {"data-state": "paused"}
    assert frame.text_of("dd")[0] == "1 · It answered 403."
    assert frame.all("html") == []


def _said(alice: Merchant, campaign: int) -> str:
    return alice.opens(f"/campaigns/{campaign}").text_of("p", class_="note")[0]


def test_one_that_came_back_says_why(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        campaign = make_campaign(tx, shop, reason="It was not sent: Its segment does not exist any more.")

    assert any("It was not sent" in words for words in alice.opens(f"/campaigns/{campaign}").text_of("div"))


def test_the_list_is_searched_and_cut_by_state(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        make_campaign(tx, shop, name="Coats", state="sent")
        make_campaign(tx, shop, name="Bunting")

    assert alice.opens("/campaigns?state=sent").text_of("a", class_="row") == ["Coats"]
    assert alice.opens("/campaigns?q=bunt").text_of("a", class_="row") == ["Bunting"]
    assert alice.opens("/campaigns?q=nothing").text_of("h2") == ["No campaign matches"]


def test_words_from_the_form_are_never_markup(alice: Merchant) -> None:
    here = alice.sends("/campaigns", **(WORDS | {"name": "<script>alert(1)</script>"})).location

    assert alice.opens(here).text_of("h1") == ["<script>alert(1)</script>"]
    assert alice.sends(here, segment_id="0 OR 1=1").status_code == 422


def _campaign(path: str) -> lifecycle.Campaign:
    campaign_id = int(path.rpartition("/")[2])
    with snapshot() as tx:
        shop_id = tx.execute(campaigns.select().where(campaigns.c.id == campaign_id)).one().shop_id
        return lifecycle.find(tx, shop_id, campaign_id)
