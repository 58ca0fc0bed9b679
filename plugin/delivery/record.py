"""What became of the deliveries that were sent: one outcome for each, or a time to try again.

| answer      | delivery                         | and                                        |
|-------------|----------------------------------|--------------------------------------------|
| sent        | sent                             |                                            |
| gone        | gone; queued where they have     | the subscription ends, with its ledger row |
|             | another browser                  |                                            |
| throttled   | queued, after `Retry-After`      | its push service gets a rest, and less     |
| too long    | rejected                         | the subscriber stays                       |
| rejected    | rejected                         | see refusals.py; the subscriber stays      |
| unavailable | queued, after a growing wait     | when nobody else is served either: waits   |

A try that would come after the message's time is over is not made: the delivery is `expired`. Of a message to several
browsers each answer is written down for its browser, and the delivery ends with the last: several.py.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import and_, bindparam, or_, select, update

from plugin.audience import consent
from plugin.base import settings
from plugin.base.outcomes import OPEN, Outcome
from plugin.campaign import sending
from plugin.profile import engaged
from plugin.store.engine import Tx
from plugin.store.tables import deliveries, subscriptions
from plugin.store.upsert import among

from . import counts, failures, refusals, services, several
from .claims import Claimed
from .counts import What
from .outcome import Answer, Said
from .pace import MOST_PATIENCE, Heard, after_silence, after_throttle, spread
from .push import Push
from .services import Key

FINAL = {
    Said.SENT: Outcome.SENT,
    Said.GONE: Outcome.GONE,
    Said.TOO_LONG: Outcome.REJECTED,
    Said.REJECTED: Outcome.REJECTED,
}


class Ending(NamedTuple):
    """A final state, why, and the push service's last answer."""

    state: str
    reason: str | None
    status: int | None


@dataclass(frozen=True, slots=True)
class Again:
    """It is tried again; what its row says until then."""

    at: datetime
    reason: str | None
    status: int | None
    is_taken: bool = False
    """One of its browsers has it already."""


Answered = Sequence[tuple[Claimed, Answer]]


def finish(tx: Tx, claimed: Sequence[Claimed], answers: Iterable[Answer], now: datetime) -> None:
    """Records `answers` to what was `claimed`. A claim without an answer stays open and becomes unknown."""
    asked = {_key(each.push): each for each in claimed}
    answered = [(asked[_key(answer)], answer) for answer in answers if _key(answer) in asked]
    mine = {each.push.delivery_id: each for each in claimed}
    elsewhere = _with_another_browser(tx, answered)
    states = _hold_campaigns(tx, answered, elsewhere)
    endings, again = _judged(tx, claimed, answered, now)
    for key in elsewhere & endings.keys():
        if endings[key].state == Outcome.GONE and now < mine[key].expires_at:
            gone = endings.pop(key)
            again[key] = Again(now, gone.reason, gone.status)
    for key in list(again):
        if ending := _too_late(mine[key], again[key], states):
            endings[key] = ending
            del again[key]
    _end(tx, endings, mine, now)
    failures.tell(_failed(endings, mine))
    was_sent = (key for key, ending in endings.items() if ending.state == "sent")
    engaged.note_sent(tx, ((mine[key].shop_id, key) for key in was_sent), now)
    _try_again(tx, again, mine)
    _end_subscriptions(tx, answered, now)
    sending.finish_done(tx, {each.campaign_id for each in claimed if each.campaign_id is not None}, now)
    refusals.weigh(tx, answered, now)  # who has nobody left to send to need not pause
    counts.note(tx, (What(each.shop_id, each.campaign_id or 0, each.service, a.said) for each, a in answered), now)


def _key(push: Push | Answer) -> Key:
    return push.delivery_id, push.browser


def _with_another_browser(tx: Tx, answered: Answered) -> set[int]:
    """Deliveries whose browser is gone, and whose person has another one that agrees."""
    lost = {each.subscription_id: answer.delivery_id for each, answer in answered if answer.said is Said.GONE}
    if not lost:
        return set()
    theirs = subscriptions.c.person_id == deliveries.c.person_id, subscriptions.c.state == "active"
    others = select(deliveries.c.id, subscriptions.c.id.label("browser")).join(subscriptions, and_(*theirs))
    rows = tx.execute(others.where(among(deliveries.c.id, lost.values())))
    return {row.id for row in rows if row.browser not in lost}


def _hold_campaigns(tx: Tx, answered: Answered, elsewhere: set[int]) -> dict[int, str]:
    """Campaign id → state, of those that get work back or may pause: held, so that a cancellation waits for us."""
    uneasy = {
        each.campaign_id
        for each, answer in answered
        if answer.said not in (Said.SENT, Said.GONE) or answer.browser or answer.delivery_id in elsewhere
    }
    return sending.hold(tx, [campaign_id for campaign_id in uneasy if campaign_id is not None])


def _judged(
    tx: Tx, claimed: Sequence[Claimed], answered: Answered, now: datetime
) -> tuple[dict[int, Ending], dict[int, Again]]:
    """Delivery → its end, or when it is tried again."""
    waits = _again(answered, services.heard(tx, _heard(answered), now), now)
    alone = [answer for _, answer in answered if not answer.browser]
    endings = {answer.delivery_id: _ending(answer) for answer in alone if answer.said in FINAL}
    again = {
        answer.delivery_id: Again(waits[_key(answer)], answer.reason, answer.status)
        for answer in alone
        if _key(answer) in waits
    }
    if len(alone) < len(answered):
        of_several = [(each, answer) for each, answer in answered if answer.browser]
        _judge_several(tx, claimed, of_several, waits, endings, again, now)
    return endings, again


def _ending(answer: Answer) -> Ending:
    state = FINAL[answer.said]
    return Ending(state, None if state == "sent" else answer.reason, answer.status)


def _heard(answered: Answered) -> dict[str, Heard]:
    """Push service → what it answered."""
    of_service: dict[str, list[tuple[Claimed, Answer]]] = defaultdict(list)
    for each, answer in answered:
        if answer.status is not None or answer.said is Said.UNAVAILABLE:  # not what we refused to send ourselves
            of_service[each.service].append((each, answer))
    return {host: _tally(some) for host, some in of_service.items()}


def _tally(answered: Answered) -> Heard:
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


def _again(answered: Answered, rests: Mapping[str, timedelta], now: datetime) -> dict[Key, datetime]:
    """When a push is made again."""
    waits: dict[Key, timedelta] = {}
    for each, answer in answered:
        if answer.said is Said.THROTTLED:
            waits[_key(answer)] = rests.get(each.service, after_throttle(answer.retry_after))
        elif answer.said is Said.UNAVAILABLE:
            waits[_key(answer)] = after_silence(each.attempts, answer.retry_after)
    return {key: spread(now + wait, wait, key[0]) for key, wait in waits.items()}


def _judge_several(
    tx: Tx,
    claimed: Sequence[Claimed],
    answered: Answered,
    waits: Mapping[Key, datetime],
    endings: dict[int, Ending],
    again: dict[int, Again],
    now: datetime,
) -> None:
    """Adds the ends, or the next times, of messages to several browsers. One that somebody has not answered yet is left
    to its lease."""
    answers = [answer for _, answer in answered]
    lost = {each.subscription_id for each, answer in answered if answer.said is Said.GONE}
    several.note(tx, answers, lost, {browser: at for (_, browser), at in waits.items()}, now)
    told = {_key(answer) for answer in answers}
    unanswered = {each.push.delivery_id for each in claimed if each.push.browser and _key(each.push) not in told}
    taken: list[int] = []
    for key, stands in several.standing(tx, {answer.delivery_id for answer in answers}).items():
        if stands.due_at is None:
            endings[key] = Ending(stands.outcome, stands.reason, stands.status)
            continue
        taken += [key] * stands.is_taken
        if key not in unanswered:
            again[key] = Again(stands.due_at, stands.reason, stands.status, stands.is_taken)
    several.note_taken(tx, taken, now)


def _too_late(each: Claimed, again: Again, states: Mapping[int, str]) -> Ending | None:
    cancelled = each.campaign_id is not None and states.get(each.campaign_id) == "cancelled"
    if not cancelled and again.at < each.expires_at:
        return None
    if again.is_taken:
        return Ending(Outcome.SENT, None, again.status)
    if cancelled:
        return Ending(Outcome.CANCELLED, None, again.status)
    return Ending(Outcome.EXPIRED, f"Its time was over before it could be sent. {again.reason}", again.status)


def _end(tx: Tx, endings: Mapping[int, Ending], mine: Mapping[int, Claimed], now: datetime) -> None:
    """One outcome stays, but for `sent`: that the push service took it is true whatever we believed meanwhile."""
    alike: dict[tuple[Ending, int], list[int]] = defaultdict(list)
    for key, ending in endings.items():
        claim_of = 0 if ending.state == "sent" else mine[key].attempts
        alike[ending, claim_of].append(key)
    for (ending, attempts), ids in alike.items():
        end = _END_SENT if ending.state == "sent" else _END
        how = {"its_state": ending.state, "its_reason": ending.reason, "its_status": ending.status, "now": now}
        tx.execute(end, {"ids": ids, "its_claim": attempts} | how)


_ENDED: Final[dict[str, Any]] = {
    "state": bindparam("its_state"),
    "reason": bindparam("its_reason"),
    "status": bindparam("its_status"),
    "finished_at": bindparam("now"),
}
_THESE: Final = among(deliveries.c.id, "ids")
_END_SENT: Final = update(deliveries).where(_THESE, deliveries.c.state != "sent").values(_ENDED)
_END: Final = (
    update(deliveries)
    .where(_THESE, deliveries.c.state.in_(OPEN), deliveries.c.attempts == bindparam("its_claim"))
    .values(_ENDED)
)


def _failed(endings: Mapping[int, Ending], mine: Mapping[int, Claimed]) -> list[failures.Failure]:
    return [
        failures.Failure(mine[key].shop_id, mine[key].campaign_id, key, *ending)
        for key, ending in endings.items()
        if ending.state in failures.BADLY
    ]


def _try_again(tx: Tx, again: Mapping[int, Again], mine: Mapping[int, Claimed]) -> None:
    """Back into the queue, unless another worker has claimed it since: then it is not ours any more."""
    lease = settings.current().lease
    rows = [
        {
            "its_id": key,
            "its_claim": mine[key].attempts,
            "its_due": waits.at,
            "its_hint": waits.at - lease,
            "its_reason": waits.reason,
            "its_status": waits.status,
        }
        for key, waits in again.items()
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


def _end_subscriptions(tx: Tx, answered: Answered, now: datetime) -> None:
    why: dict[str, list[int]] = defaultdict(list)
    for each, answer in answered:
        if answer.said is Said.GONE:
            why[answer.reason].append(each.subscription_id)
    for reason, ids in why.items():
        consent.gone(tx, ids, reason, now)
