"""What came back from browsers: shown, clicked, dismissed. Append-only, and each only once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, select, update

from plugin.base import settings
from plugin.base.outcomes import FINAL, Outcome
from plugin.delivery import several
from plugin.profile import engaged
from plugin.store.engine import Tx
from plugin.store.tables import deliveries, delivery_browsers, facts, orders
from plugin.store.upsert import insert_new

from . import attribution

KINDS = frozenset({"shown", "clicked", "dismissed"})


def record(tx: Tx, token: str, kind: str, now: datetime, *, at: datetime | None = None) -> bool:
    """Keeps that the delivery named `token` was shown, clicked or dismissed; False when it says nothing to us.

    `at`: when it happened, if the browser could tell us only later. A click implies that it was shown.
    """
    delivery = tx.execute(
        select(deliveries.c.id, deliveries.c.shop_id, deliveries.c.person_id, deliveries.c.created_at).where(
            deliveries.c.token == token
        )
    ).one_or_none()
    if delivery is None or kind not in KINDS:
        return False
    at = min(max(at or now, delivery.created_at), now)  # a browser's clock may be wrong
    kinds = {kind, "shown"} if kind == "clicked" else {kind}
    rows = [
        {"shop_id": delivery.shop_id, "delivery_id": delivery.id, "kind": each, "at": at, "order_id": 0}
        for each in sorted(kinds)
    ]
    insert_new(tx, facts, rows)
    for each in kinds:
        engaged.note(tx, delivery.shop_id, [delivery.id], each, now)
    if _arrived(tx, delivery.id, now):
        engaged.note(tx, delivery.shop_id, [delivery.id], "sent", now)
    if kind == "clicked":
        _credit_orders_since(tx, delivery.shop_id, delivery.person_id, at, now)
    return True


def _arrived(tx: Tx, delivery_id: int, now: datetime) -> bool:
    """A browser's receipt proves what a dead worker could not tell us any more: True, it was sent after all."""
    its, waits = delivery_browsers.c.delivery_id == delivery_id, delivery_browsers.c.state == "waiting"
    if tx.execute(select(exists().where(its, waits))).scalar():  # the others may not have it yet
        several.note_taken(tx, [delivery_id], now)
        over = FINAL
    else:
        over = ("unknown", *FINAL)
    doubted = deliveries.c.attempts > 0, deliveries.c.state.in_(over), deliveries.c.state != Outcome.SENT
    sent = update(deliveries).where(deliveries.c.id == delivery_id, *doubted)
    told = {"state": Outcome.SENT, "reason": "The browser showed it.", "finished_at": now}
    return tx.execute(sent.values(told).returning(deliveries.c.id)).first() is not None


def _credit_orders_since(tx: Tx, shop_id: int, person_id: int, at: datetime, now: datetime) -> None:
    """The order's webhook may have been faster than the click's receipt."""
    since = orders.c.placed_at.between(at, at + settings.current().attribution)
    found = select(orders.c.order_id).where(orders.c.shop_id == shop_id, orders.c.person_id == person_id, since)
    attribution.credit(tx, shop_id, tx.execute(found).scalars().all(), now)
