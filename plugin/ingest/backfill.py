"""A shop's history by Shopify's bulk operations, all kinds side by side; a reconciliation takes the same way.

The rows say how far each part is; every batch is applied and its place kept in one transaction, so a crash repeats
nothing and loses nothing. Webhooks that come meanwhile win, since rows carry Shopify's own `updatedAt`.

    waiting ─► running (Shopify collects) ─► loading (we read its file) ─► done
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, func, or_, select

from plugin.base import settings
from plugin.base.errors import Unavailable
from plugin.shopify.client import Client
from plugin.store.engine import Tx
from plugin.store.tables import backfills, shops
from plugin.store.upsert import insert_new

from . import history
from .collecting import Progress
from .history import KINDS, Batch
from .nodes.source import Source

OPEN = ("waiting", "running", "loading")
HISTORY = 0
"""The `reconciliation_id` of the parts of the history itself."""
ATTEMPTS = 3
"""Operations that Shopify may fail for reasons of its own before a part fails."""
AT_ONCE = 5
"""Operations that Shopify runs side by side for one app in one shop."""
SOON, LATER = timedelta(seconds=2), timedelta(seconds=15)
"""Between two looks at an operation, in its first minute and afterwards: Shopify does not promise to tell its end."""
_FIRST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Backfill:
    """One part of a shop's history, or of a reconciliation (`since` None: everything)."""

    id: int
    shop_id: int
    kind: str
    reconciliation_id: int
    since: datetime | None
    state: str
    operation_id: str | None
    url: str | None
    total: int | None
    offset: int
    objects: int
    looked_at: int
    repaired: int
    asked_at: datetime | None
    attempts: int
    claimed_at: datetime | None
    error: str | None


def begin(tx: Tx, shop_id: int, now: datetime) -> list[int]:
    """Lets the history load, anew what is done or failed; gives the rows' ids in the order of KINDS."""
    begin_parts(tx, shop_id, [{"kind": kind} for kind in KINDS], now)
    fresh = {"state": "waiting", "offset": 0, "objects": 0, "attempts": 0, "started_at": now}
    nothing = dict.fromkeys(("operation_id", "url", "total", "asked_at", "claimed_at", "finished_at", "error"))
    mine = backfills.c.shop_id == shop_id, backfills.c.reconciliation_id == HISTORY
    tx.execute(backfills.update().where(*mine, backfills.c.state.not_in(OPEN)).values(**fresh, **nothing))
    return [one.id for one in every(tx, shop_id)]


def begin_parts(
    tx: Tx, shop_id: int, parts: Sequence[dict[str, object]], now: datetime, reconciliation_id: int = HISTORY
) -> None:
    """Adds parts (kind and, in all or none, since) that are not there yet."""
    shared = {"shop_id": shop_id, "reconciliation_id": reconciliation_id, "state": "waiting", "started_at": now}
    insert_new(tx, backfills, [shared | part for part in parts])


def try_again(tx: Tx, shop_id: int, kind: str, now: datetime) -> int | None:
    """Begins a failed part of the history anew, for the merchant; gives its id, None when it has not failed."""
    mine = backfills.c.shop_id == shop_id, backfills.c.reconciliation_id == HISTORY, backfills.c.kind == kind
    fresh = {"state": "waiting", "offset": 0, "objects": 0, "attempts": 0, "started_at": now}
    nothing = dict.fromkeys(("operation_id", "url", "total", "asked_at", "claimed_at", "finished_at", "error"))
    again = backfills.update().where(*mine, backfills.c.state == "failed").values(**fresh, **nothing)
    return tx.execute(again.returning(backfills.c.id)).scalar()


def every(tx: Tx, shop_id: int, reconciliation_id: int = HISTORY) -> list[Backfill]:
    """The parts of a shop's history, or of a reconciliation, in their order."""
    mine = backfills.c.shop_id == shop_id, backfills.c.reconciliation_id == reconciliation_id
    found = [_backfill(row) for row in tx.execute(select(backfills).where(*mine).order_by(backfills.c.id))]
    return sorted(found, key=lambda one: KINDS.index(one.kind) if one.kind in KINDS else len(KINDS))


def awaiting(tx: Tx, operation_id: str) -> int | None:
    """The part that waits for this bulk operation: bulk_operations/finish told that it is over."""
    query = select(backfills.c.id).where(backfills.c.operation_id == operation_id, backfills.c.state == "running")
    return tx.execute(query).scalar()


def claim(tx: Tx, backfill_id: int, now: datetime) -> Backfill | None:
    """Takes a part for this worker; None when it is over, or another worker is at it."""
    free = or_(backfills.c.claimed_at.is_(None), backfills.c.claimed_at < now - settings.current().lease)
    claimed = (
        backfills.update()
        .where(backfills.c.id == backfill_id, backfills.c.state.in_(OPEN), free)
        .values(claimed_at=now)
        .returning(*backfills.c)
    )
    row = tx.execute(claimed).one_or_none()
    return _backfill(row) if row else None


def release(tx: Tx, backfill_id: int) -> None:
    """Lets another worker, or a later job, go on."""
    tx.execute(backfills.update().where(backfills.c.id == backfill_id).values(claimed_at=None))


def stale(tx: Tx, now: datetime, limit: int) -> list[int]:
    """Open parts that nobody is at and that it is time to look after: for the clock, which is taken to do so.

    Those of a shop without access wait for it.
    """
    let_in = shops.c.uninstalled_at.is_(None), ~shops.c.needs_reconnect
    free = or_(backfills.c.claimed_at.is_(None), backfills.c.claimed_at < now - settings.current().lease)
    due = or_(backfills.c.hinted_at.is_(None), backfills.c.hinted_at <= now - SOON)
    query = (
        select(backfills.c.id, backfills.c.state, backfills.c.asked_at, backfills.c.hinted_at)
        .join(shops, shops.c.id == backfills.c.shop_id)
        .where(backfills.c.state.in_(OPEN), *let_in, free, due)
        .order_by(backfills.c.hinted_at.is_not(None), backfills.c.hinted_at, backfills.c.id)
    )
    found = [row.id for row in tx.execute(query) if not _is_too_soon(row, now)][:limit]
    tx.execute(backfills.update().where(backfills.c.id.in_(found)).values(hinted_at=now))
    return found


def collect_anew(tx: Tx, shop_id: int, kind: str, now: datetime) -> int | None:
    """One part of the history from its beginning, whatever it is doing; None before the first time."""
    nothing = dict.fromkeys(("operation_id", "url", "total", "asked_at", "claimed_at", "finished_at", "error"))
    mine = backfills.c.shop_id == shop_id, backfills.c.kind == kind, backfills.c.reconciliation_id == HISTORY
    again = backfills.update().where(*mine).values(state="waiting", offset=0, objects=0, started_at=now, **nothing)
    return tx.execute(again.returning(backfills.c.id)).scalar()


def started(tx: Tx, backfill_id: int, operation_id: str, asked_at: datetime) -> None:
    """Shopify collects."""
    row = backfills.update().where(backfills.c.id == backfill_id, backfills.c.state == "waiting")
    begun = {"operation_id": operation_id, "asked_at": asked_at, "attempts": backfills.c.attempts + 1}
    tx.execute(row.values(state="running", **begun))


def collected(tx: Tx, part: Backfill, progress: Progress, now: datetime) -> None:
    """Keeps what Shopify says of its operation: the file can be read, or there is nothing, or it went wrong."""
    row = backfills.update().where(backfills.c.id == part.id, backfills.c.state == "running")
    if not progress.is_over:
        tx.execute(row.values(total=progress.total))
    elif progress.trouble and progress.may_pass and part.attempts < ATTEMPTS:
        tx.execute(row.values(state="waiting", operation_id=None))
    elif progress.trouble and progress.url is None:
        fail(tx, part.id, progress.trouble, now)
    elif progress.url is None:
        tx.execute(row.values(state="done", total=0, finished_at=now, claimed_at=None))
    else:  # with a trouble: of what was collected nothing is thrown away
        tx.execute(row.values(state="loading", url=progress.url, total=progress.total, error=progress.trouble))


def read(client: Client, part: Backfill, currency: str) -> Iterator[Batch]:
    """The rest of the file in batches. Raises Unavailable when the line breaks, Unreadable naming the file's line."""
    if part.url is None or part.asked_at is None:
        raise Unavailable(f"The {part.kind} are not collected yet.")
    lines = client.download(part.url, part.offset)
    source = Source(part.kind, currency, part.asked_at)
    return history.batches_of(source, lines, offset=part.offset, objects=part.objects)


def has_room(tx: Tx, shop_id: int) -> bool:
    """Whether Shopify takes another operation of ours in this shop."""
    running = select(func.count()).where(backfills.c.shop_id == shop_id, backfills.c.state == "running")
    return tx.execute(running).scalar_one() < AT_ONCE


def advance(tx: Tx, part_id: int, *, since: int, batch: Batch, now: datetime) -> bool:
    """Moves the place from byte `since` to the end of `batch`; False when another worker was there first: roll back."""
    moved = (
        backfills.update()
        .where(backfills.c.id == part_id, backfills.c.state == "loading", backfills.c.offset == since)
        .values(offset=batch.offset, objects=batch.objects, claimed_at=now)
        .returning(backfills.c.id)
    )
    return tx.execute(moved).scalar() is not None


def counted(tx: Tx, part_id: int, looked_at: int, repaired: int) -> None:
    """So many things more were compared, and differed."""
    more = {"looked_at": backfills.c.looked_at + looked_at, "repaired": backfills.c.repaired + repaired}
    if looked_at or repaired:
        tx.execute(backfills.update().where(backfills.c.id == part_id).values(**more))


def finish(tx: Tx, backfill_id: int, now: datetime) -> None:
    """All of the file is applied; a part whose collecting had failed stays failed, with what there was."""
    row = backfills.update().where(backfills.c.id == backfill_id, backfills.c.state == "loading")
    over = {"url": None, "finished_at": now, "claimed_at": None, "total": backfills.c.objects}
    tx.execute(row.where(backfills.c.error.is_(None)).values(state="done", **over))
    tx.execute(row.values(state="failed", **over))


def fail(tx: Tx, backfill_id: int, reason: str, now: datetime) -> None:
    """Ends it with a sentence for the merchant; `begin` and `try_again` begin anew."""
    row = backfills.update().where(backfills.c.id == backfill_id)
    tx.execute(row.values(state="failed", error=reason, finished_at=now, claimed_at=None))


def collect_again(tx: Tx, backfill_id: int) -> None:
    """The file's address is not valid any more (after seven days): Shopify must collect anew."""
    row = backfills.update().where(backfills.c.id == backfill_id, backfills.c.state == "loading")
    anew = {"operation_id": None, "url": None, "asked_at": None, "offset": 0, "objects": 0}
    tx.execute(row.values(state="waiting", looked_at=0, **anew))


def _is_too_soon(row: Row[*tuple[object, ...]], now: datetime) -> bool:
    patience = SOON if row.asked_at is None or now - row.asked_at < _FIRST else LATER
    return row.state == "running" and row.hinted_at is not None and row.hinted_at > now - patience


def _backfill(row: Row[*tuple[object, ...]]) -> Backfill:
    values = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it
    return Backfill(**{name: values[name] for name in Backfill.__slots__})
