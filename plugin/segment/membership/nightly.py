"""How far the night's check of a shop's memberships is: one row a shop, segment by segment, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import func, or_, select, update

from plugin.ingest.reconcile import tonight
from plugin.profile.memberships import Change
from plugin.store.engine import Tx
from plugin.store.tables import membership_checks as table
from plugin.store.tables import segments, shops
from plugin.store.upsert import upsert

from . import checking
from .checking import Found

QUIET: Final = time(5)
"""When what the reconciliation and the measures moved is judged."""
IDLE: Final = timedelta(minutes=10)
"""A job that moved nothing for so long is dead."""


@dataclass(frozen=True, slots=True)
class Place:
    """The next page: the people of a segment after a number. `segment_id` None: all are compared."""

    shop_id: int
    after_segment: int
    after_person: int
    segment_id: int | None


@dataclass(frozen=True, slots=True)
class Nightly:
    """The last check of a shop; `finished_at` None while it is under way. `disputed`: checking.Repaired."""

    begun_at: datetime
    finished_at: datetime | None
    segments: int
    repaired: int
    disputed: int


def due(tx: Tx, now: datetime, limit: int) -> list[int]:
    """Shops whose segments were not checked since their last night, and those whose check stands still."""
    oldest = func.min(segments.c.created_at, type_=segments.c.created_at.type)
    known = (
        select(shops.c.id, shops.c.timezone, table.c.begun_at, oldest.label("oldest"))
        .join(segments, segments.c.shop_id == shops.c.id)
        .outerjoin(table, table.c.shop_id == shops.c.id)
        .where(shops.c.uninstalled_at.is_(None), segments.c.deleted_at.is_(None))
        .group_by(shops.c.id, shops.c.timezone, table.c.begun_at)
    )
    night = [row.id for row in tx.execute(known) if (row.begun_at or row.oldest) < tonight(row, now, QUIET)]
    still = or_(table.c.hinted_at.is_(None), table.c.hinted_at <= now - IDLE)
    stuck = tx.execute(select(table.c.shop_id).where(table.c.finished_at.is_(None), still)).scalars().all()
    return sorted({*night, *stuck})[:limit]


def begin(tx: Tx, shop_id: int, now: datetime) -> None:
    """Begins the night's check; goes on with one that is under way."""
    zone = select(shops.c.id, shops.c.timezone, table.c.begun_at).outerjoin(table, table.c.shop_id == shops.c.id)
    row = tx.execute(zone.where(shops.c.id == shop_id)).one()
    if row.begun_at is not None and row.begun_at >= tonight(row, now, QUIET):
        tx.execute(update(table).where(table.c.shop_id == shop_id).values(hinted_at=now))
        return
    counts = dict.fromkeys(("segment_id", "after_person", "segments", "repaired", "disputed"), 0)
    fresh = {"shop_id": shop_id, "begun_at": now, "hinted_at": now, "finished_at": None} | counts
    upsert(tx, table, [fresh], key=("shop_id",))


def place(tx: Tx, shop_id: int) -> Place | None:
    """Where the check goes on; None when there is none under way."""
    row = tx.execute(select(table).where(table.c.shop_id == shop_id, table.c.finished_at.is_(None))).first()
    if row is None:
        return None
    following = segments.c.shop_id == shop_id, segments.c.deleted_at.is_(None), segments.c.id > row.segment_id
    segment_id = tx.execute(select(func.min(segments.c.id)).where(*following)).scalar()
    return Place(shop_id, row.segment_id, row.after_person, segment_id)


def look(tx: Tx, at: Place, now: datetime) -> Found | None:
    """One page; None for a segment that cannot be compared now."""
    if at.segment_id is None:
        return None
    return checking.compare(tx, at.shop_id, at.segment_id, now, at.after_person)


def keep(tx: Tx, at: Place, found: Found | None, now: datetime) -> Sequence[Change]:
    """Repairs what a page found, and moves behind it; gives what that changed. Nothing, when another job was there."""
    onward = _onward(at, found, now)
    here = (
        table.c.segment_id == at.after_segment,
        table.c.after_person == at.after_person,
        table.c.finished_at.is_(None),
    )
    moved = update(table).where(table.c.shop_id == at.shop_id, *here).values(onward).returning(table.c.id)
    if tx.execute(moved).first() is None or found is None or at.segment_id is None:
        return []
    done = checking.repair(tx, at.shop_id, at.segment_id, found, now)
    counts = {"repaired": table.c.repaired + done.people, "disputed": table.c.disputed + done.disputed}
    tx.execute(update(table).where(table.c.shop_id == at.shop_id).values(counts))
    return done.changes


def latest(tx: Tx, shop_id: int) -> Nightly | None:
    """None before the first night."""
    row = tx.execute(select(table).where(table.c.shop_id == shop_id)).first()
    return Nightly(row.begun_at, row.finished_at, row.segments, row.repaired, row.disputed) if row else None


def _onward(at: Place, found: Found | None, now: datetime) -> dict[str, object]:
    if at.segment_id is None:
        return {"finished_at": now}
    if found is not None and found.more:
        return {"after_person": found.person_ids[-1], "hinted_at": now}
    compared = table.c.segments + int(found is not None)
    return {"segment_id": at.segment_id, "after_person": 0, "segments": compared, "hinted_at": now}
