"""The mapping, invoice by invoice: orders, and the refunds that take from them. Every line gets exactly one fate.

The rules are those of docs/sandbox.md, "How the history becomes a store"; tests recompute them with other code.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from sandbox.money import pence
from sandbox.state import Db, Json

from . import rows
from .codes import kind_of, order_id, product_id, variant_id
from .countries import code_of
from .lines import Line
from .words import title_of


class Fate(StrEnum):
    """What became of a line of the file."""

    PRODUCT = "product line of an order"
    CUSTOM = "custom line of an order"
    SHIPPING = "shipping of an order"
    DROPPED = "dropped from an order: quantity or price not above zero"
    NO_ORDER = "of an invoice without any line of positive quantity and price"
    REFUNDED = "refund of an earlier order"
    UNMATCHED = "refund unmatched: no earlier order of the customer still holds it"
    UNMATCHED_GUEST = "refund unmatched: the invoice names no customer"
    UNMATCHED_POSITIVE = "refund unmatched: the quantity is not negative"
    UNREADABLE = "could not be read"


SOLD = {"product": Fate.PRODUCT, "custom": Fate.CUSTOM, "shipping": Fate.SHIPPING}


def store(db: Db, shift: timedelta) -> Counter[Fate]:
    """Writes orders and refunds of the temporary table `raw`; returns how many lines had which fate."""
    db.execute("DROP TABLE IF EXISTS temp.held")
    db.execute("CREATE TEMP TABLE held (customer_id INTEGER, code TEXT, at TEXT, order_id INTEGER, quantity INTEGER)")
    db.execute("CREATE INDEX temp.held_by_customer ON held (customer_id, code, at)")
    fates: Counter[Fate] = Counter()
    for invoice in rows.invoices(db):
        fates.update(_refund(db, invoice, shift) if invoice[0].is_cancellation else _order(db, invoice, shift))
    return fates


def _order(db: Db, invoice: list[Line], shift: timedelta) -> Counter[Fate]:
    kept = [line for line in invoice if line.quantity > 0 and line.price > 0]
    if not kept:
        return Counter({Fate.NO_ORDER: len(invoice)})
    first = invoice[0]
    number = order_id(first.invoice)
    at = rows.instant(first.at, shift)
    total = sum((line.quantity * line.price for line in kept), Decimal(0))
    lines = json.dumps([_order_line(number, place, line) for place, line in enumerate(kept)])
    db.execute(
        "INSERT INTO orders (id, number, customer_id, country, lines, total, source, discounts, placed_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (number, first.invoice, first.customer_id, code_of(first.country), lines, pence(total),
         _source(number), json.dumps(_discounts(number)), at, at),
    )  # fmt: skip
    if first.customer_id is not None:
        _hold(db, first.customer_id, number, kept)
    return Counter(SOLD[kind_of(line.code)] for line in kept) + Counter({Fate.DROPPED: len(invoice) - len(kept)})


def _source(order: int) -> str:
    """Every twentieth was placed at the till, every thirty-third taken down by the merchant."""
    return "pos" if order % 20 == 0 else "shopify_draft_order" if order % 33 == 0 else "web"


def _discounts(order: int) -> list[Json]:
    """Every ninth with a code, every thirteenth with what comes by itself. The file's prices are what was paid."""
    found = [{"kind": "code", "code": "Welcome10" if order % 2 else "WELCOME10"}] if order % 9 == 4 else []
    if order % 13 == 5:
        found.append({"kind": "automatic", "code": "Three for two"})
    if _source(order) == "shopify_draft_order":
        found.append({"kind": "manual", "code": "Old friends"})
    return found


def _order_line(order: int, place: int, line: Line) -> Json:
    kind = kind_of(line.code)
    product = product_id(line.code) if kind == "product" else None
    return {
        "id": order * 10_000 + place + 1,
        "code": line.code,
        "kind": kind,
        "product_id": product,
        "variant_id": variant_id(product) if product else None,
        "title": title_of(line.description) or line.code,
        "quantity": line.quantity,
        "price": pence(line.price),
    }


def _hold(db: Db, customer_id: int, order: int, kept: list[Line]) -> None:
    quantities: Counter[str] = Counter()
    for line in kept:
        quantities[line.code] += line.quantity
    at = kept[0].at.isoformat()
    db.executemany(
        "INSERT INTO held VALUES (?, ?, ?, ?, ?)",
        [(customer_id, code, at, order, quantity) for code, quantity in quantities.items()],
    )


def _refund(db: Db, invoice: list[Line], shift: timedelta) -> Counter[Fate]:
    return Counter(_refund_line(db, line, place, shift) for place, line in enumerate(invoice))


def _refund_line(db: Db, line: Line, place: int, shift: timedelta) -> Fate:
    """Takes the line's quantity, at the line's own price, from the latest order before it that still holds as much."""
    if line.customer_id is None:
        return Fate.UNMATCHED_GUEST
    if line.quantity >= 0:
        return Fate.UNMATCHED_POSITIVE
    held = db.execute(
        "SELECT rowid, order_id FROM held WHERE customer_id = ? AND code = ? AND at < ? AND quantity >= ?"
        " ORDER BY at DESC, rowid DESC LIMIT 1",
        (line.customer_id, line.code, line.at.isoformat(), -line.quantity),
    ).fetchone()
    if held is None:
        return Fate.UNMATCHED
    amount, at = pence(-line.quantity * line.price), rows.instant(line.at, shift)
    db.execute("UPDATE held SET quantity = quantity + ? WHERE rowid = ?", (line.quantity, held["rowid"]))
    db.execute(
        "UPDATE orders SET refunded = refunded + ?, updated_at = max(updated_at, ?) WHERE id = ?",
        (amount, at, held["order_id"]),
    )
    db.execute(
        "INSERT INTO refunds VALUES (?, ?, ?, ?, ?, ?, ?)",
        (order_id(line.invoice) * 1000 + place, held["order_id"], line.invoice, line.code, -line.quantity, amount, at),
    )
    return Fate.REFUNDED
