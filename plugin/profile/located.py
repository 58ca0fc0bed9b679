"""Where people's browsers are: one row a browser and teller, the last that was told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, select

from plugin.ingest.events import Event, Located
from plugin.ingest.places import letters
from plugin.store.engine import Tx
from plugin.store.tables import person_located, visitors
from plugin.store.upsert import upsert

from . import identity
from .news import newest, of_kind


def apply(tx: Tx, shop_id: int, events: Sequence[Event], now: datetime) -> set[int]:
    """Gives the persons who were located, and those who were where their browser is no longer theirs. Older news of
    the same teller changes nothing."""
    told = newest(of_kind(events, Located), lambda one: (one.visitor, one.told_by), lambda one: one.at)
    found: set[int] = set()
    for one in told.values():
        person_id = identity.person_of(tx, shop_id, visitor=one.visitor, customer_id=None, now=now)
        found.add(person_id)
        mine = visitors.c.shop_id == shop_id, visitors.c.token == one.visitor
        visitor_id = tx.execute(select(visitors.c.id).where(*mine)).scalar_one()
        found.update(_held_by(tx, visitor_id, one.told_by))
        spot, point = one.spot, one.spot.point
        row = {
            "shop_id": shop_id,
            "person_id": person_id,
            "visitor_id": visitor_id,
            "told_by": one.told_by,
            "country": spot.country,
            "region": spot.region,
            "region_key": letters(spot.region) if spot.region else None,
            "city": spot.city,
            "city_key": letters(spot.city) if spot.city else None,
            "latitude": spot.latitude,
            "longitude": spot.longitude,
            "x": point and point[0],
            "y": point and point[1],
            "z": point and point[2],
            "at": one.at,
        }
        upsert(tx, person_located, [row], key=("visitor_id", "told_by"), newer="at")
    return found


def _held_by(tx: Tx, visitor_id: int, told_by: str) -> Sequence[int]:
    """Who has the row until now: whoever used the browser before, in a family."""
    of = person_located.c
    return tx.execute(select(of.person_id).where(of.visitor_id == visitor_id, of.told_by == told_by)).scalars().all()


def is_fresh(tx: Tx, shop_id: int, visitor: str, since: datetime) -> bool:
    """Whether this browser was located by its address after `since`: once a day is enough."""
    mine = visitors.c.shop_id == shop_id, visitors.c.token == visitor
    here = (
        select(person_located.c.id)
        .join(visitors, visitors.c.id == person_located.c.visitor_id)
        .where(*mine, person_located.c.told_by == "address", person_located.c.at > since)
    )
    return bool(tx.execute(select(exists(here))).scalar())
