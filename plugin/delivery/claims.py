"""Taking deliveries for sending, each by one worker only, and everything that is checked at the last moment.

What changed since a delivery was written decides here: the person left, the campaign was paused or cancelled, the cart
was bought, the push service asked for patience, the message's time is over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, or_, select, update

from plugin.automation import steps
from plugin.automation.carts import LeftCart
from plugin.automation.moves import Moved
from plugin.automation.reasons import CART_GONE, DELETED, REASONS, UNINSTALLED, UNSUBSCRIBED
from plugin.base import settings
from plugin.base.errors import BeckonError
from plugin.base.outcomes import WAITING, Outcome
from plugin.campaign import sending
from plugin.store.engine import Tx
from plugin.store.tables import campaigns, deliveries, people, services, shops, subscriptions

from .compose import Composed, compose
from .pace import spread
from .push import Push
from .vapid import VapidKey


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours to send, and what recording its answer needs."""

    push: Push
    shop_id: int
    campaign_id: int | None
    subscription_id: int
    service: str
    attempts: int
    """Counts claims, this one included: names this claim among those of the same delivery."""
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Close:
    """The delivery gets an outcome without being sent; `code`: what its enrollment says of it, if it has one."""

    outcome: Outcome
    reason: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now. `until` None: somebody has to resume the campaign."""

    until: datetime | None = None


Verdict = Composed | Close | Wait


def claim(tx: Tx, ids: Sequence[int], now: datetime) -> list[Claimed]:
    """Those of `ids` that are to be sent now by the caller, by id; the others wait, or have their outcome."""
    rows = _waiting(tx, ids, now)
    about = _subjects(tx, rows)
    verdicts = {row.id: _judge(row, about.get(row.enrollment_id), now) for row in rows}
    _close(tx, rows, verdicts, now)
    _postpone(tx, verdicts)
    composed = {key: verdict for key, verdict in verdicts.items() if isinstance(verdict, Composed)}
    mine = _take(tx, list(composed), now)
    _keep_proof(tx, {key: composed[key].proof for key in mine})
    return [_claimed(row, mine[row.id], composed[row.id], now) for row in rows if row.id in mine]


def _waiting(tx: Tx, ids: Sequence[int], now: datetime) -> Sequence[Row[*tuple[Any, ...]]]:
    query = (
        select(
            deliveries.c.id,
            deliveries.c.shop_id,
            deliveries.c.campaign_id,
            deliveries.c.enrollment_id,
            deliveries.c.subscription_id,
            deliveries.c.token,
            deliveries.c.state,
            deliveries.c.expires_at,
            subscriptions.c.state.label("subscription"),
            subscriptions.c.endpoint,
            subscriptions.c.service,
            subscriptions.c.p256dh,
            subscriptions.c.auth,
            services.c.slow_until,
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
            shops.c.domain,
            shops.c.name.label("shop_name"),
            shops.c.currency,
            shops.c.storefront_url,
            shops.c.uninstalled_at,
            shops.c.vapid_private,
            shops.c.vapid_public,
        )
        .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .join(people, people.c.id == deliveries.c.person_id)
        .join(shops, shops.c.id == deliveries.c.shop_id)
        .outerjoin(campaigns, campaigns.c.id == deliveries.c.campaign_id)
        .outerjoin(services, services.c.host == subscriptions.c.service)
        .where(deliveries.c.id.in_(ids), deliveries.c.state.in_(WAITING), deliveries.c.due_at <= now)
        .order_by(deliveries.c.id)
    )
    return tx.execute(query).all()


def _subjects(tx: Tx, rows: Sequence[Row[*tuple[Any, ...]]]) -> dict[int, LeftCart | Moved]:
    of_shop: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        if row.enrollment_id is not None:
            of_shop[row.shop_id].append(row.enrollment_id)
    return {key: one for shop_id, ids in of_shop.items() for key, one in steps.subjects(tx, shop_id, ids).items()}


def _judge(row: Row[*tuple[Any, ...]], about: LeftCart | Moved | None, now: datetime) -> Verdict:
    if (left_out := _left_out(row, about)) is not None:
        return left_out
    if row.campaign == "paused":
        return Wait()
    if row.expires_at <= now:
        once = " It may have arrived before: the worker that sent it stopped." if row.state == "unknown" else ""
        return Close(Outcome.EXPIRED, f"Its time was over before it could be sent.{once}")
    if row.slow_until is not None and row.slow_until > now:
        return Wait(spread(row.slow_until, row.slow_until - now, row.id))
    try:
        return compose(row, about)
    except BeckonError as error:
        return Close(Outcome.FAILED, str(error))


def _left_out(row: Row[*tuple[Any, ...]], about: LeftCart | Moved | None) -> Close | None:
    """The outcome of a person who is not to be sent it at all."""
    if row.uninstalled_at is not None:
        return Close(Outcome.UNINSTALLED, code=UNINSTALLED)
    if row.campaign == "cancelled":
        return Close(Outcome.CANCELLED)
    if row.customer_deleted_at is not None:  # the row stays, too, of one who became somebody else
        became = row.merged_into is not None or row.customer_id is None
        return Close(Outcome.DUPLICATE_PERSON if became else Outcome.DELETED, code=DELETED)
    if row.subscription != "active":
        return Close(Outcome.UNSUBSCRIBED if row.subscription == "unsubscribed" else Outcome.GONE, code=UNSUBSCRIBED)
    if row.enrollment_id is not None and (code := about.why_not if about else CART_GONE) is not None:
        outcome, reason = REASONS[code]
        return Close(outcome, reason, code)
    return None


def _close(tx: Tx, rows: Sequence[Row[*tuple[Any, ...]]], verdicts: Mapping[int, Verdict], now: datetime) -> None:
    closed = [(row, verdict) for row in rows if isinstance(verdict := verdicts[row.id], Close)]
    of_verdict: dict[Close, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    for row, verdict in closed:
        of_verdict[verdict].append(row)
    for verdict, alike in of_verdict.items():
        open_ones = [deliveries.c.id.in_([row.id for row in alike]), deliveries.c.state.in_(WAITING)]
        tx.execute(
            update(deliveries).where(*open_ones).values(state=verdict.outcome, reason=verdict.reason, finished_at=now)
        )
        enrolled = [row.enrollment_id for row in alike if row.enrollment_id is not None]
        if enrolled and verdict.code is not None:
            steps.stop(tx, enrolled, verdict.code, now)
    sending.finish_done(tx, {row.campaign_id for row, _ in closed if row.campaign_id is not None}, now)


def _postpone(tx: Tx, verdicts: Mapping[int, Verdict]) -> None:
    later = [
        {"its_id": key, "its_due": verdict.until, "its_hint": verdict.until - settings.current().lease}
        for key, verdict in verdicts.items()
        if isinstance(verdict, Wait) and verdict.until is not None
    ]
    if later:
        still = or_(*(deliveries.c.state == state for state in WAITING))  # IN does not go with many sets of values
        until = update(deliveries).where(deliveries.c.id == bindparam("its_id"), still)
        tx.execute(until.values(due_at=bindparam("its_due"), hinted_at=bindparam("its_hint")), later)


def _take(tx: Tx, ids: Sequence[int], now: datetime) -> dict[int, int]:
    """Delivery id → its attempts. Of two workers who want the same one, one gets it."""
    taken = (
        update(deliveries)
        .where(deliveries.c.id.in_(ids), deliveries.c.state.in_(WAITING), deliveries.c.due_at <= now)
        .values(state="sending", claimed_at=now, attempts=deliveries.c.attempts + 1)
        .returning(deliveries.c.id, deliveries.c.attempts)
    )
    return dict(tx.execute(taken).all())


def _keep_proof(tx: Tx, proofs: Mapping[int, dict[str, Any] | None]) -> None:
    kept = [{"its_id": key, "its_message": proof} for key, proof in proofs.items() if proof is not None]
    if kept:
        its_own = update(deliveries).where(deliveries.c.id == bindparam("its_id"))
        tx.execute(its_own.values(message=bindparam("its_message")), kept)


def _claimed(row: Row[*tuple[Any, ...]], attempts: int, composed: Composed, now: datetime) -> Claimed:
    push = Push(
        delivery_id=row.id,
        endpoint=row.endpoint,
        p256dh=row.p256dh,
        auth=row.auth,
        payload=composed.payload,
        topic=row.token,
        ttl=int((row.expires_at - now).total_seconds()),
        urgency=row.urgency or "normal",
        vapid=VapidKey(private=row.vapid_private.open(), public=row.vapid_public),
    )
    return Claimed(push, row.shop_id, row.campaign_id, row.subscription_id, row.service, attempts, row.expires_at)
