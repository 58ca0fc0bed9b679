"""Automations: the abandoned cart's switch, delay, words and numbers."""

from __future__ import annotations

from plugin.store.engine import transaction
from plugin.store.tables import variants
from tests.factories import make_product
from tests.pages.conftest import Merchant

HERE = "/automations/abandoned_cart"
WORDS = {"title": "Still thinking about {{ product.title }}?", "body": "It waits."}


def test_the_list_shows_what_there_is(alice: Merchant) -> None:
    page = alice.opens("/automations")

    assert page.text_of("a", class_="row") == ["Abandoned cart"]
    assert page.text_of("span", class_="badge ") == ["Off"]


def test_it_is_switched_on_with_delay_and_words(alice: Merchant) -> None:
    assert alice.sends(HERE, enabled="1", delay_minutes="45", **WORDS).location == HERE

    page = alice.opens(HERE)
    assert page.text_of("span", class_="badge success") == ["On"]
    assert next(field["value"] for field in page.all("input") if field.get("name") == "delay_minutes") == "45"
    told = alice.asks(f"{HERE}.json")
    assert (told["enabled"], told["waiting"], told["sent"], told["outcomes"], told["currency"]) == (
        True,
        0,
        0,
        {},
        "GBP",
    )


def test_a_reminder_goes_to_all_browsers_if_the_merchant_chooses_so(alice: Merchant) -> None:
    def chosen() -> list[str | None]:
        radios = [field for field in alice.opens(HERE).all("input") if field.get("name") == "browsers"]
        return [radio["value"] for radio in radios if "checked" in radio]

    assert chosen() == ["last"]
    alice.sends(HERE, enabled="1", browsers="all", **WORDS)
    assert chosen() == ["all"]
    assert alice.sends(HERE, browsers="some").status_code == 422
    assert chosen() == ["all"]


def test_an_unticked_switch_turns_it_off(alice: Merchant) -> None:
    alice.sends(HERE, enabled="1", delay_minutes="45", **WORDS)

    alice.sends(HERE, enabled="0", delay_minutes="45", **WORDS)

    assert alice.asks(f"{HERE}.json")["enabled"] is False


def test_mistakes_stand_beside_their_field_and_what_was_typed_stays(alice: Merchant) -> None:
    page = alice.reads(alice.sends(HERE, enabled="1", delay_minutes="0", title="{{ person.name }}", body="x"), 422)

    assert page.text_of("p", id="field-delay_minutes-error")[0].startswith("Between 1 minute and 7 days")
    assert "{{ person.name }}" in page.text_of("p", id="field-title-error")[0]
    assert next(field["value"] for field in page.all("input") if field.get("name") == "title") == "{{ person.name }}"
    alice.reads(alice.sends(HERE, delay_minutes="soon"), 422)
    assert alice.asks(f"{HERE}.json")["enabled"] is False


def test_the_preview_is_about_a_product_of_the_shop(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        parka = make_product(tx, shop, title="Harbour Parka")
        row = dict(shop_id=shop, variant_id=1, product_id=parka, title="M", price=12_900)
        tx.execute(variants.insert().values(row))

    told = alice.sends(
        f"{HERE}/preview", title="{{ product.title }}, {{ product.price }}", body="{{ shop.name }}"
    ).get_json()

    assert told["preview"]["title"] == "Harbour Parka, £129.00"
    assert told["preview"]["body"] == "Vanta Outdoor"
    assert told["problems"] == []


def test_there_is_no_automation_by_another_name(alice: Merchant) -> None:
    alice.opens("/automations/birthday", status=404)
    assert alice.sends("/automations/birthday", enabled="1").status_code == 404
