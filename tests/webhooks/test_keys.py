"""Keys come and go between API versions: of each topic, which are needed, which are read, and that no other matters.

Of Shopify's own samples, any key that is not read may be missing, be null or be joined by others: the events stay the
same. One that is needed is named by its path; one that is read only changes what is told.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.base.errors import Unreadable
from plugin.ingest.events import Event
from webhooks.delivery import Delivery
from webhooks.topics import parse

from .signed import sample

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)

_VARIANT = "inventory_quantity inventory_policy inventory_item_id inventory_management"
_ADDRESSES = " ".join(
    f"{kind}_address {kind}_address.country_code {kind}_address.province_code" for kind in ("shipping", "billing")
)
_CHEAPER = "source_name discount_codes discount_codes[].code discount_applications " + " ".join(
    f"discount_applications[].{key}" for key in ("type", "code", "title")
)
_SET = "price_set price_set.shop_money price_set.shop_money.amount price_set.shop_money.currency_code"
_ORDER_LINE = " ".join(f"line_items[].{key}" for key in "price id product_id variant_id title".split())
_ORDER = (
    "id currency updated_at line_items line_items[].quantity",
    "created_at processed_at total_price name customer customer.id cancelled_at refunds test cart_token checkout_token"
    f" app_id location_id fulfillments {_ORDER_LINE} {_ADDRESSES} {_CHEAPER}",
)
_SHIPMENT = (
    "id order_id updated_at",
    "status shipment_status tracking_company tracking_number tracking_url created_at",
)
_CART = " ".join(f"line_items[].{key}" for key in ("product_id", "variant_id", "title", "price", *_SET.split()))
_CHECKOUT = (
    "currency cart_token customer customer.id line_items abandoned_checkout_url created_at completed_at "
    + " ".join(f"line_items[].{key}" for key in ("product_id", "variant_id", "title"))
)
_PRODUCT = " ".join(f"variants[].{key}" for key in ("title", "sku", *_VARIANT.split()))

KEYS: dict[tuple[str, str], tuple[str, str]] = {
    ("orders/create", "orders-create"): _ORDER,
    ("orders/updated", "orders-updated"): _ORDER,
    ("orders/paid", "orders-paid"): _ORDER,
    ("fulfillments/create", "fulfillments-create"): _SHIPMENT,
    ("fulfillments/update", "fulfillments-update"): _SHIPMENT,
    ("collections/create", "collections-create"): ("id title updated_at", "handle"),
    ("carts/create", "carts-create"): ("token line_items line_items[].quantity updated_at", _CART),
    ("carts/update", "carts-update"): ("token line_items line_items[].quantity updated_at", _CART),
    ("checkouts/create", "checkouts-create"): (
        "token updated_at line_items[].quantity line_items[].price",
        _CHECKOUT,
    ),
    ("checkouts/update", "checkouts-update"): (
        "token updated_at line_items[].quantity line_items[].price",
        _CHECKOUT,
    ),
    ("checkouts/delete", "checkouts-delete"): ("", "cart_token"),
    ("products/create", "products-create"): (
        "id title updated_at variants[].id variants[].price",
        f"handle image images vendor product_type status tags variants category category.full_name {_PRODUCT}",
    ),
    ("products/update", "products-update"): (
        "id title updated_at variants[].id variants[].price",
        f"handle image images vendor product_type status tags variants category category.full_name {_PRODUCT}",
    ),
    ("variants/in_stock", "variants-in_stock"): ("id", "updated_at inventory_quantity"),
    ("variants/out_of_stock", "variants-out_of_stock"): ("id", "updated_at inventory_quantity"),
    ("inventory_levels/update", "inventory_levels-update"): ("inventory_item_id location_id updated_at", "available"),
    ("inventory_levels/update", "inventory_levels-2023"): ("inventory_item_id location_id updated_at", "available"),
    ("discounts/create", "discounts-create"): ("admin_graphql_api_id updated_at", "title status starts_at ends_at"),
    ("discounts/update", "discounts-update"): ("admin_graphql_api_id updated_at", "title status starts_at ends_at"),
    ("discounts/delete", "discounts-delete"): ("admin_graphql_api_id", "deleted_at"),
    ("discounts/redeemcode_added", "discounts-redeemcode_added"): (
        "admin_graphql_api_id redeem_code redeem_code.id redeem_code.code updated_at",
        "",
    ),
    ("discounts/redeemcode_removed", "discounts-redeemcode_removed"): (
        "admin_graphql_api_id redeem_code redeem_code.id redeem_code.code updated_at",
        "",
    ),
    ("segments/create", "segments-create"): ("id query lastEditDate", "name creationDate"),
    ("segments/update", "segments-update"): ("id query lastEditDate", "name creationDate"),
    ("segments/delete", "segments-delete"): ("id", ""),
    ("themes/publish", "themes-publish"): ("", "name role updated_at"),
}
"""(topic, sample) → the paths that are needed, and those that are read where they are; `[]` is every one of a list."""

CASES = sorted(KEYS)


@pytest.mark.parametrize(("topic", "name"), CASES)
@pytest.mark.parametrize("gone", ["missing", "null"])
def test_a_key_less(topic: str, name: str, gone: str) -> None:
    needed, optional = (set(paths.split()) for paths in KEYS[topic, name])
    whole = read(topic, sample(name))
    for path in paths(sample(name)):
        without, general = sample(name), re.sub(r"\[\d+\]", "[]", path)
        lose(without, path, null=gone == "null")
        if general in needed:
            with pytest.raises(Unreadable) as error:
                read(topic, without)
            assert str(error.value) == f'{topic}: "{path}" is missing.'
        elif general in optional:
            told_or_named(topic, without, path)
        else:
            assert read(topic, without) == whole, path


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_other_keys_come_and_go(data: st.DataObject) -> None:
    topic, name = data.draw(st.sampled_from(CASES))
    needed, optional = (set(paths.split()) for paths in KEYS[topic, name])
    read_of_it = needed | optional
    payload, whole = sample(name), read(topic, sample(name))
    unread = [path for path in paths(payload) if not touches(re.sub(r"\[\d+\]", "[]", path), read_of_it)]
    for path in sorted(data.draw(st.sets(st.sampled_from(unread or [""]))), reverse=True):
        lose(payload, path, null=data.draw(st.booleans()))
    for place in [payload, *objects(payload)]:
        place[data.draw(st.from_regex(r"new_[a-z]{3}", fullmatch=True))] = data.draw(ANYTHING)
    assert read(topic, payload) == whole


@pytest.mark.parametrize(("topic", "name"), CASES)
def test_whatever_stands_in_a_place_is_read_or_named(topic: str, name: str) -> None:
    for path in paths(sample(name)):
        for odd in ({}, [], "", "x" * 60_000, -1, 2**70, True, 1.5, [None], {"amount": None}):
            payload = sample(name)
            put(payload, path, odd)
            told_or_named(topic, payload, path)


ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.just({}), st.just([1]))


def read(topic: str, payload: Any) -> list[Event]:
    return parse(topic, json.dumps(payload).encode(), Delivery(at=NOON, currency="USD"))


def told_or_named(topic: str, payload: Any, path: str) -> None:
    """Events, or a complaint about that very place (or one in it)."""
    try:
        read(topic, payload)
    except Unreadable as error:
        complaint = str(error)
    else:
        return
    assert complaint.startswith(f'{topic}: "{path}')


def paths(value: Any, before: str = "") -> Iterator[str]:
    """Of every key, deep ones too: `line_items[0].price`."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield f"{before}{key}"
            yield from paths(one, f"{before}{key}.")
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from paths(one, f"{before.removesuffix('.')}[{place}].")


def objects(value: Any) -> list[dict[str, Any]]:
    """Every object below `value`."""
    below = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return [one for one in below if isinstance(one, dict)] + [deep for one in below for deep in objects(one)]


def touches(path: str, read_of_it: set[str]) -> bool:
    """It is read, or something in it is."""
    return any(known == path or known.startswith((f"{path}.", f"{path}[")) for known in read_of_it)


def lose(payload: Any, path: str, *, null: bool) -> None:
    holder, key = find(payload, path)
    if holder is None or key not in holder:
        return  # it went with what it stood in
    if null:
        holder[key] = None
    else:
        del holder[key]


def put(payload: Any, path: str, value: Any) -> None:
    holder, key = find(payload, path)
    assert holder is not None
    holder[key] = copy.deepcopy(value)


def find(payload: Any, path: str) -> tuple[dict[str, Any] | None, str]:
    """The object in which the last key of `path` stands."""
    *way, last = re.findall(r"[^.\[\]]+", path) or [""]
    for step in way:
        payload = payload[int(step)] if isinstance(payload, list) else (payload or {}).get(step)
    return (payload if isinstance(payload, dict) else None), last
