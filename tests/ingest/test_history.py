"""JSONL becomes events, in batches of steady size, wherever the children stand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from plugin.base.errors import Unreadable
from plugin.ingest import history
from plugin.ingest.events import (
    Contact,
    CustomerChanged,
    CustomerPartsFound,
    Discount,
    Event,
    Line,
    LinesFound,
    OrderChanged,
    ProductChanged,
    Purchases,
    Refund,
    Variant,
    VariantsFound,
)
from plugin.ingest.history import Batch, batches_of
from plugin.ingest.nodes.source import Source
from plugin.ingest.places import Place

AT = "2026-11-18T12:00:00Z"
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def order(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/Order/{number}",
        "name": f"#{number}",
        "createdAt": AT,
        "processedAt": "2026-11-17T12:00:00Z",
        "updatedAt": AT,
        "cancelledAt": None,
        "test": False,
        "currencyCode": "GBP",
        "totalPriceSet": {"shopMoney": {"amount": "12.5"}},
        "cartToken": None,
        "app": {"id": "gid://shopify/App/580111"},
        "customer": {"id": "gid://shopify/Customer/12346"},
        "shippingAddress": {"countryCodeV2": "IE"},
        "billingAddress": None,
        "refunds": [],
    } | changes


def line(number: int, of: int) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/LineItem/{number}",
        "title": "Lantern",
        "quantity": 2,
        "product": {"id": "gid://shopify/Product/7"},
        "variant": None,
        "originalUnitPriceSet": {"shopMoney": {"amount": "6.25"}},
        "__parentId": f"gid://shopify/Order/{of}",
    }


def read(kind: str, objects: Sequence[dict[str, Any]]) -> list[Batch]:
    lines = [json.dumps(one).encode() + b"\n" for one in objects]
    return list(batches_of(Source(kind, "GBP", NOON), lines, offset=0, objects=0))


def events(kind: str, *objects: dict[str, Any]) -> list[Event]:
    return [event for batch in read(kind, objects) for event in batch.events]


def test_an_order_with_its_channel_its_discounts_and_its_place() -> None:
    here = {"countryCodeV2": "US", "provinceCode": "NY", "city": " New  York City", "zip": "10001-1234"}
    parent = {"__parentId": "gid://shopify/Order/1"}
    by_code = {"__typename": "DiscountCodeApplication", "code": "Welcome10"} | parent
    by_itself = {"__typename": "AutomaticDiscountApplication", "title": "Three for two"} | parent
    by_hand = {"__typename": "ManualDiscountApplication"} | parent
    located = here | {"latitude": 40.7506, "longitude": -73.9971}
    told = order(1, sourceName="pos", shippingAddress=located)
    (found,) = events("orders", told, by_code, line(11, of=1), by_itself, by_hand)
    assert isinstance(found, OrderChanged)
    assert (found.source_name, [one.line_id for one in found.lines], found.countries) == ("pos", [11], ("US",))
    assert found.discounts == (
        Discount("code", "Welcome10"),
        Discount("automatic", "Three for two"),
        Discount("manual"),
    )
    (place,) = found.places
    assert place == Place("US", "US-NY", "New York City", "10001-1234", 40.7506, -73.9971)
    assert place.city_key == "us-ny-newyorkcity"


def test_discounts_that_come_late_follow_their_order() -> None:
    late = {"__typename": "DiscountCodeApplication", "code": "Welcome10", "__parentId": "gid://shopify/Order/7"}
    (found,) = events("orders", late)
    assert found == LinesFound(7, (), (Discount("code", "Welcome10"),))


def test_an_order_with_its_lines_and_refunds() -> None:
    refund = {"id": "gid://shopify/Refund/3", "totalRefundedSet": {"shopMoney": {"amount": "6.25"}}}
    (found,) = events("orders", order(1, refunds=[refund], cartToken="abc?key=x"), line(11, of=1), line(12, of=1))
    assert isinstance(found, OrderChanged)
    assert (found.order_id, found.customer_id, found.total, found.app_id) == (1, 12346, 12_50, 580111)
    assert found.placed_at == datetime(2026, 11, 17, 12, tzinfo=UTC)
    assert found.lines == (Line(7, None, "Lantern", 2, 6_25, 11), Line(7, None, "Lantern", 2, 6_25, 12))
    assert (found.refunds, found.countries, found.cart_token) == ((Refund(3, 6_25),), ("IE",), "abc")


def test_children_may_come_when_their_parent_is_out_of_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PARENTS", 2)
    objects = [order(1), order(2), order(3), line(11, of=1), line(31, of=3), line(12, of=1)]
    first, second = read("orders", objects)
    assert [event.order_id for event in first.events if isinstance(event, OrderChanged)] == [1, 2]
    third, late = second.events
    assert isinstance(third, OrderChanged)
    assert [of.line_id for of in third.lines] == [31]
    assert isinstance(late, LinesFound)
    assert (late.order_id, [of.line_id for of in late.lines]) == (1, [11, 12])


def test_an_order_of_endless_length_is_told_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "CHILDREN", 3)
    found = read("orders", [order(1), *(line(10 + n, of=1) for n in range(7))])
    assert [len(batch.events) for batch in found] == [1, 1, 1]
    assert [batch.objects for batch in found] == [4, 7, 8]


def test_each_batch_says_where_the_next_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PARENTS", 3)
    lines = [json.dumps(order(number)).encode() + b"\n" for number in range(1, 9)]
    whole = list(batches_of(Source("orders", "GBP", NOON), lines, offset=0, objects=0))
    for batch in whole:
        rest = b"".join(lines)[batch.offset :].splitlines(keepends=True)
        assert len(rest) == 8 - batch.objects
        again = list(batches_of(Source("orders", "GBP", NOON), rest, offset=batch.offset, objects=batch.objects))
        assert again[-1].offset == whole[-1].offset == sum(map(len, lines))


def test_customers_have_the_countries_of_their_addresses() -> None:
    ann = {
        "id": "gid://shopify/Customer/1",
        "createdAt": AT,
        "updatedAt": AT,
        "locale": "en",
        "tags": ["VIP", "Wholesale, big"],
    }
    address = {"id": "gid://shopify/MailingAddress/5?model_name=CustomerAddress", "__parentId": ann["id"]}
    found = events("customers", ann, address | {"countryCodeV2": "IE"}, address | {"countryCodeV2": None})
    told = CustomerChanged(
        1,
        NOON,
        NOON,
        "en",
        ("IE",),
        ("VIP", "Wholesale, big"),
        places=(Place("IE"),),
        metafields=(),
        companies=(),
        credits=(),
    )
    assert found == [told]
    stray = address | {"countryCodeV2": "FR", "__parentId": "gid://shopify/Customer/9"}
    assert events("customers", stray) == [CustomerPartsFound(9, ("FR",), (Place("FR"),))]


def test_products_have_variants() -> None:
    parka = {
        "id": "gid://shopify/Product/7",
        "title": "Parka",
        "handle": "parka",
        "status": "ACTIVE",
        "vendor": "Vanta",
        "productType": "Coats",
        "tags": ["Winter"],
        "updatedAt": AT,
        "featuredMedia": {"preview": {"image": {"url": "https://cdn.test/p.jpg"}}},
    }
    variant = {
        "id": "gid://shopify/ProductVariant/8",
        "title": "S",
        "sku": None,
        "price": "99.00",
        "inventoryQuantity": 0,
        "inventoryPolicy": "CONTINUE",
        "inventoryItem": {"id": "gid://shopify/InventoryItem/80", "tracked": False},
        "__parentId": parka["id"],
    }
    small = Variant(8, "S", None, 99_00, None, tracked=False, inventory_item_id=80, inventory_policy="continue")
    image = "https://cdn.test/p.jpg"
    assert events("products", parka, variant) == [
        ProductChanged(7, "Parka", "parka", image, "Vanta", "Coats", "active", ("Winter",), (small,), NOON)
    ]
    assert events("products", variant | {"__parentId": "gid://shopify/Product/9"}) == [VariantsFound(9, (small,))]


def test_nothing_is_nothing() -> None:
    assert events("orders") == []
    assert list(batches_of(Source("orders", "GBP", NOON), [b"\n", b"  \n"], offset=5, objects=1)) == [Batch((), 9, 1)]


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (b'{"id":\n', "history of orders, line 3: this is not JSON"),
        (json.dumps({"id": "gid://shopify/Order/3"}).encode(), 'history of orders, line 3: "currencyCode" is missing.'),
        (json.dumps({**line(1, of=1), "__parentId": 5}).encode(), 'line 3: "__parentId" is not a text.'),
    ],
)
def test_what_does_not_parse_is_named_by_its_line(broken: bytes, complaint: str) -> None:
    lines = [json.dumps(one).encode() + b"\n" for one in (order(1), line(11, of=1))]
    with pytest.raises(Unreadable, match=complaint.replace("[", r"\[")):
        list(batches_of(Source("orders", "GBP", NOON), [*lines, broken], offset=0, objects=0))


def customer(**more: Any) -> dict[str, Any]:
    bare = {"id": "gid://shopify/Customer/5", "createdAt": AT, "updatedAt": AT, "locale": "en", "tags": []}
    return bare | more


def only_customer(**more: Any) -> CustomerChanged:
    lines = [json.dumps(customer(**more)).encode()]
    (batch,) = batches_of(Source("customers", "GBP", NOON), lines, offset=0, objects=0)
    (told,) = batch.events
    assert isinstance(told, CustomerChanged)
    return told


def test_shopifys_own_sums_come_with_the_customer() -> None:
    told = only_customer(
        numberOfOrders="41",
        amountSpent={"amount": "4020.5", "currencyCode": "GBP"},
        lastOrder={"id": f"gid://shopify/Order/{2**53 + 1}"},
    )
    assert told.purchases == Purchases(orders=41, spent=4_020_50, last_order_id=2**53 + 1)
    assert told.contact is None


def test_what_was_asked_for_and_is_hidden_is_empty() -> None:
    hidden = only_customer(firstName=None, lastName=None, defaultEmailAddress=None)
    assert (hidden.contact, hidden.email_status) == (Contact(frozenset({"name", "email"})), None)
    address = {"emailAddress": "ann@example.com", "marketingState": "SUBSCRIBED"}
    told = only_customer(defaultEmailAddress=address, defaultPhoneNumber={"phoneNumber": "+44123"})
    assert told.contact == Contact(frozenset({"email", "phone"}), email="ann@example.com", phone="+44123")
    assert told.email_status == "SUBSCRIBED"
