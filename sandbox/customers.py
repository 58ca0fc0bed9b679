"""Customers of the live store: who is logged in, what they bought in all, their tags."""

from __future__ import annotations

import json
import sqlite3

from sandbox import instants
from sandbox.history.customers import insert
from sandbox.shop import gid
from sandbox.state import Db
from sandbox.webhooks import outbox, payloads
from sandbox.world import World

NEWCOMERS_ABOVE = 8_000_000_000
"""Who signs up here is told from the history's customers by the number."""


def find(db: Db, number: int | None) -> sqlite3.Row | None:
    if number is None:
        return None
    found: sqlite3.Row | None = db.execute("SELECT * FROM customers WHERE id = ?", (number,)).fetchone()
    return found


def some(db: Db, limit: int, offset: int = 0) -> list[sqlite3.Row]:
    """Customers for the log-in page, those who buy most first."""
    return db.execute("SELECT * FROM customers ORDER BY spent DESC, id LIMIT ? OFFSET ?", (limit, offset)).fetchall()


def sign_up(world: World, country: str = "GB") -> int:
    """A new customer, with a number far above the history's: customers/create. Returns the number."""
    (last,) = world.db.execute("SELECT max(id) FROM customers").fetchone()
    number = max(last or 0, NEWCOMERS_ABOVE) + 1
    insert(world.db, number, [country], instants.exact(instants.now()))
    joined = find(world.db, number)
    if joined is not None:
        outbox.tell(world, "customers/create", payloads.customer(joined))
    return number


def count_again(world: World, number: int) -> None:
    """After an order or a refund: the sums, and customers/update."""
    orders, spent = world.db.execute(
        "SELECT count(*), coalesce(sum(total - refunded), 0) FROM orders WHERE customer_id = ?", (number,)
    ).fetchone()
    _change(world, number, "orders = ?, spent = ?", (orders, spent))
    changed = find(world.db, number)
    if changed is not None:
        outbox.tell(world, "customers/update", payloads.customer(changed))


def tag(world: World, number: int, *, add: list[str], remove: list[str]) -> list[str] | None:
    """Tags put on and taken off in the admin: customer.tags_added, customer.tags_removed. None: no such customer."""
    customer = find(world.db, number)
    if customer is None:
        return None
    before: list[str] = json.loads(customer["tags"])
    after = [tag for tag in dict.fromkeys([*before, *add]) if tag not in remove]
    _change(world, number, "tags = ?", (json.dumps(after),))
    for topic, tags in (("customer.tags_added", add), ("customer.tags_removed", remove)):
        if tags:
            now = instants.exact(instants.now())
            outbox.tell(world, topic, {"customerId": gid("Customer", number), "tags": tags, "occurredAt": now})
    return after


def _change(world: World, number: int, change: str, values: tuple[object, ...]) -> None:
    now = instants.exact(instants.now())
    world.db.execute(f"UPDATE customers SET {change}, updated_at = ? WHERE id = ?", (*values, now, number))
