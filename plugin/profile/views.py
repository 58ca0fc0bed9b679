"""Products that visitors looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from plugin.ingest.events import Event, Viewed
from plugin.store.engine import Tx
from plugin.store.tables import views
from plugin.store.upsert import insert_new

from . import identity
from .news import of_kind


def apply(tx: Tx, shop_id: int, events: Sequence[Event], now: datetime) -> set[int]:
    """Gives the persons who looked. An event sent twice counts once."""
    viewed = of_kind(events, Viewed)
    person = {
        visitor: identity.person_of(tx, shop_id, visitor=visitor, customer_id=None, now=now)
        for visitor in {event.visitor for event in viewed}
    }
    rows = [
        {
            "shop_id": shop_id,
            "person_id": person[event.visitor],
            "event_id": event.event_id,
            "kind": "product_viewed",
            "product_id": event.product_id,
            "at": event.at,
        }
        for event in viewed
    ]
    insert_new(tx, views, rows)
    return set(person.values())
