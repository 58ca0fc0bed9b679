"""A customer as a query asks about one: out of the sandbox's own books."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sandbox import instants
from sandbox.state import Db


@dataclass(frozen=True, slots=True)
class Bought:
    """A line with a product."""

    order: int
    at: datetime
    product: int
    pieces: int


@dataclass(frozen=True, slots=True)
class Placed:
    """An order; `worth` less what was given back, in pounds."""

    at: datetime
    worth: Decimal


@dataclass(frozen=True, slots=True)
class Shopper:
    number: int
    added: datetime
    orders: int
    spent: Decimal
    countries: frozenset[str]
    tags: frozenset[str]
    email: str
    statuses: dict[str, str]
    placed: tuple[Placed, ...]
    bought: tuple[Bought, ...]


def every(db: Db) -> Iterator[Shopper]:
    """All customers by their number."""
    statuses: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for row in db.execute("SELECT customer_id, channel, state FROM consents"):
        statuses[row["customer_id"]][row["channel"]] = row["state"].upper()
    placed: defaultdict[int, list[Placed]] = defaultdict(list)
    bought: defaultdict[int, list[Bought]] = defaultdict(list)
    orders = "SELECT id, customer_id, total, refunded, lines, placed_at FROM orders WHERE customer_id IS NOT NULL"
    for row in db.execute(orders):
        at = instants.parse(row["placed_at"])
        placed[row["customer_id"]].append(Placed(at, Decimal(row["total"] - row["refunded"]) / 100))
        bought[row["customer_id"]] += [
            Bought(row["id"], at, line["product_id"], line["quantity"])
            for line in json.loads(row["lines"])
            if line["product_id"] is not None
        ]
    for row in db.execute("SELECT * FROM customers ORDER BY id"):
        yield Shopper(
            number=row["id"],
            added=instants.parse(row["created_at"]),
            orders=row["orders"],
            spent=Decimal(row["spent"]) / 100,
            countries=frozenset(json.loads(row["countries"])),
            tags=frozenset(tag.casefold() for tag in json.loads(row["tags"])),
            email=row["email"],
            statuses=statuses[row["id"]],
            placed=tuple(placed[row["id"]]),
            bought=tuple(bought[row["id"]]),
        )


def tags(db: Db) -> dict[int, frozenset[str]]:
    """Product → its tags, casefolded."""
    rows = db.execute("SELECT id, tags FROM products")
    return {row["id"]: frozenset(tag.casefold() for tag in json.loads(row["tags"])) for row in rows}
