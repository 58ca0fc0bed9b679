"""collections/*. None of them tells which products are in it: those are read soon after (plugin/jobs.py)."""

from __future__ import annotations

from plugin.ingest.events import CollectionChanged, CollectionDeleted, Event
from plugin.ingest.payload import Part

from .delivery import Delivery, version


def changed(payload: Part, delivery: Delivery) -> list[Event]:
    """collections/create, collections/update."""
    return [
        CollectionChanged(
            collection_id=payload.id("id"),
            title=payload.text("title"),
            handle=payload.text_if_any("handle") or "",
            updated_at=version(payload, delivery),
        )
    ]


def deleted(payload: Part, delivery: Delivery) -> list[Event]:
    """collections/delete names the collection and nothing that we need besides."""
    return [CollectionDeleted(collection_id=payload.id("id"), at=delivery.at)]
