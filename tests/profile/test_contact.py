"""Names, e-mails and phone numbers are there only where the merchant wants them, and gone the moment they do not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from plugin.base.errors import NotFound
from plugin.ingest.events import Contact, CustomerChanged
from plugin.profile import contact
from plugin.profile.apply import apply
from plugin.store import tables
from plugin.store.engine import Tx
from tests.conftest import NOON
from tests.factories import make_shop

ANN = 2**53 + 1
ALL = frozenset({"name", "email", "phone"})
HOUR = timedelta(hours=1)
FULL = Contact(ALL, "Ann", "Ammann", "ann@example.com", "+441234567")


def changed(told: Contact | None, hours: int = 0) -> CustomerChanged:
    return CustomerChanged(ANN, None, NOON + hours * HOUR, contact=told)


def held(tx: Tx, shop_id: int) -> tuple[str | None, ...]:
    columns = ("first_name", "last_name", "email", "phone")
    query = select(*(tables.people.c[name] for name in columns)).where(tables.people.c.shop_id == shop_id)
    return tuple(tx.execute(query).one())


def test_what_is_off_is_not_written_even_if_an_event_says_it(tx: Tx, shop_id: int) -> None:
    """A batch that was parsed before the merchant switched it off comes too late."""
    contact.switch(tx, shop_id, "name", on=True)
    apply(tx, shop_id, [changed(FULL)], now=NOON)
    assert held(tx, shop_id) == ("Ann", "Ammann", None, None)


def test_switched_off_it_is_gone_at_once_and_only_here(tx: Tx, shop_id: int) -> None:
    other = make_shop(tx, "other.myshopify.com", keeps_email=True)
    apply(tx, other, [changed(FULL)], now=NOON)
    for field in ALL:
        assert contact.switch(tx, shop_id, field, on=True)
    apply(tx, shop_id, [changed(FULL)], now=NOON)
    assert contact.switch(tx, shop_id, "email", on=False)
    assert held(tx, shop_id) == ("Ann", "Ammann", None, "+441234567")
    assert held(tx, other) == (None, None, "ann@example.com", None)
    assert not contact.switch(tx, shop_id, "email", on=False)


def test_switched_on_again_older_news_is_welcome(tx: Tx, shop_id: int) -> None:
    contact.switch(tx, shop_id, "name", on=True)
    apply(tx, shop_id, [changed(FULL, hours=2)], now=NOON)
    contact.switch(tx, shop_id, "name", on=False)
    contact.switch(tx, shop_id, "name", on=True)
    apply(tx, shop_id, [changed(FULL, hours=1)], now=NOON)
    assert held(tx, shop_id)[0] == "Ann"


def test_what_shopify_hides_is_empty_and_what_it_does_not_say_stays(tx: Tx, shop_id: int) -> None:
    for field in ALL:
        contact.switch(tx, shop_id, field, on=True)
    apply(tx, shop_id, [changed(FULL)], now=NOON)
    apply(tx, shop_id, [changed(None, hours=1), changed(Contact(frozenset({"phone"})), hours=2)], now=NOON)
    assert held(tx, shop_id) == ("Ann", "Ammann", "ann@example.com", None)


def test_there_are_four_fields_and_no_more(tx: Tx, shop_id: int) -> None:
    with pytest.raises(NotFound):
        contact.switch(tx, shop_id, "birthday", on=True)
