"""How long each kind of data is kept: one row per limit. The clock enforces them, some rows at a time.

Numbers stay: a message loses its words, not its outcome; a visitor who goes leaves their messages as nobody's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Table, and_, delete, exists, null, select, update

from plugin.base import settings
from plugin.base.errors import BeckonError
from plugin.store.engine import Tx
from plugin.store.tables import (
    carts,
    checkouts,
    custom_events,
    deliveries,
    enrollments,
    membership_changes,
    orders,
    people,
    person_located,
    privacy_receipts,
    privacy_requests,
    retention_choices,
    shops,
    subscriptions,
    views,
    visitors,
    visits,
    webhooks,
)
from plugin.store.tables import memberships as memberships_of
from plugin.store.upsert import upsert

from . import erase, memberships
from .memberships import EVENT, Cause
from .subject import of_visitors

AT_ONCE = 1_000
"""Rows a transaction."""
CHOICES = (30, 90, 180, 365, 730, 1_095)
"""Days that a merchant may choose."""

Sweep = Callable[[Tx, int, datetime, datetime, int], int]
"""(tx, shop, older than, now, limit) → rows. The shop is 0 for what belongs to none."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One kind of data. `sentence`: what a merchant loses after it."""

    kind: str
    heading: str
    sentence: str
    sweep: Sweep
    by_merchant: bool = False
    of_shop: bool = True


class Place(NamedTuple):
    """One limit in one shop; 0 for what belongs to none."""

    kind: str
    shop_id: int


def _webhooks(state: str) -> Sweep:
    def sweep(tx: Tx, _shop_id: int, before: datetime, _now: datetime, limit: int) -> int:
        return _delete(tx, webhooks, limit, webhooks.c.state == state, webhooks.c.received_at < before)

    return sweep


def _views(tx: Tx, shop_id: int, before: datetime, now: datetime, limit: int) -> int:
    """Browsing history: looks and deeds, visits, places."""
    old = (
        (views, views.c.at < before),
        (visits, visits.c.ended_at < before),
        (person_located, person_located.c.at < before),
    )
    return sum(_forget(tx, table, shop_id, past, "browsing history", now, limit) for table, past in old)


def _forget(tx: Tx, table: Table, shop_id: int, past: ColumnElement[bool], what: str, now: datetime, limit: int) -> int:
    """Deletes rows of people, who are judged anew; those that are nobody's, too."""
    some = select(table.c.id).where(table.c.shop_id == shop_id, past).limit(limit)
    whose = tx.execute(delete(table).where(table.c.id.in_(some)).returning(table.c.person_id)).scalars().all()
    known = {person_id for person_id in whose if person_id is not None}
    memberships.mark(tx, shop_id, known, Cause(EVENT, f"{what} came to its limit"), now)
    return len(whose)


def _carts(tx: Tx, shop_id: int, before: datetime, now: datetime, limit: int) -> int:
    """But one that a reminder still waits for."""
    awaited = exists().where(
        enrollments.c.shop_id == shop_id, enrollments.c.subject == carts.c.token, enrollments.c.state == "waiting"
    )
    gone = _forget(tx, carts, shop_id, and_(carts.c.updated_at < before, ~awaited), "a cart", now, limit)
    return gone + _forget(tx, checkouts, shop_id, checkouts.c.updated_at < before, "a checkout", now, limit)


def _events(tx: Tx, shop_id: int, before: datetime, now: datetime, limit: int) -> int:
    return _forget(tx, custom_events, shop_id, custom_events.c.at < before, "an event of another tool", now, limit)


def _messages(tx: Tx, shop_id: int, before: datetime, _now: datetime, limit: int) -> int:
    old = deliveries.c.shop_id == shop_id, deliveries.c.created_at < before, deliveries.c.message.is_not(None)
    some = select(deliveries.c.id).where(*old).limit(limit)
    emptied = update(deliveries).where(deliveries.c.id.in_(some)).values(message=null())
    return len(tx.execute(emptied.returning(deliveries.c.id)).all())


def _visitors(tx: Tx, shop_id: int, before: datetime, now: datetime, limit: int) -> int:
    """Browsers without account, order and subscription, not seen since; their messages stay as nobody's."""
    person = visitors.c.person_id
    unwanted = [
        visitors.c.shop_id == shop_id,
        visitors.c.last_seen_at < before,
        exists().where(people.c.id == person, people.c.customer_id.is_(None)),
        ~exists().where(subscriptions.c.person_id == person, subscriptions.c.state == "active"),
        ~exists().where(orders.c.person_id == person),
    ]
    younger = visitors.alias()
    unwanted.append(~exists().where(younger.c.person_id == person, younger.c.last_seen_at >= before))
    ids = tx.execute(select(person).distinct().where(*unwanted).limit(min(limit, 200))).scalars().all()
    if ids:
        erase.persons(tx, of_visitors(tx, shop_id, ids), now)
    return len(ids)


def _changes(tx: Tx, shop_id: int, before: datetime, _now: datetime, limit: int) -> int:
    """But why somebody who is still in entered."""
    of = membership_changes.c
    still = exists().where(
        memberships_of.c.segment_id == of.segment_id,
        memberships_of.c.person_id == of.person_id,
        memberships_of.c.entered_at == of.at,
    )
    return _delete(tx, membership_changes, limit, of.shop_id == shop_id, of.at < before, ~still)


def _keys(tx: Tx, shop_id: int, before: datetime, _now: datetime, limit: int) -> int:
    """The hash stays, so that the same browser is known again when it agrees anew."""
    old = subscriptions.c.shop_id == shop_id, subscriptions.c.ended_at < before, subscriptions.c.endpoint != ""
    some = select(subscriptions.c.id).where(*old, subscriptions.c.ended_at.is_not(None)).limit(limit)
    emptied = update(subscriptions).where(subscriptions.c.id.in_(some)).values(endpoint="", p256dh=b"", auth=b"")
    return len(tx.execute(emptied.returning(subscriptions.c.id)).all())


def _requests(tx: Tx, _shop_id: int, before: datetime, _now: datetime, limit: int) -> int:
    old = privacy_requests.c.state == "done", privacy_requests.c.received_at < before
    return _delete(tx, privacy_requests, limit, *old)


def _receipts(tx: Tx, _shop_id: int, before: datetime, _now: datetime, limit: int) -> int:
    return _delete(tx, privacy_receipts, limit, privacy_receipts.c.done_at < before)


LIMITS = {
    limit.kind: limit
    for limit in (
        Limit("webhooks", "Notices from Shopify, applied", "", _webhooks("done"), of_shop=False),
        Limit("failed_webhooks", "Notices from Shopify that failed", "", _webhooks("failed"), of_shop=False),
        Limit(
            "views",
            "Browsing history",
            "What a person looked at, read, searched for and marked as a favourite, and their visits. After that "
            "Beckon no longer knows it; segments and messages that ask for it find only what is younger.",
            _views,
            by_merchant=True,
        ),
        Limit(
            "carts",
            "Carts",
            "What a person had in a cart. A reminder is never sent later than a week, so nothing you send depends on "
            "older ones. Orders are kept.",
            _carts,
            by_merchant=True,
        ),
        Limit(
            "events",
            "Events from other tools",
            "What your other tools told through the events API. After that segments that ask for it find only what is "
            "younger.",
            _events,
            by_merchant=True,
        ),
        Limit(
            "messages",
            "Words of personal messages",
            "The very words that one person was sent. After that you still see that a message was sent, shown and "
            "clicked, and reports do not change; only its words are gone.",
            _messages,
            by_merchant=True,
        ),
        Limit(
            "visitors",
            "Visitors who never came back",
            "Browsers without an account, an order or a subscription. What you sent them still counts in reports.",
            _visitors,
            by_merchant=True,
        ),
        Limit("membership_changes", "When people entered and left segments", "", _changes),
        Limit("ended_keys", "Addresses and keys of subscriptions that ended", "", _keys),
        Limit("requests", "Privacy requests that are done", "", _requests, of_shop=False),
        Limit("receipts", "Receipts of privacy requests", "", _receipts, of_shop=False),
    )
}
"""Kind of data → its limit. The defaults stand in Settings.keep, under the same names."""


def places(tx: Tx) -> list[Place]:
    """Everything that is to be swept."""
    everywhere = tx.execute(select(shops.c.id).order_by(shops.c.id)).scalars().all()
    found = [Place(limit.kind, 0) for limit in LIMITS.values() if not limit.of_shop]
    return found + [Place(limit.kind, one) for one in everywhere for limit in LIMITS.values() if limit.of_shop]


def sweep(tx: Tx, place: Place, now: datetime, limit: int = AT_ONCE) -> int:
    """Takes at most `limit` rows that are past their limit; gives how many, 0 when there are no more."""
    days = days_of(tx, place.shop_id)[place.kind]
    return LIMITS[place.kind].sweep(tx, place.shop_id, now - timedelta(days=days), now, limit)


def days_of(tx: Tx, shop_id: int) -> dict[str, int]:
    """Kind → days, as the merchant chose or as the installation says."""
    mine = select(retention_choices.c.kind, retention_choices.c.days).where(retention_choices.c.shop_id == shop_id)
    chosen = {kind: days for kind, days in tx.execute(mine) if kind in LIMITS and LIMITS[kind].by_merchant}
    return {kind: chosen.get(kind, getattr(settings.current().keep, kind)) for kind in LIMITS}


def choose(tx: Tx, shop_id: int, kind: str, days: int) -> None:
    """Keeps a merchant's choice. Raises BeckonError for what cannot be chosen."""
    if kind not in LIMITS or not LIMITS[kind].by_merchant:
        raise BeckonError(f"There is nothing to choose for {kind!r}.")
    if days not in CHOICES:
        raise BeckonError(f"{LIMITS[kind].heading}: choose one of {', '.join(map(str, CHOICES))} days.")
    upsert(tx, retention_choices, [{"shop_id": shop_id, "kind": kind, "days": days}], key=("shop_id", "kind"))


def _delete(tx: Tx, table: Table, limit: int, *old: ColumnElement[bool]) -> int:
    some = select(table.c.id).where(*old).limit(limit)
    return len(tx.execute(delete(table).where(table.c.id.in_(some)).returning(table.c.id)).all())
