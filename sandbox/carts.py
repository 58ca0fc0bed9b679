"""Carts: what a visitor's browser holds a token of. Each change is told to the app, as Shopify tells it."""

from __future__ import annotations

import json
import secrets
import sqlite3

from sandbox import catalogue, instants
from sandbox.history.codes import variant_id
from sandbox.state import Db, Json
from sandbox.webhooks import cart_payloads, goods_payloads, outbox
from sandbox.world import World

MOST = 999
"""Pieces of one product."""


def find(db: Db, token: str | None) -> sqlite3.Row | None:
    """The cart of that token, if it was not ordered yet."""
    found: sqlite3.Row | None = db.execute("SELECT * FROM carts WHERE token = ? AND NOT ordered", (token,)).fetchone()
    return found


def lines(cart: sqlite3.Row | None) -> list[Json]:
    return json.loads(cart["lines"]) if cart else []


def total(cart: sqlite3.Row | None) -> int:
    return sum(line["price"] * line["quantity"] for line in lines(cart))


def change(
    world: World, token: str | None, product: sqlite3.Row, *, add: int = 0, to: int | None = None
) -> sqlite3.Row:
    """Adds pieces of a product, or sets how many there are; makes the cart at the first."""
    cart = find(world.db, token)
    kept = lines(cart)
    before = next((line for line in kept if line["product_id"] == product["id"]), None)
    wanted = min(MOST, to if to is not None else add + (before["quantity"] if before else 0))
    line = _line(product, wanted)
    if before:
        kept[kept.index(before)] = line
    else:
        kept.append(line)
    return _write(world, cart, [each for each in kept if each["quantity"] > 0])


def empty(world: World, cart: sqlite3.Row) -> sqlite3.Row:
    return _write(world, cart, [])


def annotate(world: World, cart: sqlite3.Row, attributes: Json, note: str | None) -> sqlite3.Row:
    """Cart attributes and the note: they end up on the order."""
    merged = json.loads(cart["attributes"]) | attributes
    world.db.execute(
        "UPDATE carts SET attributes = ?, note = coalesce(?, note) WHERE token = ?",
        (json.dumps(merged), note, cart["token"]),
    )
    return _write(world, cart, lines(cart))


def begin_checkout(world: World, cart: sqlite3.Row, buyer: sqlite3.Row | None, email: str | None) -> sqlite3.Row:
    """A checkout for this cart, made once; checkouts/create or checkouts/update."""
    topic = "checkouts/update" if cart["checkout_token"] else "checkouts/create"
    token = cart["checkout_token"] or secrets.token_hex(16)
    now = instants.exact(instants.now())
    world.db.execute(
        "UPDATE carts SET checkout_token = ?, customer_id = ?, updated_at = ? WHERE token = ?",
        (token, buyer["id"] if buyer else None, now, cart["token"]),
    )
    changed = _read(world.db, cart["token"])
    outbox.tell(world, topic, cart_payloads.checkout(world, changed, buyer, email=email, completed=None))
    return changed


def end_checkout(world: World, checkout_token: str) -> sqlite3.Row | None:
    """Deletes a checkout that was not completed: checkouts/delete. Its link is dead; the cart stays."""
    found: sqlite3.Row | None = world.db.execute(
        "SELECT * FROM carts WHERE checkout_token = ? AND NOT ordered", (checkout_token,)
    ).fetchone()
    if found is not None:
        world.db.execute("UPDATE carts SET checkout_token = NULL WHERE token = ?", (found["token"],))
        outbox.tell(world, "checkouts/delete", goods_payloads.deleted_checkout(found, secrets.randbelow(2**62)))
    return found


def _write(world: World, cart: sqlite3.Row | None, kept: list[Json]) -> sqlite3.Row:
    now = instants.exact(instants.now())
    if cart is None:
        token = f"hWN{secrets.token_urlsafe(24)}"
        world.db.execute(
            "INSERT INTO carts (token, lines, created_at, updated_at) VALUES (?, ?, ?, ?)",
            (token, json.dumps(kept), now, now),
        )
    else:
        token = cart["token"]
        world.db.execute("UPDATE carts SET lines = ?, updated_at = ? WHERE token = ?", (json.dumps(kept), now, token))
    changed = _read(world.db, token)
    outbox.tell(world, "carts/update" if cart else "carts/create", cart_payloads.cart(changed))
    return changed


def _line(product: sqlite3.Row, quantity: int) -> Json:
    return {
        "code": product["code"],
        "kind": "product",
        "product_id": product["id"],
        "variant_id": variant_id(product["id"]),
        "handle": product["handle"],
        "title": product["title"],
        "quantity": quantity,
        "price": product["price"],
    }


def _read(db: Db, token: str) -> sqlite3.Row:
    found: sqlite3.Row = db.execute("SELECT * FROM carts WHERE token = ?", (token,)).fetchone()
    return found


def product_of(db: Db, variant: int) -> sqlite3.Row | None:
    """The product of a variant id, as forms and /cart/add.js name it."""
    return catalogue.product_by_id(db, variant - variant_id(0))
