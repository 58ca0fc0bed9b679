"""Taking deliveries for sending, each by one worker only. What the last look says of each: verdicts.py; how fast push
services may be written to: services.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, or_, update

from plugin.automation import steps
from plugin.automation.carts import LeftCart
from plugin.automation.moves import Moved
from plugin.base import settings
from plugin.base.outcomes import WAITING
from plugin.campaign import sending
from plugin.profile import unsent
from plugin.store.engine import Tx
from plugin.store.tables import deliveries
from plugin.store.upsert import among

from . import failures, recheck, services, several
from .columns import ROWS, TAKE, Waiting
from .compose import Composed
from .push import Push
from .vapid import VapidKey
from .verdicts import Bounds, Close, Verdict, Wait, judge


class Claimed(NamedTuple):
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
    verdicts = {row.id: judge(row, about.get(row.enrollment_id or 0), bounds, asked.get(row.id)) for row in rows}
    targets = _targets(tx, rows, verdicts, now)
    _close(tx, rows, verdicts, now)
    targets = _let_in(tx, targets, verdicts, now)
    _postpone(tx, verdicts)
    composed = {key: verdict for key, verdict in verdicts.items() if isinstance(verdict, Composed)}
    mine = _take(tx, [row for row in rows if row.id in composed], now)
    _keep_proof(tx, {key: composed[key].proof for key in mine})
    taken = [target for target in targets if target.row.id in mine]
    keys = _keys_of_shops(target.row for target in taken)
    return [_claimed(each, keys[each.row.shop_id], mine[each.row.id], composed[each.row.id], now) for each in taken]


class Target(NamedTuple):
    """A delivery and a browser that it goes to: `to` is the row itself where it goes to one."""

    row: Waiting
    to: Waiting | several.Browser
    browser: int


def _waiting(tx: Tx, ids: Sequence[int], now: datetime) -> Sequence[Waiting]:
    return [Waiting._make(row) for row in tx.execute(ROWS, {"ids": list(ids), "now": now}).all()]


def _subjects(tx: Tx, rows: Sequence[Waiting]) -> dict[int, LeftCart | Moved]:
    of_shop: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        if row.enrollment_id is not None:
            of_shop[row.shop_id].append(row.enrollment_id)
    return {key: one for shop_id, ids in of_shop.items() for key, one in steps.subjects(tx, shop_id, ids).items()}


def _targets(tx: Tx, rows: Sequence[Waiting], verdicts: dict[int, Verdict], now: datetime) -> list[Target]:
    """Where the composed ones go; what has been everywhere, or has to wait everywhere, is not to be sent now."""
    to_all = [row.id for row in rows if row.all_browsers and isinstance(verdicts[row.id], Composed)]
    its: dict[int, list[several.Browser]] = {}
    if to_all:
        several.write(tx, to_all, now)
        its = several.waiting(tx, to_all)
    if done := [key for key, browsers in its.items() if not browsers]:
        for key, stands in several.standing(tx, done).items():
            verdicts[key] = Close(stands.outcome, stands.reason)
    found: list[Target] = []
    for row in rows:
        if row.id not in its:
            found.append(Target(row, row, 0))
            continue
        browsers = its[row.id]
        due = [Target(row, one, one.browser) for one in browsers if one.due_at <= now]
        if browsers and not due:
            verdicts[row.id] = Wait(min(one.due_at for one in browsers), row.reason)
        found += due
    return found


def _let_in(tx: Tx, targets: Sequence[Target], verdicts: dict[int, Verdict], now: datetime) -> list[Target]:
    """Those whom their push services let in now. Of whom none is let in waits."""
    going = [each for each in targets if isinstance(verdicts[each.row.id], Composed)]
    troubled = services.troubled(tx, {each.to.service for each in going}, now)
    if not troubled:
        return going
    asking = [services.Asking(row.id, browser, to.service, to.reason, to.due_at) for row, to, browser in going]
    held = services.admit(tx, troubled, asking, now)
    let_in = [each for each in going if (each.row.id, each.browser) not in held]
    several.put_off(tx, {browser: waits for (_, browser), waits in held.items() if browser})
    goes = {each.row.id for each in let_in}
    for (key, _), waits in sorted(held.items(), key=lambda each: each[1].until, reverse=True):
        if key not in goes:
            verdicts[key] = Wait(waits.until, waits.why)  # of several, until the first of them
    return let_in


def _close(tx: Tx, rows: Sequence[Waiting], verdicts: Mapping[int, Verdict], now: datetime) -> None:
    closed = [(row, verdict) for row in rows if isinstance(verdict := verdicts[row.id], Close)]
    of_verdict: dict[Close, list[Waiting]] = defaultdict(list)
    for row, verdict in closed:
        of_verdict[verdict].append(row)
    campaign_ids = {row.campaign_id for row, _ in closed if row.campaign_id is not None}
    sending.hold(tx, campaign_ids)
    for verdict, alike in of_verdict.items():
        open_ones = [among(deliveries.c.id, (row.id for row in alike)), deliveries.c.state.in_(WAITING)]
        unsent.end(tx, *open_ones, outcome=verdict.outcome, reason=verdict.reason, now=now)
        enrolled = [row.enrollment_id for row in alike if row.enrollment_id is not None]
        if enrolled and verdict.code is not None:
            steps.stop(tx, enrolled, verdict.code, now)
    failures.tell(
        [
            failures.Failure(row.shop_id, row.campaign_id, row.id, verdict.outcome, verdict.reason, row.status)
            for row, verdict in closed
            if verdict.outcome in failures.BADLY
        ]
    )
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


def _take(tx: Tx, rows: Sequence[Waiting], now: datetime) -> dict[int, int]:
    """Delivery id → its attempts. Of two workers who want the same one, one gets it."""
    mine: dict[int, int] = dict(tx.execute(TAKE, {"ids": [row.id for row in rows], "now": now}).all())
    elsewhere = [row for row in rows if row.subscription_id != row.written_for and row.id in mine]
    if elsewhere:
        its_own = update(deliveries).where(deliveries.c.id == bindparam("its_id"))
        goes = [{"its_id": row.id, "its_browser": row.subscription_id} for row in elsewhere]
        tx.execute(its_own.values(subscription_id=bindparam("its_browser")), goes)
    return mine


def _keep_proof(tx: Tx, proofs: Mapping[int, dict[str, Any] | None]) -> None:
    kept = [{"its_id": key, "its_message": proof} for key, proof in proofs.items() if proof is not None]
    if kept:
        its_own = update(deliveries).where(deliveries.c.id == bindparam("its_id"))
        tx.execute(its_own.values(message=bindparam("its_message")), kept)


def _keys_of_shops(rows: Iterable[Waiting]) -> dict[int, VapidKey]:
    one_of_each = {row.shop_id: row for row in rows}
    return {key: VapidKey(row.vapid_private.open(), row.vapid_public) for key, row in one_of_each.items()}


def _claimed(target: Target, vapid: VapidKey, attempts: int, composed: Composed, now: datetime) -> Claimed:
    row, to, browser = target
    push = Push(
        delivery_id=row.id,
        endpoint=to.endpoint,
        p256dh=to.p256dh,
        auth=to.auth,
        payload=composed.payload,
        topic=row.token,
        ttl=int((row.expires_at - now).total_seconds()),
        urgency=row.urgency or "normal",
        vapid=vapid,
        browser=browser,
    )
    return Claimed(push, row.shop_id, row.campaign_id, to.subscription_id, to.service, now, attempts, row.expires_at)
