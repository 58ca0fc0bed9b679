"""How much of a month's pushes is used: what push services took, and what campaigns on their way still need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from plugin.audience.select import reach
from plugin.base.errors import BeckonError
from plugin.base.outcomes import OPEN
from plugin.campaign.lifecycle import segment_query
from plugin.store.engine import Tx
from plugin.store.tables import campaigns, deliveries

MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Month:
    """A billing month: from its first instant up to, and without, its end."""

    begins: datetime
    ends: datetime


def month_of(anchor: datetime, at: datetime) -> Month:
    """The month that holds `at`, where one began at `anchor` and one follows the other, before and after."""
    begins = anchor + MONTH * ((at - anchor) // MONTH)
    return Month(begins, begins + MONTH)


def sent(tx: Tx, shop_id: int, month: Month) -> int:
    """Pushes of campaigns and automations that push services took in the month. One query."""
    taken = deliveries.c.shop_id == shop_id, deliveries.c.state == "sent"
    during = deliveries.c.finished_at >= month.begins, deliveries.c.finished_at < month.ends
    return tx.execute(select(func.count()).select_from(deliveries).where(*taken, *during)).scalar_one()


def promised(tx: Tx, shop_id: int, month: Month, now: datetime) -> int:
    """Pushes that campaigns under way or scheduled in the month will need: they go out, whatever is left."""
    return _under_way(tx, shop_id) * (month.begins <= now < month.ends) + _scheduled(tx, shop_id, month, now)


def _under_way(tx: Tx, shop_id: int) -> int:
    """Audiences less everybody who has an outcome already."""
    running = campaigns.c.shop_id == shop_id, campaigns.c.state.in_(("sending", "paused"))
    done = (
        select(func.count())
        .where(deliveries.c.campaign_id == campaigns.c.id, deliveries.c.state.not_in(OPEN))
        .correlate(campaigns)
        .scalar_subquery()
    )
    rows = tx.execute(select(func.coalesce(campaigns.c.audience, 0), done).where(*running))
    return sum(max(0, audience - finished) for audience, finished in rows)


def _scheduled(tx: Tx, shop_id: int, month: Month, now: datetime) -> int:
    waiting = campaigns.c.shop_id == shop_id, campaigns.c.state == "scheduled"
    during = campaigns.c.scheduled_at >= month.begins, campaigns.c.scheduled_at < month.ends
    return sum(
        _reach(tx, shop_id, segment_id, now)
        for segment_id in tx.execute(select(campaigns.c.segment_id).where(*waiting, *during)).scalars()
    )


def _reach(tx: Tx, shop_id: int, segment_id: int | None, now: datetime) -> int:
    try:
        query = segment_query(tx, shop_id, segment_id) if segment_id is not None else ""
        return reach(tx, shop_id, query, now).reachable
    except BeckonError:  # it cannot be sent, and says so itself when its time comes
        return 0
