"""From a reminder that is due to a delivery, or to the reason why there is none."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, or_, select, update

from plugin.audience.browsers import Browsers
from plugin.base import settings
from plugin.base.outcomes import OPEN
from plugin.store.engine import Tx
from plugin.store.tables import automations, deliveries, enrollments, shops, subscriptions
from plugin.store.upsert import insert_new_returning

from .carts import LeftCart, left_carts
from .moves import Moved, standing
from .reasons import CART_GONE, NEWER_CART, UNINSTALLED, UNSUBSCRIBED
from .recipes import RECIPES


def due(tx: Tx, now: datetime, limit: int = 500) -> list[int]:
    """Enrollments whose time has come and for which no job was enqueued lately; notes that one is now."""
    lately = now - settings.current().lease
    unhinted = or_(enrollments.c.hinted_at.is_(None), enrollments.c.hinted_at <= lately)
    waiting = (
        select(enrollments.c.id)
        .where(enrollments.c.state == "waiting", enrollments.c.due_at <= now, unhinted)
        .order_by(enrollments.c.due_at)
        .limit(limit)
    )
    hinted = update(enrollments).where(enrollments.c.id.in_(waiting)).values(hinted_at=now).returning(enrollments.c.id)
    return list(tx.execute(hinted).scalars())


def advance(tx: Tx, enrollment_id: int, now: datetime) -> int | None:
    """Makes the delivery of a due reminder and returns its id; None when it is not due or not wanted any more."""
    mine = tx.execute(
        update(enrollments)
        .where(enrollments.c.id == enrollment_id, enrollments.c.state == "waiting", enrollments.c.due_at <= now)
        .values(state="sent", finished_at=now)
        .returning(
            enrollments.c.id,
            enrollments.c.shop_id,
            enrollments.c.person_id,
            enrollments.c.automation_id,
            enrollments.c.step,
            enrollments.c.due_at,
        )
    ).one_or_none()
    if mine is None:
        return None
    subscription_id = _last_seen(tx, mine.person_id)
    reason = _why_not(tx, mine, subscription_id)
    if reason is not None:
        stop(tx, [enrollment_id], reason, now)
        return None
    of = automations.c
    recipe, browsers = tx.execute(select(of.recipe, of.browsers).where(of.id == mine.automation_id)).one()
    row = {
        "shop_id": mine.shop_id,
        "person_id": mine.person_id,
        "subscription_id": subscription_id,
        "enrollment_id": mine.id,
        "step": mine.step,
        "token": secrets.token_urlsafe(16),
        "state": "queued",
        "created_at": now,
        "due_at": now,
        "hinted_at": now,
        "expires_at": now + RECIPES[recipe].ttl,
        "all_browsers": browsers == Browsers.ALL,
    }
    _make_room(tx, mine.id, mine.step)
    made = insert_new_returning(tx, deliveries, [row])
    return made[0] if made else None


def subjects(tx: Tx, shop_id: int, enrollment_ids: Collection[int]) -> dict[int, LeftCart | Moved]:
    """Enrollment id → what its message is about, as it is now: a cart, or a segment."""
    return left_carts(tx, shop_id, enrollment_ids) | standing(tx, shop_id, enrollment_ids)


def stop(tx: Tx, enrollment_ids: list[int], reason: str, now: datetime) -> None:
    """Ends reminders for `reason`."""
    tx.execute(
        update(enrollments)
        .where(enrollments.c.id.in_(enrollment_ids))
        .values(state="stopped", reason=reason, finished_at=now)
    )


def _make_room(tx: Tx, enrollment_id: int, step: int) -> None:
    """A reminder that was left out at the last moment, and woke again with a newer change, is made anew."""
    same_step = deliveries.c.enrollment_id == enrollment_id, deliveries.c.step == step
    never_tried = deliveries.c.attempts == 0, deliveries.c.state.not_in(OPEN)
    tx.execute(delete(deliveries).where(*same_step, *never_tried))


def _last_seen(tx: Tx, person_id: int) -> int | None:
    return tx.execute(
        select(subscriptions.c.id)
        .where(subscriptions.c.person_id == person_id, subscriptions.c.state == "active")
        .order_by(subscriptions.c.last_seen_at.desc(), subscriptions.c.id.desc())
        .limit(1)
    ).scalar_one_or_none()


def _why_not(tx: Tx, mine: Row[*tuple[Any, ...]], subscription_id: int | None) -> str | None:
    about = subjects(tx, mine.shop_id, [mine.id]).get(mine.id)
    if about is None:
        return CART_GONE
    if about.why_not is not None:
        return about.why_not
    if subscription_id is None:
        return UNSUBSCRIBED
    if tx.execute(select(shops.c.uninstalled_at).where(shops.c.id == mine.shop_id)).scalar_one():
        return UNINSTALLED
    if isinstance(about, Moved):
        return None
    newer = select(enrollments.c.id).where(
        enrollments.c.automation_id == mine.automation_id,
        enrollments.c.person_id == mine.person_id,
        enrollments.c.state == "waiting",
        enrollments.c.due_at > mine.due_at,
    )
    return NEWER_CART if tx.execute(newer.limit(1)).first() else None
