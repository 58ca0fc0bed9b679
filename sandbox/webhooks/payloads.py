"""Bodies of webhooks, shaped as Shopify's own samples (API 2026-07 and later): the shop, products, customers."""

from __future__ import annotations

import json
import sqlite3

from sandbox import shop
from sandbox.categories import CATEGORIES
from sandbox.facts_of_people import account_status
from sandbox.history.codes import variant_id
from sandbox.history.countries import NAMES
from sandbox.money import pounds
from sandbox.places import town
from sandbox.shop import gid
from sandbox.state import Json
from sandbox.world import World


def product(world: World, row: sqlite3.Row) -> Json:
    """products/create, products/update."""
    image = {"id": row["id"], "src": f"{world.settings.url}/pictures/{row['handle']}.svg", "alt": row["title"]}
    variant = {
        "admin_graphql_api_id": gid("ProductVariant", variant_id(row["id"])),
        "id": variant_id(row["id"]),
        "product_id": row["id"],
        "title": "Default Title",
        "price": pounds(row["price"]),
        "compare_at_price": None,
        "position": 1,
        "sku": row["code"],
        "inventory_policy": "deny",
        "inventory_item_id": row["id"],
        "inventory_quantity": row["stock"],
        "old_inventory_quantity": row["stock"],
        "taxable": True,
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }
    return {
        "admin_graphql_api_id": gid("Product", row["id"]),
        "id": row["id"],
        "title": row["title"],
        "handle": row["handle"],
        "body_html": row["title"],
        "product_type": row["kind"],
        "vendor": shop.NAME,
        "status": "active",
        "tags": ", ".join(json.loads(row["tags"])),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "published_at": row["created_at"],
        "published_scope": "web",
        "variants": [variant],
        "options": [
            {"id": row["id"], "product_id": row["id"], "name": "Title", "position": 1, "values": ["Default Title"]}
        ],
        "images": [image],
        "image": image,
        "media": [],
        "variant_gids": [{"admin_graphql_api_id": variant["admin_graphql_api_id"], "updated_at": row["updated_at"]}],
        "category": _category(row["kind"]),
    }


def _category(kind: str) -> Json | None:
    name = CATEGORIES.get(kind)
    return {"name": name.rpartition(" > ")[2], "full_name": name} if name else None


def customer(row: sqlite3.Row) -> Json:
    """customers/create, customers/update: no orders, no tags, as since 2025."""
    addresses = [_address(row, place, code) for place, code in enumerate(json.loads(row["countries"]))]
    return {
        "id": row["id"],
        "admin_graphql_api_id": gid("Customer", row["id"]),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "first_name": row["first_name"],
        "last_name": row["last_name"],
        "email": row["email"],
        "phone": None,
        "state": account_status(row).lower(),
        "note": None,
        "verified_email": True,
        "multipass_identifier": None,
        "tax_exempt": False,
        "tax_exemptions": [],
        "currency": shop.CURRENCY,
        "addresses": addresses,
        "default_address": addresses[0] if addresses else None,
    }


def purchases(row: sqlite3.Row, last_order: int | None) -> Json:
    """customers/purchasing_summary."""
    return {
        "customerId": gid("Customer", row["id"]),
        "numberOfOrders": row["orders"],
        "amountSpent": {"amount": pounds(row["spent"]), "currencyCode": shop.CURRENCY},
        "lastOrderId": gid("Order", last_order) if last_order else None,
        "occurredAt": row["updated_at"],
    }


def consent(row: sqlite3.Row, channel: str, state: str, at: str) -> Json:
    """customers_email_marketing_consent/update, or customers_marketing_consent/update, which is about SMS."""
    told = {"state": state, "opt_in_level": "single_opt_in", "consent_updated_at": at}
    if channel == "email":
        return {"customer_id": row["id"], "email_address": row["email"], "email_marketing_consent": told}
    return {"id": row["id"], "phone": None, "sms_marketing_consent": told | {"consent_collected_from": "OTHER"}}


def merged(*, lost: int, kept: int) -> Json:
    """customers/merge, when it is done."""
    return {
        "admin_graphql_api_customer_kept_id": gid("Customer", kept),
        "admin_graphql_api_customer_deleted_id": gid("Customer", lost),
        "admin_graphql_api_job_id": None,
        "status": "completed",
        "errors": [],
    }


def this_shop(world: World) -> Json:
    """app/uninstalled, shop/update."""
    return {
        "id": shop.SHOP_ID,
        "name": shop.NAME,
        "email": shop.EMAIL,
        "domain": world.settings.url.partition("//")[2],
        "myshopify_domain": shop.DOMAIN,
        "currency": shop.CURRENCY,
        "iana_timezone": shop.TIMEZONE.key,
        "timezone": "(GMT+00:00) London",
        "primary_locale": shop.LOCALE,
        "country_code": "GB",
        "plan_name": "basic",
    }


def _address(row: sqlite3.Row, place: int, code: str) -> Json:
    at = town(code, row["id"])
    return {
        "id": row["id"] * 100 + place,
        "customer_id": row["id"],
        "first_name": row["first_name"],
        "last_name": row["last_name"],
        "city": at.city or None,
        "zip": at.postcode or None,
        "province": at.province,
        "province_code": at.province,
        "country": NAMES.get(code, code),
        "country_code": code,
        "country_name": NAMES.get(code, code),
        "default": place == 0,
    }
