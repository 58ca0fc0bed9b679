"""What made an order cheaper, as its newest state told it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from plugin.ingest.events import Discount, LinesFound, OrderChanged
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import order_discounts
from plugin.store.upsert import insert_new

from .order_lines import Known


def write(tx: Tx, shop_id: int, fresh: Sequence[OrderChanged], known: Known) -> None:
    """Replaces the discounts of these orders; `known` is what we held before."""
    remove(tx, shop_id, [event.order_id for event in fresh if event.order_id in known])
    there = (event for event in fresh if not _is_deleted(known, event.order_id))
    insert_new(tx, order_discounts, [row for event in there for row in _rows(shop_id, event.order_id, event.discounts)])


def add(tx: Tx, shop_id: int, found: Sequence[LinesFound], parents: Known) -> None:
    """Those that the history told apart from their order."""
    there = (more for more in found if more.order_id in parents and not _is_deleted(parents, more.order_id))
    insert_new(tx, order_discounts, [row for more in there for row in _rows(shop_id, more.order_id, more.discounts)])


def remove(tx: Tx, shop_id: int, order_ids: Sequence[int]) -> None:
    of = order_discounts.c
    for some in batches(order_ids, 1_000):
        tx.execute(order_discounts.delete().where(of.shop_id == shop_id, of.order_id.in_(some)))


def _is_deleted(known: Known, order_id: int) -> bool:
    row = known.get(order_id)
    return row is not None and row.deleted_at is not None


def _rows(shop_id: int, order_id: int, discounts: Iterable[Discount]) -> list[dict[str, Any]]:
    mine = {"shop_id": shop_id, "order_id": order_id}
    named = {(one.kind, one.code.casefold()): one.code for one in reversed(list(discounts))}
    return [mine | {"kind": kind, "code": code, "key": key} for (kind, key), code in named.items()]
