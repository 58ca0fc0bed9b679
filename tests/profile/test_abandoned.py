"""When somebody last began a checkout that came to nothing: customers and visitors, until it is completed after all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from plugin.ingest.events import CartSeen, CheckoutChanged, CustomerChanged, CustomersMerged, OrderChanged
from plugin.profile.apply import apply
from plugin.store.engine import Tx
from plugin.store.tables import people
from tests.conftest import NOON

ANN = 2**53 + 1
HOUR = timedelta(hours=1)


def checkout(hours: int = 0, token: str = "c", cart: str | None = None, customer: int | None = ANN) -> CheckoutChanged:
    return CheckoutChanged(token, cart, customer, (), None, NOON + hours * HOUR, None)


def order(**changes: Any) -> OrderChanged:
    told = dict(name="#1", customer_id=ANN, placed_at=NOON + 5 * HOUR, updated_at=NOON + 5 * HOUR, cancelled_at=None)
    return OrderChanged(1, **(told | dict(currency="GBP", total=1, refunds=(), test=False, lines=()) | changes))


def since(tx: Tx) -> datetime | None:
    found: datetime | None = tx.execute(select(people.c.abandoned_checkout_at)).scalar_one()
    return found


def test_the_last_one_counts(tx: Tx, shop_id: int) -> None:
    apply(tx, shop_id, [checkout(hours=2), checkout(hours=1, token="d")], now=NOON)
    apply(tx, shop_id, [CustomerChanged(ANN, None, NOON)], now=NOON)
    assert since(tx) == NOON + 2 * HOUR


def test_an_order_that_names_it_ends_it_and_the_one_before_counts_again(tx: Tx, shop_id: int) -> None:
    apply(tx, shop_id, [CustomerChanged(ANN, None, NOON), checkout(hours=2), checkout(hours=1, token="d")], now=NOON)
    apply(tx, shop_id, [order(checkout_token="c")], now=NOON)
    assert since(tx) == NOON + HOUR


def test_so_does_the_order_of_its_cart(tx: Tx, shop_id: int) -> None:
    apply(tx, shop_id, [checkout(cart="basket")], now=NOON)
    assert since(tx) == NOON
    apply(tx, shop_id, [order(cart_token="basket")], now=NOON)
    assert since(tx) is None


def test_a_visitors_counts_too(tx: Tx, shop_id: int) -> None:
    apply(tx, shop_id, [checkout(cart="basket", customer=None), CartSeen("visitor", "basket", NOON)], now=NOON)
    assert since(tx) == NOON


def test_a_checkout_of_a_customer_who_was_merged_is_the_kept_ones(tx: Tx, shop_id: int) -> None:
    apply(tx, shop_id, [CustomersMerged(ANN, ANN + 1, NOON)], now=NOON)
    apply(tx, shop_id, [checkout()], now=NOON)
    kept = select(people.c.abandoned_checkout_at).where(people.c.customer_id == ANN + 1)
    assert tx.execute(kept).scalar_one() == NOON
