"""Settings: the merchant decides whether Beckon knows names, e-mails, phone numbers and towns."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from plugin import jobs
from plugin.store.engine import snapshot, transaction
from plugin.store.tables import people, shops
from tests.factories import make_person
from tests.pages.conftest import Merchant


@pytest.fixture(autouse=True)
def asked_again(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The shops whose customers were asked for anew."""
    asked: list[int] = []
    monkeypatch.setattr(jobs, "load_customers_again", asked.append)
    return asked


def test_nothing_is_kept_until_the_merchant_says_so(alice: Merchant) -> None:
    page = alice.opens("/settings")
    assert page.text_of("b") == ["Names", "E-mail addresses", "Phone numbers", "Towns and coordinates"]
    assert page.text_of("button").count("Switch on") == 4


def test_switched_on_it_is_asked_for_anew_once(alice: Merchant, shop: int, asked_again: list[int]) -> None:
    for _ in range(2):
        assert alice.sends("/settings/contact/name", on="1").status_code == 303
    with snapshot() as tx:
        assert tx.execute(select(shops.c.keeps_name, shops.c.keeps_email)).one() == (True, False)
    assert asked_again == [shop]


def test_switching_off_asks_first_and_erases(alice: Merchant, shop: int) -> None:
    alice.sends("/settings/contact/name", on="1")
    with transaction() as tx:
        make_person(tx, shop, customer_id=7, first_name="Ann", last_name="Ammann")
    page = alice.opens("/settings")
    assert "Erase all names?" in page.text_of("h2")
    assert any("All first and last names are erased now." in text for text in page.text_of("p"))

    assert alice.sends("/settings/contact/name", on="0").status_code == 303

    with snapshot() as tx:
        assert tx.execute(select(people.c.first_name, people.c.last_name)).one() == (None, None)


def test_there_is_no_fifth_field(alice: Merchant) -> None:
    assert alice.sends("/settings/contact/birthday", on="1").status_code == 404


def test_a_subscriber_with_a_name_is_called_by_it(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        ann = make_person(
            tx, shop, customer_id=7, first_name="Ann", last_name="Ammann", email_status="SUBSCRIBED", email="a@b.test"
        )
    page = alice.opens(f"/subscribers/{ann}")
    assert page.text_of("h1") == ["Ann Ammann"]
    assert {"Subscribed", "7", "a@b.test"} <= set(page.text_of("dd"))
