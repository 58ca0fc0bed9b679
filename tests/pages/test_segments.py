"""Segments: starters, the editor that counts, mistakes at their place, deleting."""

from __future__ import annotations

from datetime import datetime

from plugin import segment_jobs
from plugin.segment import saved
from plugin.store.engine import transaction
from tests.conftest import NOON
from tests.factories import make_campaign, make_person, make_segment, make_subscription
from tests.pages.conftest import Merchant

BEFORE_MEMBERS_WERE_KEPT = {"settling_from": NOON, "settling_after": -1}
"""As the migration leaves a segment."""


def test_a_segments_pages_are_one_click_apart(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        loyal = make_segment(tx, shop, "number_of_orders >= 2", "Loyal")

    page = alice.opens(f"/segments/{loyal}")

    assert [nav for nav in page.all("nav") if nav.get("aria-label") == "This segment"]
    assert [link["href"] for link in page.all("a") if link.get("aria-current") == "page"][-1] == f"/segments/{loyal}"


def test_who_has_none_is_shown_five_to_begin_with(alice: Merchant) -> None:
    page = alice.opens("/segments")

    assert page.text_of("h2")[0].startswith("No segment yet")
    first = next(link for link in page.links if "template=" in link)
    assert "number_of_orders >= 2" in alice.opens(first).text_of("textarea")[0]


def test_the_page_shows_whom_it_means(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        ann = make_person(tx, shop, customer_id=17850, number_of_orders=3, amount_spent=9_050)
        make_subscription(tx, shop, of=ann)
        make_person(tx, shop, customer_id=13047, number_of_orders=2)
        make_person(tx, shop, customer_id=14688, number_of_orders=0)

    page = alice.opens("/segments/new?query=number_of_orders+%3E%3D+2")

    assert page.text_of("p", class_="value") == ["2", "1"]
    assert page.text_of("p", class_="note") == ["67 % of everybody", "1 of them cannot be reached"]
    assert page.text_of("tr")[1:] == ["#178503 orders, £90.50", "#130472 orders, £0.00"]


def test_a_segment_is_saved_changed_and_deleted(alice: Merchant) -> None:
    made = alice.sends("/segments", name="Loyal", query="number_of_orders >= 2")
    assert made.status_code == 303
    here = made.location
    assert alice.opens(here).text_of("h1") == ["Loyal"]

    assert alice.sends(here, name="Very loyal", query="number_of_orders >= 5").location == here
    assert "Very loyal" in alice.opens("/segments").text_of("a", class_="row")

    assert alice.sends(f"{here}/delete").location == "/segments"
    alice.opens(here, status=404)


def test_a_query_with_a_mistake_is_not_saved_and_not_lost(alice: Merchant) -> None:
    page = alice.reads(alice.sends("/segments", name="Loyal", query="number_of_orders >= many"), status=422)

    assert page.text_of("textarea") == ["number_of_orders >= many"]
    assert page.text_of("p", id="query-error")[0]
    assert "No segment yet" in alice.opens("/segments").text_of("h2")[0]


def test_a_name_is_asked_for(alice: Merchant) -> None:
    page = alice.reads(alice.sends("/segments", name=" ", query=""), status=422)

    assert page.text_of("p", id="field-name-error")[0].startswith("Give it a name")


def test_before_deleting_one_reads_which_campaigns_need_it(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        loyal = make_segment(tx, shop, "number_of_orders >= 2", "Loyal")
        make_campaign(tx, shop, segment_id=loyal, name="Coats")

    dialog = alice.opens(f"/segments/{loyal}").text_of("dialog", id="delete")[0]

    assert "1 campaign needs it" in dialog
    assert "Coats" in dialog


def test_a_query_from_long_ago_that_no_longer_reads_says_so(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        make_segment(tx, shop, "shoe_size > 40", "Big feet")

    assert "shoe_size" in alice.opens("/segments").text_of("span", class_="wrong")[0]


def test_the_list_shows_the_sizes_that_are_kept_and_counting_where_there_are_none_yet(
    alice: Merchant, shop: int, at_noon: datetime
) -> None:
    with transaction() as tx:
        for number in range(3):
            person = make_person(tx, shop, customer_id=number + 1, number_of_orders=number)
            if number == 1:
                make_subscription(tx, shop, of=person)
        saved.create(tx, shop, "Buyers", "number_of_orders >= 1", at_noon)
        saved.create(tx, shop, "Nobody", "number_of_orders > 9", at_noon)
        old = make_segment(tx, shop, "number_of_orders = 0", "Window-shoppers", **BEFORE_MEMBERS_WERE_KEPT)

    page = alice.opens("/segments")
    assert page.text_of("td", class_="n") == ["267 %", "1", "00 %", "0"]
    assert page.text_of("td", class_="n quiet") == ["counting …", "–"]
    assert alice.asks("/segments/state") == {"state": "counting"}
    assert "being counted" in alice.opens(f"/segments/{old}/members").text_of("div", class_="banner info")[0]

    segment_jobs.settle_segment(old)

    assert alice.opens("/segments").text_of("td", class_="n") == ["267 %", "1", "00 %", "0", "133 %", "0"]
    assert alice.asks("/segments/state") == {"state": "counted"}


def test_the_list_asks_as_many_questions_of_the_database_for_ten_segments_as_for_one(
    alice: Merchant, shop: int, statements: list[str], at_noon: datetime
) -> None:
    asked = []
    for number in range(10):
        with transaction() as tx:
            saved.create(tx, shop, f"At least {number}", f"number_of_orders >= {number}", at_noon)
        statements.clear()
        alice.client.get("/segments")
        asked.append(len(statements))

    assert set(asked) == {asked[0]} != {0}


def test_why_leads_to_the_person(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        loyal = make_segment(tx, shop, "number_of_orders >= 2", "Loyal")
        ann = make_person(tx, shop, customer_id=17850, number_of_orders=1)

    answer = alice.client.get(f"/segments/{loyal}/why?customer=%2317850")

    assert answer.location == f"/subscribers/{ann}#segment-{loyal}"
    alice.opens(f"/segments/{loyal}/why?customer=99", status=404)
