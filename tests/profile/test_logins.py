"""Who is logged in in a browser, and what a logout leaves of them there."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from plugin.profile import logins
from plugin.profile.logins import Browser, browser_of
from plugin.store.engine import Tx
from plugin.store.tables import people, visitors
from tests.conftest import NOON
from tests.factories import make_person

ANN, BOB = 777, 888
LATER = NOON + timedelta(hours=1)


def comes(tx: Tx, shop_id: int, customer_id: int | None, visitor: str = "v1") -> Browser:
    return browser_of(tx, shop_id, visitor=visitor, customer_id=customer_id, now=LATER)


def customer_of(tx: Tx, browser: Browser) -> int | None:
    return tx.execute(select(people.c.customer_id).where(people.c.id == browser.person_id)).scalar_one()


def test_a_browser_is_whose_it_was_as_long_as_nothing_changes(tx: Tx, shop_id: int) -> None:
    first = comes(tx, shop_id, None)
    assert (first.is_new, first.changed) == (True, False)
    assert comes(tx, shop_id, None) == Browser(first.visitor_id, first.person_id, is_new=False, changed=False)
    assert not logins.has_logged_out(tx, shop_id, "v1")


def test_in_and_out_and_in_again(tx: Tx, shop_id: int) -> None:
    ann = make_person(tx, shop_id, customer_id=ANN)
    assert comes(tx, shop_id, None).person_id != ann
    assert comes(tx, shop_id, ANN).person_id == ann
    out = comes(tx, shop_id, None)
    assert (customer_of(tx, out), out.changed) == (None, True)
    assert logins.has_logged_out(tx, shop_id, "v1")
    assert comes(tx, shop_id, None) == Browser(out.visitor_id, out.person_id, is_new=False, changed=False)
    assert comes(tx, shop_id, ANN).person_id == ann
    assert not logins.has_logged_out(tx, shop_id, "v1")
    assert set(tx.execute(select(people.c.id)).scalars()) == {ann}  # whoever was there in between has become her


def test_one_customer_after_the_other(tx: Tx, shop_id: int) -> None:
    ann = comes(tx, shop_id, ANN)
    bob = comes(tx, shop_id, BOB)
    assert (customer_of(tx, ann), customer_of(tx, bob), bob.changed) == (ANN, BOB, True)
    assert tx.execute(select(visitors.c.logged_in_as)).scalar_one() == BOB
