"""The shop's own values, for who writes or clicks a segment together."""

from __future__ import annotations

from plugin.segment.suggest import SOURCES, Suggestion, named, suggestions
from plugin.store.engine import Tx
from tests.conftest import NOON
from tests.factories import make_person, make_product, make_shop


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


def test_every_source_answers_in_an_empty_shop(tx: Tx, shop_id: int) -> None:
    for source in SOURCES:
        assert suggestions(tx, shop_id, source, "x") == []
    assert suggestions(tx, shop_id, "nonsense", "x") == []
