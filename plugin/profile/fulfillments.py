"""Shipments of orders: where each parcel is, as its newest news told it. One may come before its order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from plugin.ingest.events import Event, FulfillmentChanged
from plugin.store.engine import Tx
from plugin.store.tables import fulfillments
from plugin.store.upsert import upsert

from .news import newest, of_kind


def apply(tx: Tx, shop_id: int, events: Sequence[Event]) -> None:
    """Told by fulfillments/*, and by every later state of the order."""
    told = newest(of_kind(events, FulfillmentChanged), lambda one: one.fulfillment_id, lambda one: one.updated_at)
    rows = [{"shop_id": shop_id, **asdict(one)} for one in told.values()]
    upsert(tx, fulfillments, rows, key=("shop_id", "fulfillment_id"), newer="updated_at")
