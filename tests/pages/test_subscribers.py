"""Subscribers: the list with search and pages, and one person."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from plugin.admin.browsers import browser_of
from plugin.store.engine import transaction
from plugin.store.tables import consents
from tests.factories import (
    make_campaign,
    make_delivery,
    make_order,
    make_person,
    make_segment,
    make_subscription,
)
from tests.pages.conftest import Merchant


def test_an_empty_list_says_how_people_come(alice: Merchant) -> None:
    assert alice.opens("/subscribers").text_of("h2") == ["Nobody has subscribed yet"]


def test_people_are_found_by_what_one_knows_of_them(alice: Merchant, shop: int, at_noon: datetime) -> None:
    with transaction() as tx:
        ann = make_person(tx, shop, customer_id=17850, countries=["IE"], tags=["Vip"])
        make_order(tx, shop, of=ann, placed_at=at_noon, name="#1001")
        make_subscription(tx, shop, of=ann, user_agent="Mozilla/5.0 (Linux; Android 14) Chrome/130.0")
        make_subscription(tx, shop, of=make_person(tx, shop, customer_id=13047), user_agent="Firefox/133")

    for words in ("17850", "#17850", "vip", "ie", "1001", "#1001", "Android"):
        page = alice.opens(f"/subscribers?q={words.replace('#', '%23')}")
        assert page.text_of("a", class_="row") == ["Customer 17850"], words
    assert "Nobody matches" in alice.opens("/subscribers?q=nobody%25").text_of("h2")


def test_fifty_stand_on_a_page(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        for _ in range(51):
            make_subscription(tx, shop, of=make_person(tx, shop))

    page = alice.opens("/subscribers")
    assert len(page.text_of("a", class_="row")) == 50
    assert "1 to 50 of 51 browsers" in page.text_of("span", class_="quiet")
    assert len(alice.opens("/subscribers?state=active&page=2").text_of("a", class_="row")) == 1


def test_growth_is_a_plot_and_a_table(alice: Merchant, shop: int, at_noon: datetime) -> None:
    with transaction() as tx:
        make_subscription(tx, shop, of=make_person(tx, shop), created_at=at_noon - timedelta(days=3))

    page = alice.opens("/subscribers")

    label = next(str(plot["aria-label"]) for plot in page.all("svg") if plot.get("class") == "plot")
    assert label == "Reachable people in the last 30 days: from 0 on 20 Oct to 1 person on 18 Nov."
    assert "18 Nov" in page.text_of("td")


def test_a_person_has_orders_messages_consent_and_reasons(alice: Merchant, shop: int, at_noon: datetime) -> None:
    with transaction() as tx:
        ann = make_person(tx, shop, customer_id=17850, number_of_orders=1, amount_spent=2_000, tags=["VIP"])
        make_order(tx, shop, of=ann, placed_at=at_noon, name="#1001", total=2_500, refunded=500)
        browser = make_subscription(tx, shop, of=ann, user_agent="Mozilla/5.0 (Linux; Android 14) Chrome/130.0")
        row = dict(shop_id=shop, person_id=ann, subscription_id=browser, kind="granted", at=at_noon)
        tx.execute(
            consents.insert().values(row | dict(page="https://vanta-outdoor.test/", wording="New things first."))
        )
        make_delivery(tx, shop, to=browser, campaign_id=make_campaign(tx, shop, name="Coats"), state="sent")
        loyal = make_segment(tx, shop, "number_of_orders >= 2", "Loyal")

    page = alice.opens(f"/subscribers/{ann}")

    assert page.text_of("h1") == ["Customer 17850"]
    why = page.text_of("details", id=f"segment-{loyal}")[0]
    assert why.startswith("Loyal Out")
    assert "number_of_orders is 1" in why
    cells = page.text_of("td")
    assert {"#1001", "£25.00", "£5.00", "Coats", "Sent"} <= set(cells)
    assert "“New things first.”" in page.text_of("dd")
    assert "Chrome on Android" in page.text_of("b")


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/131 Safari/537 Edg/131", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18 Mobile Safari/604", "Safari on iPhone"),
        (None, "Firefox"),
    ],
)
def test_browsers_by_name(agent: str | None, name: str) -> None:
    assert browser_of(agent, "updates.push.services.mozilla.com") == name


def test_who_became_another_customer_is_shown_as_that_one(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        ann = make_person(tx, shop, customer_id=7)
        anna = make_person(tx, shop, customer_id=8, merged_into=ann)
    assert alice.client.get(f"/subscribers/{anna}").headers["Location"] == f"/subscribers/{ann}"
