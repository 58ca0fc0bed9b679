"""From an audience to one delivery for each person, page by page.

The campaign's own row holds how far it came, and changes in the transaction that writes the page: a crash repeats
nothing and leaves nobody out. Who came after sending began is beyond `last_person` and does not get it.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, or_, select, update

from plugin.audience.select import Recipient, page
from plugin.base import settings
from plugin.campaign import sending
from plugin.segment.errors import SegmentError
from plugin.store.engine import Tx
from plugin.store.tables import campaigns, deliveries
from plugin.store.upsert import insert_new_returning

PAGE = 500
"""People a transaction; also the pushes of one job."""


def next_page(tx: Tx, campaign_id: int, now: datetime, limit: int = PAGE) -> list[int]:
    """Writes the deliveries of the campaign's next people and returns their ids; empty when there is nothing to do."""
    campaign = tx.execute(
        select(campaigns)
        .where(campaigns.c.id == campaign_id, campaigns.c.state == "sending", campaigns.c.fanned_out_at.is_(None))
        .with_for_update()  # two jobs for one campaign take turns
    ).one_or_none()
    if campaign is None:
        return []
    try:
        people = page(
            tx,
            campaign.shop_id,
            campaign.query,
            campaign.started_at,  # relative dates mean the same for everybody
            after_person=campaign.cursor,
            last_person=campaign.last_person,
            limit=limit,
        )
    except SegmentError as error:
        sending.halt(tx, campaign_id, f"Its segment cannot be read any more: {error}", now)
        return []
    made = insert_new_returning(tx, deliveries, [_delivery(campaign, person, now) for person in people])
    _advance(tx, campaign_id, people, finished=len(people) < limit, now=now)
    return made


def standing_still(tx: Tx, now: datetime) -> list[int]:
    """Campaigns that are not fanned out although nobody works on them; notes that a job is enqueued now."""
    lately = now - settings.current().lease
    unhinted = or_(campaigns.c.hinted_at.is_(None), campaigns.c.hinted_at <= lately)
    hinted = (
        update(campaigns)
        .where(campaigns.c.state == "sending", campaigns.c.fanned_out_at.is_(None), unhinted)
        .values(hinted_at=now)
        .returning(campaigns.c.id)
    )
    return list(tx.execute(hinted).scalars())


def _delivery(campaign: Row[*tuple[Any, ...]], person: Recipient, now: datetime) -> dict[str, Any]:
    return {
        "shop_id": campaign.shop_id,
        "person_id": person.person_id,
        "subscription_id": person.subscription_id,
        "campaign_id": campaign.id,
        "token": secrets.token_urlsafe(16),
        "state": "queued",
        "created_at": now,
        "due_at": now,
        "hinted_at": now,
        "expires_at": campaign.started_at + timedelta(seconds=campaign.ttl),
    }


def _advance(tx: Tx, campaign_id: int, people: list[Recipient], *, finished: bool, now: datetime) -> None:
    """Moves the cursor. At the end the audience is what was written: a person who left meanwhile is not in it."""
    values: dict[str, Any] = {"hinted_at": now}
    if people:
        values["cursor"] = people[-1].person_id
    if finished:
        count = select(func.count()).where(deliveries.c.campaign_id == campaign_id).scalar_subquery()
        values |= {"fanned_out_at": now, "audience": count}
    tx.execute(update(campaigns).where(campaigns.c.id == campaign_id).values(**values))
    if finished:
        sending.finish_if_done(tx, campaign_id, now)
