"""Taking deliveries for sending, each by one worker only. What the last look says of each: verdicts.py; how fast push
services may be written to: services.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select, update

from plugin.automation import steps
from plugin.automation.carts import LeftCart
from plugin.automation.moves import Moved
from plugin.base import settings
from plugin.base.outcomes import WAITING
from plugin.campaign import sending
from plugin.store.engine import Tx
from plugin.store.tables import campaigns, deliveries, people, shops, subscriptions
from plugin.store.upsert import among

from . import recheck, services
from .compose import Composed
from .push import Push
from .vapid import VapidKey
from .verdicts import Bounds, Close, Verdict, Wait, Waiting, judge


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours to send, and what recording its answer needs."""

    push: Push
    shop_id: int
    campaign_id: int | None
    subscription_id: int
    service: str
    claimed_at: datetime
    attempts: int
    """Counts claims, this one included: names this claim among those of the same delivery."""
    expires_at: datetime


def claim(tx: Tx, ids: Sequence[int], now: datetime) -> list[Claimed]:
    """Those of `ids` that are to be sent now by the caller, by id; the others wait, or have their outcome."""
    rows = _waiting(tx, ids, now)
    about = _subjects(tx, rows)
    bounds = Bounds(tx, rows, now)
    asked = recheck.look(tx, rows, about, now)
    verdicts = {row.id: judge(row, about.get(row.enrollment_id), bounds, asked.get(row.id)) for row in rows}
    _close(tx, rows, verdicts, now)
    verdicts |= _held_by_services(tx, rows, verdicts, now)
    _postpone(tx, verdicts)
    composed = {key: verdict for key, verdict in verdicts.items() if isinstance(verdict, Composed)}
    mine = _take(tx, list(composed), now)
    _keep_proof(tx, {key: composed[key].proof for key in mine})
    taken = [row for row in rows if row.id in mine]
    keys = _keys_of_shops(taken)
    return [_claimed(row, keys[row.shop_id], mine[row.id], composed[row.id], now) for row in taken]


def _waiting(tx: Tx, ids: Sequence[int], now: datetime) -> Sequence[Waiting]:
    query = (
        select(
            deliveries.c.id,
            deliveries.c.shop_id,
            deliveries.c.person_id,
            deliveries.c.campaign_id,
            deliveries.c.enrollment_id,
            deliveries.c.subscription_id,
            deliveries.c.token,
            deliveries.c.state,
            deliveries.c.reason,
            deliveries.c.attempts,
            deliveries.c.status,
            deliveries.c.due_at,
            deliveries.c.expires_at,
            subscriptions.c.state.label("subscription"),
            subscriptions.c.endpoint,
            subscriptions.c.service,
            subscriptions.c.p256dh,
            subscriptions.c.auth,
            subscriptions.c.timezone,
            people.c.number_of_orders,
            people.c.amount_spent,
            people.c.first_name,
            people.c.customer_id,
            people.c.customer_deleted_at,
            people.c.merged_into,
            campaigns.c.state.label("campaign"),
            campaigns.c.name.label("campaign_name"),
            campaigns.c.title,
            campaigns.c.body,
            campaigns.c.url,
            campaigns.c.image_url,
            campaigns.c.urgency,
            campaigns.c.segment_id,
            campaigns.c.started_at,
            campaigns.c.asks_segment,
            campaigns.c.asks_stock,
            campaigns.c.asks_purchase,
            shops.c.domain,
            shops.c.name.label("shop_name"),
            shops.c.currency,
            shops.c.timezone.label("shop_timezone"),
            shops.c.storefront_url,
            shops.c.uninstalled_at,
            shops.c.vapid_private,
            shops.c.vapid_public,
        )
        .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .join(people, people.c.id == deliveries.c.person_id)
        .join(shops, shops.c.id == deliveries.c.shop_id)
        .outerjoin(campaigns, campaigns.c.id == deliveries.c.campaign_id)
        .where(among(deliveries.c.id, ids), deliveries.c.state.in_(WAITING), deliveries.c.due_at <= now)
        .order_by(deliveries.c.id)
    )
    return tx.execute(query).all()


def _subjects(tx: Tx, rows: Sequence[Waiting]) -> dict[int, LeftCart | Moved]:
    of_shop: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        if row.enrollment_id is not None:
            of_shop[row.shop_id].append(row.enrollment_id)
    return {key: one for shop_id, ids in of_shop.items() for key, one in steps.subjects(tx, shop_id, ids).items()}


def _held_by_services(
    tx: Tx, rows: Sequence[Waiting], verdicts: Mapping[int, Verdict], now: datetime
) -> dict[int, Wait]:
    """Those whom their push services do not let in now."""
    asking = [
        services.Asking(row.id, row.service, row.reason, row.due_at)
        for row in rows
        if isinstance(verdicts[row.id], Composed)
    ]
    return {key: Wait(held.until, held.why) for key, held in services.admit(tx, asking, now).items()}


def _close(tx: Tx, rows: Sequence[Waiting], verdicts: Mapping[int, Verdict], now: datetime) -> None:
    closed = [(row, verdict) for row in rows if isinstance(verdict := verdicts[row.id], Close)]
    of_verdict: dict[Close, list[Waiting]] = defaultdict(list)
    for row, verdict in closed:
        of_verdict[verdict].append(row)
    campaign_ids = {row.campaign_id for row, _ in closed if row.campaign_id is not None}
    sending.hold(tx, campaign_ids)
    for verdict, alike in of_verdict.items():
        open_ones = [among(deliveries.c.id, (row.id for row in alike)), deliveries.c.state.in_(WAITING)]
        tx.execute(
            update(deliveries).where(*open_ones).values(state=verdict.outcome, reason=verdict.reason, finished_at=now)
        )
        enrolled = [row.enrollment_id for row in alike if row.enrollment_id is not None]
        if enrolled and verdict.code is not None:
            steps.stop(tx, enrolled, verdict.code, now)
    sending.finish_done(tx, campaign_ids, now)


def _postpone(tx: Tx, verdicts: Mapping[int, Verdict]) -> None:
    later = [
        {
            "its_id": key,
            "its_due": verdict.until,
            "its_hint": verdict.until - settings.current().lease,
            "its_reason": verdict.why,
        }
        for key, verdict in verdicts.items()
        if isinstance(verdict, Wait) and verdict.until is not None
    ]
    if later:
        still = or_(*(deliveries.c.state == state for state in WAITING))  # IN does not go with many sets of values
        until = update(deliveries).where(deliveries.c.id == bindparam("its_id"), still)
        values: dict[str, Any] = {
            "due_at": bindparam("its_due"),
            "hinted_at": bindparam("its_hint"),
            "reason": bindparam("its_reason"),
        }
        tx.execute(until.values(values), later)


def _take(tx: Tx, ids: Sequence[int], now: datetime) -> dict[int, int]:
    """Delivery id → its attempts. Of two workers who want the same one, one gets it."""
    taken = (
        update(deliveries)
        .where(among(deliveries.c.id, ids), deliveries.c.state.in_(WAITING), deliveries.c.due_at <= now)
        .values(state="sending", claimed_at=now, attempts=deliveries.c.attempts + 1)
        .returning(deliveries.c.id, deliveries.c.attempts)
    )
    return dict(tx.execute(taken).all())


def _keep_proof(tx: Tx, proofs: Mapping[int, dict[str, Any] | None]) -> None:
    kept = [{"its_id": key, "its_message": proof} for key, proof in proofs.items() if proof is not None]
    if kept:
        its_own = update(deliveries).where(deliveries.c.id == bindparam("its_id"))
        tx.execute(its_own.values(message=bindparam("its_message")), kept)


def _keys_of_shops(rows: Iterable[Waiting]) -> dict[int, VapidKey]:
    one_of_each = {row.shop_id: row for row in rows}
    return {key: VapidKey(row.vapid_private.open(), row.vapid_public) for key, row in one_of_each.items()}


def _claimed(row: Waiting, vapid: VapidKey, attempts: int, composed: Composed, now: datetime) -> Claimed:
    push = Push(
        delivery_id=row.id,
        endpoint=row.endpoint,
        p256dh=row.p256dh,
        auth=row.auth,
        payload=composed.payload,
        topic=row.token,
        ttl=int((row.expires_at - now).total_seconds()),
        urgency=row.urgency or "normal",
        vapid=vapid,
    )
    return Claimed(push, row.shop_id, row.campaign_id, row.subscription_id, row.service, now, attempts, row.expires_at)
