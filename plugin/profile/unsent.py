"""A message ends without being sent (any more): as its outcome says, unless one of several browsers has taken it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, null, update

from plugin.base.outcomes import Outcome
from plugin.store.engine import Tx
from plugin.store.tables import deliveries

from . import engaged


def end(tx: Tx, *which: ColumnElement[bool], outcome: Outcome, reason: str | None, now: datetime) -> int:
    """Ends them, and has whoever was sent one in one browser judged anew. Returns how many they were."""
    of = deliveries.c
    closed = update(deliveries).where(*which).values(ended(outcome, reason, now))
    rows = tx.execute(closed.returning(of.id, of.shop_id, of.taken_at)).all()
    engaged.note_sent(tx, ((row.shop_id, row.id) for row in rows if row.taken_at is not None), now)
    return len(rows)


def ended(outcome: Outcome, reason: str | None, now: datetime) -> dict[str, Any]:
    """Columns of deliveries. Whoever was sent it in one browser was sent it, whatever keeps the others from it."""
    taken = deliveries.c.taken_at.is_not(None)
    return {
        "state": case((taken, Outcome.SENT), else_=outcome),
        "reason": case((taken, null()), else_=reason),
        "finished_at": now,
    }
