"""The segments that the merchant keeps in Shopify, as their newest news told them."""

from __future__ import annotations

from collections.abc import Sequence

from plugin.ingest.events import Event, ShopifySegmentChanged, ShopifySegmentDeleted
from plugin.store.engine import Tx
from plugin.store.tables import shopify_segments
from plugin.store.upsert import upsert

from .gone import mark_deleted
from .news import newest, of_kind


def apply(tx: Tx, shop_id: int, events: Sequence[Event]) -> None:
    """Deleted ones stay, marked."""
    told = newest(of_kind(events, ShopifySegmentChanged), lambda one: one.segment_id, lambda one: one.updated_at)
    rows = [
        {
            "shop_id": shop_id,
            "segment_id": one.segment_id,
            "name": one.name,
            "query": one.query,
            "created_at": one.created_at,
            "updated_at": one.updated_at,
        }
        for one in told.values()
    ]
    upsert(tx, shopify_segments, rows, key=("shop_id", "segment_id"), newer="updated_at")
    for gone in of_kind(events, ShopifySegmentDeleted):
        named = {"shop_id": shop_id, "segment_id": gone.segment_id}
        mark_deleted(tx, shopify_segments, named, {"name": "", "query": ""}, gone.at)
