"""The store's discounts and their codes, each as its newest news told it; what is gone stays, marked."""

from __future__ import annotations

from collections.abc import Sequence

from plugin.ingest.events import DiscountChanged, DiscountDeleted, Event, RedeemCodeChanged
from plugin.store.engine import Tx
from plugin.store.tables import discount_codes, discounts
from plugin.store.upsert import upsert

from .gone import mark_deleted
from .news import newest, of_kind


def apply(tx: Tx, shop_id: int, events: Sequence[Event]) -> None:
    """A code may come before its discount, and a discount's end before its beginning."""
    told = newest(of_kind(events, DiscountChanged), lambda one: one.discount_id, lambda one: one.updated_at)
    rows = [
        {
            "shop_id": shop_id,
            "discount_id": one.discount_id,
            "title": one.title,
            "status": one.status,
            "starts_at": one.starts_at,
            "ends_at": one.ends_at,
            "updated_at": one.updated_at,
        }
        for one in told.values()
    ]
    upsert(tx, discounts, rows, key=("shop_id", "discount_id"), newer="updated_at")
    for gone in of_kind(events, DiscountDeleted):
        named = {"shop_id": shop_id, "discount_id": gone.discount_id}
        mark_deleted(tx, discounts, named, {"title": "", "status": "deleted"}, gone.at)
    _codes(tx, shop_id, events)


def _codes(tx: Tx, shop_id: int, events: Sequence[Event]) -> None:
    told = newest(of_kind(events, RedeemCodeChanged), lambda one: one.code_id, lambda one: one.at)
    rows = [
        {
            "shop_id": shop_id,
            "discount_id": one.discount_id,
            "code_id": one.code_id,
            "code": one.code,
            "key": one.code.casefold(),
            "changed_at": one.at,
            "removed": one.removed,
        }
        for one in told.values()
    ]
    upsert(tx, discount_codes, rows, key=("shop_id", "code_id"), newer="changed_at")
