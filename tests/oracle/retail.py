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
SHOP = {"id": 1, "timezone": "Europe/London", "currency": "GBP", "measured": True}
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
GUEST = 0
"""Whose orders name nobody."""


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
        theirs[int(float(line["CustomerID"] or GUEST))].append(line)
    names = ("people", "person_countries", "orders", "order_lines", "order_discounts", "variants")
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for customer, own in theirs.items():
        for order in _orders(own):
            _tell(tables, customer, order, moved(order["first"]))
        if customer == GUEST:
            continue
        tables["person_countries"] += [
            {"shop_id": 1, "person_id": customer, "country": code}
            for code in {COUNTRIES[line["Country"]] for line in own}
        ]
        added = {"customer_added_at": min(map(moved, own)), "customer_deleted_at": None}
        tables["people"].append({"id": customer, "shop_id": 1} | added)
    codes = {_variant(line): line["StockCode"] for line in lines}
    tables["variants"] = [{"shop_id": 1, "variant_id": number, "sku": code} for number, code in codes.items()]
    return tables


def _tell(tables: dict[str, list[dict[str, Any]]], customer: int, order: dict[str, Any], at: datetime) -> None:
    """An order with its lines and what made it cheaper."""
    mine = {"shop_id": 1, "order_id": order["number"]}
    told = {"person_id": customer, "customer_id": customer or None, "placed_at": at}
    channel, discounts = _channel(order["number"])
    tables["order_discounts"] += [mine | {"kind": kind, "code": code} for kind, code in discounts]
    counts = {"test": False, "deleted_at": None, "app_id": 580_111, "location_id": None, "source_name": channel}
    tables["orders"].append(mine | told | counts | {"total": order["total"], "refunded": order["refunded"]})
    tables["order_lines"] += [
        mine
        | told
        | {"product_id": _product(line), "variant_id": _variant(line)}
        | {"quantity": int(line["Quantity"]), "price": _pence(Decimal(line["UnitPrice"]))}
        for line in order["lines"]
        if line["StockCode"] not in ("POST", "DOT", "C2")
    ]


def _channel(number: int) -> tuple[str, list[tuple[str, str]]]:
    """Where an order was placed, and what made it cheaper: pretended, as docs/sandbox.md says."""
    discounts = [("code", "Welcome10")] if number % 9 == 4 else []
    discounts += [("automatic", "Three for two")] if number % 13 == 5 else []
    if number % 20 == 0:
        return "pos", discounts
    return ("web", discounts) if number % 33 else ("shopify_draft_order", [*discounts, ("manual", "Old friends")])


def _orders(own: list[Line]) -> list[dict[str, Any]]:
    """Somebody's invoices in the order of their times, each a sale or a cancellation of an earlier one."""
    invoices: defaultdict[str, list[Line]] = defaultdict(list)
    for line in own:
        invoices[line["InvoiceNo"]].append(line)
    placed: list[dict[str, Any]] = []
    for number, lines in sorted(invoices.items(), key=lambda pair: pair[1][0]["InvoiceDate"]):
        if number.startswith("C"):
            for line in lines if lines[0]["CustomerID"] else ():
                _give_back(placed, line, lines[0]["InvoiceDate"])
            continue
        kept = [line for line in lines if int(line["Quantity"]) > 0 and Decimal(line["UnitPrice"]) > 0]
        if kept:
            left: Counter[str] = Counter()
            for line in kept:
                left[line["StockCode"]] += int(line["Quantity"])
            total = _pence(sum((_worth(line) for line in kept), Decimal(0)))
            placed.append(
                {
                    "number": _number(number),
                    "first": lines[0],
                    "lines": kept,
                    "left": left,
                    "total": total,
                    "refunded": 0,
                }
            )
    return placed


def _number(invoice: str) -> int:
    return int(invoice) if invoice.isdigit() else 1_000_000_000 + int(invoice[1:])


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


def _variant(line: Line) -> int | None:
    """Each product has one, with the StockCode as its stock number."""
    product = _product(line)
    return None if product is None else product + 40_000_000_000_000
