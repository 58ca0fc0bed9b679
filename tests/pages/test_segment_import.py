"""Importing Shopify's segments: what reads, what does not and why, one click, one dialog."""

from __future__ import annotations

from plugin.segment import saved
from plugin.store import tables
from plugin.store.engine import snapshot, transaction
from tests.conftest import NOON
from tests.factories import make_person
from tests.pages.conftest import Merchant
from tests.segment.test_imports import ALIEN, tell


def read_list(shop: int) -> None:
    with transaction() as tx:
        at = tables.segment_readings.insert().values(shop_id=shop, read_at=NOON, tried_at=NOON)
        tx.execute(at)


def test_who_has_none_is_told_where_they_come_from(alice: Merchant, shop: int) -> None:
    assert "was not read yet" in alice.opens("/segments/import").text_of("h2")[0]
    read_list(shop)
    assert "no segment in Shopify" in alice.opens("/segments/import").text_of("h2")[0]


def test_each_says_how_it_reads_and_one_click_imports_all_that_do(alice: Merchant, shop: int) -> None:
    read_list(shop)
    with transaction() as tx:
        make_person(tx, shop, customer_id=1, number_of_orders=5)
        tell(tx, shop, 11, "Regulars", "number_of_orders > 3")
        tell(tx, shop, 12, "Sale", "products_purchased(tag: 'Sale') = true")
        tell(tx, shop, 13, "Readers", f"number_of_orders > 3 AND {ALIEN}")
        tell(tx, shop, 14, "Openers", ALIEN)

    page = alice.opens("/segments/import")
    said = " ".join(page.text_of("li", id="segment-11"))
    assert "1 person here" in said
    assert "products_purchased MATCHES (tag = 'Sale')" in " ".join(page.text_of("li", id="segment-12"))
    assert "Shopify tells no app" in " ".join(page.text_of("li", id="segment-13"))
    assert "wider" in " ".join(page.text_of("dialog", id="partly-13"))
    assert "Nothing of it can be used" in " ".join(page.text_of("li", id="segment-14"))
    assert "/segments/import/14" not in page.forms

    assert alice.sends("/segments/import/all").status_code == 303

    with snapshot() as tx:
        assert [segment.name for segment in saved.every(tx, shop)] == ["Regulars", "Sale"]


def test_a_part_is_left_out_by_a_choice_of_its_own(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        tell(tx, shop, 13, "Readers", f"number_of_orders > 3 AND {ALIEN}")

    alice.reads(alice.sends("/segments/import/13"), status=422)
    assert alice.sends("/segments/import/13", partly="1").status_code == 303

    assert "Imported without" in " ".join(alice.opens("/segments/import").text_of("li", id="segment-13"))


def test_a_change_in_shopify_is_shown_before_it_is_taken_over(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        tell(tx, shop, 11, "Regulars", "number_of_orders > 3")
    alice.sends("/segments/import/11")
    with transaction() as tx:
        tell(tx, shop, 11, "Regulars", "number_of_orders > 9")

    page = alice.opens("/segments/import")
    assert page.text_of("del") == ["number_of_orders > 3"]
    assert page.text_of("ins") == ["number_of_orders > 9"]

    alice.sends("/segments/import/11")
    with snapshot() as tx:
        assert saved.every(tx, shop)[0].query == "number_of_orders > 9"


def test_keeping_in_step_is_switched_on_and_off(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        tell(tx, shop, 11, "Regulars", "number_of_orders > 3")
    alice.sends("/segments/import/11")

    alice.sends("/segments/import/11/step", wanted="1")
    assert "taken over by themselves" in " ".join(alice.opens("/segments/import").text_of("li", id="segment-11"))
    alice.sends("/segments/import/11/step", wanted="0")
    assert "taken over by themselves" not in " ".join(alice.opens("/segments/import").text_of("li", id="segment-11"))


def test_many_stand_on_pages_and_are_found_by_name(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        for number in range(1, 32):
            tell(tx, shop, number, f"Segment {number:02}", "number_of_orders > 3")

    assert len(alice.opens("/segments/import").text_of("h2")) == 20
    assert len(alice.opens("/segments/import?page=2").text_of("h2")) == 11
    assert alice.opens("/segments/import?q=31").text_of("h2") == ["Segment 31"]


def test_when_shopify_is_away_the_page_says_so(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        tx.execute(tables.shops.update().values(access_token=None))

    assert alice.sends("/segments/import/read").status_code == 303

    assert "could not be read" in " ".join(alice.opens("/segments/import").text_of("div", class_="banner attention"))
    assert alice.asks("/segments/import/state")["state"] == "read"
