"""Bodies of carts/* and checkouts/*: what is in a cart, and (in a checkout) who wants it."""

from __future__ import annotations

import json
import sqlite3

from sandbox import shop
from sandbox.money import pounds
from sandbox.state import Json
from sandbox.world import World

from .payloads import customer


def cart(row: sqlite3.Row) -> Json:
    """carts/create, carts/update: no customer, no e-mail."""
    return {
        "id": row["token"],
        "token": row["token"],
        "line_items": [_cart_line(line) for line in json.loads(row["lines"])],
        "note": row["note"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def checkout(
    world: World, row: sqlite3.Row, buyer: sqlite3.Row | None, *, email: str | None, completed: str | None
) -> Json:
    """checkouts/create, checkouts/update, of a cart: no id, a token."""
    lines = json.loads(row["lines"])
    subtotal = pounds(sum(line["price"] * line["quantity"] for line in lines))
    token = row["checkout_token"]
    return {
        "token": token,
        "cart_token": row["token"],
        "email": email,
        "gateway": None,
        "buyer_accepts_marketing": False,
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "completed_at": completed,
        "closed_at": None,
        "currency": shop.CURRENCY,
        "presentment_currency": shop.CURRENCY,
        "customer_locale": shop.LOCALE,
        "name": f"#{token[:10]}",
        "source_name": "web",
        "note_attributes": attributes_of(json.loads(row["attributes"])),
        "line_items": [_checkout_line(line) for line in lines],
        "subtotal_price": subtotal,
        "total_line_items_price": subtotal,
        "total_price": subtotal,
        "total_discounts": "0.00",
        "total_tax": "0.00",
        "abandoned_checkout_url": f"{world.settings.url}/checkouts/{token}/recover?key={token[::-1]}",
        "discount_codes": [],
        "shipping_lines": [],
        "tax_lines": [],
        "customer": customer(buyer) if buyer else None,
    }


def attributes_of(attributes: Json) -> list[Json]:
    return [{"name": name, "value": value} for name, value in attributes.items()]


def bag(amount: int) -> Json:
    money = {"amount": pounds(amount), "currency_code": shop.CURRENCY}
    return {"shop_money": money, "presentment_money": money}


def _cart_line(line: Json) -> Json:
    price, total = pounds(line["price"]), pounds(line["price"] * line["quantity"])
    return {
        "id": line["variant_id"],
        "key": f"{line['variant_id']}:{line['code']}",
        "variant_id": line["variant_id"],
        "product_id": line["product_id"],
        "sku": line["code"],
        "title": line["title"],
        "quantity": line["quantity"],
        "price": price,
        "original_price": price,
        "discounted_price": price,
        "line_price": total,
        "original_line_price": total,
        "total_discount": "0.00",
        "discounts": [],
        "gift_card": False,
        "grams": 200,
        "taxable": True,
        "vendor": shop.NAME,
        "properties": None,
        "price_set": bag(line["price"]),
        "line_price_set": bag(line["price"] * line["quantity"]),
    }


def _checkout_line(line: Json) -> Json:
    return _cart_line(line) | {
        "presentment_title": line["title"],
        "variant_title": None,
        "variant_price": pounds(line["price"]),
    }
