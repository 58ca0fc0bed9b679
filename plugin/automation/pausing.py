"""An automation pauses itself when push services refuse all of its messages: what it would send waits for as long as it
is worth reading, and the merchant lets it go on."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update

from plugin.base.errors import BeckonError
from plugin.base.outcomes import WAITING
from plugin.store.engine import Tx
from plugin.store.tables import automations, deliveries, enrollments
from plugin.store.upsert import among


def halt_those_of(tx: Tx, delivery_ids: Collection[int], reason: str, now: datetime) -> None:
    """Pauses the automations whose messages these are; one that is paused keeps its first reason."""
    theirs = (
        select(enrollments.c.automation_id)
        .join(deliveries, deliveries.c.enrollment_id == enrollments.c.id)
        .where(among(deliveries.c.id, delivery_ids))
    )
    going = automations.c.id.in_(theirs), automations.c.enabled, automations.c.paused_at.is_(None)
    tx.execute(update(automations).where(*going).values(paused_at=now, reason=reason))


def resume(tx: Tx, shop_id: int, automation_id: int | None, now: datetime) -> None:
    """Goes on: what waited is looked at anew at once. Raises BeckonError when it is not paused."""
    paused = [automations.c.id == automation_id, automations.c.shop_id == shop_id, automations.c.paused_at.is_not(None)]
    changed = update(automations).where(*paused).values(paused_at=None, reason=None).returning(automations.c.id)
    if not tx.execute(changed).all():
        raise BeckonError("This automation is not paused. Reload the page to see how it stands.")
    its = select(enrollments.c.id).where(enrollments.c.automation_id == automation_id)
    waiting = deliveries.c.enrollment_id.in_(its), deliveries.c.state.in_(WAITING)
    tx.execute(update(deliveries).where(*waiting).values(due_at=now, hinted_at=None, reason=None))
