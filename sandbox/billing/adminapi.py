"""The Admin API's half: charges in `currentAppInstallation`, and the mutations of the Billing API."""

from __future__ import annotations

import re
import sqlite3
from decimal import Decimal
from typing import Any

from sandbox.shop import HANDLE, gid, number_of
from sandbox.state import Json
from sandbox.world import World

from . import charges, dashboard


def active(world: World) -> list[Json]:
    return [subscription(row) for row in charges.newest_first(world, charges.IN_FORCE)]


def every(world: World) -> tuple[Json, ...]:
    """The newest first, whatever the order that was asked for."""
    return tuple(subscription(row) for row in charges.newest_first(world))


def subscription(row: sqlite3.Row) -> Json:
    price = {"amount": charges.dollars(row["amount"]), "currencyCode": "USD"}
    details = {"__typename": "AppRecurringPricing", "planHandle": row["handle"], "interval": "EVERY_30_DAYS"}
    return {
        "id": gid("AppSubscription", row["id"]),
        "name": row["name"],
        "status": row["status"],
        "test": bool(row["test"]),
        "trialDays": row["trial_days"],
        "createdAt": row["created_at"],
        "currentPeriodEnd": row["period_end"] if row["status"] == "ACTIVE" else None,
        "returnUrl": row["back"] or "https://example.com",
        "lineItems": [
            {"id": gid("AppSubscriptionLineItem", row["id"]), "plan": {"pricingDetails": details | {"price": price}}}
        ],
    }


def create(world: World, asked: Json) -> Json:
    """appSubscriptionCreate."""
    if problem := _problem(world, asked):
        return {"appSubscription": None, "confirmationUrl": None, "userErrors": [problem]}
    details = asked["lineItems"][0]["plan"]["appRecurringPricingDetails"]
    number = charges.create(
        world, "billing_api", name=asked["name"], handle=None, amount=_cents(details["price"]["amount"]),
        trial_days=asked.get("trialDays") or 0, test=bool(asked.get("test")), back=asked["returnUrl"],
    )  # fmt: skip
    row = charges.find(world, number)
    assert row is not None
    where = f"{world.settings.admin_url}/store/{HANDLE}/charges/{number}/confirm"
    return {"appSubscription": subscription(row), "confirmationUrl": where, "userErrors": []}


def cancel(world: World, asked: Json) -> Json:
    """appSubscriptionCancel."""
    row = charges.find(world, number_of(asked["id"]))
    if row is None or row["status"] not in ("ACTIVE", "FROZEN"):
        return {
            "appSubscription": None,
            "userErrors": [_error("id", "Couldn't find an active RecurringApplicationCharge")],
        }
    charges.end(world, row["id"])
    ended = charges.find(world, row["id"])
    assert ended is not None
    return {"appSubscription": subscription(ended), "userErrors": []}


def _problem(world: World, asked: Json) -> Json | None:
    if dashboard.rules(world).pricing == "app_pricing":
        return {"field": None, "message": "Managed Pricing Apps cannot use the Billing API (to create charges)."}
    if not asked["name"].strip():
        return _error("name", "Name can't be blank")
    if not re.match(r"https?://", asked["returnUrl"]):
        return _error("returnUrl", "Return URL is invalid")
    details = asked["lineItems"][0]["plan"].get("appRecurringPricingDetails")
    if len(asked["lineItems"]) != 1 or details is None:
        return _error("lineItems", "The sandbox knows one recurring line item and nothing else")
    if _cents(details["price"]["amount"]) < 50:
        return _error("lineItems", "Price must be greater than or equal to 0.5")
    return None


def _error(field: str, message: str) -> Json:
    return {"field": [field], "message": message}


def _cents(amount: Any) -> int:
    return int(Decimal(str(amount)) * 100)
