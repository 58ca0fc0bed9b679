"""The slice, mapped a second time by other code: dictionaries and Decimals in the words of the issue, no SQL."""

from __future__ import annotations

import csv
import gzip
import os
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.history.load import load_once
from sandbox.settings import SLICE
from sandbox.state import open_state
from tests.sandbox.conftest import NOW


def recomputed(file: Path) -> dict[int, tuple[int, Decimal]]:
    """Customer → (orders, spent)."""
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    invoices = defaultdict(list)
    for row in rows:
        invoices[row["InvoiceNo"]].append(row)
    customers = {int(float(row["CustomerID"])): [0, Decimal(0)] for row in rows if row["CustomerID"]}
    held = defaultdict(list)
    for invoice, its in sorted(invoices.items(), key=lambda pair: pair[1][0]["InvoiceDate"]):
        if not its[0]["CustomerID"]:
            continue
        customer, at = int(float(its[0]["CustomerID"])), its[0]["InvoiceDate"]
        if invoice.startswith("C"):
            for row in its:
                wanted, price = -int(row["Quantity"]), Decimal(row["UnitPrice"])
                for order in reversed(held[customer]):
                    if order["at"] < at and order[row["StockCode"]] >= wanted:
                        order[row["StockCode"]] -= wanted
                        customers[customer][1] -= wanted * price
                        break
            continue
        kept = [row for row in its if int(row["Quantity"]) > 0 and Decimal(row["UnitPrice"]) > 0]
        if kept:
            order = defaultdict(int, at=at)
            for row in kept:
                order[row["StockCode"]] += int(row["Quantity"])
                customers[customer][1] += int(row["Quantity"]) * Decimal(row["UnitPrice"])
            customers[customer][0] += 1
            held[customer].append(order)
    return {customer: (orders, spent) for customer, (orders, spent) in customers.items()}


def loaded(file: Path, home: Path) -> dict[int, tuple[int, Decimal]]:
    db = open_state(home / "state.sqlite3")
    summary = load_once(db, file, keep_dates=False, now=NOW)
    assert sum(summary["fates"].values()) == summary["lines"]
    rows = db.execute("SELECT id, orders, spent FROM customers").fetchall()
    return {row["id"]: (row["orders"], Decimal(row["spent"]) / 100) for row in rows}


def test_every_customer_of_the_slice_ordered_and_spent_what_other_code_finds(tmp_path):
    mine, other = loaded(SLICE, tmp_path), recomputed(SLICE)

    assert mine.keys() == other.keys()
    assert {customer: orders for customer, (orders, _) in mine.items()} == {
        who: orders for who, (orders, _) in other.items()
    }
    assert all(abs(mine[who][1] - other[who][1]) < Decimal("0.01") for who in other)


def test_the_slice_is_small_enough_to_ship_and_large_enough_to_be_a_store(tmp_path):
    db = open_state(tmp_path / "state.sqlite3")
    summary = load_once(db, SLICE, keep_dates=False, now=NOW)

    assert SLICE.stat().st_size < 550_000
    assert summary["customers"] > 300
    assert summary["orders"] > 1_000
    assert summary["refunded"] > 0
    assert summary["last_order_at"].startswith("2026-11-20")


@pytest.mark.soak
def test_the_full_file_is_mapped_as_other_code_finds(tmp_path):
    """`ONLINE_RETAIL=…/online-retail.csv.gz pytest -m soak tests/sandbox`: 541,909 lines."""
    told = os.environ.get("ONLINE_RETAIL")  # noqa: TID251
    if not told:
        pytest.fail(
            "Say where the full file is: make soak ONLINE_RETAIL=/path/to/online-retail.csv.gz (see docs/sandbox.md)."
        )
    full = Path(told)
    mine, other = loaded(full, tmp_path), recomputed(full)

    assert len(mine) == len(other) == 4_372
    assert all(mine[who][0] == other[who][0] for who in other)
    assert all(abs(mine[who][1] - other[who][1]) < Decimal("0.01") for who in other)
