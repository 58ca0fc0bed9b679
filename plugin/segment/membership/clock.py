"""Whose time has come: for the clock, which enqueues their jobs."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select, update

from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import timers

PATIENCE: Final = timedelta(minutes=5)
"""So long a job has before the clock hints at the same people again."""


def due(tx: Tx, now: datetime, limit: int, at_once: int) -> list[tuple[int, list[int]]]:
    """(shop, people) to judge, those due longest first, `at_once` of them together; notes that they are hinted."""
    idle = or_(timers.c.hinted_at.is_(None), timers.c.hinted_at <= now - PATIENCE)
    found = select(timers.c.person_id, timers.c.shop_id).where(timers.c.due_at <= now, idle)
    of_shop: dict[int, list[int]] = defaultdict(list)
    for row in tx.execute(found.order_by(timers.c.due_at, timers.c.person_id).limit(limit)):
        of_shop[row.shop_id].append(row.person_id)
    ids = sorted(person_id for some in of_shop.values() for person_id in some)
    for some in batches(ids, 1_000):
        tx.execute(update(timers).where(timers.c.person_id.in_(some)).values(hinted_at=now))
    return [(shop_id, some) for shop_id, mine in of_shop.items() for some in batches(mine, at_once)]


def anybody_due(tx: Tx, shop_id: int, now: datetime) -> bool:
    """Has time come for anybody of the shop who is not judged yet? Nearly always not."""
    waits = timers.c.shop_id == shop_id, timers.c.due_at <= now
    return tx.execute(select(timers.c.person_id).where(*waits).limit(1)).first() is not None
