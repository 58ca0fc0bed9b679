"""The Online Retail history (sandbox/data) as rows, straight from its lines, by the rules of docs/sandbox.md.

Neither the sandbox's mapping nor the product's import has a hand in it; customers keep the ids of the file.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.rows import Rows

LONDON = ZoneInfo("Europe/London")
SHOP = {"id": 1, "timezone": "Europe/London", "currency": "GBP"}
COUNTRIES = {
    "Australia": "AU", "Austria": "AT", "Belgium": "BE", "Channel Islands": "JE", "EIRE": "IE", "Finland": "FI",
    "France": "FR", "Germany": "DE", "Italy": "IT", "Netherlands": "NL", "Norway": "NO", "Portugal": "PT",
    "Spain": "ES", "Sweden": "SE", "Switzerland": "CH", "United Kingdom": "GB", "Unspecified": "ZZ",
    "European Community": "ZZ", "USA": "US", "RSA": "ZA", "Japan": "JP", "Poland": "PL", "Denmark": "DK",
    "Cyprus": "CY", "Israel": "IL", "Singapore": "SG", "Iceland": "IS", "Malta": "MT", "Greece": "GR",
    "Canada": "CA", "Lithuania": "LT", "Hong Kong": "HK", "Bahrain": "BH", "Lebanon": "LB", "Saudi Arabia": "SA",
    "Brazil": "BR", "Czech Republic": "CZ", "United Arab Emirates": "AE",
}  # fmt: skip

Line = dict[str, str]


def lines_of(file: Path) -> list[Line]:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def rows_of(file: Path, now: datetime) -> Rows:
    """People, their countries, orders and lines, moved by whole weeks so that they end in the week before `now`."""
    lines = lines_of(file)
    last = max(datetime.fromisoformat(line["InvoiceDate"]) for line in lines)
    weeks = (now.astimezone(LONDON).replace(tzinfo=None) - last) // timedelta(weeks=1)
    return Rows(SHOP, _tables(lines, timedelta(weeks=weeks)))


def _tables(lines: list[Line], shift: timedelta) -> dict[str, list[dict[str, Any]]]:
    def moved(line: Line) -> datetime:
        return (datetime.fromisoformat(line["InvoiceDate"]) + shift).replace(tzinfo=LONDON).astimezone(UTC)

    theirs: defaultdict[int, list[Line]] = defaultdict(list)
    for line in lines:
        if line["CustomerID"]:
            theirs[int(float(line["CustomerID"]))].append(line)
    names = ("people", "person_countries", "orders", "order_lines", "order_discounts")
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for customer, own in theirs.items():
        mine = {"shop_id": 1, "person_id": customer}
        placed = _orders(own)
        for order in placed:
            at = moved(order["first"])
            told = {"order_id": order["number"], "placed_at": at, "test": False, "deleted_at": None}
            extra = {"total": order["total"], "refunded": order["refunded"], "app_id": 580_111, "location_id": None}
            extra["source_name"], discounts = _channel(order["number"])
            tables["order_discounts"] += [
                {"shop_id": 1, "order_id": order["number"], "kind": kind, "code": code} for kind, code in discounts
            ]
            tables["orders"].append(mine | told | extra)
            tables["order_lines"] += [
                mine
                | {
                    "order_id": order["number"],
                    "placed_at": at,
                    "product_id": _product(line),
                    "quantity": int(line["Quantity"]),
                }
                for line in order["lines"]
                if line["StockCode"] not in ("POST", "DOT", "C2")
            ]
        tables["person_countries"] += [
            mine | {"country": code} for code in {COUNTRIES[line["Country"]] for line in own}
        ]
        tables["people"].append(_person(customer, min(map(moved, own)), placed, moved))
    return tables


def _channel(number: int) -> tuple[str, list[tuple[str, str]]]:
    """Where an order was placed, and what made it cheaper: pretended, as docs/sandbox.md says."""
    discounts = [("code", "Welcome10")] if number % 9 == 4 else []
    discounts += [("automatic", "Three for two")] if number % 13 == 5 else []
    if number % 20 == 0:
        return "pos", discounts
    return ("web", discounts) if number % 33 else ("shopify_draft_order", [*discounts, ("manual", "Old friends")])


def _person(customer: int, added: datetime, placed: list[dict[str, Any]], moved: Any) -> dict[str, Any]:
    times = [moved(order["first"]) for order in placed]
    return {
        "id": customer,
        "shop_id": 1,
        "customer_added_at": added,
        "customer_deleted_at": None,
        "number_of_orders": len(placed),
        "amount_spent": sum(order["total"] - order["refunded"] for order in placed),
        "first_order_at": min(times, default=None),
        "last_order_at": max(times, default=None),
    }


def _orders(own: list[Line]) -> list[dict[str, Any]]:
    """A customer's invoices in the order of their times, each a sale or a cancellation of an earlier one."""
    invoices: defaultdict[str, list[Line]] = defaultdict(list)
    for line in own:
        invoices[line["InvoiceNo"]].append(line)
    placed: list[dict[str, Any]] = []
    for number, lines in sorted(invoices.items(), key=lambda pair: pair[1][0]["InvoiceDate"]):
        if number.startswith("C"):
            for line in lines:
                _give_back(placed, line, lines[0]["InvoiceDate"])
            continue
        kept = [line for line in lines if int(line["Quantity"]) > 0 and Decimal(line["UnitPrice"]) > 0]
        if kept:
            left: Counter[str] = Counter()
            for line in kept:
                left[line["StockCode"]] += int(line["Quantity"])
            total = _pence(sum((_worth(line) for line in kept), Decimal(0)))
            placed.append(
                {"number": int(number), "first": lines[0], "lines": kept, "left": left, "total": total, "refunded": 0}
            )
    return placed


def _give_back(placed: list[dict[str, Any]], line: Line, at: str) -> None:
    pieces = -int(line["Quantity"])
    for order in reversed(placed):
        if order["first"]["InvoiceDate"] < at and 0 < pieces <= order["left"][line["StockCode"]]:
            order["left"][line["StockCode"]] -= pieces
            order["refunded"] += _pence(-_worth(line))
            return


def _worth(line: Line) -> Decimal:
    return int(line["Quantity"]) * Decimal(line["UnitPrice"])


def _pence(amount: Decimal) -> int:
    return int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _product(line: Line) -> int | None:
    """The id that the sandbox gives a product: from its StockCode to the letter; a code without a digit is none."""
    code = line["StockCode"]
    if not any(letter.isdigit() for letter in code):
        return None
    return 7_000_000_000_000 + int(hashlib.sha256(code.encode()).hexdigest()[:10], 16)
