"""What the last look at a delivery says before it is sent: its words; an outcome without being sent; or not now.

What changed since it was written decides: the person left, the campaign was paused or cancelled, the cart was bought,
it is night, they were written to often enough, the message's time is over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from plugin.audience import limits
from plugin.automation.carts import LeftCart
from plugin.automation.moves import Moved
from plugin.automation.reasons import CART_GONE, DELETED, REASONS, UNINSTALLED, UNSUBSCRIBED
from plugin.base.errors import BeckonError
from plugin.base.outcomes import Outcome
from plugin.store.engine import Tx

from .columns import Waiting
from .compose import Composed, compose

NIGHT: Final = "It is night where they are: it waits for the morning."
OFTEN: Final = "They have had as many messages as Settings allow: it waits until they may have the next."
PAUSED: Final = "Its automation paused itself: it waits until somebody lets it go on."
TOO_LATE: Final = "Its time was over before it could be sent."
MAYBE: Final = "It may have arrived before: a try to send it was never answered."


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
    why: str | None = None


Verdict = Composed | Close | Wait


class Bounds:
    """The limits of the shops of `rows`, and what their people were sent lately: that of the batch itself included."""

    def __init__(self, tx: Tx, rows: Sequence[Waiting], now: datetime) -> None:
        self.now = now
        self.limits = limits.of(tx, {row.shop_id for row in rows})
        capped = {shop_id: chosen for shop_id, chosen in self.limits.items() if chosen.cap is not None}
        limits.hold(tx, capped)
        self.sent: dict[int, list[datetime]] = defaultdict(list)
        for shop_id, chosen in capped.items():
            persons = {row.person_id for row in rows if row.shop_id == shop_id}
            self.sent |= limits.recent(tx, shop_id, persons, chosen, now)

    def verdict(self, row: Waiting) -> Close | Wait | None:
        """None: it may go. What was taken before has counted since then."""
        chosen = self.limits.get(row.shop_id)
        if chosen is None:
            return None
        if (morning := limits.morning(chosen, row.timezone, row.shop_timezone, self.now)) is not None:
            return _later(row, morning, NIGHT, Outcome.QUIET_HOURS)
        if row.attempts:
            return None
        if (free := limits.freed(chosen, self.sent[row.person_id])) is not None:
            return _later(row, free, OFTEN, Outcome.CAPPED)
        return None

    def count(self, row: Waiting) -> None:
        """It goes: from now on it counts."""
        chosen = self.limits.get(row.shop_id)
        if chosen is not None and chosen.cap is not None and not row.attempts:
            self.sent[row.person_id].insert(0, self.now)


def judge(row: Waiting, about: LeftCart | Moved | None, bounds: Bounds, asked: Close | Wait | None = None) -> Verdict:
    """What becomes of `row`, a delivery that waits with everything that decides about it; `asked`: what recheck.py
    found out. Who has to wait for something else is asked again then."""
    verdict = _judge(row, about, bounds, asked)
    if isinstance(verdict, Close) and (row.state == "unknown" or (row.attempts and row.status is None)):
        return replace(verdict, reason=" ".join(filter(None, [verdict.reason, MAYBE])))
    return verdict


def _judge(row: Waiting, about: LeftCart | Moved | None, bounds: Bounds, asked: Close | Wait | None) -> Verdict:
    if (left_out := _left_out(row, about)) is not None:
        return left_out
    if row.campaign == "paused":
        return Wait()
    if row.expires_at <= bounds.now:
        return Close(Outcome.EXPIRED, TOO_LATE)
    if about is not None and about.paused:
        return Wait(row.expires_at, PAUSED)
    if (bound := bounds.verdict(row)) is not None:
        return bound
    if asked is not None:
        return asked
    try:
        composed = compose(row, about)
    except BeckonError as error:
        return Close(Outcome.FAILED, str(error))
    bounds.count(row)
    return composed


def _left_out(row: Waiting, about: LeftCart | Moved | None) -> Close | None:
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


def _later(row: Waiting, until: datetime, why: str, outcome: Outcome) -> Close | Wait:
    """Rather late than never, and rather never than too late."""
    if until < row.expires_at:
        return Wait(until, why)
    return Close(outcome)
