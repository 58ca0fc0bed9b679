"""Collections: one by hand, and one by rule for each type of product. What is in one by rule follows from the rule."""

from __future__ import annotations

import json
import sqlite3

from sandbox import instants
from sandbox.catalogue import MENU
from sandbox.state import Db, Json
from sandbox.webhooks import collection_payloads, outbox
from sandbox.world import World

BY_HAND = "staff-picks"
FIRST_ID = 841_000_000


def stock(db: Db) -> None:
    """Makes the collections of a store that has none yet."""
    if db.execute("SELECT 1 FROM collections").fetchone():
        return
    at = (db.execute("SELECT min(created_at) FROM products").fetchone() or [None])[0] or instants.text(instants.now())
    picks = [row["id"] for row in db.execute("SELECT id FROM products ORDER BY sold DESC, id LIMIT 12")]
    rows: list[tuple[str, str, str | None, str]] = [(BY_HAND, "Staff picks", None, json.dumps(picks))]
    rows += [(handle, title, title, "[]") for handle, title in MENU.items()]
    db.executemany(
        "INSERT INTO collections (id, handle, title, kind, members, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(FIRST_ID + number, *row, at, at) for number, row in enumerate(rows)],
    )


def find(db: Db, number: int) -> sqlite3.Row | None:
    found: sqlite3.Row | None = db.execute("SELECT * FROM collections WHERE id = ?", (number,)).fetchone()
    return found


def members(db: Db, row: sqlite3.Row) -> tuple[sqlite3.Row, ...]:
    """Its products: those of its type, or those put into it."""
    if row["kind"] is not None:
        return tuple(db.execute("SELECT * FROM products WHERE kind = ? ORDER BY id", (row["kind"],)))
    numbers = json.dumps(json.loads(row["members"]))
    return tuple(
        db.execute("SELECT * FROM products WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id", (numbers,))
    )


def make(world: World, title: str, product_ids: list[int]) -> sqlite3.Row:
    """A new collection by hand; collections/create."""
    now = instants.exact(instants.now())
    made = world.db.execute(
        "INSERT INTO collections (handle, title, members, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
        (title.lower().replace(" ", "-"), title, json.dumps(product_ids), now, now),
    )
    return _told(world, "collections/create", made.lastrowid or 0)


def change(world: World, number: int, asked: Json) -> sqlite3.Row | None:
    """A new title, other products; collections/update."""
    row = find(world.db, number)
    if row is None:
        return None
    world.db.execute(
        "UPDATE collections SET title = ?, members = ?, updated_at = ? WHERE id = ?",
        (
            str(asked.get("title", row["title"])),
            json.dumps(asked["product_ids"]) if "product_ids" in asked else row["members"],
            instants.exact(instants.now()),
            number,
        ),
    )
    return _told(world, "collections/update", number)


def remove(world: World, number: int) -> bool:
    """It is deleted; collections/delete."""
    row = find(world.db, number)
    if row is not None:
        world.db.execute("DELETE FROM collections WHERE id = ?", (number,))
        outbox.tell(world, "collections/delete", collection_payloads.deleted(row))
    return row is not None


def _told(world: World, topic: str, number: int) -> sqlite3.Row:
    row = find(world.db, number)
    assert row is not None
    outbox.tell(world, topic, collection_payloads.collection(row))
    return row
