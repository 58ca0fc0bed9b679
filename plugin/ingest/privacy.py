"""Requests that the law gives people, and the receipts of what was done about them.

A request names its person only until it is done; then a receipt that names nobody proves it, and outlives the shop.

open ─► done        exports when the merchant has answered, erasures when the last row is gone
"""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import null, or_, select, update

from plugin.base import settings
from plugin.base.errors import NotFound
from plugin.store.engine import Tx
from plugin.store.tables import privacy_receipts, privacy_requests, shops
from plugin.store.upsert import insert_new, insert_new_returning

from .naming import Naming

EXPORT, ERASE, ERASE_SHOP = ("export", "erase", "erase_shop")
SHOPIFY, MERCHANT, OPERATOR = "shopify", "merchant", "operator"

LIMIT = timedelta(days=30)
"""So long the law and Shopify give."""
AGAIN = timedelta(minutes=10)
"""An erasure that stands still for this long is taken up by the clock."""

ERASED, ANSWERED, NOTHING_HELD, KEPT = "erased", "answered", "nothing held", "kept"
"""What came of a request: stands in receipts. `kept`: the shop had come back when shop/redact arrived."""


@dataclass(frozen=True, slots=True)
class Request:
    """One row of privacy_requests."""

    id: int
    shop_id: int
    kind: str
    asked_by: str
    reference: str
    customer_id: int | None
    person_id: int | None
    subject: dict[str, Any] | None
    asked_at: datetime
    received_at: datetime
    due_at: datetime
    state: str
    cursor: int
    last_webhook: int | None
    erased: dict[str, int]
    attempts: int
    error: str | None
    done_at: datetime | None

    @property
    def naming(self) -> Naming:
        return Naming.of_json(self.subject or {})


@dataclass(frozen=True, slots=True)
class Receipt:
    """One row of privacy_receipts. `subject_key` None: the whole shop."""

    kind: str
    asked_by: str
    reference: str
    subject_key: bytes | None
    asked_at: datetime
    received_at: datetime
    due_at: datetime
    done_at: datetime
    outcome: str
    erased: dict[str, int]

    @property
    def rows(self) -> int:
        return sum(self.erased.values())

    @property
    def was_late(self) -> bool:
        return self.done_at > self.due_at


_REQUEST = [privacy_requests.c[name] for name in Request.__slots__]
_RECEIPT = [privacy_receipts.c[name] for name in Receipt.__slots__]


def ask(
    tx: Tx,
    shop_id: int,
    kind: str,
    *,
    by: str,
    reference: str,
    asked_at: datetime,
    now: datetime,
    customer_id: int | None = None,
    person_id: int | None = None,
    naming: Naming | None = None,
) -> int | None:
    """Keeps a request and gives its id; None when it was told before, whether or not it is done by now."""
    receipts = select(privacy_receipts.c.id).where(
        privacy_receipts.c.shop_key == shop_key(_domain(tx, shop_id)),
        privacy_receipts.c.kind == kind,
        privacy_receipts.c.reference == reference,
    )
    if tx.execute(receipts).first():
        return None
    row = {
        "shop_id": shop_id,
        "kind": kind,
        "asked_by": by,
        "reference": reference,
        "customer_id": customer_id,
        "person_id": person_id,
        "subject": (naming or Naming()).as_json(),
        "asked_at": asked_at,
        "received_at": now,
        "due_at": now + LIMIT,
        "state": "open",
        "erased": {},
    }
    return next(iter(insert_new_returning(tx, privacy_requests, [row])), None)


def find(tx: Tx, shop_id: int, request_id: int) -> Request:
    """One request of the shop. Raises NotFound."""
    row = tx.execute(
        select(*_REQUEST).where(privacy_requests.c.shop_id == shop_id, privacy_requests.c.id == request_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such privacy request.")
    return Request(*row)


def open_ones(tx: Tx, shop_id: int) -> list[Request]:
    """The shop's requests that are not done, the most pressing first."""
    rows = tx.execute(
        select(*_REQUEST)
        .where(privacy_requests.c.shop_id == shop_id, privacy_requests.c.state == "open")
        .order_by(privacy_requests.c.due_at, privacy_requests.c.id)
    )
    return [Request(*row) for row in rows]


def take(tx: Tx, request_id: int) -> Request | None:
    """An open request, ours until the end of `tx`."""
    mine = [privacy_requests.c.id == request_id, privacy_requests.c.state == "open"]
    row = tx.execute(select(*_REQUEST).where(*mine).with_for_update()).one_or_none()
    return Request(*row) if row else None


def went_on(tx: Tx, request: Request, erased: Mapping[str, int], **place: Any) -> None:
    """A step of an erasure is done: its rows add up on the request. `place`: cursor, last_webhook, subject."""
    total = Counter(request.erased) + Counter(erased)
    tx.execute(
        update(privacy_requests)
        .where(privacy_requests.c.id == request.id)
        .values(erased=dict(total), error=None, **place)
    )


def stumbled(tx: Tx, request_id: int, what: str) -> None:
    """A step broke: noted, so that a merchant sees it; the clock tries again. `what` must name nobody."""
    mine = privacy_requests.c.id == request_id, privacy_requests.c.state == "open"
    tx.execute(update(privacy_requests).where(*mine).values(attempts=privacy_requests.c.attempts + 1, error=what))


def finish(tx: Tx, request: Request, domain: str, outcome: str, now: datetime) -> None:
    """Done: the receipt stays, what named the person goes."""
    row: dict[str, Any] = {
        "shop_key": shop_key(domain),
        "subject_key": subject_key(domain, request.customer_id, request.person_id),
        "outcome": outcome,
        "done_at": now,
        **{name: getattr(request, name) for name in ("kind", "asked_by", "reference", "asked_at", "received_at")},
        "due_at": request.due_at,
        "erased": request.erased,
    }
    insert_new(tx, privacy_receipts, [row])
    done = {"state": "done", "done_at": now, "customer_id": None, "person_id": None, "subject": null(), "error": None}
    tx.execute(update(privacy_requests).where(privacy_requests.c.id == request.id).values(**done))


def close_superseded(tx: Tx, request: Request, domain: str, customer_ids: tuple[int, ...], now: datetime) -> None:
    """Other open requests of a person who is being erased: nothing is left to export."""
    for other in open_ones(tx, request.shop_id):
        if other.kind == EXPORT and other.customer_id in customer_ids:
            finish(tx, other, domain, NOTHING_HELD, now)


def note_nothing_held(
    tx: Tx, domain: str, kind: str, *, customer_id: int | None, reference: str, asked_at: datetime, now: datetime
) -> None:
    """A request about a shop that we do not hold (any more): the receipt at once."""
    row: dict[str, Any] = {
        "shop_key": shop_key(domain),
        "subject_key": subject_key(domain, customer_id, None),
        "kind": kind,
        "asked_by": SHOPIFY,
        "reference": reference,
        "asked_at": asked_at,
        "received_at": now,
        "due_at": now + LIMIT,
        "done_at": now,
        "outcome": NOTHING_HELD,
        "erased": {},
    }
    insert_new(tx, privacy_receipts, [row])


def receipts(tx: Tx, domain: str | None, *, limit: int = 100) -> list[Receipt]:
    """Of one shop by its domain (also one that was erased), or of all; the newest first."""
    query = select(*_RECEIPT).order_by(privacy_receipts.c.done_at.desc(), privacy_receipts.c.id.desc()).limit(limit)
    if domain is not None:
        query = query.where(privacy_receipts.c.shop_key == shop_key(domain))
    return [Receipt(*row) for row in tx.execute(query)]


def due(tx: Tx, now: datetime, limit: int = 20) -> list[int]:
    """Erasures that no job works on, marked as hinted now: for the clock."""
    idle = or_(privacy_requests.c.hinted_at.is_(None), privacy_requests.c.hinted_at < now - AGAIN)
    waiting = (
        select(privacy_requests.c.id)
        .where(privacy_requests.c.state == "open", privacy_requests.c.kind.in_((ERASE, ERASE_SHOP)), idle)
        .order_by(privacy_requests.c.received_at)
        .limit(limit)
    )
    hinted = update(privacy_requests).where(privacy_requests.c.id.in_(waiting)).values(hinted_at=now)
    return sorted(tx.execute(hinted.returning(privacy_requests.c.id)).scalars())


def shop_key(domain: str) -> bytes:
    """A keyed hash of a shop's domain: receipts outlive the shop, and may not name it."""
    return _keyed(domain)


def subject_key(domain: str, customer_id: int | None, person_id: int | None) -> bytes | None:
    """A keyed hash of a person, to find a receipt again by their id; None for nobody in particular."""
    if customer_id is not None:
        return _keyed(f"{domain}\ncustomer\n{customer_id}")
    return _keyed(f"{domain}\nvisitor\n{person_id}") if person_id is not None else None


def _keyed(text: str) -> bytes:
    return hmac.digest(settings.current().secret.encode(), f"receipt\n{text}".encode(), hashlib.sha256)


def _domain(tx: Tx, shop_id: int) -> str:
    return str(tx.execute(select(shops.c.domain).where(shops.c.id == shop_id)).scalar_one())
