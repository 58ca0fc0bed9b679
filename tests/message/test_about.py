"""What a message names is read from its own words: a product of the shop's, and codes."""

from __future__ import annotations

import pytest

from plugin.message.about import About, about
from plugin.message.content import Template

SHOP = "https://www.vanta-outdoor.test"


def of(url: str = "/", title: str = "", body: str = "") -> About:
    return about(Template(title, body, url), SHOP, "vanta.myshopify.com")


@pytest.mark.parametrize(
    "url",
    [
        "/products/harbour-parka",
        "/products/Harbour-Parka?utm_source=x#reviews",
        "/en-gb/products/harbour-parka/",
        "/collections/coats/products/harbour-parka",
        "https://www.vanta-outdoor.test/products/harbour-parka",
        "https://VANTA-outdoor.test/products/harbour%2Dparka",
        "https://vanta.myshopify.com/products/harbour-parka",
        "/discount/?redirect=/x/products/y&discount=",
    ],
)
def test_a_link_to_a_product_is_about_it(url: str) -> None:
    assert of(url).handle == (None if url.startswith("/discount") else "harbour-parka")


@pytest.mark.parametrize(
    "url",
    ["/", "/products", "/collections/coats", "https://elsewhere.test/products/parka", "//x", "", "/products/{{ a }}"],
)
def test_any_other_link_is_about_none(url: str) -> None:
    assert of(url) == About()


def test_a_link_may_name_variants() -> None:
    assert of("/products/parka?variant=41").variants == (41,)
    assert of("/products/parka?variant=x").variants == ()
    assert of("/cart/41:1,42:2?discount=SPRING") == About(None, (41, 42), frozenset({"spring"}))


def test_a_link_that_applies_a_code_is_about_the_code_and_where_it_leads() -> None:
    found = of("/discount/Winter10?redirect=%2Fproducts%2Fparka%3Fvariant%3D41")
    assert found == About("parka", (41,), frozenset({"winter10"}))
    assert of("/discount/A1?redirect=https://elsewhere.test/products/parka").handle is None
    assert of("/?discount=A1,B2").linked == {"a1", "b2"}


def test_words_that_may_be_codes_are_those_in_capitals_and_those_with_digits() -> None:
    found = of(
        title="SPRING is here, {{ shop.name | default: 'ACME1' }}", body="Use Winter10 or BLACK-20: 20 % off, to 50."
    )
    assert found.written == {"SPRING", "Winter10", "BLACK-20"}
    assert found.keys == {"spring", "winter10", "black-20"}
