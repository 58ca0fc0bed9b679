"""Bodies of webhooks about goods and their way, shaped as Shopify's samples of 2026-07."""

from __future__ import annotations

import json
import sqlite3

from sandbox import shop
from sandbox.money import pounds
from sandbox.shop import gid
from sandbox.state import Json
from sandbox.world import World

from .payloads import product


def level(row: sqlite3.Row) -> Json:
    """inventory_levels/update, of a product's only variant at the only warehouse."""
    return {
        "inventory_item_id": row["id"],
        "location_id": shop.LOCATION_ID,
        "available": row["stock"],
        "updated_at": row["updated_at"],
        "admin_graphql_api_id": f"{gid('InventoryLevel', shop.LOCATION_ID)}?inventory_item_id={row['id']}",
    }


def turned_variant(world: World, row: sqlite3.Row) -> Json:
    """variants/in_stock, variants/out_of_stock: the variant, without its inventory item."""
    variant: Json = product(world, row)["variants"][0]
    return {key: value for key, value in variant.items() if key != "inventory_item_id"} | {"image_id": None}


def fulfillment(row: sqlite3.Row, order: sqlite3.Row) -> Json:
    """fulfillments/create, fulfillments/update, and each parcel of an order."""
    link = f"https://parcels.example/{row['tracking_number']}"
    lines = [line for line in json.loads(order["lines"]) if line["kind"] != "shipping"]
    return {
        "id": row["id"],
        "admin_graphql_api_id": gid("Fulfillment", row["id"]),
        "order_id": row["order_id"],
        "name": f"#{order['number']}.1",
        "status": "success",
        "shipment_status": row["shipment_status"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "service": "manual",
        "location_id": shop.LOCATION_ID,
        "origin_address": None,
        "email": order["email"],
        "destination": {"first_name": None, "last_name": None, "country_code": order["country"]},
        "line_items": [
            {"id": line["id"], "title": line["title"], "quantity": line["quantity"], "product_id": line["product_id"]}
            for line in lines
        ],
        "tracking_company": "Royal Mail",
        "tracking_number": row["tracking_number"],
        "tracking_numbers": [row["tracking_number"]],
        "tracking_url": link,
        "tracking_urls": [link],
        "receipt": {},
    }


def deleted_checkout(cart: sqlite3.Row, checkout_id: int) -> Json:
    """checkouts/delete: its number, sums, and the cart's token; not its own token."""
    total = pounds(sum(line["price"] * line["quantity"] for line in json.loads(cart["lines"])))
    return {
        "id": checkout_id,
        "presentment_currency": shop.CURRENCY,
        "buyer_accepts_sms_marketing": False,
        "sms_marketing_phone": None,
        "total_discounts": "0.00",
        "total_line_items_price": total,
        "total_price": total,
        "total_tax": "0.00",
        "subtotal_price": total,
        "cart_token": cart["token"],
        "total_duties": None,
        "reservation_token": None,
    }


def discount(row: Json) -> Json:
    """discounts/create, discounts/update: neither the value nor the days."""
    return {
        "admin_graphql_api_id": row["gid"],
        "title": row["title"],
        "status": row["status"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def redeem_code(row: Json, code: Json, at: str) -> Json:
    """discounts/redeemcode_added, discounts/redeemcode_removed."""
    return {"admin_graphql_api_id": row["gid"], "redeem_code": code, "updated_at": at}


def segment(row: Json) -> Json:
    """segments/create, segments/update, in camelCase."""
    return {
        "id": row["id"],
        "name": row["name"],
        "query": row["query"],
        "creationDate": row["created_at"],
        "lastEditDate": row["updated_at"],
    }


def theme(number: int, name: str, at: str) -> Json:
    """themes/publish."""
    return {
        "id": number,
        "admin_graphql_api_id": gid("Theme", number),
        "name": name,
        "created_at": at,
        "updated_at": at,
        "role": "main",
        "theme_store_id": None,
        "previewable": True,
        "processing": False,
    }
