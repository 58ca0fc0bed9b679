"""What Shopify knows of customers besides orders. The file of the history does not: it is made up from the number, once
or whenever asked, so that every kind of it is there."""

from __future__ import annotations

import json
import sqlite3
from datetime import date, timedelta

from sandbox.state import Json

LEVELS = ("bronze", "silver", "gold")
TOPICS = ("Garden", "Kitchen", "Christmas", "Children")


def metafields(number: int) -> str:
    """Of a new customer, as JSON: two of three tell their birthday, half a level, all their points."""
    born = date(1950, 1, 1) + timedelta(days=number * 7919 % 20_000)
    found = [_field("custom", "loyalty_points", "number_integer", str(number * 37 % 1_000))]
    if number % 3:
        found.append(_field("facts", "birth_date", "date", born.isoformat()))
        found.append(_field("facts", "gender", "single_line_text_field", "female" if number % 2 else "male"))
    if number % 2:
        found.append(_field("custom", "membership_level", "single_line_text_field", LEVELS[number % 7 % 3]))
        found.append(_field("custom", "wholesale", "boolean", "true" if number % 5 == 0 else "false"))
    if number % 4 == 1:
        topics = json.dumps([TOPICS[number % 3], TOPICS[3]])
        found.append(_field("custom", "topics", "list.single_line_text_field", topics))
    return json.dumps(found)


def credit(number: int) -> int:
    """Pence of store credit: every fifteenth has some."""
    return 500 + number * 13 % 4_000 if number % 15 == 0 else 0


def account_status(row: sqlite3.Row) -> str:
    return "DISABLED" if row["id"] % 11 == 0 else "INVITED" if row["id"] % 17 == 0 else "ENABLED"


def subscriber_status(row: sqlite3.Row) -> str:
    return "ACTIVE" if row["id"] % 19 == 0 else "CANCELLED" if row["id"] % 23 == 0 else "NEVER_SUBSCRIBED"


def spend_tier(row: sqlite3.Row) -> str | None:
    """Pence: nobody without an order has one."""
    if not row["orders"]:
        return None
    return "HIGH" if row["spent"] >= 200_000 else "MEDIUM" if row["spent"] >= 50_000 else "LOW"


def rfm_group(row: sqlite3.Row) -> str:
    orders = row["orders"]
    groups = (("CHAMPIONS", 10), ("LOYAL", 5), ("PROMISING", 2), ("NEW", 1))
    return next((group for group, least in groups if orders >= least), "PROSPECTS")


def companies(row: sqlite3.Row) -> list[int]:
    """Who orders most buys for a company."""
    return [7_000_000 + row["id"] % 50] if row["orders"] >= 20 else []


def _field(namespace: str, key: str, type_: str, value: str) -> Json:
    return {"namespace": namespace, "key": key, "type": type_, "value": value}
