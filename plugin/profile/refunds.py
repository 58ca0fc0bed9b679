"""Money given back: each refund once, by its id, whoever tells of it; it may come before its order."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import bindparam, func, select

from plugin.ingest.events import OrderChanged, OrderRefunded
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import orders, refunds
from plugin.store.upsert import upsert

from .news import newest

_SUMS = (
    select(refunds.c.order_id, func.sum(refunds.c.amount))
    .where(refunds.c.shop_id == bindparam("shop"), refunds.c.order_id.in_(bindparam("ids", expanding=True)))
    .group_by(refunds.c.order_id)
)


def write(tx: Tx, shop_id: int, told: Iterable[OrderChanged], refunded: Iterable[OrderRefunded]) -> set[int]:
    """Each refund once, whoever tells of it; its amount as told last. Gives the orders concerned."""
    rows: list[dict[str, Any]] = [
        {
            "shop_id": shop_id,
            "refund_id": refund.refund_id,
            "order_id": event.order_id,
            "amount": refund.amount,
            "at": event.updated_at,
            "refunded_at": refund.at or event.updated_at,
        }
        for event in told
        for refund in event.refunds
    ]
    rows += [
        {
            "shop_id": shop_id,
            "refund_id": event.refund_id,
            "order_id": event.order_id,
            "amount": event.amount,
            "at": event.at,
            "refunded_at": event.at,
        }
        for event in refunded
    ]
    latest = newest(rows, lambda row: row["refund_id"], lambda row: row["at"])
    upsert(tx, refunds, list(latest.values()), key=("shop_id", "refund_id"), newer="at")
    return {row["order_id"] for row in rows}


def add_up(tx: Tx, shop_id: int, order_ids: Collection[int]) -> None:
    """An order's `refunded` is the sum of the refunds we hold, which may have come before the order."""
    for some in batches(order_ids, 1_000):
        found = tx.execute(_SUMS, {"shop": shop_id, "ids": some})
        sums = [{"of": order_id, "sum": int(amount)} for order_id, amount in found]
        if sums:
            tx.execute(
                orders.update()
                .where(orders.c.shop_id == shop_id, orders.c.order_id == bindparam("of"))
                .values(refunded=bindparam("sum")),
                sums,
            )
