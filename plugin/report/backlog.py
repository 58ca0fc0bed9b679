"""What is due and not done: the questions that `beckon status` and `/metrics` both ask of the rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, func, select

from plugin.base.outcomes import OPEN
from plugin.store.engine import Tx
from plugin.store.tables import campaigns, deliveries, enrollments, leases, timers, webhooks

CLOCK = "clock"
"""The lease that a running clock renews."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Work that is due and not done, and since when."""

    count: int
    oldest: timedelta | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """All that somebody should be doing."""

    webhooks: Waiting
    reminders: Waiting
    memberships: Waiting
    """People whose segments time changes, or who were left to the clock, and who are not judged yet."""
    deliveries: Waiting
    """Those of a paused campaign wait on purpose, and are none of it."""

    def by_name(self) -> dict[str, Waiting]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def backlog(tx: Tx, now: datetime) -> Backlog:
    """Of the whole installation, at `now`."""
    unfinished = webhooks.c.state.in_(("pending", "claimed"))
    paused = tx.execute(select(campaigns.c.id).where(campaigns.c.state == "paused")).scalars().all()
    going = deliveries.c.campaign_id.is_(None) | deliveries.c.campaign_id.not_in(paused)
    return Backlog(
        webhooks=_waiting(tx, webhooks.c.received_at, now, unfinished),
        reminders=_waiting(tx, enrollments.c.due_at, now, enrollments.c.state == "waiting"),
        memberships=_waiting(tx, timers.c.due_at, now),
        deliveries=_waiting(tx, deliveries.c.due_at, now, deliveries.c.state.in_(OPEN), going),
    )


def by_state(tx: Tx, state: Column[str], *conditions: ColumnElement[bool]) -> dict[str, int]:
    """State → how many rows are in it, of those that fit."""
    return dict(tx.execute(select(state, func.count()).where(*conditions).group_by(state).order_by(state)).all())


def clock_seen(tx: Tx, now: datetime) -> bool:
    """Is a clock running?"""
    return tx.execute(select(leases.c.name).where(leases.c.name == CLOCK, leases.c.until > now)).first() is not None


def _waiting(tx: Tx, due: Column[datetime], now: datetime, *conditions: ColumnElement[bool]) -> Waiting:
    count, oldest = tx.execute(select(func.count(), func.min(due, type_=due.type)).where(*conditions, due <= now)).one()
    return Waiting(count, now - oldest if oldest else None)
