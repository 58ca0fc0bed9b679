"""variants/in_stock, variants/out_of_stock and inventory_levels/update.

Shapes: Shopify's samples of the webhook reference of API version 2026-07.
"""

from __future__ import annotations

from plugin.ingest.events import Event, LevelChanged, StockTurned
from plugin.ingest.payload import Part

from .delivery import Delivery, turn, version
from .products import pieces


def in_stock(payload: Part, delivery: Delivery) -> list[Event]:
    """variants/in_stock: the whole variant, which can be bought again."""
    return [_turned(payload, delivery, in_stock=True)]


def out_of_stock(payload: Part, delivery: Delivery) -> list[Event]:
    """variants/out_of_stock: the whole variant, which cannot be bought any more."""
    return [_turned(payload, delivery, in_stock=False)]


def level_changed(payload: Part, delivery: Delivery) -> list[Event]:
    """inventory_levels/update: one inventory item at one location."""
    return [
        LevelChanged(
            inventory_item_id=payload.id("inventory_item_id"),
            location_id=payload.id("location_id"),
            available=payload.count_if_any("available"),
            updated_at=version(payload, delivery),
        )
    ]


def _turned(payload: Part, delivery: Delivery, *, in_stock: bool) -> StockTurned:
    return StockTurned(
        variant_id=payload.id("id"),
        in_stock=in_stock,
        inventory=pieces(payload),
        at=turn(payload, delivery),
    )
