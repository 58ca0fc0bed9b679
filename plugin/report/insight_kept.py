"""What was counted of a segment stays with its instant until newer numbers are there; one row a segment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import or_, select

from plugin.base import settings
from plugin.store.engine import Tx
from plugin.store.tables import segment_insights
from plugin.store.upsert import insert_new

from .insight import Insight, read

OPEN: Final = ("waiting", "counting")
SOON: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a segment's count stands, and the numbers of the last one: `insight` None before the first."""

    id: int
    shop_id: int
    segment_id: int
    state: str
    steps_done: int
    as_of: datetime | None
    query: str | None
    error: str | None
    insight: Insight | None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


def of(tx: Tx, shop_id: int, segment_id: int) -> Kept | None:
    """None before the first count was asked for."""
    mine = segment_insights.c
    row = tx.execute(
        select(segment_insights).where(mine.shop_id == shop_id, mine.segment_id == segment_id)
    ).one_or_none()
    if row is None:
        return None
    return Kept(row.id, shop_id, segment_id, row.state, row.steps_done, row.as_of, row.query, row.error, read(row.told))


def ask(tx: Tx, shop_id: int, segment_id: int, now: datetime) -> int | None:
    """A count is wanted: gives the id of its row; None when one is under way."""
    row = {"shop_id": shop_id, "segment_id": segment_id, "state": "done", "asked_at": now}
    insert_new(tx, segment_insights, [row])
    mine = segment_insights.c
    wanted = (
        segment_insights.update()
        .where(mine.shop_id == shop_id, mine.segment_id == segment_id, mine.state.not_in(OPEN))
        .values(state="waiting", asked_at=now, hinted_at=None, claimed_at=None, steps_done=0, error=None)
    )
    return tx.execute(wanted.returning(mine.id)).scalar_one_or_none()


def due(tx: Tx, now: datetime, limit: int = 20) -> list[int]:
    """Counts that nobody is at: for the clock, which is taken to see to them."""
    mine = segment_insights.c
    free = or_(mine.claimed_at.is_(None), mine.claimed_at < now - settings.current().lease)
    rested = or_(mine.hinted_at.is_(None), mine.hinted_at <= now - SOON)
    late = mine.asked_at < now - SOON  # its own job comes first
    found = list(tx.execute(select(mine.id).where(mine.state.in_(OPEN), free, rested, late).limit(limit)).scalars())
    tx.execute(segment_insights.update().where(mine.id.in_(found)).values(hinted_at=now))
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    shop_id: int
    segment_id: int


def claim(tx: Tx, insight_id: int, now: datetime) -> Asked | None:
    """Takes the work; None when somebody else is at it, or it is done."""
    mine = segment_insights.c
    free = or_(mine.claimed_at.is_(None), mine.claimed_at < now - settings.current().lease)
    taken = segment_insights.update().where(mine.id == insight_id, mine.state.in_(OPEN), free)
    row = tx.execute(
        taken.values(state="counting", claimed_at=now, steps_done=0).returning(mine.shop_id, mine.segment_id)
    ).one_or_none()
    return Asked(*row) if row else None


def advance(tx: Tx, insight_id: int, steps_done: int, now: datetime) -> None:
    mine = segment_insights.update().where(segment_insights.c.id == insight_id)
    tx.execute(mine.values(steps_done=steps_done, claimed_at=now))


def finish(tx: Tx, insight_id: int, query: str, told: Mapping[str, Any], as_of: datetime) -> None:
    """The numbers of `as_of` take the place of those before."""
    over = {"state": "done", "claimed_at": None, "error": None, "query": query, "told": dict(told), "as_of": as_of}
    tx.execute(segment_insights.update().where(segment_insights.c.id == insight_id).values(over))


def fail(tx: Tx, insight_id: int, error: str) -> None:
    """Nothing new; the numbers before stay."""
    over = {"state": "failed", "claimed_at": None, "error": error}
    tx.execute(segment_insights.update().where(segment_insights.c.id == insight_id).values(over))
