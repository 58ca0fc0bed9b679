"""A shop uninstalled the app: nothing is sent from that instant on, and every message that waited says why."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from plugin.automation.reasons import UNINSTALLED
from plugin.base.outcomes import WAITING, Outcome
from plugin.campaign import sending
from plugin.profile import unsent
from plugin.store.engine import Tx
from plugin.store.tables import campaigns, deliveries, enrollments


def stop_sending(tx: Tx, shop_id: int, now: datetime) -> None:
    """Running campaigns end, scheduled ones become drafts again, deliveries and reminders that wait are closed."""
    _end_campaigns(tx, shop_id, now)
    waiting = [deliveries.c.shop_id == shop_id, deliveries.c.state.in_(WAITING)]
    closed = update(deliveries).where(*waiting)
    tx.execute(closed.values(unsent.ended(Outcome.UNINSTALLED, None, now)))
    reminders = update(enrollments).where(enrollments.c.shop_id == shop_id, enrollments.c.state == "waiting")
    tx.execute(reminders.values(state="stopped", reason=UNINSTALLED, finished_at=now))


def _end_campaigns(tx: Tx, shop_id: int, now: datetime) -> None:
    """What was begun is over; of those whose turn had not come the fan-out writes it down."""
    sending.finish_done(tx, sending.fanned_out(tx), now)
    mine = campaigns.c.shop_id == shop_id
    begun = update(campaigns).where(mine, campaigns.c.state.in_(("sending", "paused")))
    tx.execute(begun.values(state="cancelled", reason=sending.LEFT, finished_at=now, updated_at=now, hinted_at=None))
    scheduled = update(campaigns).where(mine, campaigns.c.state == "scheduled")
    tx.execute(scheduled.values(state="draft", scheduled_at=None, reason=sending.LEFT, updated_at=now))
