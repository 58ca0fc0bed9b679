"""Payloads become events: Shopify's own samples, what may be absent, what must not."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from plugin.base.errors import Unreadable
from plugin.ingest.events import (
    BulkFinished,
    CartChanged,
    CheckoutChanged,
    CheckoutDeleted,
    CollectionChanged,
    CollectionDeleted,
    CustomerChanged,
    CustomerRedacted,
    CustomerTagged,
    DataRequested,
    Discount,
    DiscountChanged,
    DiscountDeleted,
    FulfillmentChanged,
    LevelChanged,
    Line,
    OrderChanged,
    OrderDeleted,
    OrderRefunded,
    PlanChanged,
    ProductChanged,
    ProductDeleted,
    RedeemCodeChanged,
    Refund,
    ScopesChanged,
    ShopChanged,
    ShopifySegmentChanged,
    ShopifySegmentDeleted,
    StockTurned,
    ThemePublished,
    Uninstalled,
)
from plugin.ingest.places import Place
from webhooks.delivery import Delivery
from webhooks.topics import TOPICS, parse

from .signed import sample

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
NEW_YEAR = datetime(2022, 1, 1, tzinfo=UTC)
ORDER = 820982911946154508
SAMPLES = {
    topic: topic.replace("/", "-")
    for topic in TOPICS
    if (Path(__file__).parent / "payloads" / f"{topic.replace('/', '-')}.json").is_file()
}


def events(topic: str, payload: Any, *, at: datetime = NOON) -> list[Any]:
    return list(parse(topic, json.dumps(payload).encode(), Delivery(at=at, currency="GBP")))


def only(topic: str, payload: Any, *, at: datetime = NOON) -> Any:
    (event,) = events(topic, payload, at=at)
    return event


@pytest.mark.parametrize(("topic", "name"), SAMPLES.items())
def test_every_sample_of_shopifys_is_read(topic: str, name: str) -> None:
    events(topic, sample(name))


def test_an_order() -> None:
    order = only("orders/create", sample("orders-create"))
    assert isinstance(order, OrderChanged)
    assert (order.order_id, order.customer_id) == (820982911946154508, 115310627314723954)
    assert (order.total, order.currency, order.test, order.countries) == (404_95, "USD", True, ("US",))
    assert order.placed_at == NEW_YEAR
    assert order.lines[1] == Line(None, None, "Lens Protection Plan (2 Year)", 1, 19_99, line_id=789012345678901234)


def test_an_order_tells_its_channel_its_place_and_what_made_it_cheaper() -> None:
    applied = [
        {"type": "discount_code", "code": "TEN"},
        {"type": "automatic", "title": "Three for two"},
        {"type": "manual", "title": "Ann's aunt is ill", "description": "customer deserved it"},
        {"type": "of next year", "title": "?"},
    ]
    here = {"country_code": "GB", "province_code": "ENG", "city": "Leeds", "zip": "ls1 1aa"}
    told = sample("orders-create") | {"shipping_address": here, "billing_address": None, "source_name": "pos"}
    told |= {
        "discount_applications": applied,
        "discount_codes": [{"code": "TEN", "amount": "1.00", "type": "percentage"}],
    }
    order = only("orders/create", told)
    assert (order.source_name, order.places) == ("pos", (Place("GB", "GB-ENG"),))
    assert order.discounts == (Discount("code", "TEN"), Discount("automatic", "Three for two"), Discount("manual"))
    keeps = Delivery(at=NOON, currency="GBP", keeps=frozenset({"address"}))
    (kept, *_) = parse("orders/create", json.dumps(told).encode(), keeps)
    assert isinstance(kept, OrderChanged)
    assert kept.places == (Place("GB", "GB-ENG", "Leeds", "LS11AA"),)


def test_an_order_of_2023_has_no_processed_at() -> None:
    order = only("orders/updated", sample("orders-updated"))
    assert (order.placed_at, order.cancelled_at, len(order.lines)) == (NEW_YEAR, NEW_YEAR, 2)


def test_an_order_with_only_what_we_need() -> None:
    bare = {
        "id": 2**53 + 1,
        "currency": "JPY",
        "total_price": "1200",
        "created_at": "2026-11-18T12:00:00+09:00",
        "updated_at": "2026-11-18T12:00:00+09:00",
        "line_items": [],
    }
    order = only("orders/paid", bare)
    assert (order.order_id, order.total, order.customer_id, order.refunds) == (9007199254740993, 1200, None, ())


def test_refunds_of_an_order_count_what_really_went_back() -> None:
    told = [
        {"kind": "refund", "status": "success", "amount": "10.10"},
        {"kind": "refund", "status": "pending", "amount": "5.00"},
        {"kind": "capture", "status": "success", "amount": "99.00"},
        {"kind": "refund", "status": "success", "amount": "0.90"},
    ]
    order = only("orders/updated", sample("orders-create") | {"refunds": [{"id": 7, "transactions": told}]})
    assert order.refunds == (Refund(7, 11_00),)
    alone = only("refunds/create", {"id": 7, "order_id": 8, "transactions": told, "created_at": "2026-11-18T11:00:00Z"})
    assert alone == OrderRefunded(order_id=8, refund_id=7, amount=11_00, at=datetime(2026, 11, 18, 11, tzinfo=UTC))


def test_a_cart_names_its_currency_beside_its_prices() -> None:
    cart = only("carts/create", sample("carts-create") | {"token": "abc?key=secret"})
    assert cart == CartChanged(
        "abc",
        (Line(788032119674292922, 704912205188288575, "Example T-Shirt - Small", 3, 19_99),),
        datetime(2022, 1, 1, 0, 0, 0, 999999, tzinfo=UTC),
    )


def test_a_checkout_ties_its_cart_to_a_customer() -> None:
    checkout = only("checkouts/create", sample("checkouts-create"))
    assert isinstance(checkout, CheckoutChanged)
    assert checkout.cart_token == "eeafa272cebfd4b22385bc4b645e762c"
    assert checkout.customer_id == 603851970716743426
    assert (
        checkout.recovery_url == "https://checkout.local/548380009/checkouts/123123123/recover?key=example-secret-token"
    )


def test_a_link_that_runs_a_script_is_no_link() -> None:
    odd = sample("checkouts-create") | {"abandoned_checkout_url": "javascript:alert(1)"}
    assert only("checkouts/update", odd).recovery_url is None


def test_a_product() -> None:
    product = only("products/create", sample("products-create"))
    assert isinstance(product, ProductChanged)
    assert (product.tags, product.status, product.image_url) == (("example", "mens", "t-shirt"), "active", None)
    assert [(variant.price, variant.inventory) for variant in product.variants] == [(19_99, 75), (19_99, 50)]


def test_a_variant_that_sold_out_and_came_back() -> None:
    gone = only("variants/out_of_stock", sample("variants-out_of_stock"))
    assert gone == StockTurned(642667041472713922, in_stock=False, inventory=0, at=gone.at)
    back = events("variants/in_stock", sample("variants-in_stock"))
    assert [(one.in_stock, one.inventory) for one in back] == [(True, 75)]


def test_a_turn_counts_from_when_shopify_triggered_it_for_a_variant_may_look_unchanged() -> None:
    body = json.dumps(sample("variants-in_stock")).encode()
    (turned,) = parse("variants/in_stock", body, Delivery(NOON, "GBP", triggered=True))
    assert isinstance(turned, StockTurned)
    assert turned.at == NOON
    late = only("variants/in_stock", sample("variants-in_stock"))  # no header: when it reached us says nothing
    assert late.at < NEW_YEAR


def test_a_level_at_one_place_and_one_that_nobody_counts() -> None:
    level = only("inventory_levels/update", sample("inventory_levels-update"))
    assert isinstance(level, LevelChanged)
    assert (level.inventory_item_id, level.location_id, level.available) == (271878346596884015, 24826418, 10)
    assert NEW_YEAR <= level.updated_at < NEW_YEAR + timedelta(seconds=1)
    assert only("inventory_levels/update", sample("inventory_levels-2023")).available is None


def test_discounts_are_told_apart_by_their_gids() -> None:
    told = only("discounts/create", sample("discounts-create"))
    assert isinstance(told, DiscountChanged)
    automatic = "gid://shopify/DiscountAutomaticNode/1"
    assert (told.discount_id, told.title, told.status) == (automatic, "Automatic free shipping", "active")
    gone = DiscountDeleted(automatic, datetime(2018, 8, 29, 17, tzinfo=UTC))
    assert events("discounts/delete", sample("discounts-delete")) == [gone]
    added = only("discounts/redeemcode_added", sample("discounts-redeemcode_added"))
    code = ("gid://shopify/DiscountCodeNode/1", "gid://shopify/DiscountRedeemCode/1", "code1", False)
    assert isinstance(added, RedeemCodeChanged)
    assert (added.discount_id, added.code_id, added.code, added.removed) == code
    assert only("discounts/redeemcode_removed", sample("discounts-redeemcode_removed")).removed


def test_the_stores_own_segments() -> None:
    told = only("segments/update", sample("segments-update"))
    assert isinstance(told, ShopifySegmentChanged)
    assert (told.segment_id, told.query) == (1, "number_of_orders = 1")
    assert told.created_at == datetime(2005, 5, 5, 5, tzinfo=UTC)
    assert events("segments/delete", sample("segments-delete")) == [ShopifySegmentDeleted(1, NOON)]


def test_a_parcel_alone_and_within_its_order() -> None:
    parcel = only("fulfillments/create", sample("fulfillments-create"))
    assert isinstance(parcel, FulfillmentChanged)
    assert (parcel.order_id, parcel.tracking_company, parcel.tracking_number) == (ORDER, "UPS", "1z827wk74630")
    order, same = events(
        "orders/fulfilled", sample("orders-create") | {"fulfillments": [sample("fulfillments-create")]}
    )
    assert (order.order_id, same) == (ORDER, parcel)
    bare = sample("orders-create") | {"fulfillments": [{"id": 5}]}
    assert len(events("orders/updated", bare)) == 1


def test_another_theme_and_one_for_phones_of_long_ago() -> None:
    assert only("themes/publish", sample("themes-publish")).name == "Comfort"
    assert isinstance(only("themes/publish", sample("themes-publish")), ThemePublished)
    assert events("themes/publish", sample("themes-publish") | {"role": "mobile"}) == []


def test_a_deleted_checkout_is_named_by_its_cart() -> None:
    gone = CheckoutDeleted("eeafa272cebfd4b22385bc4b645e762c", NOON)
    assert events("checkouts/delete", sample("checkouts-delete")) == [gone]
    assert events("checkouts/delete", sample("checkouts-delete") | {"cart_token": None}) == []
    with pytest.raises(Unreadable, match='"cart_token" is missing'):
        events("checkouts/delete", {"id": 5})


@pytest.mark.parametrize(
    ("unit", "written", "minor"),
    [("JPY", "1200", 1_200), ("JPY", "1200.00", 1_200), ("KWD", "12.345", 12_345), ("GBP", "12.3", 12_30)],
)
def test_money_of_every_number_of_decimals(unit: str, written: str, minor: int) -> None:
    assert only("orders/paid", sample("orders-create") | {"currency": unit, "total_price": written}).total == minor


def test_a_price_may_be_told_by_its_set_alone() -> None:
    told = sample("orders-create")
    del told["total_price"]
    for line in told["line_items"]:
        del line["price"]
    order = only("orders/create", told)
    assert (order.total, order.lines[1].price) == (404_95, 19_99)
    cart = sample("carts-create")
    cart["line_items"][0] |= {"price": "2400", "price_set": {"shop_money": {"amount": "19.99", "currency_code": "GBP"}}}
    assert only("carts/update", cart).lines[0].price == 19_99


def test_a_refund_in_the_customers_currency_counts_in_the_shops() -> None:
    gone = {"kind": "refund", "status": "success", "amount": "1000", "currency": "JPY"}
    set_of = {
        "shop_money": {"amount": "20.00", "currency_code": "USD"},
        "presentment_money": {"amount": "4000", "currency_code": "JPY"},
    }
    told = sample("orders-create") | {"total_price": "20.00", "total_price_set": set_of}
    order = only("orders/updated", told | {"refunds": [{"id": 7, "transactions": [gone]}]})
    assert order.refunds == (Refund(7, 5_00),)
    line = {"subtotal_set": {"shop_money": {"amount": "4.00"}}, "total_tax_set": {"shop_money": {"amount": "0.50"}}}
    post = {"amount_set": {"shop_money": {"amount": "-0.50"}}}
    alone = {"id": 7, "order_id": 8, "transactions": [gone], "refund_line_items": [line], "order_adjustments": [post]}
    (event,) = parse("refunds/create", json.dumps(alone).encode(), Delivery(NOON, "USD"))
    assert event == OrderRefunded(8, 7, 5_00, NOON)


def test_a_customer_today_has_no_tags_and_one_of_2023_has() -> None:
    told = sample("customers-create")
    customer = only("customers/create", told)
    assert isinstance(customer, CustomerChanged)
    assert (customer.tags, customer.countries, customer.added_at) == (None, ("CA",), NEW_YEAR)
    assert only("customers/update", told | {"tags": "VIP, Press"}).tags == ("VIP", "Press")
    assert only("customers/update", told | {"tags": ""}).tags == ()


def test_addresses_hidden_from_us_say_nothing_of_countries() -> None:
    hidden = {"id": 1, "updated_at": "2026-11-18T12:00:00Z"}
    assert only("customers/update", hidden).countries is None
    assert only("customers/update", hidden | {"addresses": [{"id": 5}]}).countries is None
    assert only("customers/update", hidden | {"addresses": []}).countries == ()


def test_tags_that_come_and_go() -> None:
    at = datetime(2005, 5, 5, 5, tzinfo=UTC)
    told = sample("customer.tags_added")
    assert only("customer.tags_added", told) == CustomerTagged(1, ("tag1", "tag2"), (), at)
    assert only("customer.tags_removed", told) == CustomerTagged(1, (), ("tag1", "tag2"), at)


def test_what_is_deleted_is_only_named() -> None:
    assert events("orders/delete", {"id": 5}) == [OrderDeleted(5, NOON)]
    assert events("products/delete", {"id": 6}) == [ProductDeleted(6, NOON)]


def test_a_shop_and_its_end() -> None:
    told = sample("app-uninstalled") | {
        "iana_timezone": "Europe/Warsaw",
        "domain": "vanta-outdoor.test",
        "updated_at": "2026-11-18T11:59:59.5Z",
    }
    moment = datetime(2026, 11, 18, 11, 59, 59, 500_000, tzinfo=UTC)
    changed = ShopChanged("Super Toys", "USD", "Europe/Warsaw", "https://vanta-outdoor.test", moment)
    assert events("shop/update", told) == [changed]
    bare = events("shop/update", sample("app-uninstalled"))  # the same shape, with neither zone nor instant
    assert bare == [ShopChanged("Super Toys", "USD", None, None, NOON)]
    assert events("app/uninstalled", sample("app-uninstalled")) == [Uninstalled(NOON)]
    scopes = ScopesChanged(("read_products", "write_products"), NOON)
    assert events("app/scopes_update", sample("app-scopes_update")) == [scopes]


def test_the_rest() -> None:
    assert events("bulk_operations/finish", sample("bulk_operations-finish")) == [
        BulkFinished("gid://shopify/BulkOperation/147595010")
    ]
    assert events("app_subscriptions/update", sample("app_subscriptions-update")) == [
        PlanChanged("gid://shopify/AppSubscription/1029266977")
    ]
    assert events("customers/redact", sample("customers-redact")) == [
        CustomerRedacted(191167, (299938, 280263, 220458), ("john@example.com", "555-625-1199"), "", NOON)
    ]
    assert events("customers/data_request", sample("customers-data_request")) == [
        DataRequested(191167, (299938, 280263, 220458), "9999", NOON)
    ]


def test_of_two_states_of_one_second_the_one_sent_later_is_newer() -> None:
    told = sample("orders-create") | {"updated_at": "2026-11-18T12:00:00Z"}
    early = only("orders/create", told, at=NOON.replace(microsecond=200_000))
    late = only("orders/updated", told, at=NOON.replace(second=3))
    assert NOON < early.updated_at < late.updated_at < NOON.replace(second=1)


@pytest.mark.parametrize(
    ("topic", "name", "key"),
    [
        ("orders/create", "orders-create", "id"),
        ("orders/create", "orders-create", "line_items"),
        ("carts/update", "carts-create", "token"),
        ("checkouts/update", "checkouts-create", "updated_at"),
        ("products/update", "products-create", "title"),
        ("customers/update", "customers-create", "updated_at"),
        ("customer.tags_added", "customer.tags_added", "customerId"),
        ("customers/redact", "customers-redact", "customer"),
        ("customers/merge", "customers-merge", "admin_graphql_api_customer_kept_id"),
        ("customers/merge", "customers-merge", "status"),
        ("customers/purchasing_summary", "customers-purchasing_summary", "numberOfOrders"),
        ("customers_marketing_consent/update", "customers_marketing_consent-update", "sms_marketing_consent"),
    ],
)
def test_what_is_missing_is_named(topic: str, name: str, key: str) -> None:
    payload = sample(name)
    del payload[key]
    with pytest.raises(Unreadable) as error:
        events(topic, payload)
    assert str(error.value) == f'{topic}: "{key}" is missing.'


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"id": True}, '"id" is not an id'),
        ({"id": 2**63}, '"id" is not an id'),
        ({"id": "gid://shopify/Order/x"}, '"id" is not an id'),
        ({"total_price": "1e400"}, '"total_price" is not an amount'),
        ({"total_price": []}, '"total_price" is not an amount'),
        ({"currency": "pounds"}, '"currency" is longer than 3'),
        ({"updated_at": "2026-11-18T12:00:00"}, '"updated_at" is not an instant'),
        ({"updated_at": "0001-01-01T00:00:00+14:00"}, '"updated_at" is not an instant'),
        ({"processed_at": 5}, '"processed_at" is not an instant'),
        ({"customer": "Ann"}, '"customer" is not an object'),
        ({"line_items": ["Parka"]}, r'"line_items\[0\]" is not an object'),
        ({"line_items": [{"quantity": 2**40, "price": "1"}]}, r'"line_items\[0\].quantity" is not a whole number'),
        ({"cart_token": "x" * 256}, '"cart_token" is longer than 255'),
    ],
)
def test_what_is_odd_is_named(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Unreadable, match=complaint):
        events("orders/create", sample("orders-create") | change)


def test_what_no_database_takes_is_left_out() -> None:
    body = json.dumps(sample("products-create") | {"title": "Par\0ka \ud800"}).encode()
    (product,) = parse("products/create", body, Delivery(NOON, "GBP"))
    assert isinstance(product, ProductChanged)
    assert product.title == "Parka ?"


def test_numbers_with_a_point_stay_exact() -> None:
    body = json.dumps(sample("orders-create")).replace('"total_price": "404.95"', '"total_price": 1001.10').encode()
    (order,) = parse("orders/create", body, Delivery(NOON, "GBP"))
    assert isinstance(order, OrderChanged)
    assert order.total == 1001_10


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("payload", [{}, {"id": None}, {"id": 1, "line_items": {}}, {"customer": {}}])
def test_nonsense_never_breaks_a_parser(topic: str, payload: dict[str, Any]) -> None:
    with contextlib.suppress(Unreadable):
        events(topic, payload)


def test_a_collection_is_told_without_what_is_in_it() -> None:
    ipods = only("collections/create", sample("collections-create"))
    assert ipods == CollectionChanged(841564295, "IPods", "ipods", datetime(2008, 2, 2, 0, 0, 0, 999_999, tzinfo=UTC))
    assert (ipods.product_ids, ipods.read_at) == (None, None)
    gone = only("collections/delete", {"id": 841564295, "published_scope": "web"})
    assert gone == CollectionDeleted(841564295, NOON)
