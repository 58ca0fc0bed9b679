"""A campaign's life in its author's hands: draft → scheduled → sending ⇄ paused → sent, or cancelled.

Every step is a conditional update: of two clicks or two workers one wins, and the other reads a sentence about why.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, select, update

from plugin.audience.browsers import Browsers
from plugin.base import settings
from plugin.base.errors import BeckonError, NotFound
from plugin.base.outcomes import WAITING, Outcome
from plugin.profile import unsent
from plugin.store.engine import Tx
from plugin.store.tables import campaigns, deliveries, segments

CLOSED_AT_ONCE = 10_000
"""Deliveries of a cancelled campaign that get their outcome in one transaction."""
MOST_HELD_OUT = 50
"""Percent."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the merchant writes. `segment_id` None: everybody who agreed."""

    name: str
    title: str
    body: str
    url: str
    image_url: str | None = None
    segment_id: int | None = None
    holdout: int = 0
    """Percent of the audience who get nothing."""
    asks_segment: bool = True
    """These three: what is asked once more at the moment of sending."""
    asks_stock: bool = True
    asks_purchase: bool = True
    browsers: Browsers = Browsers.LAST


@dataclass(frozen=True, slots=True)
class Campaign:
    """One row of campaigns, as pages show it."""

    id: int
    shop_id: int
    name: str
    state: str
    segment_id: int | None
    query: str | None
    title: str
    body: str
    url: str
    image_url: str | None
    ttl: int
    urgency: str
    holdout: int
    browsers: str
    created_at: datetime
    updated_at: datetime
    scheduled_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    fanned_out_at: datetime | None
    reason: str | None
    audience: int | None
    asks_segment: bool
    asks_stock: bool
    asks_purchase: bool


def create(tx: Tx, shop_id: int, now: datetime) -> int:
    """An empty draft."""
    values = {"shop_id": shop_id, "name": "New campaign", "state": "draft", "created_at": now, "updated_at": now}
    return int(tx.execute(campaigns.insert().values(values).returning(campaigns.c.id)).scalar_one())


def save(tx: Tx, shop_id: int, campaign_id: int, draft: Draft, now: datetime) -> None:
    """Keeps what the merchant wrote, complete or not; only a draft can be changed."""
    if draft.segment_id is not None:
        segment_query(tx, shop_id, draft.segment_id)
    if not 0 <= draft.holdout <= MOST_HELD_OUT:
        raise BeckonError(f"At most {MOST_HELD_OUT} % of an audience can be held out.")
    values = {
        "name": draft.name.strip()[:200] or "New campaign",
        "title": draft.title.strip(),
        "body": draft.body.strip(),
        "url": draft.url.strip(),
        "image_url": (draft.image_url or "").strip() or None,
        "segment_id": draft.segment_id,
        "holdout": draft.holdout,
        "asks_segment": draft.asks_segment,
        "asks_stock": draft.asks_stock,
        "asks_purchase": draft.asks_purchase,
        "browsers": draft.browsers,
        "updated_at": now,
    }
    _step(tx, shop_id, campaign_id, ("draft",), values=values, deed="be changed")


def schedule(tx: Tx, shop_id: int, campaign_id: int, at: datetime, now: datetime) -> None:
    """Sets the instant at which sending begins. The words' limits and merge tags: `plugin.message.check` says them."""
    campaign = find(tx, shop_id, campaign_id)
    if not campaign.title:
        raise BeckonError("The message has no title. Write one: it is the line in bold that people see first.")
    if not campaign.url:
        raise BeckonError("The message has no link. Say which page a click opens.")
    if not _is_link(campaign.url):
        raise BeckonError(
            f"{campaign.url!r} is no link. Write a whole address (https://…) or a path of your shop (/…)."
        )
    if at < now:
        raise BeckonError("That time has passed. Choose a later one, or send now.")
    values = {"state": "scheduled", "scheduled_at": at, "updated_at": now, "reason": None, "hinted_at": None}
    _step(tx, shop_id, campaign_id, ("draft",), values=values, deed="be scheduled")


def take_back(tx: Tx, shop_id: int, campaign_id: int, now: datetime) -> None:
    """Makes a scheduled campaign a draft again, as long as sending has not begun."""
    values = {"state": "draft", "scheduled_at": None, "updated_at": now}
    _step(tx, shop_id, campaign_id, ("scheduled",), values=values, deed="be taken back")


def pause(tx: Tx, shop_id: int, campaign_id: int, now: datetime, reason: str | None = None) -> None:
    """Lets what is not sent yet wait."""
    values = {"state": "paused", "reason": reason or "You paused it.", "updated_at": now}
    _step(tx, shop_id, campaign_id, ("sending",), values=values, deed="be paused")


def resume(tx: Tx, shop_id: int, campaign_id: int, now: datetime) -> None:
    """Goes on where it was paused."""
    values = {"state": "sending", "reason": None, "updated_at": now, "hinted_at": None}
    _step(tx, shop_id, campaign_id, ("paused",), values=values, deed="go on")
    waiting = [deliveries.c.campaign_id == campaign_id, deliveries.c.state.in_(WAITING)]
    lately = [deliveries.c.hinted_at > now - settings.current().lease, deliveries.c.due_at <= now]
    tx.execute(update(deliveries).where(*waiting, *lately).values(hinted_at=None))  # the clock looks at once


def cancel(tx: Tx, shop_id: int, campaign_id: int, now: datetime) -> None:
    """Ends it for good: whoever has not been sent it will not be. Of those whose turn had not come the fan-out writes
    it down; of those who wait already, the first page here and the rest `close_cancelled`."""
    values = {"state": "cancelled", "finished_at": now, "updated_at": now, "reason": "You cancelled it."}
    _step(tx, shop_id, campaign_id, ("scheduled", "sending", "paused"), values=values, deed="be cancelled")
    close_cancelled(tx, campaign_id, now)


def close_cancelled(tx: Tx, campaign_id: int, now: datetime) -> bool:
    """Gives a page of those who wait for a cancelled campaign their outcome; True while there may be more. As long as
    there may, the campaign is hinted at."""
    cancelled = select(campaigns.c.id).where(campaigns.c.id == campaign_id, campaigns.c.state == "cancelled")
    waiting = [deliveries.c.campaign_id.in_(cancelled), deliveries.c.state.in_(WAITING)]
    some = select(deliveries.c.id).where(*waiting).limit(CLOSED_AT_ONCE)
    closed = unsent.end(tx, deliveries.c.id.in_(some), outcome=Outcome.CANCELLED, reason=None, now=now)
    going_on = closed == CLOSED_AT_ONCE
    tx.execute(update(campaigns).where(campaigns.c.id.in_(cancelled)).values(hinted_at=now if going_on else None))
    return going_on


def half_cancelled(tx: Tx, now: datetime) -> list[int]:
    """Cancelled campaigns whose people do not all have their outcome although nobody works on it; notes that a job is
    enqueued now."""
    lately = now - settings.current().lease
    hinted = update(campaigns).where(campaigns.c.state == "cancelled", campaigns.c.hinted_at <= lately)
    return list(tx.execute(hinted.values(hinted_at=now).returning(campaigns.c.id)).scalars())


def find(tx: Tx, shop_id: int, campaign_id: int) -> Campaign:
    """One campaign of this shop. Raises NotFound."""
    row = tx.execute(_campaigns(campaigns.c.shop_id == shop_id, campaigns.c.id == campaign_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such campaign.")
    return Campaign(*row)


def every(tx: Tx, shop_id: int) -> list[Campaign]:
    """All campaigns of this shop, the one last changed first."""
    found = _campaigns(campaigns.c.shop_id == shop_id)
    return [Campaign(*row) for row in tx.execute(found.order_by(campaigns.c.updated_at.desc(), campaigns.c.id.desc()))]


def segment_query(tx: Tx, shop_id: int, segment_id: int) -> str:
    """The query of a segment that still exists. Raises NotFound."""
    found = tx.execute(
        select(segments.c.query).where(
            segments.c.id == segment_id, segments.c.shop_id == shop_id, segments.c.deleted_at.is_(None)
        )
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("Its segment does not exist any more. Choose another one.")
    return str(found)


def _campaigns(*conditions: ColumnElement[bool]) -> Any:
    return select(*(campaigns.c[name] for name in Campaign.__dataclass_fields__)).where(*conditions)


def _step(
    tx: Tx, shop_id: int, campaign_id: int, from_states: tuple[str, ...], *, values: dict[str, Any], deed: str
) -> None:
    """Changes the row if it is in one of `from_states`; else says why not."""
    here = [campaigns.c.id == campaign_id, campaigns.c.shop_id == shop_id]
    changed = tx.execute(
        update(campaigns).where(*here, campaigns.c.state.in_(from_states)).values(**values).returning(campaigns.c.id)
    ).all()
    if not changed:
        raise BeckonError(_why_not(find(tx, shop_id, campaign_id), deed))


_STANDS = {
    "draft": "it is a draft",
    "scheduled": "it is scheduled; take it back first",
    "sending": "it is being sent",
    "paused": "it is paused",
    "sent": "it has been sent",
    "cancelled": "it was cancelled",
}


def _why_not(campaign: Campaign, deed: str) -> str:
    return f"“{campaign.name}” cannot {deed}: {_STANDS[campaign.state]}."


def _is_link(url: str) -> bool:
    if url.startswith("/"):
        return not url.startswith("//")
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
