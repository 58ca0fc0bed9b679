"""Collections and which products are in them.

A webhook says that a collection changed and not which products it has: it is marked, and read anew soon after (jobs). A
reading tells all products at one instant; the latest reading counts, whatever comes late.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, or_, select

from plugin.ingest.events import CollectionChanged, CollectionDeleted, Event, MembersFound
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import collection_products, collections
from plugin.store.upsert import insert_new, upsert

from . import classes
from .load_products import names_of
from .news import NEVER, newest, of_kind

Known = dict[int, Row[*tuple[Any, ...]]]


def apply(tx: Tx, shop_id: int, events: Sequence[Event], now: datetime) -> tuple[set[int], set[int]]:
    """Each collection in its newest state, with the products of its latest reading. Gives the products that are in
    others than before, and the collections that have other names."""
    told = of_kind(events, CollectionChanged)
    found = of_kind(events, MembersFound)
    deleted = of_kind(events, CollectionDeleted)
    if not (told or found or deleted):
        return set(), set()
    read = {event.collection_id for event in told if event.read_at is not None}
    read |= {event.collection_id for some in (found, deleted) for event in some}
    were = classes.of_collections(tx, shop_id, read)
    called = {event.collection_id for event in told}
    names = names_of(tx, shop_id, called)
    _write(tx, shop_id, told)
    for gone in deleted:
        _delete(tx, shop_id, gone)
    known = _known(tx, shop_id, {event.collection_id for some in (told, found) for event in some})
    _read(tx, shop_id, [event for event in told if event.read_at is not None], known)
    _add(tx, shop_id, found, _known(tx, shop_id, {more.collection_id for more in found}))
    _mark(tx, shop_id, [event.collection_id for event in told if event.read_at is None], now)
    renamed = classes.differing(names, names_of(tx, shop_id, called))
    return classes.differing(were, classes.of_collections(tx, shop_id, read)), renamed


def stale(tx: Tx, limit: int) -> list[int]:
    """Our ids of the collections that changed since their products were read: for the clock."""
    unread = or_(collections.c.members_at.is_(None), collections.c.members_at < collections.c.stale_at)
    marked = collections.c.stale_at.is_not(None), collections.c.deleted_at.is_(None)
    query = select(collections.c.id).where(*marked, unread).order_by(collections.c.stale_at)
    return list(tx.execute(query.limit(limit)).scalars())


def place(tx: Tx, row_id: int) -> tuple[int, int] | None:
    """(shop id, Shopify's id) of a collection; None when it was forgotten meanwhile."""
    columns = collections.c.shop_id, collections.c.collection_id
    row = tx.execute(select(*columns).where(collections.c.id == row_id)).one_or_none()
    return (row.shop_id, row.collection_id) if row else None


def _known(tx: Tx, shop_id: int, collection_ids: Collection[int]) -> Known:
    found: Known = {}
    for some in batches(collection_ids, 1_000):
        query = select(collections.c.collection_id, collections.c.members_at, collections.c.deleted_at)
        query = query.where(collections.c.shop_id == shop_id, collections.c.collection_id.in_(some))
        found.update((row.collection_id, row) for row in tx.execute(query))
    return found


def _write(tx: Tx, shop_id: int, told: Sequence[CollectionChanged]) -> None:
    latest = newest(told, lambda event: event.collection_id, lambda event: event.updated_at)
    rows = [
        {
            "shop_id": shop_id,
            "collection_id": event.collection_id,
            "title": event.title,
            "handle": event.handle,
            "updated_at": event.updated_at,
        }
        for event in latest.values()
    ]
    upsert(tx, collections, rows, key=("shop_id", "collection_id"), newer="updated_at")


def _delete(tx: Tx, shop_id: int, gone: CollectionDeleted) -> None:
    """Marked for ever, against late news; its products are in it no more."""
    unknown = {"shop_id": shop_id, "collection_id": gone.collection_id, "title": "", "handle": "", "updated_at": NEVER}
    insert_new(tx, collections, [unknown])
    mine = collections.c.shop_id == shop_id, collections.c.collection_id == gone.collection_id
    since = func.coalesce(collections.c.deleted_at, gone.at)
    tx.execute(collections.update().where(*mine).values(deleted_at=since, members_at=None))
    _forget(tx, shop_id, [gone.collection_id])


def _read(tx: Tx, shop_id: int, told: Sequence[CollectionChanged], known: Known) -> None:
    """The latest reading of each collection replaces what an earlier one told."""
    latest = newest(told, lambda event: event.collection_id, lambda event: event.read_at or NEVER)
    fresh = [
        event
        for event in latest.values()
        if (row := known[event.collection_id]).deleted_at is None and (row.members_at or NEVER) <= event.read_at  # type: ignore[operator]  # told only where it was read
    ]
    if not fresh:
        return
    mine = collections.c.shop_id == shop_id, collections.c.collection_id == bindparam("of")
    readings = [{"of": event.collection_id, "at": event.read_at} for event in fresh]
    tx.execute(collections.update().where(*mine).values(members_at=bindparam("at")), readings)
    older = (
        collection_products.c.shop_id == shop_id,
        collection_products.c.collection_id == bindparam("of"),
        collection_products.c.told_at < bindparam("at"),
    )
    _tell(tx, shop_id, fresh)
    tx.execute(collection_products.delete().where(*older), readings)


def _add(tx: Tx, shop_id: int, found: Sequence[MembersFound], known: Known) -> None:
    """Products that the history told apart from their collection; those of an overtaken reading are not added."""

    def counts(more: MembersFound) -> bool:
        row = known.get(more.collection_id)
        return row is None or (row.deleted_at is None and (row.members_at or NEVER) <= more.read_at)

    _tell(tx, shop_id, [more for more in found if counts(more)])


def _tell(tx: Tx, shop_id: int, told: Sequence[CollectionChanged | MembersFound]) -> None:
    rows: list[dict[str, Any]] = [
        {"shop_id": shop_id, "collection_id": event.collection_id, "product_id": product_id, "told_at": event.read_at}
        for event in told
        for product_id in event.product_ids or ()
    ]
    latest = newest(rows, lambda row: (row["collection_id"], row["product_id"]), lambda row: row["told_at"])
    key = ("shop_id", "collection_id", "product_id")
    upsert(tx, collection_products, list(latest.values()), key=key, newer="told_at")


def _mark(tx: Tx, shop_id: int, collection_ids: Sequence[int], now: datetime) -> None:
    for some in batches(sorted(set(collection_ids)), 1_000):
        mine = collections.c.shop_id == shop_id, collections.c.collection_id.in_(some)
        tx.execute(collections.update().where(*mine).values(stale_at=now))


def _forget(tx: Tx, shop_id: int, collection_ids: Sequence[int]) -> None:
    for some in batches(collection_ids, 1_000):
        mine = collection_products.c.shop_id == shop_id, collection_products.c.collection_id.in_(some)
        tx.execute(collection_products.delete().where(*mine))
