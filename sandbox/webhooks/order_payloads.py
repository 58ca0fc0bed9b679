"""Bodies of orders/* and refunds/*."""

from __future__ import annotations

import json
import sqlite3

from sandbox import shop
from sandbox.history.countries import NAMES
from sandbox.money import pounds
from sandbox.places import town
from sandbox.shop import gid
from sandbox.state import Json

from .cart_payloads import attributes_of, bag
from .payloads import customer

ONLINE_STORE = 580_111
"""The app id of orders that come from the online store."""


def order(row: sqlite3.Row, buyer: sqlite3.Row | None, refunds: list[sqlite3.Row], attributes: Json) -> Json:
    """orders/create, paid, updated, cancelled, fulfilled: the whole order as it is now."""
    lines = json.loads(row["lines"])
    address = _address(row)
    discounts = json.loads(row["discounts"])
    paid = "paid" if not row["refunded"] else ("refunded" if row["refunded"] >= row["total"] else "partially_refunded")
    return {
        "id": row["id"],
        "admin_graphql_api_id": gid("Order", row["id"]),
        "name": f"#{row['number']}",
        "number": row["id"] - 1000,
        "order_number": row["id"],
        "app_id": ONLINE_STORE,
        "location_id": None,
        "source_name": row["source"],
        "test": False,
        "confirmed": True,
        "cart_token": row["cart_token"],
        "checkout_token": row["checkout_token"],
        "token": row["checkout_token"],
        "created_at": row["placed_at"],
        "processed_at": row["placed_at"],
        "updated_at": row["updated_at"],
        "cancelled_at": row["cancelled_at"],
        "cancel_reason": "customer" if row["cancelled_at"] else None,
        "closed_at": None,
        "currency": shop.CURRENCY,
        "presentment_currency": shop.CURRENCY,
        "customer_locale": shop.LOCALE,
        "email": row["email"],
        "contact_email": row["email"],
        "financial_status": paid,
        "fulfillment_status": "fulfilled" if row["fulfilled"] else None,
        "landing_site": row["landing_site"],
        "referring_site": None,
        "note": None,
        "note_attributes": attributes_of(attributes),
        "tags": "",
        "discount_codes": [
            {"code": one["code"], "amount": "0.00", "type": "percentage"} for one in discounts if one["kind"] == "code"
        ],
        "discount_applications": [_discount(one) for one in discounts],
        "line_items": [_order_line(line) for line in lines if line["kind"] != "shipping"],
        "shipping_lines": [_shipping_line(line) for line in lines if line["kind"] == "shipping"],
        "refunds": [refund(each, row) for each in refunds],
        "fulfillments": [],
        "customer": customer(buyer) if buyer else None,
        "shipping_address": address,
        "billing_address": address,
        **_money(row, lines),
    }


def refund(row: sqlite3.Row, of: sqlite3.Row) -> Json:
    """refunds/create, and each refund of an order."""
    line = next((each for each in json.loads(of["lines"]) if each["code"] == row["code"]), None)
    lines = [{"id": row["id"], "line_item_id": line["id"], "quantity": row["quantity"],
              "subtotal": pounds(row["amount"]), "restock_type": "return"}] if line else []  # fmt: skip
    transaction = {"id": row["id"], "order_id": row["order_id"], "amount": pounds(row["amount"]), "kind": "refund",
                   "status": "success", "currency": shop.CURRENCY, "created_at": row["at"]}  # fmt: skip
    return {
        "id": row["id"],
        "admin_graphql_api_id": gid("Refund", row["id"]),
        "order_id": row["order_id"],
        "created_at": row["at"],
        "processed_at": row["at"],
        "note": None,
        "restock": True,
        "user_id": shop.STAFF_ID,
        "refund_line_items": lines,
        "transactions": [transaction],
        "order_adjustments": [],
    }


def _address(row: sqlite3.Row) -> Json:
    """Names are left out; an order's address has coordinates, a customer's has none."""
    at = town(row["country"], row["customer_id"] or row["id"])
    return {
        "first_name": None,
        "last_name": None,
        "city": at.city or None,
        "zip": at.postcode or None,
        "province": at.province,
        "province_code": at.province,
        "country": NAMES.get(row["country"]),
        "country_code": row["country"],
        "latitude": at.latitude if at.city else None,
        "longitude": at.longitude if at.city else None,
    }


def _discount(one: Json) -> Json:
    kind = {"code": "discount_code"}.get(one["kind"], one["kind"])
    named = {"code": one["code"]} if kind == "discount_code" else {"title": one["code"]}
    rest = {"target_type": "line_item", "allocation_method": "across", "target_selection": "all"}
    return {"type": kind, "value": "10.0", "value_type": "percentage", **rest, **named}


def _money(row: sqlite3.Row, lines: list[Json]) -> Json:
    shipping = sum(line["price"] * line["quantity"] for line in lines if line["kind"] == "shipping")
    money = {
        "total_price": row["total"],
        "subtotal_price": row["total"] - shipping,
        "current_total_price": max(0, row["total"] - row["refunded"]),
        "current_subtotal_price": max(0, row["total"] - shipping - row["refunded"]),
        "total_line_items_price": row["total"] - shipping,
        "total_shipping_price": shipping,
        "total_discounts": 0,
        "total_tax": 0,
        "total_outstanding": 0,
    }
    sets = {f"{name}_set": bag(amount) for name, amount in money.items()}
    plain = {name: pounds(amount) for name, amount in money.items() if name != "total_shipping_price"}
    return plain | sets


def _order_line(line: Json) -> Json:
    return {
        "id": line["id"],
        "admin_graphql_api_id": gid("LineItem", line["id"]),
        "product_id": line["product_id"],
        "variant_id": line["variant_id"],
        "product_exists": line["product_id"] is not None,
        "title": line["title"],
        "name": line["title"],
        "variant_title": None,
        "sku": line["code"],
        "quantity": line["quantity"],
        "current_quantity": line["quantity"],
        "fulfillable_quantity": line["quantity"],
        "price": pounds(line["price"]),
        "price_set": bag(line["price"]),
        "total_discount": "0.00",
        "vendor": shop.NAME,
        "gift_card": False,
        "taxable": True,
        "properties": [],
    }


def _shipping_line(line: Json) -> Json:
    price = line["price"] * line["quantity"]
    return {
        "id": line["id"],
        "title": line["title"],
        "code": line["code"],
        "price": pounds(price),
        "price_set": bag(price),
    }
