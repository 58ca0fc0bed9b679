"""What happens to a campaign by itself: it begins when its time has come, pauses when something is wrong with it, and
is done when everybody in its audience has an outcome."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, exists, or_, select, update

from plugin.audience import roll
from plugin.base import settings
from plugin.base.errors import NotFound
from plugin.base.outcomes import OPEN
from plugin.segment.errors import SegmentError
from plugin.store.engine import Tx
from plugin.store.tables import campaigns, deliveries, shops
from plugin.store.upsert import among

from .lifecycle import segment_query

LEFT = "Beckon was uninstalled before it was sent to everybody."
"""A campaign's reason when its shop left."""


def due(tx: Tx, now: datetime) -> list[int]:
    """Scheduled campaigns whose time has come, not hinted at lately; notes that a job is enqueued for them now."""
    lately = now - settings.current().lease
    unhinted = or_(campaigns.c.hinted_at.is_(None), campaigns.c.hinted_at <= lately)
    hinted = (
        update(campaigns)
        .where(campaigns.c.state == "scheduled", campaigns.c.scheduled_at <= now, unhinted)
        .values(hinted_at=now)
        .returning(campaigns.c.id)
    )
    return list(tx.execute(hinted).scalars())


def start(tx: Tx, campaign_id: int, now: datetime) -> bool:
    """Begins sending when the time has come: fixes the query, and who is in the audience.

    False when it is not due (any more). A segment that cannot be read sends the campaign back to its author.
    """
    due = [campaigns.c.id == campaign_id, campaigns.c.state == "scheduled", campaigns.c.scheduled_at <= now]
    row = tx.execute(select(campaigns.c.shop_id, campaigns.c.segment_id).where(*due).with_for_update()).one_or_none()
    if row is None:
        return False
    uninstalled = tx.execute(select(shops.c.uninstalled_at).where(shops.c.id == row.shop_id)).scalar_one()
    if uninstalled:
        values: dict[str, Any] = {"state": "draft", "scheduled_at": None, "reason": LEFT}
    else:
        values = _beginning(tx, row.shop_id, campaign_id, row.segment_id, now)
    tx.execute(update(campaigns).where(*due).values(updated_at=now, **values))
    return bool(values["state"] == "sending")


def send_back(tx: Tx, campaign_id: int, reason: str, now: datetime) -> None:
    """A scheduled campaign that cannot be sent as it is becomes a draft again, with the reason for its author."""
    tx.execute(
        update(campaigns)
        .where(campaigns.c.id == campaign_id, campaigns.c.state == "scheduled")
        .values(state="draft", scheduled_at=None, reason=reason, updated_at=now)
    )


def halt(tx: Tx, campaign_id: int, reason: str, now: datetime) -> None:
    """Pauses a campaign on its own account, if it is being sent; the reason is for the merchant."""
    sending = [campaigns.c.id == campaign_id, campaigns.c.state == "sending"]
    tx.execute(update(campaigns).where(*sending).values(state="paused", reason=reason, updated_at=now))


def halt_for_codes(tx: Tx, campaign_id: int, codes: Collection[str], reason: str, now: datetime) -> bool:
    """As `halt`, for discount codes that are over. False, and nothing is done, when it paused for all of them before:
    who resumed it knows."""
    here = [campaigns.c.id == campaign_id, campaigns.c.state == "sending"]
    row = tx.execute(select(campaigns.c.told_codes).where(*here).with_for_update(key_share=True)).one_or_none()
    if row is None or set(codes) <= set(row.told_codes or ()):
        return row is None  # somebody else has just paused or ended it
    told = sorted({*codes, *(row.told_codes or ())})
    tx.execute(update(campaigns).where(*here).values(told_codes=told))
    halt(tx, campaign_id, reason, now)
    return True


def finish_if_done(tx: Tx, campaign_id: int, now: datetime) -> bool:
    """Marks a campaign as sent once everybody in its audience has an outcome."""
    return bool(finish_done(tx, [campaign_id], now))


def finish_done(tx: Tx, campaign_ids: Iterable[int], now: datetime) -> list[int]:
    """`finish_if_done` for many; returns those that are finished now."""
    return list(tx.execute(_FINISH, {"ids": list(campaign_ids), "now": now}).scalars())


_FINISH: Final = (
    update(campaigns)
    .where(
        among(campaigns.c.id, "ids"),
        campaigns.c.state == "sending",
        campaigns.c.fanned_out_at.is_not(None),
        ~exists().where(deliveries.c.campaign_id == campaigns.c.id, deliveries.c.state.in_(OPEN)),
    )
    .values(state="sent", finished_at=bindparam("now"))
    .returning(campaigns.c.id)
)


def under_way(tx: Tx) -> list[int]:
    """Campaigns being sent."""
    return list(tx.execute(select(campaigns.c.id).where(campaigns.c.state == "sending")).scalars())


def hold(tx: Tx, campaign_ids: Iterable[int]) -> dict[int, str]:
    """Campaign id → state. Until the end of `tx` nobody cancels or pauses them: who changes deliveries of campaigns and
    campaigns takes the campaigns first."""
    ids = tuple(campaign_ids)
    if not ids:
        return {}
    held = select(campaigns.c.id, campaigns.c.state).where(campaigns.c.id.in_(ids)).order_by(campaigns.c.id)
    return dict(tx.execute(held.with_for_update(key_share=True)).all())


def fanned_out(tx: Tx) -> list[int]:
    """Campaigns being sent whose every delivery is written."""
    found = select(campaigns.c.id).where(campaigns.c.state == "sending", campaigns.c.fanned_out_at.is_not(None))
    return list(tx.execute(found).scalars())


def _beginning(tx: Tx, shop_id: int, campaign_id: int, segment_id: int | None, now: datetime) -> dict[str, Any]:
    try:
        query = segment_query(tx, shop_id, segment_id) if segment_id is not None else ""
        audience = roll.write(tx, shop_id, campaign_id, query, now)
    except (NotFound, SegmentError) as error:
        return {"state": "draft", "scheduled_at": None, "reason": f"It was not sent: {error}"}
    return {
        "state": "sending",
        "started_at": now,
        "query": query,
        "audience": audience,
        "hinted_at": now,
    }
