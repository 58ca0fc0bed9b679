"""The shop's own values, for who writes or clicks a segment together."""

from __future__ import annotations

from plugin.segment.suggest import SOURCES, Suggestion, metafields, named, suggestions
from plugin.store.engine import Tx
from plugin.store.tables import person_metafields, person_places
from tests.conftest import NOON
from tests.factories import make_campaign, make_person, make_product, make_segment, make_shop


def labels(found: list[Suggestion]) -> list[str]:
    return [one.label for one in found]


def test_products_are_found_by_a_part_of_the_title_or_by_number(tx: Tx, shop_id: int) -> None:
    big = make_product(tx, shop_id, product_id=2**63 - 1, title="Harbour Parka", vendor="Vanta", product_type="Jackets")
    make_product(tx, shop_id, title="Fjord Parka 100%")
    make_product(tx, shop_id, title="Old Parka", deleted_at=NOON)
    make_product(tx, make_shop(tx, "other.myshopify.com"), title="Their Parka")

    assert suggestions(tx, shop_id, "product", " harb ") == [Suggestion(str(big), "Harbour Parka", "Vanta · Jackets")]
    assert labels(suggestions(tx, shop_id, "product", "parka")) == ["Fjord Parka 100%", "Harbour Parka"]
    assert labels(suggestions(tx, shop_id, "product", "0%")) == ["Fjord Parka 100%"]
    assert suggestions(tx, shop_id, "product", "_") == []
    assert named(tx, shop_id, "product", ["7", "x", "9" * 30]) == {}


def test_an_id_in_a_query_has_its_name_again(tx: Tx, shop_id: int) -> None:
    parka = make_product(tx, shop_id, title="Harbour Parka")
    theirs = make_product(tx, make_shop(tx, "other.myshopify.com"), title="Theirs")
    assert named(tx, shop_id, "product", [str(parka), str(theirs)]) == {str(parka): "Harbour Parka"}


def test_tags_stand_once_however_they_are_written_and_begin_as_typed(tx: Tx, shop_id: int) -> None:
    for tags in (["VIP", "Wholesale"], ["vip", "Kids' club"], ["Vienna"]):
        make_person(tx, shop_id, tags=tags)
    make_person(tx, make_shop(tx, "other.myshopify.com"), tags=["Vintage"])

    assert [label.casefold() for label in labels(suggestions(tx, shop_id, "customer_tag", "V"))] == ["vienna", "vip"]
    assert len(suggestions(tx, shop_id, "customer_tag", "")) == 4
    assert suggestions(tx, shop_id, "customer_tag", "%") == []


def test_vendors_and_types_say_of_how_many_products(tx: Tx, shop_id: int) -> None:
    make_product(tx, shop_id, vendor="Vanta", product_type="Jackets", tags=["Winter"])
    make_product(tx, shop_id, vendor="Vanta", product_type="")
    assert suggestions(tx, shop_id, "vendor", "van") == [Suggestion("Vanta", "Vanta", "2 products")]
    assert suggestions(tx, shop_id, "product_type", "") == [Suggestion("Jackets", "Jackets", "1 product")]
    assert labels(suggestions(tx, shop_id, "product_tag", "win")) == ["Winter"]


def test_places_are_written_as_segments_compare_them(tx: Tx, shop_id: int) -> None:
    for city, key in (("New York City", "us-ny-newyorkcity"), ("Newark", "us-ny-newark"), ("Albany", "us-ny-albany")):
        ann = make_person(tx, shop_id)
        place = {"key": key, "origin": "order", "country": "US", "region": "US-NY", "city": city, "city_key": key}
        mine = {"shop_id": shop_id, "person_id": ann, "source_id": ann, "changed_at": NOON}
        tx.execute(person_places.insert().values(**mine, **place, postcode="10001"))

    assert suggestions(tx, shop_id, "city", "new y") == [
        Suggestion("US-NY-NewYorkCity", "New York City", "US-NY"),
    ]
    assert labels(suggestions(tx, shop_id, "city", "new")) == ["New York City", "Newark"]
    assert labels(suggestions(tx, shop_id, "region", "us")) == ["US-NY"]
    assert labels(suggestions(tx, shop_id, "postcode", "10")) == ["10001"]


def test_segments_and_campaigns_are_found_by_name(tx: Tx, shop_id: int) -> None:
    make_segment(tx, shop_id, "", "Regulars")
    make_segment(tx, shop_id, "", "Gone", deleted_at=NOON)
    make_campaign(tx, shop_id, name="Winter coats")
    make_campaign(tx, shop_id, name="Winter coats")

    assert labels(suggestions(tx, shop_id, "segment", "")) == ["Regulars"]
    assert labels(suggestions(tx, shop_id, "campaign", "WINTER")) == ["Winter coats"]


def test_the_shops_own_metafields_are_known_with_their_types(tx: Tx, shop_id: int) -> None:
    for _ in range(2):
        ann = make_person(tx, shop_id)
        mine = {"shop_id": shop_id, "person_id": ann, "source_id": ann, "changed_at": NOON}
        level = {"namespace": "custom", "key": "level", "type": "single_line_text_field", "text": "gold"}
        tx.execute(person_metafields.insert().values(**mine, **level))
    assert metafields(tx, shop_id) == [("customer.metafields.custom.level", "single_line_text_field")]
    assert metafields(tx, make_shop(tx, "other.myshopify.com")) == []


def test_every_source_answers_in_an_empty_shop(tx: Tx, shop_id: int) -> None:
    for source in SOURCES:
        assert suggestions(tx, shop_id, source, "x") == []
    assert suggestions(tx, shop_id, "nonsense", "x") == []
