"""Orders: placed from a cart, refunded, fulfilled, cancelled. Each change is told to the app."""

from __future__ import annotations

import json
import secrets
import sqlite3

from sandbox import carts, customers, instants, stock
from sandbox.state import Db, Json
from sandbox.webhooks import cart_payloads, goods_payloads, order_payloads, outbox
from sandbox.world import World

FREE_SHIPPING_FROM = 4_000
SHIPPING = 395


def shipping_for(subtotal: int) -> int:
    return 0 if subtotal >= FREE_SHIPPING_FROM else SHIPPING


def find(db: Db, number: int) -> sqlite3.Row | None:
    return _one(db, "id = ?", number)


def by_checkout(db: Db, token: str) -> sqlite3.Row | None:
    return _one(db, "checkout_token = ?", token)


def place(
    world: World, cart: sqlite3.Row, buyer: sqlite3.Row | None, *, email: str, country: str, landing: str
) -> sqlite3.Row:
    """The cart becomes an order: orders/create, orders/paid, checkouts/update; stock and an account change."""
    now = instants.exact(instants.now())
    number = world.db.execute("SELECT coalesce(max(id), 1000) + 1 FROM orders WHERE id < 1000000000").fetchone()[0]
    lines = _lines(number, carts.lines(cart))
    checkout = cart["checkout_token"] or secrets.token_hex(16)
    world.db.execute(
        "INSERT INTO orders (id, number, customer_id, country, email, lines, total, cart_token, checkout_token,"
        " landing_site, fulfilled, placed_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)",
        (number, str(number), buyer["id"] if buyer else None, country, email, json.dumps(lines),
         sum(line["price"] * line["quantity"] for line in lines), cart["token"], checkout, landing, now, now),
    )  # fmt: skip
    world.db.execute(
        "UPDATE carts SET ordered = 1, checkout_token = ?, updated_at = ? WHERE token = ?",
        (checkout, now, cart["token"]),
    )
    outbox.tell(world, "orders/create", body(world, number))
    outbox.tell(world, "orders/paid", body(world, number))
    done: sqlite3.Row = world.db.execute("SELECT * FROM carts WHERE token = ?", (cart["token"],)).fetchone()
    outbox.tell(world, "checkouts/update", cart_payloads.checkout(world, done, buyer, email=email, completed=now))
    stock.take(world, lines)
    if buyer is not None:
        customers.count_again(world, buyer["id"])
    placed = find(world.db, number)
    assert placed is not None
    return placed


def refund(world: World, order: sqlite3.Row, line: Json, quantity: int) -> None:
    """Gives back the price of some pieces, which come back to the shelf: refunds/create and orders/updated."""
    now, amount = instants.exact(instants.now()), line["price"] * quantity
    number = order["id"] * 1000 + secrets.randbelow(1000)
    world.db.execute(
        "INSERT INTO refunds VALUES (?, ?, ?, ?, ?, ?, ?)",
        (number, order["id"], order["number"], line["code"], quantity, amount, now),
    )
    world.db.execute(
        "UPDATE orders SET refunded = refunded + ?, updated_at = ? WHERE id = ?", (amount, now, order["id"])
    )
    made = world.db.execute("SELECT * FROM refunds WHERE id = ?", (number,)).fetchone()
    outbox.tell(world, "refunds/create", order_payloads.refund(made, order))
    outbox.tell(world, "orders/updated", body(world, order["id"]))
    stock.move(world, line["product_id"], quantity)
    if order["customer_id"] is not None:
        customers.count_again(world, order["customer_id"])


def fulfil(world: World, order: sqlite3.Row) -> None:
    """The parcel leaves: fulfillments/create, orders/fulfilled and orders/updated."""
    now = instants.exact(instants.now())
    _mark(world, order, "fulfilled = 1")
    world.db.execute(
        "INSERT OR IGNORE INTO fulfillments VALUES (?, ?, ?, NULL, ?, ?)",
        (order["id"] * 10 + 1, order["id"], f"RM{order['id']:09}GB", now, now),
    )
    outbox.tell(world, "fulfillments/create", _parcels(world, order)[0])
    for topic in ("orders/fulfilled", "orders/updated"):
        outbox.tell(world, topic, body(world, order["id"]))


def ship(world: World, order: sqlite3.Row, shipment_status: str) -> None:
    """The carrier says where the parcel is: fulfillments/update. Nothing, while none is under way."""
    world.db.execute(
        "UPDATE fulfillments SET shipment_status = ?, updated_at = ? WHERE order_id = ?",
        (shipment_status, instants.exact(instants.now()), order["id"]),
    )
    for parcel in _parcels(world, order):
        outbox.tell(world, "fulfillments/update", parcel)


def cancel(world: World, order: sqlite3.Row) -> None:
    _mark(world, order, "cancelled_at = coalesce(cancelled_at, :now)")
    for topic in ("orders/cancelled", "orders/updated"):
        outbox.tell(world, topic, body(world, order["id"]))


def body(world: World, number: int) -> Json:
    """The order as a webhook says it, as it is now."""
    order = find(world.db, number)
    assert order is not None
    buyer = customers.find(world.db, order["customer_id"])
    refunds = world.db.execute("SELECT * FROM refunds WHERE order_id = ? ORDER BY at", (number,)).fetchall()
    cart = world.db.execute("SELECT attributes FROM carts WHERE token = ?", (order["cart_token"],)).fetchone()
    told = order_payloads.order(order, buyer, refunds, json.loads(cart["attributes"]) if cart else {})
    return told | {"fulfillments": _parcels(world, order)}


def _parcels(world: World, order: sqlite3.Row) -> list[Json]:
    rows = world.db.execute("SELECT * FROM fulfillments WHERE order_id = ?", (order["id"],)).fetchall()
    return [goods_payloads.fulfillment(row, order) for row in rows]


def _mark(world: World, order: sqlite3.Row, change: str) -> None:
    now = instants.exact(instants.now())
    world.db.execute(f"UPDATE orders SET {change}, updated_at = :now WHERE id = :id", {"now": now, "id": order["id"]})


def _lines(number: int, wanted: list[Json]) -> list[Json]:
    shipping = shipping_for(sum(line["price"] * line["quantity"] for line in wanted))
    post = {"code": "POST", "kind": "shipping", "product_id": None, "variant_id": None,
            "title": "Royal Mail Tracked 48", "quantity": 1, "price": shipping}  # fmt: skip
    return [line | {"id": number * 10_000 + place + 1} for place, line in enumerate([*wanted, post])]


def _one(db: Db, where: str, value: object) -> sqlite3.Row | None:
    found: sqlite3.Row | None = db.execute(f"SELECT * FROM orders WHERE {where}", (value,)).fetchone()
    return found
