"""Privacy: requests with their answers, receipts, limits; a person's data and their erasure from their own page."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlalchemy import select

from plugin.ingest import privacy
from plugin.ingest.naming import Naming
from plugin.profile import retention
from plugin.store.engine import snapshot, transaction
from plugin.store.tables import people
from tests.factories import make_order, make_person, make_shop, make_subscription
from tests.pages.conftest import Merchant

PAGE = "/settings/privacy"


def asks(shop: int, customer_id: int, at: datetime, reference: str = "9999") -> int:
    """A customer wants to know what is held of them."""
    with transaction() as tx:
        found = privacy.ask(
            tx, shop, privacy.EXPORT, by=privacy.SHOPIFY, reference=reference, asked_at=at, now=at,
            customer_id=customer_id, naming=Naming((customer_id,)),
        )  # fmt: skip
    assert found is not None
    return found


def test_with_nothing_asked_the_page_says_how_it_would_be(alice: Merchant) -> None:
    page = alice.opens(PAGE)
    assert page.text_of("h1") == ["Privacy"]
    assert "Nobody waits for an answer" in page.text_of("h2")


def test_a_request_is_news_and_is_answered_with_a_file(alice: Merchant, shop: int, at_noon: datetime) -> None:
    with transaction() as tx:
        ann = make_person(tx, shop, customer_id=17850, tags=["VIP"])
        make_order(tx, shop, of=ann, placed_at=at_noon, name="#1001", total=2_500)
        browser = make_subscription(tx, shop, of=ann)
    request = asks(shop, 17850, at_noon)

    home = " ".join(alice.opens("/").text_of("li", class_="check"))
    page = alice.opens(PAGE)
    told = json.loads(alice.client.get(f"{PAGE}/requests/{request}.json").get_data())
    readable = alice.client.get(f"{PAGE}/requests/{request}.html")

    assert "Customer 17850 asks what you hold of them. Answer by 18 Dec." in home
    assert "Answer by 18 Dec." in " ".join(page.text_of("p", class_="quiet"))
    assert told["held"] is True
    assert [order["name"] for order in told["data"]["orders"]] == ["#1001"]
    assert [tag["tag"] for tag in told["data"]["person_tags"]] == ["VIP"]
    assert [one["id"] for one in told["data"]["subscriptions"]] == [browser]
    assert "auth" not in told["data"]["subscriptions"][0]
    assert readable.headers["Content-Disposition"] == 'attachment; filename="customer-17850.html"'
    assert "25.00 GBP" in readable.get_data(as_text=True)
    assert "src=" not in readable.get_data(as_text=True)

    assert alice.sends(f"{PAGE}/requests/{request}/answered").status_code == 303
    assert alice.sends(f"{PAGE}/requests/{request}/answered").status_code == 404
    page = alice.opens(PAGE)
    assert "Data asked for" in page.text_of("td")
    assert "17850" not in " ".join(page.text_of("td"))


def test_of_somebody_unknown_nothing_is_held(alice: Merchant, shop: int, at_noon: datetime) -> None:
    request = asks(shop, 4, at_noon - timedelta(days=31))
    (who, *_) = alice.opens(PAGE).text_of("div", class_="rowline")
    assert who == "Customer 4 Nothing is held Overdue"
    assert "Nothing is held." in alice.client.get(f"{PAGE}/requests/{request}.html").get_data(as_text=True)
    alice.sends(f"{PAGE}/requests/{request}/answered")
    with snapshot() as tx:
        (receipt,) = privacy.receipts(tx, "vanta.myshopify.com")
    assert (receipt.outcome, receipt.was_late) == ("nothing held", True)


def test_a_person_is_erased_from_their_page_after_a_question(alice: Merchant, shop: int, at_noon: datetime) -> None:
    with transaction() as tx:
        ann = make_person(tx, shop, customer_id=17850)
        bea = make_person(tx, shop)
        make_subscription(tx, shop, of=bea)
    page = alice.opens(f"/subscribers/{ann}")
    assert "Erase customer 17850?" in page.text_of("h2")
    assert json.loads(alice.client.get(f"/subscribers/{bea}/data.json").get_data())["held"] is True

    for person in (ann, bea):
        assert alice.sends(f"/subscribers/{person}/erase").status_code == 303
        alice.opens(f"/subscribers/{person}", status=404)

    assert alice.opens(PAGE).text_of("td").count("Person erased") == 2
    with snapshot() as tx:
        assert tx.execute(select(people)).all() == []


def test_a_merchant_chooses_how_long_things_are_kept(alice: Merchant, shop: int) -> None:
    assert alice.sends(f"{PAGE}/keep", views="90", carts="30").status_code == 303
    with snapshot() as tx:
        assert retention.days_of(tx, shop)["views"] == 90
    chosen = [str(option["value"]) for option in alice.opens(PAGE).all("option") if "selected" in option]
    assert chosen == ["90", "30", "365", "365", "365"]
    page = alice.reads(alice.sends(f"{PAGE}/keep", views="12"), 422)
    assert "Browsing history: choose one of" in page.text_of("div", class_="banner critical")[0]


def test_another_shop_s_requests_are_not_there(alice: Merchant, shop: int, at_noon: datetime) -> None:
    with transaction() as tx:
        other = make_shop(tx, "other.myshopify.com")
    request = asks(other, 4, at_noon)
    assert alice.client.get(f"{PAGE}/requests/{request}.json").status_code == 404
    assert alice.sends(f"{PAGE}/requests/{request}/answered").status_code == 404
