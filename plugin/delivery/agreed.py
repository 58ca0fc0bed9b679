"""Consent, once more between the claim and the push: a browser that took it back in that moment is not sent anything.

One count a batch, which nearly always says that all of them still agree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, update

from plugin.base.outcomes import Outcome
from plugin.campaign import sending
from plugin.profile import unsent
from plugin.store.engine import Tx
from plugin.store.tables import deliveries, subscriptions
from plugin.store.upsert import among

from .claims import Claimed

_THEY_AGREE: Final = among(subscriptions.c.id, "ids"), subscriptions.c.state == "active"
_HOW_MANY_AGREE: Final = select(func.count()).where(*_THEY_AGREE)
_WHO_AGREES: Final = select(subscriptions.c.id).where(*_THEY_AGREE)


def all_agree(tx: Tx, mine: Sequence[Claimed]) -> bool:
    """Whether all browsers of `mine` still take notifications."""
    ids = {each.subscription_id for each in mine}
    return tx.execute(_HOW_MANY_AGREE, {"ids": list(ids)}).scalar_one() == len(ids)


def those_who_agree(tx: Tx, mine: Sequence[Claimed], now: datetime) -> list[Claimed]:
    """What may be pushed of `mine`. A delivery of which nothing may waits again, as if it had not been claimed: the
    next claim finds the person's other browser, or how this one ended."""
    ids = {each.subscription_id for each in mine}
    agree = set(tx.execute(_WHO_AGREES, {"ids": list(ids)}).scalars())
    goes = [each for each in mine if each.subscription_id in agree]
    going = {each.push.delivery_id for each in goes}
    held_back = {each.push.delivery_id: each for each in mine if each.push.delivery_id not in going}
    _give_back(tx, list(held_back.values()), now)
    return goes


def _give_back(tx: Tx, some: Sequence[Claimed], now: datetime) -> None:
    """As long as nobody else has claimed them since. A campaign that was cancelled meanwhile gives nobody work."""
    states = sending.hold(tx, {each.campaign_id for each in some if each.campaign_id is not None})
    alike: dict[tuple[bool, int], list[int]] = defaultdict(list)
    for each in some:
        alike[states.get(each.campaign_id or 0) == "cancelled", each.attempts].append(each.push.delivery_id)
    for (cancelled, attempts), ids in alike.items():
        ours = among(deliveries.c.id, ids), deliveries.c.state == "sending", deliveries.c.attempts == attempts
        if cancelled:
            unsent.end(tx, *ours, outcome=Outcome.CANCELLED, reason=None, now=now)
            continue
        waits = {"state": "queued", "attempts": attempts - 1, "due_at": now, "hinted_at": None}
        tx.execute(update(deliveries).where(*ours).values(waits))
