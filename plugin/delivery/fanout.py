"""From an audience to one delivery for each person, page by page, those among them who get nothing included.

Who is in the audience was written down when sending began (audience/roll.py). A campaign that was cancelled meanwhile
is written to its end as well, so that everybody in its audience has an outcome.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, or_, select, update

from plugin.audience import roll
from plugin.audience.browsers import Browsers
from plugin.audience.limits import is_held_out
from plugin.audience.roll import PAGE, Recipient
from plugin.base import settings
from plugin.base.outcomes import Outcome
from plugin.campaign import sending
from plugin.store.engine import Tx
from plugin.store.tables import campaigns, deliveries, shops
from plugin.store.upsert import insert_alike

Campaign = Row[*tuple[Any, ...]]

GOING_ON = (
    campaigns.c.state.in_(("sending", "cancelled")),
    campaigns.c.started_at.is_not(None),
    campaigns.c.fanned_out_at.is_(None),
)
"""Campaigns whose deliveries are being written."""
_HELD: Final = (
    select(campaigns, shops.c.uninstalled_at)
    .join(shops, shops.c.id == campaigns.c.shop_id)
    .where(campaigns.c.id == bindparam("campaign_id"), *GOING_ON)
    .with_for_update(of=campaigns)  # two jobs for one campaign take turns
)


def next_page(tx: Tx, campaign_id: int, now: datetime, limit: int = PAGE) -> list[int] | None:
    """Writes the deliveries of the campaign's next people; returns the ids of those that are to be sent, None when
    there is nobody left."""
    campaign = tx.execute(_HELD, {"campaign_id": campaign_id}).one_or_none()
    if campaign is None:
        return None
    places = roll.take(tx, campaign_id, limit)
    of_outcome: dict[Outcome | None, list[Recipient]] = defaultdict(list)
    for each in roll.recipients(tx, campaign_id, places):
        of_outcome[_left_out(campaign, each)].append(each)
    made = _write(tx, campaign, of_outcome.pop(None, []), {"state": "queued"}, now)
    for outcome, left_out in of_outcome.items():
        _write(tx, campaign, left_out, {"state": outcome, "finished_at": now}, now)
    _advance(tx, campaign_id, finished=roll.is_empty(tx, campaign_id), now=now)
    return made if places else None


def standing_still(tx: Tx, now: datetime) -> list[int]:
    """Campaigns that are not fanned out although nobody works on them; notes that a job is enqueued now."""
    lately = now - settings.current().lease
    unhinted = or_(campaigns.c.hinted_at.is_(None), campaigns.c.hinted_at <= lately)
    hinted = update(campaigns).where(*GOING_ON, unhinted).values(hinted_at=now).returning(campaigns.c.id)
    return list(tx.execute(hinted).scalars())


def _left_out(campaign: Campaign, recipient: Recipient) -> Outcome | None:
    """The outcome of somebody who is not sent it; the first that is true."""
    if campaign.uninstalled_at is not None:
        return Outcome.UNINSTALLED
    if campaign.state == "cancelled":
        return Outcome.CANCELLED
    if recipient.left_out is not None or recipient.person_id is None:
        return recipient.left_out
    if is_held_out(campaign.id, recipient.person_id, campaign.holdout):
        return Outcome.HELD_OUT
    return None


def _write(
    tx: Tx, campaign: Campaign, people: Sequence[Recipient], standing: Mapping[str, Any], now: datetime
) -> list[int]:
    alike = {
        "shop_id": campaign.shop_id,
        "campaign_id": campaign.id,
        **standing,
        "all_browsers": campaign.browsers == Browsers.ALL,
        "created_at": now,
        "due_at": now,
        "expires_at": campaign.started_at + timedelta(seconds=campaign.ttl),
    }
    each: dict[str, list[Any]] = {
        "person_id": [person.person_id for person in people],
        "subscription_id": [person.subscription_id for person in people],
        "token": [secrets.token_urlsafe(16) for _ in people],
    }
    return insert_alike(tx, deliveries, alike, each)


def _advance(tx: Tx, campaign_id: int, *, finished: bool, now: datetime) -> None:
    values: dict[str, Any] = {"hinted_at": now} | ({"fanned_out_at": now} if finished else {})
    tx.execute(update(campaigns).where(campaigns.c.id == campaign_id).values(**values))
    if finished:
        sending.finish_if_done(tx, campaign_id, now)
