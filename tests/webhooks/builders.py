"""Payloads of small stories, by topic: a new topic's order-safety is tested by one line in `BUILDERS`.

A builder gets dice and an instant, and says what Shopify would say then. The ids are few, so that news meet: customers
ANN, BEN and CLEO, orders and products 1 to 3 above BIG. What happens once (`ONCE`) is told at most once a story.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

from .builders_goods import GOODS

Json = dict[str, Any]
Builder = Callable[[random.Random, datetime], Json]

BIG = 2**53
ANN, BEN, CLEO = (BIG + number for number in (1, 2, 3))
_LONG_AGO = "2026-01-05T09:00:00Z"


def customer(dice: random.Random, at: datetime) -> Json:
    return {
        "id": dice.choice([ANN, BEN, CLEO]),
        "created_at": _LONG_AGO,
        "updated_at": at.isoformat(),
        "first_name": dice.choice(["Ann", "Anna", None]),
        "state": dice.choice(["enabled", "invited"]),
        "addresses": [address(dice, land) for land in dice.sample(["GB", "IE", "PL"], 2)],
    }


def address(dice: random.Random, land: str) -> Json:
    town = dice.choice(["Leeds", "Cork", None])
    return {"country_code": land, "province_code": dice.choice([None, "ENG"]), "city": town, "zip": "LS1 1AA"}


def customer_of_2023(dice: random.Random, at: datetime) -> Json:
    sums = {"orders_count": dice.randrange(9), "total_spent": f"{dice.randrange(900)}.50", "currency": "GBP"}
    consent = {"email_marketing_consent": {"state": dice.choice(["subscribed", "unsubscribed"])}}
    return customer(dice, at) | {"tags": dice.choice(["", "VIP", "VIP, Press"])} | sums | consent


def tags(dice: random.Random, at: datetime) -> Json:
    who = f"gid://shopify/Customer/{dice.choice([ANN, BEN, CLEO])}"
    return {"customerId": who, "tags": dice.sample(["VIP", "Press", "New"], 2), "occurredAt": at.isoformat()}


def purchasing_summary(dice: random.Random, at: datetime) -> Json:
    return {
        "customerId": f"gid://shopify/Customer/{dice.choice([ANN, BEN, CLEO])}",
        "numberOfOrders": dice.randrange(9),
        "amountSpent": {"amount": f"{dice.randrange(900)}.00", "currencyCode": "GBP"},
        "lastOrderId": dice.choice([None, f"gid://shopify/Order/{BIG + 1}"]),
        "occurredAt": at.isoformat(),
    }


def email_consent(dice: random.Random, _at: datetime) -> Json:
    state = dice.choice(["subscribed", "unsubscribed", "pending", None])
    return {"customer_id": dice.choice([ANN, BEN, CLEO]), "email_marketing_consent": {"state": state}}


def sms_consent(dice: random.Random, _at: datetime) -> Json:
    state = dice.choice(["subscribed", "not_subscribed", None])
    return {"id": dice.choice([ANN, BEN, CLEO]), "phone": None, "sms_marketing_consent": {"state": state}}


def merge(_dice: random.Random, _at: datetime) -> Json:
    kept, lost = (f"gid://shopify/Customer/{one}" for one in (ANN, BEN))
    return {
        "admin_graphql_api_customer_kept_id": kept,
        "admin_graphql_api_customer_deleted_id": lost,
        "status": "completed",
    }


def customer_gone(_dice: random.Random, _at: datetime) -> Json:
    return {"id": CLEO}


def order(dice: random.Random, at: datetime) -> Json:
    number = dice.randrange(1, 4)
    return {
        "id": BIG + number,
        "name": f"#{number}",
        "currency": "GBP",
        "total_price": f"{dice.randrange(900)}.00",
        "created_at": f"2026-11-02T0{number}:00:00Z",
        "updated_at": at.isoformat(),
        "customer": {"id": (ANN, BEN, CLEO)[number - 1]},
        "cart_token": f"cart-{number}",
        "line_items": [{"id": number, "product_id": BIG + 1, "title": "Parka", "quantity": 1, "price": "9.00"}],
        "source_name": dice.choice(["web", "pos"]),
        "discount_codes": dice.choice([[], [{"code": "TEN", "amount": "1.00"}]]),
        "billing_address": address(dice, dice.choice(["GB", "DE"])) | {"latitude": 53.8, "longitude": -1.5},
    }


def order_gone(_dice: random.Random, _at: datetime) -> Json:
    return {"id": BIG + 3}


def refund(dice: random.Random, at: datetime) -> Json:
    money = {"kind": "refund", "status": "success", "amount": f"{dice.randrange(90)}.00"}
    return {"id": 7, "order_id": BIG + 1, "processed_at": at.isoformat(), "transactions": [money]}


def cart(dice: random.Random, at: datetime) -> Json:
    line = {"product_id": BIG + 1, "title": "Parka", "quantity": dice.randrange(1, 5), "price": "9.00"}
    return {"token": f"cart-{dice.randrange(1, 4)}", "updated_at": at.isoformat(), "line_items": [line]}


def checkout(dice: random.Random, at: datetime) -> Json:
    number = dice.randrange(1, 4)
    who = {"id": (ANN, BEN, CLEO)[number - 1]}
    return {
        "token": f"checkout-{number}",
        "cart_token": f"cart-{number}",
        "customer": dice.choice([None, who]),
        "currency": "GBP",
        "updated_at": at.isoformat(),
        "line_items": [],
    }


def product(dice: random.Random, at: datetime) -> Json:
    return {
        "id": BIG + dice.randrange(1, 4),
        "title": dice.choice(["Parka", "Coat"]),
        "handle": "parka",
        "status": "active",
        "tags": dice.choice(["", "Winter", "Winter, Sale"]),
        "updated_at": at.isoformat(),
        "variants": [],
    }


def product_gone(_dice: random.Random, _at: datetime) -> Json:
    return {"id": BIG + 2}


BUILDERS: dict[str, Builder] = {
    "customers/create": customer,
    "customers/update": customer_of_2023,
    "customers/delete": customer_gone,
    "customers/merge": merge,
    "customers/purchasing_summary": purchasing_summary,
    "customers_email_marketing_consent/update": email_consent,
    "customers_marketing_consent/update": sms_consent,
    "customer.tags_added": tags,
    "customer.tags_removed": tags,
    "orders/create": order,
    "orders/paid": order,
    "orders/updated": order,
    "orders/cancelled": order,
    "orders/fulfilled": order,
    "orders/delete": order_gone,
    "refunds/create": refund,
    "carts/create": cart,
    "carts/update": cart,
    "checkouts/create": checkout,
    "checkouts/update": checkout,
    "products/create": product,
    "products/update": product,
    "products/delete": product_gone,
    **GOODS,
}
ONCE = frozenset({"customers/merge", *(topic for topic in BUILDERS if topic.endswith("/delete"))})
