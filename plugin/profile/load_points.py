"""Where a person's places lie on a sphere of radius 1, for distances: those of addresses, and of their browsers."""

from __future__ import annotations

from collections import defaultdict
from typing import TypeAlias

from sqlalchemy import select

from plugin.store.engine import Tx
from plugin.store.tables import person_located, person_places

Point: TypeAlias = tuple[float, float, float]


def points(tx: Tx, shop_id: int, ids: list[int]) -> defaultdict[int, list[Point]]:
    """x, y and z of each of these people's places that has coordinates."""
    found: defaultdict[int, list[Point]] = defaultdict(list)
    for table in (person_places, person_located):
        of = table.c
        mine = (of.shop_id == shop_id, of.person_id.in_(ids), of.x.is_not(None))
        for row in tx.execute(select(of.person_id, of.x, of.y, of.z).where(*mine).order_by(of.id)):
            found[row.person_id].append((row.x, row.y, row.z))
    return found
