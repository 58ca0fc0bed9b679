"""What the clock finds: deliveries that are due and that no job was enqueued for, and those whose worker died."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Integer, bindparam, func, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from plugin.base import settings
from plugin.base.outcomes import WAITING, Outcome
from plugin.profile import unsent
from plugin.store.engine import Tx
from plugin.store.tables import campaigns, deliveries

from . import counts
from .counts import What

CUT_SHORT = "It was being sent when it was cancelled: it may have arrived."

BATCH = 500
"""Pushes of one job."""
AHEAD = 4
"""Batches of one campaign that stand in the queue at a time: enough for every worker to find the next one there."""
REMINDERS = 5_000
"""A tick of the clock."""


def forget_the_dead(tx: Tx, now: datetime) -> int:
    """A claim older than the lease is a dead worker's: whether that push went out is unknown, so it is sent again.

    The same Topic and tag make the second copy replace the first. Returns how many.
    """
    stale = [deliveries.c.state == "sending", deliveries.c.claimed_at <= now - settings.current().lease]
    cancelled = select(campaigns.c.id).where(campaigns.c.state == "cancelled")
    unsent.end(
        tx, *stale, deliveries.c.campaign_id.in_(cancelled), outcome=Outcome.CANCELLED, reason=CUT_SHORT, now=now
    )
    found = update(deliveries).where(*stale).values(state="unknown", hinted_at=None).returning(deliveries.c.shop_id)
    lapsed = tx.execute(found).scalars().all()
    counts.note(tx, (What(shop_id, 0, "", counts.LAPSED) for shop_id in lapsed), now)
    return len(lapsed)


def reminders(tx: Tx, now: datetime) -> list[int]:
    """Deliveries of automations to be sent now for which no job was enqueued lately; notes that one is now."""
    return _hint(tx, None, now, REMINDERS)


def ahead(tx: Tx, campaign_id: int, now: datetime, most: int | None = None) -> list[int]:
    """The campaign's next deliveries for which jobs are to be enqueued now: about `most` of it (`AHEAD` batches) are to
    stand in the queue.

    Whoever comes after a big campaign waits for what it has in the queue, and not for all that it has. Nothing while
    there is no room for a whole batch, or while the campaign is paused.
    """
    most = AHEAD * BATCH if most is None else most
    if tx.execute(_SENDING, {"its_campaign": campaign_id}).first() is None:
        return []
    free = most - _enqueued(tx, campaign_id, now, most)
    batch = min(BATCH, most)
    return _hint(tx, campaign_id, now, free - free % batch) if free >= batch else []


def _enqueued(tx: Tx, campaign_id: int, now: datetime, most: int) -> int:
    """Deliveries of this campaign that a job in the queue will claim: at most `most`."""
    of = {"its_campaign": campaign_id, "now": now, "lately": now - settings.current().lease, "most": most}
    return tx.execute(_HINTED, of).scalar_one()


def _hint(tx: Tx, campaign_id: int | None, now: datetime, limit: int) -> list[int]:
    """Notes of up to `limit` deliveries that a job is enqueued for them now: first of those whose job was lost or that
    are tried again, then of those that had none yet. (Two questions, because an index answers each.)"""
    of = {"its_campaign": campaign_id, "now": now, "lately": now - settings.current().lease}
    found: list[int] = []
    for note in _NOTES_OF_AUTOMATIONS if campaign_id is None else _NOTES_OF_A_CAMPAIGN:
        if len(found) < limit:
            found += tx.execute(note, of | {"most": limit - len(found)}).scalars().all()
    return sorted(found)


def _note(mine: ColumnElement[bool], unhinted: ColumnElement[bool]) -> ReturningUpdate[int]:
    some = (
        select(deliveries.c.id)
        .where(mine, deliveries.c.state.in_(WAITING), unhinted, deliveries.c.due_at <= _NOW)
        .limit(_MOST)
        .with_for_update(skip_locked=True)  # another worker is noting those
        .cte("some")  # asked once: a subquery may be asked again for each row, and each time find the next ones
    )
    mine_now = deliveries.c.id.in_(select(some.c.id))
    return update(deliveries).where(mine_now).values(hinted_at=_NOW).returning(deliveries.c.id)


_NOW: Final = bindparam("now", type_=deliveries.c.hinted_at.type)
_LATELY: Final = bindparam("lately", type_=deliveries.c.hinted_at.type)
_MOST: Final = bindparam("most", type_=Integer())
_OF_CAMPAIGN: Final = deliveries.c.campaign_id == bindparam("its_campaign")
_UNHINTED: Final = deliveries.c.hinted_at <= _LATELY, deliveries.c.hinted_at.is_(None)
_NOTES_OF_AUTOMATIONS: Final = [_note(deliveries.c.campaign_id.is_(None), unhinted) for unhinted in _UNHINTED]
_NOTES_OF_A_CAMPAIGN: Final = [_note(_OF_CAMPAIGN, unhinted) for unhinted in _UNHINTED]
_SENDING: Final = select(campaigns.c.id).where(
    campaigns.c.id == bindparam("its_campaign"), campaigns.c.state == "sending"
)
_HINTED: Final = select(func.count()).select_from(
    select(deliveries.c.id)
    .where(
        _OF_CAMPAIGN,
        deliveries.c.state.in_(WAITING),
        deliveries.c.hinted_at > _LATELY,
        deliveries.c.hinted_at <= _NOW,
        deliveries.c.due_at <= _NOW,
    )
    .limit(_MOST)
    .subquery()
)
