"""Loads the history once, in one transaction: a stop half-way leaves nothing behind."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

from sandbox import shelves
from sandbox.state import Db, Json, fact, remember

from . import customers, lines, mapping, products, rows
from .mapping import Fate

log = logging.getLogger(__name__)


def load_once(db: Db, file: Path, *, keep_dates: bool, now: datetime) -> Json:
    """The summary of the history, loaded now if the state holds none."""
    known = fact(db, "history")
    if known is not None:
        shelves.stock(db)
        return dict(known)
    db.execute("BEGIN IMMEDIATE")
    try:
        summary = _load(db, file, keep_dates=keep_dates, now=now)
        remember(db, "history", summary)
        shelves.stock(db)
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
    log.info("history: %s", summary)
    return summary


def _load(db: Db, file: Path, *, keep_dates: bool, now: datetime) -> Json:
    unreadable = rows.store(db, lines.read(file))
    shift = timedelta(0) if keep_dates else rows.whole_weeks(db, now)
    people = customers.store(db, shift)
    fates = mapping.store(db, shift)
    fates[Fate.UNREADABLE] = unreadable
    customers.count_orders(db)
    goods = products.store(db, shift)
    guests, orders, total, refunded, first, last = db.execute(
        "SELECT sum(customer_id IS NULL), count(*), sum(total), sum(refunded), min(placed_at), max(placed_at)"
        " FROM orders"
    ).fetchone()
    for table in ("raw", "firsts", "held"):
        db.execute(f"DROP TABLE temp.{table}")
    return {
        "file": file.name,
        "lines": sum(fates.values()),
        "fates": {fate.value: fates[fate] for fate in Fate},
        "customers": people,
        "products": goods,
        "orders": orders,
        "guest_orders": guests or 0,
        "total": total or 0,
        "refunded": refunded or 0,
        "weeks_moved": shift.days // 7,
        "first_order_at": first,
        "last_order_at": last,
    }
