"""The inbox of raw webhooks: each recorded once, as it was signed, before anything is made of it.

pending ─► done          applied: claimed, parsed, applied and finished in one transaction
        └► failed        with the reason, until it is replayed
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from plugin.store.engine import Tx
from plugin.store.tables import webhooks
from plugin.store.upsert import insert_new_returning

KEPT = timedelta(days=30)
TRIES = 5
_FOR_EVER = "customers/data_request"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One delivery from Shopify, its signature checked."""

    shop_domain: str
    webhook_id: str
    topic: str
    api_version: str | None
    triggered_at: datetime | None
    body: bytes


@dataclass(frozen=True, slots=True)
class RawWebhook:
    """One delivery from Shopify, ours to apply."""

    id: int
    shop_domain: str
    webhook_id: str
    topic: str
    triggered_at: datetime | None
    received_at: datetime
    body: bytes


@dataclass(frozen=True, slots=True)
class Failure:
    id: int
    shop_domain: str
    topic: str
    received_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Overview:
    """For `beckon status`."""

    pending: int
    failed: int
    oldest_pending_at: datetime | None
    last_received_at: datetime | None
    failures: tuple[Failure, ...]


def record(tx: Tx, arrivals: Sequence[Arrival], now: datetime) -> list[int]:
    """Keeps deliveries; gives the rows' ids of those that we did not have yet."""
    rows = [asdict(arrival) | {"received_at": now, "state": "pending"} for arrival in arrivals]
    return insert_new_returning(tx, webhooks, rows)


def claim(tx: Tx, row_ids: Collection[int], now: datetime) -> list[RawWebhook]:
    """Takes them for this transaction, less those that somebody has applied, or is applying and commits first."""
    claimed = (
        webhooks.update()
        .where(webhooks.c.id.in_(list(row_ids)), webhooks.c.state == "pending")
        .values(state="claimed", claimed_at=now, attempts=webhooks.c.attempts + 1)
        .returning(*(webhooks.c[name] for name in RawWebhook.__slots__))
    )
    return sorted((RawWebhook(*row) for row in tx.execute(claimed)), key=lambda raw: raw.id)


def finish(tx: Tx, row_ids: Collection[int], now: datetime) -> None:
    """Applied, those of them that did not fail."""
    row = webhooks.update().where(webhooks.c.id.in_(list(row_ids)), webhooks.c.state != "failed")
    tx.execute(row.values(state="done", error=None, finished_at=now))


def fail(tx: Tx, row_id: int, reason: str, now: datetime) -> None:
    """Not readable: kept raw with the reason, until a later version of us can read it."""
    row = webhooks.update().where(webhooks.c.id == row_id, webhooks.c.state != "done")
    tx.execute(row.values(state="failed", error=reason, finished_at=now))


def stumbled(tx: Tx, row_id: int, reason: str, now: datetime) -> None:
    """We broke while applying it: it waits for another try, and after some it has failed."""
    row = webhooks.update().where(webhooks.c.id == row_id, webhooks.c.state == "pending")
    tries = tx.execute(
        row.values(attempts=webhooks.c.attempts + 1, error=reason).returning(webhooks.c.attempts)
    ).scalar()
    if tries is not None and tries >= TRIES:
        fail(tx, row_id, reason, now)


def replay(tx: Tx, ids: Collection[int] | None = None) -> list[int]:
    """Failed ones (all, or those named) wait again; gives their ids to enqueue."""
    failed = webhooks.c.state == "failed"
    chosen = failed if ids is None else failed & webhooks.c.id.in_(list(ids))
    row = webhooks.update().where(chosen).values(state="pending", attempts=0, error=None, finished_at=None)
    return sorted(tx.execute(row.returning(webhooks.c.id)).scalars())


def waiting(tx: Tx, older_than: datetime, limit: int, now: datetime) -> list[int]:
    """Pending ones without a job since `older_than`, the oldest first, marked as hinted now: for the clock."""
    idle = or_(webhooks.c.hinted_at.is_(None), webhooks.c.hinted_at < older_than)
    found = (
        select(webhooks.c.id)
        .where(webhooks.c.state == "pending", webhooks.c.received_at < older_than, idle)
        .order_by(webhooks.c.received_at)
        .limit(limit)
    )
    ids = sorted(tx.execute(found).scalars())
    tx.execute(webhooks.update().where(webhooks.c.id.in_(ids)).values(hinted_at=now))
    return ids


def clean(tx: Tx, now: datetime) -> int:
    """Deletes what was applied a month ago; requests for a customer's data stay. Gives how many went."""
    old = webhooks.c.state == "done", webhooks.c.received_at < now - KEPT, webhooks.c.topic != _FOR_EVER
    return len(tx.execute(webhooks.delete().where(*old).returning(webhooks.c.id)).all())


def forget_shop(tx: Tx, shop_domain: str) -> None:
    """Deletes a redacted shop's deliveries that are done."""
    tx.execute(webhooks.delete().where(webhooks.c.shop_domain == shop_domain, webhooks.c.state == "done"))


def forget_customer(tx: Tx, shop_domain: str, customer_id: int) -> None:
    """Deletes a redacted customer's deliveries that are done: whatever names their id."""
    needle = str(customer_id).encode()
    query = select(webhooks.c.id, webhooks.c.body)
    query = query.where(
        webhooks.c.shop_domain == shop_domain, webhooks.c.state == "done", webhooks.c.topic != _FOR_EVER
    )
    with tx.execute(query.execution_options(yield_per=200)) as rows:
        naming = [row.id for row in rows if needle in row.body]
    for row_id in naming:
        tx.execute(webhooks.delete().where(webhooks.c.id == row_id))


def overview(tx: Tx) -> Overview:
    """What waits, what failed and why, and when Shopify was heard last."""
    by_state = select(webhooks.c.state, func.count()).group_by(webhooks.c.state)
    counts: dict[str, int] = dict(tx.execute(by_state).all())
    pending = select(func.min(webhooks.c.received_at)).where(webhooks.c.state == "pending")
    failed = (
        select(webhooks.c.id, webhooks.c.shop_domain, webhooks.c.topic, webhooks.c.received_at, webhooks.c.error)
        .where(webhooks.c.state == "failed")
        .order_by(webhooks.c.received_at.desc())
        .limit(20)
    )
    return Overview(
        pending=counts.get("pending", 0),
        failed=counts.get("failed", 0),
        oldest_pending_at=tx.execute(pending).scalar(),
        last_received_at=tx.execute(select(func.max(webhooks.c.received_at))).scalar(),
        failures=tuple(Failure(*row) for row in tx.execute(failed)),
    )
