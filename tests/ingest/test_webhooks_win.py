"""Webhooks come while the history loads: newer news stays as it is, older news gives way. One noun after the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from plugin.ingest.events import CheckoutChanged, CollectionChanged, Event
from plugin.ingest.history import batches_of
from plugin.ingest.nodes.source import Source
from plugin.profile.apply import apply
from plugin.store import tables
from plugin.store.engine import Tx
from webhooks.delivery import Delivery
from webhooks.topics import parse

from .test_history import order

ASKED = datetime(2026, 11, 18, 12, tzinfo=UTC)
FILE = datetime(2026, 11, 18, 10, tzinfo=UTC)
"""Shopify's `updatedAt` of every thing in the file."""


def at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


PRODUCT = {
    "id": "gid://shopify/Product/7", "title": "of the history", "handle": "parka", "status": "ACTIVE", "vendor": None,
    "productType": None, "tags": [], "updatedAt": at(FILE), "featuredMedia": None,
}  # fmt: skip
COLLECTION = {"id": "gid://shopify/Collection/8", "title": "of the history", "handle": "x", "updatedAt": at(FILE)}
CUSTOMER = {
    "id": "gid://shopify/Customer/9", "createdAt": at(FILE), "updatedAt": at(FILE), "locale": "en", "tags": ["history"],
}  # fmt: skip
CHECKOUT = {
    "id": "gid://shopify/AbandonedCheckout/5", "abandonedCheckoutUrl": "https://x.test/checkouts/ac/abc/recover?of=history",
    "createdAt": at(FILE), "updatedAt": at(FILE), "completedAt": None, "customer": None,
    "totalLineItemsPriceSet": {"shopMoney": {"amount": "9.00"}},
}  # fmt: skip


def product(moment: datetime) -> list[Event]:
    told = {"id": 7, "title": "of the webhook", "handle": "parka", "updated_at": at(moment), "variants": []}
    return webhook("products/update", told, moment)


def collection(moment: datetime) -> list[Event]:
    return webhook("collections/update", {"id": 8, "title": "of the webhook", "updated_at": at(moment)}, moment)


def customer(moment: datetime) -> list[Event]:
    told = {"customerId": "gid://shopify/Customer/9", "tags": ["history"], "occurredAt": at(moment)}
    return webhook("customer.tags_removed", told, moment)


def checkout(moment: datetime) -> list[Event]:
    told = {
        "token": "abc",
        "cart_token": "c",
        "updated_at": at(moment),
        "abandoned_checkout_url": "https://x.test/webhook",
    }
    return webhook("checkouts/update", told, moment)


def an_order(moment: datetime) -> list[Event]:
    told = {
        "id": 1, "name": "#1", "created_at": at(FILE), "updated_at": at(moment), "currency": "GBP", "total_price": "99",
        "line_items": [], "customer": {"id": 9},
    }  # fmt: skip
    return webhook("orders/updated", told, moment)


def webhook(topic: str, payload: dict[str, Any], moment: datetime) -> list[Event]:
    import json

    return parse(topic, json.dumps(payload).encode(), Delivery(at=moment, currency="GBP"))


def of_products(tx: Tx) -> bool:
    return tx.execute(select(tables.products.c.title)).scalar_one() == "of the webhook"


def of_collections(tx: Tx) -> bool:
    return tx.execute(select(tables.collections.c.title)).scalar_one() == "of the webhook"


def of_customers(tx: Tx) -> bool:
    tags = select(tables.person_tags.c.tag).where(~tables.person_tags.c.removed)
    return tx.execute(tags).scalars().all() == []


def of_orders(tx: Tx) -> bool:
    return tx.execute(select(tables.orders.c.total)).scalar_one() == 99_00


def of_checkouts(tx: Tx) -> bool:
    return tx.execute(select(tables.checkouts.c.recovery_url)).scalar_one() == "https://x.test/webhook"


NOUNS: dict[str, tuple[dict[str, Any], Callable[[datetime], list[Event]], Callable[[Tx], bool]]] = {
    "products": (PRODUCT, product, of_products),
    "collections": (COLLECTION, collection, of_collections),
    "customers": (CUSTOMER, customer, of_customers),
    "orders": (order(1, updatedAt=at(FILE)), an_order, of_orders),
    "checkouts": (CHECKOUT, checkout, of_checkouts),
}


@pytest.mark.parametrize("first", ["webhook", "file"])
@pytest.mark.parametrize("newer", [True, False])
@pytest.mark.parametrize("kind", NOUNS)
def test_a_newer_webhook_stays_and_an_older_one_gives_way(
    tx: Tx, shop_id: int, kind: str, newer: bool, first: str
) -> None:
    row, heard, is_the_webhooks = NOUNS[kind]
    moment = FILE + timedelta(minutes=30 if newer else -30)
    (batch,) = batches_of(Source(kind, "GBP", ASKED), [as_line(row)], offset=0, objects=0)
    told = [list(batch.events), heard(moment)]
    for events in told if first == "file" else reversed(told):
        apply(tx, shop_id, events, now=ASKED)
    assert is_the_webhooks(tx) == newer


def as_line(row: dict[str, Any]) -> bytes:
    import json

    return json.dumps(row).encode() + b"\n"


def test_a_cart_gets_its_link_whichever_tells_of_it_first(tx: Tx, shop_id: int) -> None:
    of_api = CheckoutChanged("abc", None, None, (), "https://x.test/api", ASKED, None, total=900)
    of_webhook = CheckoutChanged("abc", "cart", None, (), "https://x.test/webhook", FILE, None)
    apply(tx, shop_id, [of_api], now=ASKED)
    apply(tx, shop_id, [of_webhook], now=ASKED)
    cart = tx.execute(select(tables.carts)).one()
    assert (cart.token, cart.recovery_url) == ("cart", "https://x.test/api")


def test_a_collection_that_a_webhook_changed_is_read_anew_and_an_old_reading_changes_nothing(
    tx: Tx, shop_id: int
) -> None:
    def read(moment: datetime, *products: int) -> CollectionChanged:
        return CollectionChanged(8, "Coats", "coats", FILE, products, read_at=moment)

    from plugin.profile import collections

    apply(tx, shop_id, [CollectionChanged(8, "Coats", "coats", FILE)], now=ASKED)
    (stale,) = collections.stale(tx, 10)
    assert collections.place(tx, stale) == (shop_id, 8)
    apply(tx, shop_id, [read(ASKED, 1, 2)], now=ASKED)
    assert collections.stale(tx, 10) == []
    apply(tx, shop_id, [read(ASKED - timedelta(hours=1), 3)], now=ASKED)
    held = select(tables.collection_products.c.product_id).order_by(tables.collection_products.c.product_id)
    assert tx.execute(held).scalars().all() == [1, 2]
