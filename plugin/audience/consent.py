"""Consent: the subscriptions, and the ledger that says when somebody agreed to what and when it ended."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select, update

from plugin.base.errors import Forgotten
from plugin.ingest import tombstones
from plugin.ingest.browsing import UNTOLD, Agent
from plugin.profile import agreed as since
from plugin.profile.memberships import EVENT, Cause, mark
from plugin.store.engine import Tx
from plugin.store.tables import consents, deliveries, subscriptions
from plugin.store.upsert import upsert

from .endpoints import service_of

WITHDRAWN = ("unsubscribed", "withdrawn")
GONE = ("gone", "ended")
"""A subscription's state, and the kind of its row in the ledger."""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """One browser agreed. `replaces`: the endpoint that this browser had before."""

    endpoint: str
    p256dh: bytes
    auth: bytes
    page: str = ""
    wording: str = ""
    locale: str | None = None
    timezone: str | None = None
    user_agent: str | None = None
    agent: Agent = UNTOLD
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """People and browsers that agreed, and why others ended."""

    people: int
    browsers: int
    ended: tuple[tuple[str, int], ...]
    """(why, browsers), the most frequent first."""


def grant(tx: Tx, shop_id: int, person_id: int, agreed: Subscribed, now: datetime) -> int:
    """Keeps a subscription and returns its id; the same endpoint again refreshes it. Raises Refused for its service,
    Forgotten when it was erased: a browser renews its subscription by itself, and that is no new consent.
    """
    service = service_of(agreed.endpoint)
    if any(
        tombstones.is_buried(tx, shop_id, tombstones.ENDPOINT, one) for one in (agreed.endpoint, agreed.replaces) if one
    ):
        raise Forgotten(
            "This subscription was erased with everything of its person. To have notifications, agree anew."
        )
    before = _find(tx, shop_id, agreed.endpoint)
    row = {
        "shop_id": shop_id,
        "person_id": person_id,
        "endpoint": agreed.endpoint,
        "endpoint_hash": _hash(agreed.endpoint),
        "service": service,
        "p256dh": agreed.p256dh,
        "auth": agreed.auth,
        "state": "active",
        "created_at": before.created_at if before else now,
        "last_seen_at": now,
        "ended_at": None,
        "ended_why": None,
        "user_agent": agreed.user_agent,
        "device": agreed.agent.device,
        "platform": agreed.agent.platform,
        "browser": agreed.agent.browser,
        "language": agreed.agent.language,
        "locale": agreed.locale,
        "timezone": agreed.timezone,
    }
    upsert(tx, subscriptions, [row], key=("shop_id", "endpoint_hash"))
    mark(tx, shop_id, [person_id], Cause(EVENT, "agreed to notifications"), now)
    if before is not None and before.person_id != person_id:
        mark(tx, shop_id, [before.person_id], Cause(EVENT, "somebody else agreed in this browser"), now)
    subscription_id: int = tx.execute(_subscription(shop_id, agreed.endpoint)).one().id
    if before is None or before.state != "active":
        words = {"page": agreed.page, "wording": agreed.wording}
        _note(tx, shop_id, person_id, subscription_id=subscription_id, kind="granted", at=now, **words)
    if agreed.replaces and agreed.replaces != agreed.endpoint:
        _replace(tx, shop_id, agreed.replaces, subscription_id, now)
    since.note(tx, {person_id, before.person_id} if before else {person_id})
    return subscription_id


def withdraw(tx: Tx, shop_id: int, endpoint: str, now: datetime) -> bool:
    """The person took consent back in this browser. False when there was none."""
    row = _find(tx, shop_id, endpoint)
    if row is None or row.state != "active":
        return False
    _end(tx, [row.id], WITHDRAWN, "The person unsubscribed.", now)
    return True


def holder(tx: Tx, shop_id: int, endpoint: str) -> int | None:
    """Whose subscription this is."""
    mine = subscriptions.c.shop_id == shop_id, subscriptions.c.endpoint_hash == _hash(endpoint)
    return tx.execute(select(subscriptions.c.person_id).where(*mine)).scalar_one_or_none()


def gone(tx: Tx, subscription_ids: Iterable[int], why: str, now: datetime) -> int:
    """The push service says that these do not exist any more; returns how many were still active."""
    return _end(tx, subscription_ids, GONE, why, now)


def overview(tx: Tx, shop_id: int) -> Overview:
    """Counts for the panel."""
    here = subscriptions.c.shop_id == shop_id
    people, browsers = tx.execute(
        select(func.count(subscriptions.c.person_id.distinct()), func.count()).where(
            here, subscriptions.c.state == "active"
        )
    ).one()
    ended = tx.execute(
        select(subscriptions.c.ended_why, func.count())
        .where(here, subscriptions.c.state != "active")
        .group_by(subscriptions.c.ended_why)
        .order_by(func.count().desc(), subscriptions.c.ended_why)
    )
    return Overview(people, browsers, tuple((why or "unknown", count) for why, count in ended))


def _find(tx: Tx, shop_id: int, endpoint: str) -> Row[*tuple[Any, ...]] | None:
    return tx.execute(_subscription(shop_id, endpoint)).one_or_none()


def _subscription(shop_id: int, endpoint: str) -> Select[*tuple[Any, ...]]:
    return select(
        subscriptions.c.id, subscriptions.c.state, subscriptions.c.created_at, subscriptions.c.person_id
    ).where(subscriptions.c.shop_id == shop_id, subscriptions.c.endpoint_hash == _hash(endpoint))


def _hash(endpoint: str) -> bytes:
    return hashlib.sha256(endpoint.encode()).digest()


def _replace(tx: Tx, shop_id: int, endpoint: str, by: int, now: datetime) -> None:
    """A rotated endpoint: the former one ends, and what waits for it goes to the new one."""
    former = _find(tx, shop_id, endpoint)
    if former is None or former.id == by:
        return
    _end(tx, [former.id], GONE, "The browser changed its endpoint.", now)
    tx.execute(
        update(deliveries)
        .where(deliveries.c.subscription_id == former.id, deliveries.c.state.in_(("queued", "unknown")))
        .values(subscription_id=by)
    )


def _end(tx: Tx, ids: Iterable[int], how: tuple[str, str], why: str, now: datetime) -> int:
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
        _note(tx, row.shop_id, row.person_id, subscription_id=row.id, kind=kind, at=now, why=why)
    since.note(tx, {row.person_id for row in ended})
    return len(ended)


def _note(tx: Tx, shop_id: int, person_id: int, **values: Any) -> None:
    tx.execute(consents.insert().values(shop_id=shop_id, person_id=person_id, **values))
