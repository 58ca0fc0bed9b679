"""How far a campaign is, how fast it goes, and when it will end, as far as that can honestly be said.

audience = done + queued + sending + ahead;  done = sum of the outcomes
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from plugin.base import settings
from plugin.base.outcomes import OPEN, WAITING, Outcome
from plugin.campaign.lifecycle import Campaign
from plugin.delivery import counts
from plugin.store.engine import Tx
from plugin.store.tables import campaigns, deliveries, shops

from .funnel import STATES, WHY, Share, as_seen

TOLD_APART = (Outcome.REJECTED, Outcome.FAILED, Outcome.EXPIRED)
"""Outcomes that can have many reasons; those of the others are what they are called."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One campaign at an instant."""

    state: str
    audience: int
    queued: int
    """Written and not sent yet, `later` included."""
    sending: int
    ahead: int
    """Whose turn has not come: no delivery is written for them."""
    later: int
    """Of the queued: those who wait for an hour of their own or for a push service, and not for us."""
    later_until: datetime | None
    outcomes: tuple[Share, ...]
    pace: float | None
    """Pushes a second over the last minute; None while nothing is measured, or nothing is sent."""
    services: Mapping[str, Mapping[str, int]]
    """Push service → answer → how many, every try."""

    @property
    def open(self) -> int:
        """People without an outcome."""
        return self.queued + self.sending + self.ahead

    @property
    def done(self) -> int:
        """People with one."""
        return self.audience - self.open

    def left(self) -> timedelta | None:
        """How long it takes at the measured pace, less those who wait for something else; None when unknown."""
        return timedelta(seconds=(self.open - self.later) / self.pace) if self.pace else None


def of(tx: Tx, campaign: Campaign, now: datetime) -> Progress:
    """Counted from the campaign's deliveries by an index; its push services from what was counted as they answered."""
    state = deliveries.c.state
    counted = tx.execute(select(state, func.count()).where(deliveries.c.campaign_id == campaign.id).group_by(state))
    by_state: dict[str, int] = dict(counted.all())
    written = sum(by_state.values())
    audience = written if campaign.fanned_out_at else max(campaign.audience or 0, written)
    later, until = _later(tx, campaign.id, now)
    going = campaign.state == "sending" and campaign.started_at is not None
    return Progress(
        state=campaign.state,
        audience=audience,
        queued=sum(by_state.get(each, 0) for each in WAITING),
        sending=by_state.get("sending", 0),
        ahead=audience - written,
        later=later,
        later_until=until,
        outcomes=_outcomes(tx, campaign.id, by_state),
        pace=counts.pace(tx, campaign.id, now, campaign.started_at) if going and campaign.started_at else None,
        services=counts.of_services(tx, campaign.id),
    )


def _later(tx: Tx, campaign_id: int, now: datetime) -> tuple[int, datetime | None]:
    """Those who are due in more than a lease, and when the last of them is. (Their hint lies a lease before that.)"""
    of = deliveries.c
    put_off = of.campaign_id == campaign_id, of.state.in_(WAITING), of.hinted_at > now
    count, last = tx.execute(
        select(func.count(), func.max(of.hinted_at, type_=of.hinted_at.type)).where(*put_off)
    ).one()
    return count, last + settings.current().lease if last else None


def _outcomes(tx: Tx, campaign_id: int, by_state: Mapping[str, int]) -> tuple[Share, ...]:
    of, found = deliveries.c, []
    for state in STATES:
        if state in OPEN or not by_state.get(state):
            continue
        if state == Outcome.SENT:
            found += as_seen(tx, of.campaign_id == campaign_id, Share(state, by_state[state], ""))
            continue
        if state not in TOLD_APART:
            found.append(Share(state, by_state[state], WHY.get(state, "")))
            continue
        why = func.coalesce(of.reason, WHY[state])
        rows = select(why, func.count()).where(of.campaign_id == campaign_id, of.state == state).group_by(why)
        found += [Share(state, count, reason) for reason, count in tx.execute(rows.order_by(func.count().desc()))]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Running:
    """A campaign that is being sent or is paused, for `beckon status`."""

    shop: str
    name: str
    progress: Progress

    def words(self, now: datetime) -> str:
        """In one line."""
        it = self.progress
        parts = [f"{it.done:,} of {it.audience:,} done, {it.queued:,} queued, {it.sending:,} with push services"]
        parts += [f"{share.people:,} {share.outcome}" for share in it.outcomes]
        parts += [f"{it.later:,} wait for later"] if it.later else []
        if it.state == "paused":
            parts.append("paused")
        else:
            left = it.left()
            parts.append(f"{it.pace:,.1f} a second" if it.pace is not None else "pace not measured yet")
            parts.append(f"ends about {now + left:%H:%M} UTC" if left is not None else "end unknown yet")
        return "; ".join(parts)


def running(tx: Tx, now: datetime) -> tuple[Running, ...]:
    """Every campaign of the installation that has begun and is not over."""
    columns = (campaigns.c[name] for name in Campaign.__dataclass_fields__)
    query = select(shops.c.domain, *columns).join(shops, shops.c.id == campaigns.c.shop_id)
    rows = tx.execute(query.where(campaigns.c.state.in_(("sending", "paused"))).order_by(campaigns.c.id)).all()
    found = ((domain, Campaign(*row)) for domain, *row in rows)
    return tuple(Running(domain, each.name, of(tx, each, now)) for domain, each in found)
