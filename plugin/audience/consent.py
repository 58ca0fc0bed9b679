"""Consent: the subscriptions, and the ledger that says when somebody agreed to what and when it ended."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select

from plugin.base.errors import Forgotten, Refused
from plugin.ingest import tombstones
from plugin.ingest.browsing import UNTOLD, Agent
from plugin.profile import agreed as since
from plugin.profile.memberships import EVENT, Cause, mark
from plugin.store.engine import Tx
from plugin.store.tables import subscriptions
from plugin.store.upsert import upsert

from . import ledger, passing_on
from .endpoints import service_of


@dataclass(frozen=True, slots=True)
class Subscribed:
    """One browser agreed. `replaces`: the endpoint that this browser had before, with its `auth` where it knows it."""

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
    replaces_auth: bytes | None = None
    visitor_id: int | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """People and browsers that agreed, and why others ended."""

    people: int
    browsers: int
    ended: tuple[tuple[str, int], ...]
    """(why, browsers), the most frequent first."""


def grant(tx: Tx, shop_id: int, person_id: int, agreed: Subscribed, now: datetime) -> int:
    """Keeps a subscription and returns its id; the same endpoint again refreshes it. Raises Refused for its service and
    for an endpoint that is another browser's; Forgotten when it was erased: a browser renews its subscription by
    itself, and that is no new consent.
    """
    service = service_of(agreed.endpoint)
    if any(
        tombstones.is_buried(tx, shop_id, tombstones.ENDPOINT, one) for one in (agreed.endpoint, agreed.replaces) if one
    ):
        raise Forgotten(
            "This subscription was erased with everything of its person. To have notifications, agree anew."
        )
    before = _find(tx, shop_id, agreed.endpoint)
    is_active = before is not None and before.state == "active"
    if before is not None and is_active and before.person_id != person_id:
        if not passing_on.is_its_own(before, person_id, agreed.auth):
            raise Refused("This endpoint is another browser's: its keys are not these.")
        passing_on.hand_on(tx, shop_id, [before.id], person_id, now)
    former = replaced(tx, shop_id, person_id, agreed)
    since_when = next((one.created_at for one in (before, former) if one is not None), now)
    whose = {"shop_id": shop_id, "person_id": person_id, "service": service, "created_at": since_when}
    upsert(tx, subscriptions, [whose | _as_seen(agreed, now)], key=("shop_id", "endpoint_hash"))
    mark(tx, shop_id, [person_id], Cause(EVENT, "agreed to notifications"), now)
    subscription_id: int = tx.execute(_subscription(shop_id, agreed.endpoint)).one().id
    if former is not None:
        passing_on.replace(tx, shop_id, former, subscription_id, person_id, now)
    elif not is_active:
        words = {"page": agreed.page, "wording": agreed.wording}
        ledger.note(tx, shop_id, person_id, subscription_id=subscription_id, kind="granted", at=now, **words)
    since.note(tx, {person_id})
    return subscription_id


def _as_seen(agreed: Subscribed, now: datetime) -> dict[str, Any]:
    """Columns of an active subscription: what its browser has just told."""
    return {
        "endpoint": agreed.endpoint,
        "endpoint_hash": _hash(agreed.endpoint),
        "p256dh": agreed.p256dh,
        "auth": agreed.auth,
        "state": "active",
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
        "visitor_id": agreed.visitor_id,
    }


def replaced(tx: Tx, shop_id: int, person_id: int, agreed: Subscribed) -> Row[*tuple[Any, ...]] | None:
    """The active subscription that this browser had before, if it has proven that it was its own."""
    if not agreed.replaces or agreed.replaces == agreed.endpoint:
        return None
    former = _find(tx, shop_id, agreed.replaces)
    if former is None or former.state != "active":
        return None
    return former if passing_on.is_its_own(former, person_id, agreed.replaces_auth) else None


def withdraw(tx: Tx, shop_id: int, endpoint: str, now: datetime) -> bool:
    """The person took consent back in this browser. False when there was none."""
    row = _find(tx, shop_id, endpoint)
    if row is None or row.state != "active":
        return False
    ledger.end(tx, [row.id], ledger.WITHDRAWN, "The person unsubscribed.", now)
    return True


def holder(tx: Tx, shop_id: int, endpoint: str) -> int | None:
    """Whose subscription this is."""
    mine = subscriptions.c.shop_id == shop_id, subscriptions.c.endpoint_hash == _hash(endpoint)
    return tx.execute(select(subscriptions.c.person_id).where(*mine)).scalar_one_or_none()


def gone(tx: Tx, subscription_ids: Iterable[int], why: str, now: datetime) -> int:
    """The push service says that these do not exist any more; returns how many were still active."""
    return ledger.end(tx, subscription_ids, ledger.GONE, why, now)


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
        subscriptions.c.id,
        subscriptions.c.state,
        subscriptions.c.created_at,
        subscriptions.c.person_id,
        subscriptions.c.auth,
    ).where(subscriptions.c.shop_id == shop_id, subscriptions.c.endpoint_hash == _hash(endpoint))


def _hash(endpoint: str) -> bytes:
    return hashlib.sha256(endpoint.encode()).digest()
