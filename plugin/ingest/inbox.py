"""The inbox of raw webhooks: each recorded once, as it was signed, before anything is made of it.

pending ─► done          applied: claimed, parsed, applied and finished in one transaction
        └► failed        with the reason, until it is replayed
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, false, func, not_, or_, select, true

from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import webhooks
from plugin.store.upsert import containing, insert_new_returning

from . import bare
from .naming import Naming, names

TRIES = 5
LOOK = 2_000
"""Deliveries looked through in one transaction for what names a person."""
MOST_NEEDLES = 50
LAWFUL = ("customers/data_request", "customers/redact", "shop/redact")
"""Deliveries that ask for privacy: what is in them becomes a request, and the body is emptied at once."""


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


def record(tx: Tx, arrivals: Sequence[Arrival], now: datetime) -> list[int]:
    """Keeps deliveries; gives the rows' ids of those that we did not have yet."""
    rows = [asdict(arrival) | {"received_at": now, "state": "pending"} for arrival in arrivals]
    return insert_new_returning(tx, webhooks, rows)


def untouched(tx: Tx, limit: int, *, but: Collection[str]) -> list[int]:
    """Pending ones that were not tried yet, the oldest first, whose topics do not begin as `but` says. Those that
    another worker has in hand are passed over."""
    other = [webhooks.c.topic.startswith(topic, autoescape=True) for topic in but]
    found = (
        select(webhooks.c.id)
        .where(webhooks.c.state == "pending", webhooks.c.attempts == 0, not_(or_(*other)))
        .order_by(webhooks.c.received_at)
        .limit(max(0, limit))
        .with_for_update(skip_locked=True)
    )
    return list(tx.execute(found).scalars())


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


def keep_bare(tx: Tx, applied: Collection[RawWebhook]) -> None:
    """Of these, once they are done, only what names people by nothing but their ids stays. Failed ones need theirs."""
    told = ((raw, bare.without_people(raw.topic, raw.body)) for raw in applied)
    rows = [{"of": raw.id, "left": left} for raw, left in told if left != raw.body]
    row = webhooks.update().where(webhooks.c.id == bindparam("of"), webhooks.c.state == "done")
    if rows:
        tx.execute(row.values(body=bindparam("left")), rows)


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


@dataclass(frozen=True, slots=True)
class Alike:
    """Deliveries from Shopify that could not be applied for the same reason."""

    topic: str
    reason: str | None
    count: int
    last_at: datetime


def failed_alike(tx: Tx, shop_domain: str, limit: int = 50) -> list[Alike]:
    """A shop's failed ones, the latest first."""
    of, last = webhooks.c, func.max(webhooks.c.received_at, type_=webhooks.c.received_at.type)
    rows = select(of.topic, of.error, func.count(), last).where(of.state == "failed", of.shop_domain == shop_domain)
    return [Alike(*row) for row in tx.execute(rows.group_by(of.topic, of.error).order_by(last.desc()).limit(limit))]


def failed_ids(tx: Tx, shop_domain: str, topic: str, reason: str | None) -> list[int]:
    """A shop's failed ones that are alike."""
    of = webhooks.c
    why = of.error.is_(None) if reason is None else of.error == reason
    mine = select(of.id).where(of.state == "failed", of.shop_domain == shop_domain, of.topic == topic, why)
    return list(tx.execute(mine).scalars())


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


def strip(tx: Tx, ids: Collection[int], now: datetime) -> None:
    """Empties these: nothing of the body stays, nobody applies them any more; a repetition is still known by its id."""
    for some in batches(ids, 500):
        emptied = {
            "body": b"",
            "state": "done",
            "error": None,
            "finished_at": func.coalesce(webhooks.c.finished_at, now),
        }
        tx.execute(webhooks.update().where(webhooks.c.id.in_(some)).values(emptied))


def naming(tx: Tx, shop_domain: str, who: Naming) -> list[Row[*tuple[Any, ...]]]:
    """The shop's deliveries that name this person, the oldest first: id, topic, received_at, state, body."""
    query = select(webhooks.c.id, webhooks.c.topic, webhooks.c.received_at, webhooks.c.state, webhooks.c.body)
    here = query.where(webhooks.c.shop_domain == shop_domain, webhooks.c.topic.not_in(LAWFUL), _may_name(tx, who))
    rows = tx.execute(here.order_by(webhooks.c.id).execution_options(yield_per=200))
    return [row for row in rows if names(row.topic, row.body, who, surely=row.state != "done")]


def forget(tx: Tx, shop_domain: str, who: Naming, *, after: int, last: int, now: datetime) -> tuple[int | None, int]:
    """Empties those of the next `LOOK` deliveries that name this person, in whatever state they are.

    Gives the place to go on after, None at the end, and how many were emptied.
    """
    here = [webhooks.c.shop_domain == shop_domain, webhooks.c.id > after, webhooks.c.id <= last]
    page = tx.execute(select(webhooks.c.id).where(*here).order_by(webhooks.c.id).limit(LOOK)).scalars().all()
    if not page:
        return None, 0
    candidates = select(webhooks.c.id, webhooks.c.topic, webhooks.c.state, webhooks.c.body).where(
        *here, webhooks.c.id <= page[-1], webhooks.c.topic.not_in(LAWFUL), _may_name(tx, who)
    )
    with tx.execute(candidates.execution_options(yield_per=200)) as rows:
        found = [row.id for row in rows if names(row.topic, row.body, who, surely=row.state != "done")]
    strip(tx, found, now)
    return (page[-1] if len(page) == LOOK else None), len(found)


def last(tx: Tx) -> int:
    """The delivery that came last; 0 before any."""
    return tx.execute(select(func.max(webhooks.c.id))).scalar() or 0


def forget_shop(tx: Tx, shop_domain: str, *, last: int, limit: int) -> int:
    """Deletes some of a redacted shop's deliveries, as far as `last`; gives how many."""
    some = select(webhooks.c.id).where(webhooks.c.shop_domain == shop_domain, webhooks.c.id <= last).limit(limit)
    return len(tx.execute(webhooks.delete().where(webhooks.c.id.in_(some)).returning(webhooks.c.id)).all())


def _may_name(tx: Tx, who: Naming) -> ColumnElement[bool]:
    """A sieve in the database, so that not every body must come here; what it lets through is looked at closely."""
    needles = who.needles()
    if not needles:
        return false()
    if len(needles) > MOST_NEEDLES:
        return true()
    return or_(*(containing(tx, webhooks.c.body, needle) for needle in needles))
