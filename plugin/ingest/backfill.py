"""A shop's history, by Shopify's bulk operations: products, then customers, then orders.

The rows say how far each is; every batch is applied and its place kept in one transaction, so a crash repeats
nothing and loses nothing. Webhooks that come meanwhile win, since rows carry Shopify's own `updatedAt`.

    waiting ─► running (Shopify collects) ─► loading (we read its file) ─► done
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, or_, select

from plugin.base import settings
from plugin.base.errors import BeckonError, Unavailable
from plugin.shopify.client import Client, document
from plugin.store.engine import Tx
from plugin.store.tables import backfills, shops
from plugin.store.upsert import insert_new

from . import history, payload
from .events import ShopChanged
from .history import KINDS, Batch

OPEN = ("waiting", "running", "loading")
_GOING_ON = {"CREATED", "RUNNING", "CANCELING"}


@dataclass(frozen=True, slots=True)
class Backfill:
    """One part of a shop's history."""

    id: int
    shop_id: int
    kind: str
    state: str
    operation_id: str | None
    url: str | None
    total: int | None
    offset: int
    objects: int
    claimed_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Progress:
    """What Shopify says of a bulk operation. `url` None when it is over: there is nothing."""

    is_over: bool
    url: str | None
    total: int
    trouble: str | None


def begin(tx: Tx, shop_id: int, now: datetime) -> list[int]:
    """Lets the history load, anew what is done or failed; gives the rows' ids in their order."""
    fresh = {"state": "waiting", "offset": 0, "objects": 0, "started_at": now}
    insert_new(tx, backfills, [{"shop_id": shop_id, "kind": kind} | fresh for kind in KINDS])
    nothing = dict.fromkeys(("operation_id", "url", "total", "claimed_at", "finished_at", "error"))
    mine = backfills.c.shop_id == shop_id, backfills.c.state.not_in(OPEN)
    tx.execute(backfills.update().where(*mine).values(**fresh, **nothing))
    return [one.id for one in every(tx, shop_id)]


def every(tx: Tx, shop_id: int) -> list[Backfill]:
    """The parts of a shop's history, in their order."""
    found = [_backfill(row) for row in tx.execute(select(backfills).where(backfills.c.shop_id == shop_id))]
    return sorted(found, key=lambda one: KINDS.index(one.kind))


def next_of(tx: Tx, shop_id: int) -> Backfill | None:
    """The part to load now; None when all are done or failed."""
    return next((one for one in every(tx, shop_id) if one.state in OPEN), None)


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
    """Open parts that nobody is at, one a shop: for the clock. Those of a shop without access wait for it."""
    let_in = shops.c.uninstalled_at.is_(None), ~shops.c.needs_reconnect
    of_shops = select(backfills.c.shop_id).join(shops, shops.c.id == backfills.c.shop_id)
    query = of_shops.where(backfills.c.state.in_(OPEN), *let_in).distinct()
    parts = (next_of(tx, shop_id) for shop_id in tx.execute(query).scalars().all())
    dead = now - settings.current().lease
    return [part.id for part in parts if part and (part.claimed_at is None or part.claimed_at < dead)][:limit]


def collect_anew(tx: Tx, shop_id: int, kind: str, now: datetime) -> int | None:
    """One part of the history from its beginning, whatever it is doing; None before the first time."""
    nothing = dict.fromkeys(("operation_id", "url", "total", "claimed_at", "finished_at", "error"))
    mine = backfills.c.shop_id == shop_id, backfills.c.kind == kind
    again = backfills.update().where(*mine).values(state="waiting", offset=0, objects=0, started_at=now, **nothing)
    return tx.execute(again.returning(backfills.c.id)).scalar()


def question(kind: str, keeps: frozenset[str]) -> str:
    """The document that collects `kind`, without the lines of level 2 that the merchant did not switch on."""
    lines = document(f"bulk_{kind}").splitlines(keepends=True)
    return "".join(line for line in lines if line.partition("# level 2: ")[2].strip() in {"", *keeps})


def start_operation(client: Client, kind: str, keeps: frozenset[str] = frozenset()) -> str:
    """Asks Shopify to collect; gives the operation's id. Raises Unavailable when it must be tried later."""
    told = client.run("bulk_run", query=question(kind, keeps), groupObjects=False)
    answer = payload.Part("bulk_run", "", told.data).part("bulkOperationRunQuery")
    for error in answer.parts_if_any("userErrors"):
        sentence = f"Shopify does not collect the {kind}: {error.text('message')}"
        if error.value.get("code") in {"OPERATION_IN_PROGRESS", "LIMIT_REACHED"}:
            raise Unavailable(sentence)
        raise BeckonError(sentence)
    return answer.part("bulkOperation").text("id", 100)


def started(tx: Tx, backfill_id: int, operation_id: str) -> None:
    """Shopify collects."""
    row = backfills.update().where(backfills.c.id == backfill_id, backfills.c.state == "waiting")
    tx.execute(row.values(state="running", operation_id=operation_id))


def poll(client: Client, operation_id: str) -> Progress:
    """Asks how far Shopify is."""
    told = payload.Part("bulk_poll", "", client.run("bulk_poll", id=operation_id).data).part_if_any("bulkOperation")
    if told is None:
        return Progress(is_over=True, url=None, total=0, trouble="Shopify does not know the bulk operation any more.")
    status = told.text("status")
    total = told.text_if_any("objectCount") if isinstance(told.value.get("objectCount"), str) else None
    trouble = None
    if status not in _GOING_ON and status != "COMPLETED":
        trouble = f"Shopify's bulk operation ended as {status}: {told.text_if_any('errorCode') or 'no reason given'}."
    return Progress(
        is_over=status not in _GOING_ON,
        url=told.text_if_any("url"),
        total=int(total) if total and total.isdigit() else 0,
        trouble=trouble,
    )


def collected(tx: Tx, backfill_id: int, progress: Progress, now: datetime) -> None:
    """Keeps what `poll` told: the file can be read, or there is nothing, or it went wrong."""
    row = backfills.update().where(backfills.c.id == backfill_id, backfills.c.state == "running")
    if not progress.is_over:
        tx.execute(row.values(total=progress.total))
    elif progress.trouble:
        fail(tx, backfill_id, progress.trouble, now)
    elif progress.url is None:
        tx.execute(row.values(state="done", total=0, finished_at=now, claimed_at=None))
    else:
        tx.execute(row.values(state="loading", url=progress.url, total=progress.total))


def read(client: Client, part: Backfill, currency: str) -> Iterator[Batch]:
    """The rest of the file in batches. Raises Unavailable when the line breaks, Unreadable naming the file's line."""
    lines = client.download(part.url or "", part.offset)
    return history.batches_of(part.kind, lines, offset=part.offset, objects=part.objects, currency=currency)


def advance(tx: Tx, part_id: int, *, since: int, batch: Batch, now: datetime) -> bool:
    """Moves the place from byte `since` to the end of `batch`; False when another worker was there first: roll back."""
    moved = (
        backfills.update()
        .where(backfills.c.id == part_id, backfills.c.state == "loading", backfills.c.offset == since)
        .values(offset=batch.offset, objects=batch.objects, claimed_at=now)
        .returning(backfills.c.id)
    )
    return tx.execute(moved).scalar() is not None


def finish(tx: Tx, backfill_id: int, now: datetime) -> None:
    """All of it is applied."""
    row = backfills.update().where(backfills.c.id == backfill_id, backfills.c.state == "loading")
    tx.execute(row.values(state="done", url=None, finished_at=now, claimed_at=None, total=backfills.c.objects))


def fail(tx: Tx, backfill_id: int, reason: str, now: datetime) -> None:
    """Ends it with a sentence for the merchant; `begin` tries again."""
    row = backfills.update().where(backfills.c.id == backfill_id)
    tx.execute(row.values(state="failed", error=reason, finished_at=now, claimed_at=None))


def collect_again(tx: Tx, backfill_id: int) -> None:
    """The file's address is not valid any more (after seven days): Shopify must collect anew."""
    row = backfills.update().where(backfills.c.id == backfill_id, backfills.c.state == "loading")
    tx.execute(row.values(state="waiting", operation_id=None, url=None, offset=0, objects=0))


def read_shop(client: Client, now: datetime) -> ShopChanged:
    """The shop's name, currency, time zone and domain. Raises as `Client.run`."""
    return history.shop(payload.Part("shop", "", client.run("shop").data), now)


def _backfill(row: Row[*tuple[object, ...]]) -> Backfill:
    values = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it
    return Backfill(**{name: values[name] for name in Backfill.__slots__})
