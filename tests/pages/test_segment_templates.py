"""The gallery: ready segments by kind, found by words, counted in this shop, used with one click."""

from __future__ import annotations

from plugin.segment.templates import SUBJECTS, TEMPLATES
from plugin.store.engine import transaction
from tests.factories import make_person, make_segment, make_subscription
from tests.pages.conftest import Merchant


def test_all_stand_there_by_kind_each_with_when_to_use_it(alice: Merchant) -> None:
    page = alice.opens("/segments/templates")

    assert len([link for link in page.links if "template=" in link]) == sum(map(len, TEMPLATES.values()))
    assert page.text_of("h2") == list(SUBJECTS.values())
    assert TEMPLATES["place"][0].when in page.text_of("p", class_="quiet")


def test_one_is_found_by_words_and_kind(alice: Merchant) -> None:
    page = alice.opens("/segments/templates?q=90+days&subject=cycle")

    assert page.text_of("b") == ["Have not ordered for 90 days"]
    assert page.text_of("option", value="cycle", selected=None) == ["Life cycle"]
    assert alice.opens("/segments/templates?q=zebra").text_of("h2") == ["No ready segment has all of these words"]


def test_use_opens_the_editor_with_it(alice: Merchant) -> None:
    page = alice.opens("/segments/new?template=tagged-vip")

    assert page.text_of("textarea") == ["customer_tags CONTAINS 'VIP'"]
    assert next(field for field in page.all("input") if field.get("name") == "name")["value"] == "Tagged VIP"
    alice.opens("/segments/new?template=nonsense", status=404)


def test_the_list_leads_to_the_gallery(alice: Merchant, shop: int) -> None:
    assert "/segments/templates" in alice.opens("/segments").links
    with transaction() as tx:
        make_segment(tx, shop, "", "Everybody")
    assert "/segments/templates" in alice.opens("/segments").links


def test_each_is_counted_in_this_shop(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        ann = make_person(tx, shop, customer_id=17850, tags=["vip"])
        make_person(tx, shop, customer_id=13047)
        make_subscription(tx, shop, of=ann)

    query = "customer_tags CONTAINS 'VIP'"
    assert alice.asks("/segments/count", query=query) == {"count": 1}
    assert alice.asks("/segments/count", query="", of="reachable") == {"reachable": 1}
    assert [one["label"] for one in alice.asks("/segments/count", query="", of="sample")["sample"]] == [  # type: ignore[attr-defined]
        "#17850",
        "#13047",
    ]
    assert "no filter" in str(alice.asks("/segments/count", query="shoe_size = 40")["error"])
