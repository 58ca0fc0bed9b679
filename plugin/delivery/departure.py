"""A shop uninstalled the app: nothing is sent from that instant on, and every message that waited says why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from plugin.automation import steps
from plugin.campaign import sending
from plugin.store.engine import Tx
from plugin.store.tables import campaigns, deliveries, enrollments

from .claims import WAITING


def stop_sending(tx: Tx, shop_id: int, now: datetime) -> None:
    """Running campaigns end, scheduled ones become drafts again, deliveries and reminders that wait are closed."""
    _end_campaigns(tx, shop_id, now)
    waiting = [deliveries.c.shop_id == shop_id, deliveries.c.state.in_(WAITING)]
    closed = update(deliveries).where(*waiting)
    tx.execute(closed.values(state="skipped", reason=steps.UNINSTALLED, finished_at=now))
    reminders = update(enrollments).where(enrollments.c.shop_id == shop_id, enrollments.c.state == "waiting")
    tx.execute(reminders.values(state="stopped", reason=steps.UNINSTALLED, finished_at=now))


def _end_campaigns(tx: Tx, shop_id: int, now: datetime) -> None:
    """What was begun is over: its audience are those for whom a delivery was written. The rest can be sent later."""
    sending.finish_done(tx, sending.fanned_out(tx), now)
    mine = campaigns.c.shop_id == shop_id
    written = select(func.count()).where(deliveries.c.campaign_id == campaigns.c.id).scalar_subquery()
    over: dict[str, Any] = {"state": "cancelled", "finished_at": now, "audience": written, "fanned_out_at": now}
    begun = update(campaigns).where(mine, campaigns.c.state.in_(("sending", "paused")))
    tx.execute(begun.values(reason=sending.LEFT, updated_at=now, **over))
    scheduled = update(campaigns).where(mine, campaigns.c.state == "scheduled")
    tx.execute(scheduled.values(state="draft", scheduled_at=None, reason=sending.LEFT, updated_at=now))
