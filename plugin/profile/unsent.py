"""A message ends without being sent (any more): as its outcome says, unless one of several browsers has taken it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import case, null

from plugin.base.outcomes import Outcome
from plugin.store.tables import deliveries


def ended(outcome: Outcome, reason: str | None, now: datetime) -> dict[str, Any]:
    """Columns of deliveries. Whoever was sent it in one browser was sent it, whatever keeps the others from it."""
    taken = deliveries.c.taken_at.is_not(None)
    return {
        "state": case((taken, Outcome.SENT), else_=outcome),
        "reason": case((taken, null()), else_=reason),
        "finished_at": now,
    }
