"""Messages that reached nobody because something was wrong, and trying them again once it is mended.

Only what no push service ever took is tried again: under its own name and within its own time, so nobody gets it twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, select, update

from plugin.base.outcomes import Outcome
from plugin.store.engine import Tx
from plugin.store.tables import campaigns, deliveries, subscriptions

from . import several

WRONG = (Outcome.REJECTED, Outcome.FAILED, Outcome.EXPIRED)
"""Outcomes that nobody wanted."""
MENDABLE = (Outcome.REJECTED, Outcome.FAILED)
"""Those of them that another try can change. What expired has no time left: it would have to be another message."""
LOOKED_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Messages of one campaign (None: of automations) that failed alike."""

    campaign_id: int | None
    name: str | None
    outcome: str
    reason: str | None
    people: int
    last_at: datetime
    again: int
    """So many of them can be tried again: there is time left, the browser is still there, and nobody cancelled it."""


def undelivered(tx: Tx, shop_id: int | None, now: datetime, limit: int = 50) -> list[Undelivered]:
    """What went wrong within 30 days in one shop (or in all), the latest first."""
    of = deliveries.c
    again = func.sum(case((_mendable(now), 1), else_=0))
    last = func.max(of.finished_at, type_=of.finished_at.type)
    rows = (
        select(of.campaign_id, campaigns.c.name, of.state, of.reason, func.count(), last, again)
        .outerjoin(campaigns, campaigns.c.id == of.campaign_id)
        .outerjoin(subscriptions, subscriptions.c.id == of.subscription_id)
        .where(of.state.in_(WRONG), of.finished_at > now - LOOKED_BACK)
        .group_by(of.campaign_id, campaigns.c.name, of.state, of.reason)
        .order_by(last.desc(), of.campaign_id, of.state)
        .limit(limit)
    )
    here = rows if shop_id is None else rows.where(of.shop_id == shop_id)
    return [Undelivered(*row) for row in tx.execute(here)]


def retry(tx: Tx, shop_id: int, campaign_id: int | None, outcome: str, reason: str | None, now: datetime) -> int:
    """Lets those that failed alike wait anew; a campaign that was over goes on. Returns how many: none the second
    time."""
    of = deliveries.c
    campaign = of.campaign_id.is_(None) if campaign_id is None else of.campaign_id == campaign_id
    why = of.reason.is_(None) if reason is None else of.reason == reason
    found = (
        select(of.id)
        .outerjoin(campaigns, campaigns.c.id == of.campaign_id)
        .outerjoin(subscriptions, subscriptions.c.id == of.subscription_id)
        .where(of.shop_id == shop_id, campaign, of.state == outcome, why, _mendable(now))
    )
    anew = {"state": "queued", "reason": None, "status": None, "due_at": now, "hinted_at": None, "finished_at": None}
    again = update(deliveries).where(of.id.in_(found), of.state == outcome).values(anew).returning(of.id)
    ids = tx.execute(again).scalars().all()
    several.forget(tx, ids)
    if ids:
        over = [campaigns.c.id == campaign_id, campaigns.c.shop_id == shop_id, campaigns.c.state == "sent"]
        tx.execute(update(campaigns).where(*over).values(state="sending", finished_at=None, updated_at=now))
    return len(ids)


def _mendable(now: datetime) -> ColumnElement[bool]:
    of, state = deliveries.c, campaigns.c.state
    wanted = of.campaign_id.is_(None) | state.in_(("sending", "paused", "sent"))
    return and_(of.state.in_(MENDABLE), of.expires_at > now, subscriptions.c.state == "active", wanted)
