"""The words of a message: merge tags, limits, links, and the bytes that travel."""

from __future__ import annotations

import json

import pytest

from plugin.message import check
from plugin.message.content import Message, Template, Unusable, payload, render
from plugin.message.limits import PAYLOAD, TITLE
from plugin.message.links import BadLink, absolute, tracked
from plugin.message.merge import MergeError, fill
from plugin.message.words import ABANDONED_CART, CAMPAIGN, money

SHOP = "https://vanta-outdoor.test"
VALUES = {"shop.name": "Vanta", "product.title": "Harbour Parka", "product.price": None}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("No tags", "No tags"),
        ("{{ product.title }} at {{shop.name}}", "Harbour Parka at Vanta"),
        ("{{ product.price | default: 'a good price' }}", "a good price"),
        ('{{ product.price|default:"it\'s cheap" }}', "it's cheap"),
        ("{{ product.price | default: '' }}!", "!"),
        ("{{ product.title | default: 'x' }}", "Harbour Parka"),
        ("a } b { c", "a } b { c"),
    ],
)
def test_tags_are_filled(text: str, read: str) -> None:
    assert fill(text, VALUES) == read


@pytest.mark.parametrize(
    ("text", "sentence", "place"),
    [
        (
            "Hi {{ product.titel }}",
            "There is no {{ product.titel }} here. The merge tags of this message: product",
            (3, 22),
        ),
        ("{{ product.price }}", "{{ product.price }} has no value here and no default.", (0, 19)),
        ("{{ shop.name", "{{ has no }} that belongs to it.", (0, 2)),
        ("shop.name }}", "}} has no {{ that belongs to it.", (10, 12)),
        ("{{ 7 * 7 }}", "{{ 7 * 7 }} is no merge tag.", (0, 11)),
        ("{{ shop.name | upcase }}", "is no merge tag", (0, 24)),
    ],
)
def test_a_mistake_is_a_sentence_at_its_place(text: str, sentence: str, place: tuple[int, int]) -> None:
    with pytest.raises(MergeError) as caught:
        fill(text, VALUES)
    assert sentence in str(caught.value)
    assert (caught.value.start, caught.value.end) == place


def test_what_a_value_says_is_not_read_as_a_tag() -> None:
    assert fill("{{ shop.name }}", {"shop.name": "{{ product.title }}"}) == "{{ product.title }}"


def test_a_message_has_absolute_addresses() -> None:
    message = render(Template("Hi", "", "/cart", "/parka.jpg"), {}, SHOP + "/")
    assert (message.url, message.image) == (SHOP + "/cart", SHOP + "/parka.jpg")


@pytest.mark.parametrize(
    "url", ["", "cart", "javascript:alert(1)", "//evil.example/x", "https://", "ftp://x/y", "http://[1"]
)
def test_what_is_no_link_is_refused(url: str) -> None:
    with pytest.raises(BadLink):
        absolute(url, SHOP)


def test_a_path_needs_the_shops_address() -> None:
    with pytest.raises(BadLink, match="the shop's own address is not known yet"):
        absolute("/cart", None)


def test_a_tracked_link_keeps_what_it_had() -> None:
    assert tracked(SHOP + "/x?a=1&utm_source=mine&bk=old#top", "t0k", "Winter & co") == (
        SHOP + "/x?a=1&utm_source=mine&utm_medium=push&utm_campaign=Winter+%26+co&bk=t0k#top"
    )


def test_the_payload_is_declarative_web_push() -> None:
    body = payload(Message("Mäntel", "Da", SHOP + "/", lang="de"), "t0k")
    assert "Mäntel".encode() in body
    assert json.loads(body) == {
        "web_push": 8030,
        "notification": {
            "title": "Mäntel",
            "body": "Da",
            "navigate": SHOP + "/",
            "tag": "t0k",
            "lang": "de",
            "silent": False,
            "data": {"delivery": "t0k"},
        },
    }


def test_a_payload_that_does_not_fit_is_refused() -> None:
    fits = Message("T", "", SHOP)
    room = PAYLOAD - len(payload(fits, "t0k"))
    assert len(payload(Message("T", "x" * room, SHOP), "t0k")) == PAYLOAD
    with pytest.raises(Unusable, match="3,994 bytes long; a push holds 3,993"):
        payload(Message("T", "x" * (room + 1), SHOP), "t0k")


def test_a_message_without_a_title_or_with_too_long_a_one_is_refused() -> None:
    with pytest.raises(Unusable, match="The title is empty"):
        render(Template("{{ shop.name }}", "", "/"), {"shop.name": " "}, SHOP)
    with pytest.raises(Unusable, match="at most 200"):
        render(Template("x" * 201, "", "/"), {}, SHOP)


def test_the_composer_is_told_everything_at_once() -> None:
    template = Template("x" * (TITLE.recommended + 1), "{{ product.title }}", "cart", "ftp://x")
    found = check.problems(template, CAMPAIGN, SHOP)
    assert [(each.field, each.only_a_warning) for each in found] == [
        ("title", True),
        ("body", False),
        ("url", False),
        ("image_url", False),
    ]
    assert (found[1].start, found[1].end) == (0, 19)
    assert check.errors(Template("Coats", "For you", "/"), CAMPAIGN, SHOP) == []
    assert [each.sentence for each in check.problems(Template("", "", "/"), CAMPAIGN, SHOP)] == ["The title is empty."]
    assert check.errors(Template("x", "y" * 1_001, "/"), CAMPAIGN, SHOP)[0].start == 1_000


@pytest.mark.parametrize("words", [CAMPAIGN, ABANDONED_CART])
def test_every_tag_has_its_meaning_and_an_example(words: dict[str, tuple[str, str]]) -> None:
    assert all(meaning and example for meaning, example in words.values())


@pytest.mark.parametrize(
    ("minor", "currency", "read"),
    [(125_000, "GBP", "£1,250.00"), (1_250, "JPY", "¥1,250"), (1_250, "SEK", "12.50 SEK"), (-5, "EUR", "-€0.05")],
)
def test_money_reads_as_in_shops(minor: int, currency: str, read: str) -> None:
    assert money(minor, currency) == read


def test_a_name_that_many_do_not_have_needs_a_default() -> None:
    bare = Template("Hello {{ customer.first_name }}", "", "/")
    (problem,) = check.errors(bare, CAMPAIGN, "https://vanta.test")
    assert problem.sentence == "Not everybody has one: write {{ customer.first_name | default: 'there' }}."
    assert bare.title[problem.start : problem.end] == "{{ customer.first_name }}"
    ready = Template("Hello {{ customer.first_name | default: 'there' }}", "", "/")
    assert check.errors(ready, CAMPAIGN, "https://vanta.test") == []
    assert check.errors(ready, ABANDONED_CART, "https://vanta.test") == []
