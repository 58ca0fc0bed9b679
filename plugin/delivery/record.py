"""What became of the deliveries that were sent: one outcome for each, or a time to try again.

| answer      | delivery                         | and                                        |
|-------------|----------------------------------|--------------------------------------------|
| sent        | sent                             |                                            |
| gone        | gone                             | the subscription ends, with its ledger row |
| throttled   | queued, after `Retry-After`      | its push service gets a rest, and less     |
| too long    | rejected                         | the subscriber stays                       |
| rejected    | rejected                         | see refusals.py; the subscriber stays      |
| unavailable | queued, after a growing wait     | when nobody else is served either: waits   |

A try that would come after the message's time is over is not made: the delivery is `expired`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, update

from plugin.audience import consent
from plugin.base import settings
from plugin.base.outcomes import OPEN, Outcome
from plugin.campaign import sending
from plugin.profile import engaged
from plugin.store.engine import Tx
from plugin.store.tables import deliveries
from plugin.store.upsert import among

from . import counts, refusals, services
from .claims import Claimed
from .counts import What
from .outcome import Answer, Said
from .pace import MOST_PATIENCE, Heard, after_silence, after_throttle, spread

FINAL = {
    Said.SENT: Outcome.SENT,
    Said.GONE: Outcome.GONE,
    Said.TOO_LONG: Outcome.REJECTED,
    Said.REJECTED: Outcome.REJECTED,
}


@dataclass(frozen=True, slots=True)
class Ending:
    """A final state, why, and the push service's last answer."""

    state: str
    reason: str | None
    status: int | None


def finish(tx: Tx, claimed: Sequence[Claimed], answers: Iterable[Answer], now: datetime) -> None:
    """Records `answers` to what was `claimed`. A claim without an answer stays open and becomes unknown."""
    mine = {each.push.delivery_id: each for each in claimed}
    answered = [(mine[answer.delivery_id], answer) for answer in answers if answer.delivery_id in mine]
    states = _hold_campaigns(tx, answered)
    endings = {answer.delivery_id: _ending(answer) for _, answer in answered if answer.said in FINAL}
    again = _again(answered, services.heard(tx, _heard(answered), now), now)
    for each, answer in answered:
        if answer.delivery_id in again and (ending := _too_late(each, again, answer, states)):
            endings[answer.delivery_id] = ending
            del again[answer.delivery_id]
    _end(tx, endings, mine, now)
    _note_sent(tx, endings, mine, now)
    _try_again(tx, again, mine, answered)
    _end_subscriptions(tx, answered, now)
    sending.finish_done(tx, {each.campaign_id for each in claimed if each.campaign_id is not None}, now)
    refusals.weigh(tx, answered, now)  # who has nobody left to send to need not pause
    counts.note(tx, (What(each.shop_id, each.campaign_id or 0, each.service, a.said) for each, a in answered), now)


def _hold_campaigns(tx: Tx, answered: Sequence[tuple[Claimed, Answer]]) -> dict[int, str]:
    """Campaign id → state, of those that get work back or may pause: held, so that a cancellation waits for us."""
    uneasy = {each.campaign_id for each, answer in answered if answer.said not in (Said.SENT, Said.GONE)}
    return sending.hold(tx, [campaign_id for campaign_id in uneasy if campaign_id is not None])


def _ending(answer: Answer) -> Ending:
    state = FINAL[answer.said]
    return Ending(state, None if state == "sent" else answer.reason, answer.status)


def _heard(answered: Sequence[tuple[Claimed, Answer]]) -> dict[str, Heard]:
    """Push service → what it answered."""
    of_service: dict[str, list[tuple[Claimed, Answer]]] = defaultdict(list)
    for each, answer in answered:
        if answer.status is not None or answer.said is Said.UNAVAILABLE:  # not what we refused to send ourselves
            of_service[each.service].append((each, answer))
    return {host: _tally(some) for host, some in of_service.items()}


def _tally(answered: Sequence[tuple[Claimed, Answer]]) -> Heard:
    said = Counter(answer.said for _, answer in answered)
    rests = (after_throttle(answer.retry_after) for _, answer in answered if answer.said is Said.THROTTLED)
    asked = (answer.retry_after or timedelta() for _, answer in answered if answer.said is Said.UNAVAILABLE)
    return Heard(
        answers=len(answered),
        taken=said[Said.SENT],
        throttled=said[Said.THROTTLED],
        nobody=said[Said.UNAVAILABLE],
        rest=min(max(*rests, *asked, timedelta(), timedelta()), MOST_PATIENCE),
        claimed_at=min(each.claimed_at for each, _ in answered),
        words=next((answer.reason for _, answer in reversed(answered) if answer.said is Said.UNAVAILABLE), ""),
    )


def _again(
    answered: Sequence[tuple[Claimed, Answer]], rests: Mapping[str, timedelta], now: datetime
) -> dict[int, datetime]:
    """Delivery id → when to try it again."""
    waits: dict[int, timedelta] = {}
    for each, answer in answered:
        if answer.said is Said.THROTTLED:
            waits[answer.delivery_id] = rests.get(each.service, after_throttle(answer.retry_after))
        elif answer.said is Said.UNAVAILABLE:
            waits[answer.delivery_id] = after_silence(each.attempts, answer.retry_after)
    return {key: spread(now + wait, wait, key) for key, wait in waits.items()}


def _too_late(each: Claimed, again: Mapping[int, datetime], answer: Answer, states: Mapping[int, str]) -> Ending | None:
    if each.campaign_id is not None and states.get(each.campaign_id) == "cancelled":
        return Ending(Outcome.CANCELLED, None, answer.status)
    if again[answer.delivery_id] >= each.expires_at:
        return Ending(Outcome.EXPIRED, f"Its time was over before it could be sent. {answer.reason}", answer.status)
    return None


def _end(tx: Tx, endings: Mapping[int, Ending], mine: Mapping[int, Claimed], now: datetime) -> None:
    """One outcome stays, but for `sent`: that the push service took it is true whatever we believed meanwhile."""
    alike: dict[tuple[Ending, int], list[int]] = defaultdict(list)
    for key, ending in endings.items():
        claim_of = 0 if ending.state == "sent" else mine[key].attempts
        alike[ending, claim_of].append(key)
    for (ending, attempts), ids in alike.items():
        if ending.state == "sent":
            still = deliveries.c.state != "sent"
        else:
            still = deliveries.c.state.in_(OPEN) & (deliveries.c.attempts == attempts)
        tx.execute(
            update(deliveries)
            .where(among(deliveries.c.id, ids), still)
            .values(state=ending.state, reason=ending.reason, status=ending.status, finished_at=now)
        )


def _note_sent(tx: Tx, endings: Mapping[int, Ending], mine: Mapping[int, Claimed], now: datetime) -> None:
    """Segments may ask who was sent something."""
    by_shop: dict[int, list[int]] = defaultdict(list)
    for key, ending in endings.items():
        if ending.state == "sent":
            by_shop[mine[key].shop_id].append(key)
    for shop_id, ids in by_shop.items():
        engaged.note(tx, shop_id, ids, "sent", now)


def _try_again(
    tx: Tx,
    again: Mapping[int, datetime],
    mine: Mapping[int, Claimed],
    answered: Sequence[tuple[Claimed, Answer]],
) -> None:
    """Back into the queue, unless another worker has claimed it since: then it is not ours any more."""
    lease = settings.current().lease
    rows = [
        {
            "its_id": answer.delivery_id,
            "its_claim": each.attempts,
            "its_due": again[answer.delivery_id],
            "its_hint": again[answer.delivery_id] - lease,
            "its_reason": answer.reason,
            "its_status": answer.status,
        }
        for each, answer in answered
        if answer.delivery_id in again
    ]
    if rows:
        ours = [
            deliveries.c.id == bindparam("its_id"),
            or_(deliveries.c.state == "sending", deliveries.c.state == "unknown"),
            deliveries.c.attempts == bindparam("its_claim"),
        ]
        values: dict[str, Any] = {
            "due_at": bindparam("its_due"),
            "hinted_at": bindparam("its_hint"),
            "reason": bindparam("its_reason"),
            "status": bindparam("its_status"),
        }
        tx.execute(update(deliveries).where(*ours).values(state="queued", **values), rows)


def _end_subscriptions(tx: Tx, answered: Sequence[tuple[Claimed, Answer]], now: datetime) -> None:
    why: dict[str, list[int]] = defaultdict(list)
    for each, answer in answered:
        if answer.said is Said.GONE:
            why[answer.reason].append(each.subscription_id)
    for reason, ids in why.items():
        consent.gone(tx, ids, reason, now)
