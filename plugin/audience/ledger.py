"""The ledger of consent: a row for each time that somebody agreed, took it back, or a subscription ended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from plugin.profile import agreed as since
from plugin.profile.memberships import EVENT, Cause, mark
from plugin.store.engine import Tx
from plugin.store.tables import consents, subscriptions

WITHDRAWN = ("unsubscribed", "withdrawn")
GONE = ("gone", "ended")
REPLACED = ("replaced", "ended")
"""A subscription's state, and the kind of its row in the ledger."""


def note(tx: Tx, shop_id: int, person_id: int, **values: Any) -> None:
    tx.execute(consents.insert().values(shop_id=shop_id, person_id=person_id, **values))


def carry(tx: Tx, shop_id: int, person_id: int, *, of: int, to: int, why: str) -> None:
    """What was agreed to in subscription `of` holds for `to`: with the words that were read then, since then."""
    mine = consents.c.subscription_id == of, consents.c.kind == "granted"
    found = select(consents.c.at, consents.c.page, consents.c.wording).where(*mine).order_by(consents.c.id.desc())
    granted = tx.execute(found.limit(1)).mappings().one_or_none()
    if granted is not None:
        note(tx, shop_id, person_id, subscription_id=to, kind="granted", why=why, **granted)


def end(tx: Tx, ids: Iterable[int], how: tuple[str, str], why: str, now: datetime) -> int:
    """Ends subscriptions; returns how many were still active."""
    state, kind = how
    ended = tx.execute(
        update(subscriptions)
        .where(subscriptions.c.id.in_(tuple(ids)), subscriptions.c.state == "active")
        .values(state=state, ended_at=now, ended_why=why)
        .returning(subscriptions.c.id, subscriptions.c.shop_id, subscriptions.c.person_id)
    ).all()
    for shop_id, person_id in sorted({(row.shop_id, row.person_id) for row in ended}):
        mark(tx, shop_id, [person_id], Cause(EVENT, "a subscription ended"), now)
    for row in ended:
        note(tx, row.shop_id, row.person_id, subscription_id=row.id, kind=kind, at=now, why=why)
    since.note(tx, {row.person_id for row in ended})
    return len(ended)
