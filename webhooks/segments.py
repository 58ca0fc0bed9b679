"""segments/*: the segments that the merchant keeps in Shopify; mind the camelCase.

Shapes: Shopify's samples of the webhook reference of API version 2026-07.
"""

from __future__ import annotations

from plugin.ingest.events import Event, ShopifySegmentChanged, ShopifySegmentDeleted
from plugin.ingest.payload import Part

from .delivery import Delivery, version


def changed(payload: Part, delivery: Delivery) -> list[Event]:
    """segments/create, segments/update."""
    return [
        ShopifySegmentChanged(
            segment_id=payload.id("id"),
            name=payload.text_if_any("name") or "",
            query=payload.text("query", 50_000),
            created_at=payload.instant_if_any("creationDate"),
            updated_at=version(payload, delivery, "lastEditDate"),
        )
    ]


def deleted(payload: Part, delivery: Delivery) -> list[Event]:
    """segments/delete names the segment and nothing else."""
    return [ShopifySegmentDeleted(payload.id("id"), delivery.at)]
