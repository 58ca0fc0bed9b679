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
        last = world.db.execute(
            "SELECT id FROM orders WHERE customer_id = ? ORDER BY placed_at DESC, id DESC LIMIT 1", (number,)
        ).fetchone()
        outbox.tell(world, "customers/purchasing_summary", payloads.purchases(changed, last["id"] if last else None))


def consent(world: World, number: int, channel: str, state: str) -> bool:
    """Somebody agrees to marketing by `email` or `sms`, or takes it back. False: no such customer."""
    customer = find(world.db, number)
    if customer is None:
        return False
    now = instants.exact(instants.now())
    world.db.execute("INSERT OR REPLACE INTO consents VALUES (?, ?, ?, ?)", (number, channel, state, now))
    topic = {"email": "customers_email_marketing_consent/update", "sms": "customers_marketing_consent/update"}[channel]
    outbox.tell(world, topic, payloads.consent(customer, channel, state, now))
    return True


def merge(world: World, lost: int, kept: int) -> bool:
    """Two accounts become one: customers/merge, and what is new about the kept one. False: there are not two."""
    gone, stays = find(world.db, lost), find(world.db, kept)
    if gone is None or stays is None or lost == kept:
        return False
    tags = list(dict.fromkeys([*json.loads(stays["tags"]), *json.loads(gone["tags"])]))
    lands = list(dict.fromkeys([*json.loads(stays["countries"]), *json.loads(gone["countries"])]))
    world.db.execute("UPDATE orders SET customer_id = ? WHERE customer_id = ?", (kept, lost))
    world.db.execute("DELETE FROM customers WHERE id = ?", (lost,))
    _change(world, kept, "tags = ?, countries = ?", (json.dumps(tags), json.dumps(lands)))
    outbox.tell(world, "customers/merge", payloads.merged(lost=lost, kept=kept))
    count_again(world, kept)
    return True


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
