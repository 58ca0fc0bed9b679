"""Where a person's browsers are, as a Profile holds it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select

from plugin.store.engine import Tx
from plugin.store.tables import person_located


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """One browser's place. Keys are letters, casefolded; x, y, z stand on a sphere of radius 1, all or none."""

    country: str | None = None
    region_key: str | None = None
    city_key: str | None = None
    x: float | None = None
    y: float | None = None
    z: float | None = None


def load(tx: Tx, shop_id: int, ids: list[int]) -> defaultdict[int, list[Whereabouts]]:
    of = person_located.c
    query = select(of.person_id, of.country, of.region_key, of.city_key, of.x, of.y, of.z)
    found: defaultdict[int, list[Whereabouts]] = defaultdict(list)
    for person_id, *told in tx.execute(query.where(of.shop_id == shop_id, of.person_id.in_(ids)).order_by(of.id)):
        found[person_id].append(Whereabouts(*told))
    return found
