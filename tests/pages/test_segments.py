"""Segments: starters, the editor that counts, mistakes at their place, deleting."""

from __future__ import annotations

from plugin.store.engine import transaction
from tests.factories import make_campaign, make_person, make_segment, make_subscription
from tests.pages.conftest import Merchant


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


def test_why_leads_to_the_person(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        loyal = make_segment(tx, shop, "number_of_orders >= 2", "Loyal")
        ann = make_person(tx, shop, customer_id=17850, number_of_orders=1)

    answer = alice.client.get(f"/segments/{loyal}/why?customer=%2317850")

    assert answer.location == f"/subscribers/{ann}#segment-{loyal}"
    alice.opens(f"/segments/{loyal}/why?customer=99", status=404)
