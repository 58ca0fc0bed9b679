"""Pieces on the shelves: orders take some, refunds put them back, a hand restocks. Each change is told to the app.

One warehouse, so a level is the whole stock; a product's one variant has an inventory item of the product's number.
"""

from __future__ import annotations

import sqlite3

from sandbox import catalogue, instants
from sandbox.state import Json
from sandbox.webhooks import goods_payloads, outbox, payloads
from sandbox.world import World


def move(world: World, product_id: int | None, pieces: int) -> None:
    """Some more, or fewer: inventory_levels/update, products/update, and a variant's turn if it is one.

    The shop sells on below nothing, as a shop does that counts too late; it says `deny` all the same.
    """
    row = catalogue.product_by_id(world.db, product_id) if product_id is not None else None
    if row is not None and pieces:
        set_to(world, row, row["stock"] + pieces)


def set_to(world: World, before: sqlite3.Row, stock: int) -> None:
    """So many are there now."""
    now = instants.exact(instants.now())
    world.db.execute("UPDATE products SET stock = ?, updated_at = ? WHERE id = ?", (stock, now, before["id"]))
    row = catalogue.product_by_id(world.db, before["id"])
    assert row is not None
    outbox.tell(world, "inventory_levels/update", goods_payloads.level(row))
    outbox.tell(world, "products/update", payloads.product(world, row))
    if (before["stock"] > 0) != (stock > 0):
        topic = "variants/in_stock" if stock > 0 else "variants/out_of_stock"
        outbox.tell(world, topic, goods_payloads.turned_variant(world, row))


def take(world: World, lines: list[Json]) -> None:
    """An order's lines leave the shelves."""
    for line in lines:
        move(world, line["product_id"], -line["quantity"])
