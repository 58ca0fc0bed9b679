"""What `/metrics` tells of the rows: counts and ages of the whole installation, each by an index or over few rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from plugin.base.outcomes import OPEN
from plugin.delivery import counts
from plugin.store.engine import Tx
from plugin.store.tables import campaigns, deliveries, services, webhooks

from . import backlog
from .backlog import Backlog, by_state


@dataclass(frozen=True, slots=True)
class Service:
    """What is known of a push service now."""

    host: str
    is_open: bool
    """The circuit: nothing is sent there until it is tried again."""
    rests: bool
    """It asked for patience, and is left alone until it is over."""
    rate: float | None
    """Pushes a second that it was found to take; None while it never asked for fewer."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Everything that is read from the database for one scrape."""

    pushes: Mapping[str, Mapping[str, int]]
    """Push service → answer → how many there ever were. `""` → `lapsed`: claims of workers that died."""
    services: tuple[Service, ...]
    open_deliveries: Mapping[str, int]
    campaigns: Mapping[str, int]
    webhooks: Mapping[str, int]
    """Pending and failed ones; those that were applied are not counted."""
    webhook_lag: timedelta | None
    """From Shopify's trigger to our application, of the last one applied."""
    waiting: Backlog
    clock_seen: bool


def rows(tx: Tx, now: datetime) -> Rows:
    """The state at `now`."""
    of = webhooks.c
    states = of.state.in_(("pending", "claimed", "failed"))
    return Rows(
        pushes=counts.of_services(tx),
        services=_services(tx, now),
        open_deliveries=dict.fromkeys(OPEN, 0) | by_state(tx, deliveries.c.state, deliveries.c.state.in_(OPEN)),
        campaigns=by_state(tx, campaigns.c.state),
        webhooks={"pending": 0, "failed": 0} | by_state(tx, of.state, states),
        webhook_lag=_lag(tx),
        waiting=backlog.backlog(tx, now),
        clock_seen=backlog.clock_seen(tx, now),
    )


def _lag(tx: Tx) -> timedelta | None:
    of = webhooks.c
    last = (
        select(of.finished_at, of.triggered_at)
        .where(of.state == "done", of.triggered_at.is_not(None))
        .order_by(of.id.desc())
        .limit(1)
    )
    row = tx.execute(last).one_or_none()
    return row.finished_at - row.triggered_at if row and row.finished_at else None


def _services(tx: Tx, now: datetime) -> tuple[Service, ...]:
    of = services.c
    known = tx.execute(select(of.host, of.open_until, of.slow_until, of.rate).order_by(of.host))
    return tuple(Service(row.host, _ahead(row.open_until, now), _ahead(row.slow_until, now), row.rate) for row in known)


def _ahead(instant: datetime | None, now: datetime) -> bool:
    return instant is not None and instant > now
