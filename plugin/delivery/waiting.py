"""What the clock finds: deliveries that are due and that no job was enqueued for, and those whose worker died."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select, update

from plugin.base import settings
from plugin.base.outcomes import WAITING, Outcome
from plugin.store.engine import Tx
from plugin.store.tables import campaigns, deliveries

CUT_SHORT = "It was being sent when it was cancelled: it may have arrived."


def forget_the_dead(tx: Tx, now: datetime) -> int:
    """A claim older than the lease is a dead worker's: whether that push went out is unknown, so it is sent again.

    The same Topic and tag make the second copy replace the first. Returns how many.
    """
    stale = [deliveries.c.state == "sending", deliveries.c.claimed_at <= now - settings.current().lease]
    cancelled = select(campaigns.c.id).where(campaigns.c.state == "cancelled")
    tx.execute(
        update(deliveries)
        .where(*stale, deliveries.c.campaign_id.in_(cancelled))
        .values(state=Outcome.CANCELLED, reason=CUT_SHORT, finished_at=now)
    )
    found = update(deliveries).where(*stale).values(state="unknown", hinted_at=None).returning(deliveries.c.id)
    return len(tx.execute(found).all())


def due(tx: Tx, now: datetime, limit: int) -> list[int]:
    """Deliveries to be sent now for which no job was enqueued lately; notes that one is now.

    Campaign by campaign (and those of no campaign), because a paused one may hold a million that wait.
    """
    sending = tx.execute(select(campaigns.c.id).where(campaigns.c.state == "sending")).scalars().all()
    found: list[int] = []
    for campaign_id in (None, *sending):  # reminders first
        found += _hint(tx, campaign_id, now, limit - len(found))
        if len(found) >= limit:
            break
    return found


def _hint(tx: Tx, campaign_id: int | None, now: datetime, limit: int) -> list[int]:
    lately = now - settings.current().lease
    waiting = (
        select(deliveries.c.id)
        .where(
            deliveries.c.campaign_id.is_(None) if campaign_id is None else deliveries.c.campaign_id == campaign_id,
            deliveries.c.state.in_(WAITING),
            or_(deliveries.c.hinted_at.is_(None), deliveries.c.hinted_at <= lately),
            deliveries.c.due_at <= now,
        )
        .limit(limit)
    )
    hinted = update(deliveries).where(deliveries.c.id.in_(waiting)).values(hinted_at=now).returning(deliveries.c.id)
    return sorted(tx.execute(hinted).scalars())
