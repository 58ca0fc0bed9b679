"""Payloads of goods, discounts, parcels, segments and themes: the second half of `builders.BUILDERS`."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

Json = dict[str, Any]
BIG = 2**53


def level(dice: random.Random, at: datetime) -> Json:
    where = {"inventory_item_id": BIG + dice.randrange(1, 3), "location_id": dice.randrange(1, 3)}
    return where | {"available": dice.randrange(9), "updated_at": at.isoformat()}


def variant(dice: random.Random, at: datetime) -> Json:
    return {"id": BIG + dice.randrange(1, 3), "inventory_quantity": dice.randrange(9), "updated_at": at.isoformat()}


def discount(dice: random.Random, at: datetime) -> Json:
    told = {"title": dice.choice(["Winter", "Sale"]), "status": dice.choice(["ACTIVE", "EXPIRED"])}
    number = dice.randrange(1, 3)
    return told | {"admin_graphql_api_id": f"gid://shopify/DiscountCodeNode/{number}", "updated_at": at.isoformat()}


def discount_gone(_dice: random.Random, at: datetime) -> Json:
    return {"admin_graphql_api_id": "gid://shopify/DiscountCodeNode/2", "deleted_at": at.isoformat()}


def redeem_code(dice: random.Random, at: datetime) -> Json:
    number = dice.randrange(1, 4)
    return {
        "admin_graphql_api_id": "gid://shopify/DiscountCodeNode/1",
        "redeem_code": {"id": f"gid://shopify/DiscountRedeemCode/{number}", "code": f"WINTER{number}"},
        "updated_at": at.isoformat(),
    }


def fulfillment(dice: random.Random, at: datetime) -> Json:
    number = dice.randrange(1, 3)
    return {
        "id": BIG + number,
        "order_id": BIG + number,
        "status": dice.choice(["open", "success"]),
        "shipment_status": dice.choice([None, "in_transit", "delivered"]),
        "tracking_number": dice.choice([None, "1Z"]),
        "created_at": "2026-11-02T01:00:00Z",
        "updated_at": at.isoformat(),
    }


def segment(dice: random.Random, at: datetime) -> Json:
    asks = dice.choice(["number_of_orders = 1", "number_of_orders > 1"])
    return {"id": dice.randrange(1, 3), "name": "Some", "query": asks, "lastEditDate": at.isoformat()}


def segment_gone(_dice: random.Random, _at: datetime) -> Json:
    return {"id": 2}


def theme(dice: random.Random, at: datetime) -> Json:
    name = dice.choice(["Comfort", "Dawn"])
    return {"id": BIG + 1, "name": name, "role": "main", "updated_at": at.isoformat()}


def checkout_gone(dice: random.Random, _at: datetime) -> Json:
    return {"cart_token": f"cart-{dice.randrange(1, 4)}"}


GOODS: dict[str, Callable[[random.Random, datetime], Json]] = {
    "checkouts/delete": checkout_gone,
    "inventory_levels/update": level,
    "variants/in_stock": variant,
    "variants/out_of_stock": variant,
    "discounts/create": discount,
    "discounts/update": discount,
    "discounts/delete": discount_gone,
    "discounts/redeemcode_added": redeem_code,
    "discounts/redeemcode_removed": redeem_code,
    "fulfillments/create": fulfillment,
    "fulfillments/update": fulfillment,
    "segments/create": segment,
    "segments/update": segment,
    "segments/delete": segment_gone,
    "themes/publish": theme,
}
