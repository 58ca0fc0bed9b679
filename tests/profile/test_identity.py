"""A visitor turns out to be a customer, and everything of theirs comes along."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from plugin.ingest.events import CartChanged, CartSeen, CheckoutChanged, Line, OrderChanged, Viewed
from plugin.profile.apply import apply
from plugin.profile.identity import person_of
from plugin.store import tables
from plugin.store.engine import Tx
from tests.conftest import NOON
from tests.factories import make_campaign, make_delivery, make_order, make_person, make_subscription

ANN = 2**53 + 1
PARKA = Line(7, 8, "Harbour Parka", 1, 99_00)
HOUR = timedelta(hours=1)


def order(order_id: int, *, customer_id: int | None, cart_token: str | None = None) -> OrderChanged:
    return OrderChanged(
        order_id=order_id,
        name=f"#{order_id}",
        customer_id=customer_id,
        placed_at=NOON,
        updated_at=NOON,
        cancelled_at=None,
        currency="GBP",
        total=99_00,
        refunds=(),
        test=False,
        lines=(PARKA,),
        cart_token=cart_token,
    )


def everybody(tx: Tx) -> list[tuple[int | None, int, int]]:
    rows = tx.execute(select(tables.people).order_by(tables.people.c.id))
    return [(row.customer_id, row.number_of_orders, row.amount_spent) for row in rows]


def owner(tx: Tx, table: str) -> int | None:
    return tx.execute(select(tables.metadata.tables[table].c.person_id)).scalar_one()


def test_a_browser_is_one_person_however_often_it_calls(tx: Tx, shop_id: int) -> None:
    first = person_of(tx, shop_id, visitor="v1", customer_id=None, now=NOON)
    assert person_of(tx, shop_id, visitor="v1", customer_id=None, now=NOON + HOUR) == first
    assert everybody(tx) == [(None, 0, 0)]


def test_the_first_log_in_names_the_visitor(tx: Tx, shop_id: int) -> None:
    visitor = person_of(tx, shop_id, visitor="v1", customer_id=None, now=NOON)
    assert person_of(tx, shop_id, visitor="v1", customer_id=ANN, now=NOON) == visitor
    assert everybody(tx) == [(ANN, 0, 0)]


def test_a_visitor_who_is_a_customer_we_know_brings_everything_along(tx: Tx, shop_id: int) -> None:
    ann = make_person(tx, shop_id, customer_id=ANN)
    make_order(tx, shop_id, of=ann, placed_at=NOON, total=10_00)
    visitor = person_of(tx, shop_id, visitor="v1", customer_id=None, now=NOON)
    subscription = make_subscription(tx, shop_id, of=visitor)
    make_delivery(tx, shop_id, to=subscription, campaign_id=make_campaign(tx, shop_id))
    make_order(tx, shop_id, of=visitor, placed_at=NOON, total=5_00)
    apply(tx, shop_id, [CartSeen("v1", "cart", NOON), Viewed("e1", "v1", 7, NOON)], now=NOON)

    assert person_of(tx, shop_id, visitor="v1", customer_id=ANN, now=NOON) == ann

    assert everybody(tx) == [(ANN, 2, 15_00)]
    assert {owner(tx, name) for name in ("subscriptions", "deliveries", "carts", "views", "visitors")} == {ann}


def test_a_campaign_that_reached_both_still_adds_up(tx: Tx, shop_id: int) -> None:
    campaign = make_campaign(tx, shop_id)
    ann = make_person(tx, shop_id, customer_id=ANN)
    visitor = person_of(tx, shop_id, visitor="v1", customer_id=None, now=NOON)
    for person in (ann, visitor):
        make_delivery(tx, shop_id, to=make_subscription(tx, shop_id, of=person), campaign_id=campaign)
    person_of(tx, shop_id, visitor="v1", customer_id=ANN, now=NOON)
    assert len(tx.execute(select(tables.deliveries)).all()) == 2
    gone = tx.execute(select(tables.people).where(tables.people.c.id == visitor)).one()
    assert gone.customer_deleted_at == NOON


def test_on_a_familys_tablet_two_customers_stay_two(tx: Tx, shop_id: int) -> None:
    ann = person_of(tx, shop_id, visitor="tablet", customer_id=ANN, now=NOON)
    bob = person_of(tx, shop_id, visitor="tablet", customer_id=ANN + 1, now=NOON)
    assert ann != bob
    assert person_of(tx, shop_id, visitor="tablet", customer_id=None, now=NOON) == bob


def test_a_cart_tells_who_ordered(tx: Tx, shop_id: int) -> None:
    visitor = person_of(tx, shop_id, visitor="v1", customer_id=None, now=NOON)
    make_subscription(tx, shop_id, of=visitor)
    changes = apply(tx, shop_id, [CartSeen("v1", "cart", NOON), CartChanged("cart", (PARKA,), NOON)], now=NOON)
    assert changes.carts == ("cart",)
    changes = apply(tx, shop_id, [order(1, customer_id=ANN, cart_token="cart")], now=NOON)
    assert everybody(tx) == [(ANN, 1, 99_00)]
    assert changes.people == {owner(tx, "subscriptions")}
    assert (changes.orders, changes.carts) == ((1,), ("cart",))


def test_a_guests_order_is_the_visitors_whose_cart_it_was(tx: Tx, shop_id: int) -> None:
    apply(tx, shop_id, [order(1, customer_id=None, cart_token="cart"), order(2, customer_id=None)], now=NOON)
    assert everybody(tx) == []
    apply(tx, shop_id, [CartSeen("v1", "cart?key=secret", NOON)], now=NOON)
    assert everybody(tx) == [(None, 1, 99_00)]


def test_a_checkout_names_the_carts_customer(tx: Tx, shop_id: int) -> None:
    checkout = CheckoutChanged("c1", "cart", ANN, (), "https://vanta.test/recover", NOON, None)
    apply(tx, shop_id, [checkout], now=NOON)
    apply(tx, shop_id, [CartChanged("cart", (PARKA,), NOON)], now=NOON)
    apply(tx, shop_id, [CartSeen("v1", "cart", NOON)], now=NOON)
    assert everybody(tx) == [(ANN, 0, 0)]
    cart = tx.execute(select(tables.carts)).one()
    assert (cart.person_id, cart.total, cart.recovery_url) == (
        owner(tx, "visitors"),
        99_00,
        "https://vanta.test/recover",
    )
    assert cart.lines == [{"product_id": 7, "variant_id": 8, "title": "Harbour Parka", "quantity": 1, "price": 99_00}]


def test_one_shop_sees_nothing_of_another(tx: Tx, shop_id: int) -> None:
    from tests.factories import make_shop

    other = make_shop(tx, "other.myshopify.com")
    mine = person_of(tx, shop_id, visitor="v1", customer_id=ANN, now=NOON)
    assert person_of(tx, other, visitor="v1", customer_id=ANN, now=NOON) != mine
