"""Places of customers' addresses and of their orders'. A full list of addresses replaces what was told before it.

City, postcode and coordinates are level 2 of protected customer data: written only where the merchant switched
"address" on (contact.py), and gone the moment it is off.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select

from plugin.ingest.places import Place, on_sphere
from plugin.store.engine import Tx
from plugin.store.tables import person_places, shops
from plugin.store.upsert import insert_new, upsert

from .identity import Source

Told = tuple[Source, Place, datetime]
_FINE = ("city", "city_key", "postcode", "latitude", "longitude", "x", "y", "z")


def listed(tx: Tx, shop_id: int, told: Iterable[Told]) -> None:
    """Of a full list: what was told of the customer later stays as it is."""
    insert_new(tx, person_places, _rows(tx, shop_id, told, "address"))


def used(tx: Tx, shop_id: int, told: Iterable[Told]) -> None:
    """Of orders' addresses, the older ones first."""
    upsert(tx, person_places, _rows(tx, shop_id, told, "order"), key=("source_id", "key"), newer="changed_at")


def erase_fine(tx: Tx, shop_id: int) -> None:
    """Leaves countries and regions: of the places of a region the one told last, without what is finer."""
    of, other = person_places.c, person_places.alias("other").c
    newer = or_(other.changed_at > of.changed_at, and_(other.changed_at == of.changed_at, other.id > of.id))
    same = (other.source_id == of.source_id, other.country == of.country)
    again = exists().where(*same, func.coalesce(other.region, "") == func.coalesce(of.region, ""), newer)
    tx.execute(person_places.delete().where(of.shop_id == shop_id, again))
    coarse = of.country + "|" + func.coalesce(of.region, "") + "||||"
    nothing: dict[str, Any] = dict.fromkeys(_FINE)
    tx.execute(person_places.update().where(of.shop_id == shop_id).values(key=coarse, **nothing))


def _rows(tx: Tx, shop_id: int, told: Iterable[Told], origin: str) -> list[dict[str, Any]]:
    told = list(told)
    if not told:
        return []
    fine = tx.execute(select(shops.c.keeps_address).where(shops.c.id == shop_id)).scalar_one()
    rows: dict[tuple[int, str], dict[str, Any]] = {}
    for of, whole, at in told:
        place = whole if fine else whole.coarse
        rows[of.id, place.key] = _row(shop_id, of, place, at) | {"origin": origin}
    return list(rows.values())


def _row(shop_id: int, of: Source, place: Place, at: datetime) -> dict[str, Any]:
    point = None
    if place.latitude is not None and place.longitude is not None:
        point = on_sphere(place.latitude, place.longitude)
    return {
        "shop_id": shop_id,
        "person_id": of.person_id,
        "source_id": of.id,
        "key": place.key,
        "country": place.country,
        "region": place.region,
        "city": place.city,
        "city_key": place.city_key,
        "postcode": place.postcode,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "x": point and point[0],
        "y": point and point[1],
        "z": point and point[2],
        "changed_at": at,
    }
