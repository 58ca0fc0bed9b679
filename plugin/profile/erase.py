"""What the law asks us to forget: a customer with everything of theirs, or a whole shop. Step by step, each step its
own transaction, so that nobody waits for long and a crash goes on where it was.

Numbers stay, people go: a message that was sent stays as a row that says when and what came of it, with nobody in it,
and an order that was credited to it stays as its worth alone. So no report changes.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import String, bindparam, cast, delete, literal, null, select, update

from plugin.base.outcomes import OPEN, Outcome
from plugin.ingest import access, inbox, privacy, shops, tombstones
from plugin.ingest.privacy import Request
from plugin.ingest.tombstones import CART, CUSTOMER, ENDPOINT, ORDER, VISITOR
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import deliveries, enrollments, facts, leases, metadata, orders, privacy_requests
from plugin.store.tables import shops as shops_table

from . import identity, memberships, unsent
from .holdings import HOLDINGS
from .memberships import ERASED, Cause
from .subject import Subject, of_customer, of_person

AT_ONCE = 2_000
"""Rows of a leaving shop deleted in one transaction."""
WITHHELD = "The person was erased."
"""Why a message that was waiting is not sent."""


def step(tx: Tx, request_id: int, now: datetime) -> bool:
    """Takes an erasure one step further; False when nothing is left to do."""
    request = privacy.take(tx, request_id)
    if request is None or request.kind == privacy.EXPORT:
        return False
    if request.kind == privacy.ERASE_SHOP:
        return _shop(tx, request, now)
    if request.last_webhook is None:
        _begin(tx, request, now)
        return True
    return _look_through(tx, request, now)


def persons(tx: Tx, subject: Subject, now: datetime) -> Counter[str]:
    """Erases everything of `subject` but raw webhooks; gives rows by table."""
    counted: Counter[str] = Counter()
    counted["facts"] = _empty_facts(tx, subject)
    counted["deliveries"] = _empty_deliveries(tx, subject, now)
    counted["enrollments"] = _empty_enrollments(tx, subject, now)
    counted["memberships"] = memberships.leave(tx, subject.shop_id, subject.person_ids, Cause(ERASED), now)
    for table in reversed(metadata.sorted_tables):
        holding = HOLDINGS.get(table.name)
        if holding is not None and holding.erasure == "deleted":
            gone = delete(table).where(holding.reached(subject)).returning(literal(1))
            counted[table.name] += len(tx.execute(gone).all())
    return +counted


def _begin(tx: Tx, request: Request, now: datetime) -> None:
    """Everything but the raw webhooks, in one transaction: nobody sees half a person."""
    identity.hold(tx, request.shop_id)
    subject = _subject(tx, request)
    tombstones.bury(tx, request.shop_id, _things(subject), now)
    counted = persons(tx, subject, now)
    privacy.close_superseded(tx, request, subject.domain, subject.customer_ids, now)
    kept = subject.naming.as_json() | {"domain": subject.domain}
    privacy.went_on(tx, request, counted, subject=kept, last_webhook=inbox.last(tx))


def _subject(tx: Tx, request: Request) -> Subject:
    if request.customer_id is not None:
        return of_customer(tx, request.shop_id, request.customer_id, request.naming)
    return of_person(tx, request.shop_id, request.person_id or 0, request.naming)


def _things(subject: Subject) -> list[tuple[str, str]]:
    named: list[tuple[str, Sequence[object]]] = [
        (CUSTOMER, subject.customer_ids),
        (ORDER, subject.order_ids),
        (CART, subject.cart_tokens),
        (VISITOR, subject.visitor_tokens),
        (ENDPOINT, subject.endpoints),
    ]
    return [(kind, str(name)) for kind, names in named for name in names]


def _look_through(tx: Tx, request: Request, now: datetime) -> bool:
    """Some more of the raw webhooks; the receipt after the last."""
    domain = str((request.subject or {})["domain"])  # as it was: the shop may be leaving meanwhile
    last = request.last_webhook or 0
    place, emptied = inbox.forget(tx, domain, request.naming, after=request.cursor, last=last, now=now)
    counted = {"webhooks": emptied} if emptied else {}
    if place is not None:
        privacy.went_on(tx, request, counted, cursor=place)
        return True
    privacy.went_on(tx, request, counted)
    done = privacy.find(tx, request.shop_id, request.id)
    privacy.finish(tx, done, domain, privacy.ERASED if done.erased else privacy.NOTHING_HELD, now)
    return False


def _empty_facts(tx: Tx, subject: Subject) -> int:
    """A credited order becomes its worth: its number is the person's."""
    theirs = facts.c.shop_id == subject.shop_id, facts.c.order_id.in_(subject.order_ids), facts.c.order_id > 0
    worth = (
        select(orders.c.total - orders.c.refunded)
        .where(
            orders.c.shop_id == facts.c.shop_id, orders.c.order_id == facts.c.order_id, orders.c.deleted_at.is_(None)
        )
        .scalar_subquery()
    )
    emptied = update(facts).where(*theirs).values(order_id=-facts.c.id, worth=worth)
    return len(tx.execute(emptied.returning(facts.c.id)).all())


def _empty_deliveries(tx: Tx, subject: Subject, now: datetime) -> int:
    """Nobody's, without words and without the name that browsers know it by; what waits is not sent any more."""
    for some in batches(subject.delivery_ids, 1_000):
        mine = deliveries.c.id.in_(some)
        waits = mine, deliveries.c.state.in_(OPEN)
        tx.execute(update(deliveries).where(*waits).values(unsent.ended(Outcome.DELETED, WITHHELD, now)))
        tx.execute(
            update(deliveries).where(deliveries.c.id == bindparam("its_id")).values(token=bindparam("its_token")),
            [{"its_id": one, "its_token": secrets.token_urlsafe(16)} for one in some],
        )
        nobody = {"person_id": None, "subscription_id": None, "message": null()}
        tx.execute(update(deliveries).where(mine).values(nobody))
    return len(subject.delivery_ids)


def _empty_enrollments(tx: Tx, subject: Subject, now: datetime) -> int:
    mine = enrollments.c.person_id.in_(subject.person_ids)
    waits = mine, enrollments.c.state == "waiting"
    tx.execute(update(enrollments).where(*waits).values(state="stopped", reason=WITHHELD, finished_at=now))
    unnamed = literal("erased ") + cast(enrollments.c.id, String)
    emptied = update(enrollments).where(mine).values(person_id=None, subject=unnamed)
    return len(tx.execute(emptied.returning(enrollments.c.id)).all())


def _shop(tx: Tx, request: Request, now: datetime) -> bool:
    """First its name, access and keys, so that it is gone at once and may come back anew; then all rows in turn."""
    if request.last_webhook is None:
        return _close_shop(tx, request, now)
    domain = str((request.subject or {})["domain"])
    gone = inbox.forget_shop(tx, domain, last=request.last_webhook, limit=AT_ONCE)
    if gone:
        privacy.went_on(tx, request, {"webhooks": gone})
        return True
    for table in reversed(metadata.sorted_tables):
        if "shop_id" not in table.c or "id" not in table.c or table is privacy_requests:
            continue
        some = select(table.c.id).where(table.c.shop_id == request.shop_id).limit(AT_ONCE)
        gone = len(tx.execute(delete(table).where(table.c.id.in_(some)).returning(table.c.id)).all())
        if gone:
            privacy.went_on(tx, request, {table.name: gone})
            return True
    privacy.finish(tx, privacy.find(tx, request.shop_id, request.id), domain, privacy.ERASED, now)
    tx.execute(delete(shops_table).where(shops_table.c.id == request.shop_id))  # with it the few rows that are left
    return False


def _close_shop(tx: Tx, request: Request, now: datetime) -> bool:
    """A shop that came back meanwhile stays: the request speaks of an earlier stay."""
    shop = shops.by_id(tx, request.shop_id)
    if shop.uninstalled_at is None:
        privacy.finish(tx, request, shop.domain, privacy.KEPT, now)
        return False
    shops.close(tx, request.shop_id)
    tx.execute(delete(leases).where(leases.c.name == access.turn_of(shop.domain)))
    place = {"subject": {"domain": shop.domain}, "last_webhook": inbox.last(tx)}
    privacy.went_on(tx, request, {}, **place)
    return True
