"""What visitors looked at, as the storefront script and the web pixel tell it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select

from plugin.ingest.events import Event, Viewed
from plugin.store.engine import Tx
from plugin.store.tables import views, visitors
from plugin.store.upsert import insert_new

from . import identity
from .news import of_kind

ONE_LOOK = timedelta(seconds=30)
"""The script and the pixel both tell of a first visit; so near to each other they mean the same look."""


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
            "kind": event.kind,
            "product_id": event.product_id,
            "collection_id": event.collection_id,
            "words": event.words,
            "at": event.at,
        }
        for event in viewed
    ]
    insert_new(tx, views, rows)
    return set(person.values())


def visitor_is_known(tx: Tx, shop_id: int, visitor: str) -> bool:
    """Whether the storefront script ever told us of this browser, through Shopify's signed way."""
    mine = visitors.c.shop_id == shop_id, visitors.c.token == visitor
    return bool(tx.execute(select(exists().where(*mine))).scalar())


def looked(tx: Tx, shop_id: int, person_id: int, product_id: int, at: datetime) -> bool:
    """Whether this look is told already, by whichever of the two. Ask it while you hold the shop's profiles."""
    same = views.c.shop_id == shop_id, views.c.person_id == person_id, views.c.product_id == product_id
    near = views.c.kind == "product_viewed", views.c.at.between(at - ONE_LOOK, at + ONE_LOOK)
    return bool(tx.execute(select(exists().where(*same, *near))).scalar())


def since(tx: Tx, shop_id: int, person_id: int, instant: datetime) -> int:
    """How many views of a person are younger than `instant`."""
    mine = views.c.shop_id == shop_id, views.c.person_id == person_id, views.c.at > instant
    return int(tx.execute(select(func.count()).where(*mine)).scalar_one())
