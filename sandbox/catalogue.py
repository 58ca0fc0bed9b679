"""The shop's shelves: collections, search, one product, and a price that changes."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox import instants
from sandbox.state import Db
from sandbox.webhooks import outbox, payloads
from sandbox.world import World

PAGE = 24

MENU = {
    "christmas": "Christmas",
    "home": "Home",
    "kitchen-table": "Kitchen & table",
    "candles-light": "Candles & light",
    "bags": "Bags",
    "jewellery": "Jewellery",
    "stationery": "Stationery",
    "party": "Party",
    "garden": "Garden",
    "children": "Children",
    "gifts": "Gifts",
}
"""Collections by handle, in the order of the header."""


def product(db: Db, handle: str) -> sqlite3.Row | None:
    return _one(db, "handle = ?", handle)


def product_by_id(db: Db, number: int) -> sqlite3.Row | None:
    return _one(db, "id = ?", number)


def best_sellers(db: Db, limit: int, kind: str | None = None, besides: int = 0) -> list[sqlite3.Row]:
    """What sells most, of one type or of all."""
    return db.execute(
        "SELECT * FROM products WHERE (kind = ? OR ? IS NULL) AND id != ? ORDER BY sold DESC, id LIMIT ?",
        (kind, kind, besides, limit),
    ).fetchall()


def collection(db: Db, kind: str | None, page: int) -> tuple[list[sqlite3.Row], int]:
    """One page of a collection, best sellers first, and how many products it has."""
    rows = db.execute(
        "SELECT * FROM products WHERE (kind = ? OR ? IS NULL) ORDER BY sold DESC, id LIMIT ? OFFSET ?",
        (kind, kind, PAGE, PAGE * (page - 1)),
    ).fetchall()
    count = db.execute("SELECT count(*) FROM products WHERE (kind = ? OR ? IS NULL)", (kind, kind)).fetchone()[0]
    return rows, count


def search(db: Db, words: str) -> list[sqlite3.Row]:
    """Products whose titles or codes contain every word."""
    parts = words.split()[:6]
    where = " AND ".join("(title LIKE ? OR code LIKE ?)" for _ in parts)
    values = [f"%{part}%" for part in parts for _ in range(2)]
    if not parts:
        return []
    return db.execute(f"SELECT * FROM products WHERE {where} ORDER BY sold DESC, id LIMIT 48", values).fetchall()


def change_price(world: World, number: int, price: int) -> sqlite3.Row | None:
    """Sets a price and tells products/update."""
    world.db.execute(
        "UPDATE products SET price = ?, updated_at = ? WHERE id = ?", (price, instants.exact(instants.now()), number)
    )
    changed = product_by_id(world.db, number)
    if changed is not None:
        outbox.tell(world, "products/update", payloads.product(world, changed))
    return changed


def _one(db: Db, where: str, value: Any) -> sqlite3.Row | None:
    found: sqlite3.Row | None = db.execute(f"SELECT * FROM products WHERE {where}", (value,)).fetchone()
    return found
