"""How the installation is doing: what waits, what came last, what is stuck and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from plugin.delivery import again, services
from plugin.store.engine import Tx
from plugin.store.tables import (
    backfills,
    campaigns,
    deliveries,
    enrollments,
    membership_checks,
    reconciliations,
    shops,
    webhooks,
)

from . import backlog, progress, stuck
from .backlog import Backlog
from .overview import Check, Failure, History, MembersCheck, Overview, span

PATIENCE = timedelta(minutes=2)
"""Work that is due for longer than this, though somebody should have done it, is stuck."""


def overview(tx: Tx, now: datetime) -> Overview:
    """The state of the whole installation at `now`."""
    last = tx.execute(
        select(webhooks.c.received_at, webhooks.c.triggered_at, webhooks.c.finished_at)
        .order_by(webhooks.c.id.desc())
        .limit(1)
    ).one_or_none()
    lag = last.finished_at - last.triggered_at if last and last.finished_at and last.triggered_at else None
    waiting, ticking = backlog.backlog(tx, now), backlog.clock_seen(tx, now)
    failed, history, held = _failed_webhooks(tx), _history(tx), _held_campaigns(tx)
    return Overview(
        at=now,
        shops=tx.execute(select(func.count()).where(shops.c.uninstalled_at.is_(None))).scalar_one(),
        webhooks=backlog.by_state(tx, webhooks.c.state),
        last_webhook_at=last.received_at if last else None,
        last_webhook_lag=lag,
        failed_webhooks=failed,
        history=history,
        checks=_checks(tx),
        members_checks=_members_checks(tx),
        campaigns=backlog.by_state(tx, campaigns.c.state),
        held_campaigns=held,
        running=progress.running(tx, now),
        enrollments=backlog.by_state(tx, enrollments.c.state),
        deliveries=backlog.by_state(tx, deliveries.c.state),
        waiting=waiting,
        undelivered=tuple(again.undelivered(tx, None, now, limit=20)),
        services=tuple(services.standing(tx, now)),
        clock_seen=ticking,
        stuck=(
            *_stuck(waiting, failed, history, held, clock_seen=ticking),
            *stuck.without_access(tx),
            *stuck.unanswered(tx, now),
            *stuck.automations_held(tx, now),
        ),
    )


def _failed_webhooks(tx: Tx) -> tuple[Failure, ...]:
    rows = tx.execute(
        select(webhooks.c.topic, webhooks.c.error, func.count())
        .where(webhooks.c.state == "failed")
        .group_by(webhooks.c.topic, webhooks.c.error)
        .order_by(func.count().desc(), webhooks.c.topic)
        .limit(20)
    )
    return tuple(Failure(topic, error or "no reason was kept", count) for topic, error, count in rows)


def _history(tx: Tx) -> tuple[History, ...]:
    rows = tx.execute(
        select(
            shops.c.domain,
            backfills.c.kind,
            backfills.c.state,
            backfills.c.objects,
            backfills.c.total,
            backfills.c.error,
        )
        .join(shops, shops.c.id == backfills.c.shop_id)
        .where(shops.c.uninstalled_at.is_(None), backfills.c.reconciliation_id == 0)
        .order_by(shops.c.domain, backfills.c.id)
    )
    return tuple(History(*row) for row in rows)


def _checks(tx: Tx) -> tuple[Check, ...]:
    """The last one of each shop."""
    of = reconciliations.c
    last = select(func.max(of.id)).group_by(of.shop_id)
    columns = shops.c.domain, of.finished_at, of.looked_at, of.repaired, of.error
    rows = (
        select(*columns).join(shops, shops.c.id == of.shop_id).where(of.id.in_(last), shops.c.uninstalled_at.is_(None))
    )
    return tuple(Check(*row) for row in tx.execute(rows.order_by(shops.c.domain)))


def _members_checks(tx: Tx) -> tuple[MembersCheck, ...]:
    of = membership_checks.c
    columns = shops.c.domain, of.finished_at, of.segments, of.repaired, of.disputed
    rows = select(*columns).join(shops, shops.c.id == of.shop_id).where(shops.c.uninstalled_at.is_(None))
    return tuple(MembersCheck(*row) for row in tx.execute(rows.order_by(shops.c.domain)))


def _held_campaigns(tx: Tx) -> tuple[Failure, ...]:
    """Campaigns that wait for their author, and why."""
    rows = tx.execute(
        select(campaigns.c.name, campaigns.c.reason)
        .join(shops, shops.c.id == campaigns.c.shop_id)
        .where(shops.c.uninstalled_at.is_(None))
        .where(campaigns.c.state.in_(("paused", "draft")), campaigns.c.reason.is_not(None))
        .order_by(campaigns.c.id)
    )
    return tuple(Failure(name, reason, 1) for name, reason in rows)


def _stuck(
    waiting: Backlog,
    failed: Sequence[Failure],
    history: Sequence[History],
    held: Sequence[Failure],
    *,
    clock_seen: bool,
) -> list[str]:
    sentences = []
    late = {what: each for what, each in waiting.by_name().items() if each.oldest and each.oldest > PATIENCE}
    if late and not clock_seen:
        sentences.append("No clock is running, so nothing brings back what waits. Start one: beckon clock.")
    for what, each in late.items():
        since = span(each.oldest or timedelta())
        advice = "Is a worker running? Start one: beckon worker."
        sentences.append(f"Waiting {what}: {each.count:,}, the oldest for {since}. {advice}")
    sentences += [
        f"{each.count} webhooks {each.what} could not be applied: {each.why} Kept; `beckon replay` tries them again."
        for each in failed
    ]
    sentences += [
        f"The history of {each.shop} stopped at its {each.kind}: {each.error}"
        for each in history
        if each.state == "failed"
    ]
    sentences += [f"Campaign “{each.what}” waits for you: {each.why}" for each in held if _is_its_own(each.why)]
    return sentences


def _is_its_own(reason: str) -> bool:
    """A campaign that its author paused is not stuck."""
    return not reason.startswith("You ")
