"""The catalogue: one product for each StockCode that was ever sold, named and priced as its sales mostly were."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from sandbox.money import pence
from sandbox.state import Db

from .codes import product_id
from .rows import SALE, instant
from .words import handle_of, tags_of, title_of, type_of


def store(db: Db, shift: timedelta) -> int:
    """Writes the products of the temporary table `raw`; returns how many."""
    db.execute("CREATE INDEX temp.raw_by_code ON raw (kind, code, description, price)")
    handles: set[str] = set()
    count = 0
    for code, description, price, sold, first, last in _sold(db):
        title = title_of(description) or code
        handle = handle_of(title, code)
        while handle in handles:  # 85123A and 85123a
            handle += "-2"
        handles.add(handle)
        tags = json.dumps(tags_of(description))
        row = (product_id(code), code, title, handle, type_of(description), tags, pence(Decimal(price)), sold)
        db.execute(
            "INSERT INTO products VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, 20 + sold % 80, instant(first, shift), instant(last, shift)),
        )
        count += 1
    return count


def _sold(db: Db) -> Iterator[tuple[str, str, str, int, str, str]]:
    """Of each code: its usual description, its usual price of late, pieces sold, first and last sale."""
    names = _most_frequent(db, "description", "count(*), max(at)")
    prices = _most_frequent(db, "price", "count(*), max(at)")
    for row in db.execute(
        "SELECT code, sum(quantity), min(at), max(at) FROM raw"
        f" WHERE kind = 'product' AND {SALE} GROUP BY code ORDER BY code"
    ):
        yield row[0], names[row[0]], prices[row[0]], row[1], row[2], row[3]


def _most_frequent(db: Db, column: str, order: str) -> dict[str, str]:
    return {
        row[0]: row[1]
        for row in db.execute(
            f"SELECT code, {column} FROM raw WHERE kind = 'product' AND {SALE}"
            f" GROUP BY code, {column} ORDER BY code, {order}"
        )
    }  # the last of each code stays
