"""A browser's subscription goes on: under another endpoint, which its push service gave it, or as another person's,
who has the browser now. Consent goes with it, with the words that were read; messages to the former person do not.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select, update

from plugin.base.outcomes import WAITING
from plugin.profile import agreed as since
from plugin.profile.memberships import EVENT, Cause, mark
from plugin.store.engine import Tx
from plugin.store.tables import deliveries, delivery_browsers, subscriptions

from . import ledger

ROTATED: Final = "The browser changed its endpoint."
HANDED_ON: Final = "Somebody else is using this browser now, or nobody is logged in there any more."
CARRIED: Final = "Agreed to in this browser before."

Subscription = Row[*tuple[Any, ...]]


def is_its_own(former: Subscription, person_id: int, auth: bytes | None) -> bool:
    """Does whoever names a subscription's endpoint have its browser? Endpoints are long secrets, and yet they get about
    in logs: asked is for the visitor's token, which leads to its person, or the subscription's own secret."""
    return former.person_id == person_id or (auth is not None and hmac.compare_digest(former.auth, auth))


def replace(tx: Tx, shop_id: int, former: Subscription, by: int, person_id: int, now: datetime) -> None:
    """A rotated endpoint: the former one ends, and what waits there for this person goes to the new one."""
    ledger.end(tx, [former.id], ledger.REPLACED, ROTATED, now)
    ledger.carry(tx, shop_id, person_id, of=former.id, to=by, why=CARRIED)
    theirs = deliveries.c.subscription_id == former.id, deliveries.c.person_id == person_id
    waits = update(deliveries).where(*theirs, deliveries.c.state.in_(WAITING))
    tx.execute(waits.values(subscription_id=by))
    its = delivery_browsers.c
    of_person = select(deliveries.c.id).where(deliveries.c.person_id == person_id)
    there = select(its.delivery_id).where(its.subscription_id == by)
    goes = its.subscription_id == former.id, its.delivery_id.in_(of_person), its.delivery_id.not_in(there)
    tx.execute(update(delivery_browsers).where(*goes).values(subscription_id=by))


def of_browser(tx: Tx, shop_id: int, visitor_id: int, to: int, now: datetime) -> set[int]:
    """All subscriptions of a browser that is another person's now are theirs; gives the former persons."""
    mine = subscriptions.c.visitor_id == visitor_id, subscriptions.c.state == "active", subscriptions.c.person_id != to
    return hand_on(tx, shop_id, tx.execute(select(subscriptions.c.id).where(*mine)).scalars().all(), to, now)


def hand_on(tx: Tx, shop_id: int, subscription_ids: Collection[int], to: int, now: datetime) -> set[int]:
    """These active subscriptions are `to`'s from now on; gives the former persons."""
    former: set[int] = set()
    here = select(subscriptions.c.id, subscriptions.c.person_id).where(subscriptions.c.id.in_(subscription_ids))
    for row in tx.execute(here.order_by(subscriptions.c.id)).all() if subscription_ids else ():
        ledger.note(tx, shop_id, row.person_id, subscription_id=row.id, kind="ended", at=now, why=HANDED_ON)
        ledger.carry(tx, shop_id, to, of=row.id, to=row.id, why=CARRIED)
        tx.execute(update(subscriptions).where(subscriptions.c.id == row.id).values(person_id=to))
        former.add(row.person_id)
    if former:
        mark(tx, shop_id, former, Cause(EVENT, "somebody else uses their browser"), now)
        mark(tx, shop_id, [to], Cause(EVENT, "they have a browser that agreed"), now)
        since.note(tx, former | {to})
    return former
