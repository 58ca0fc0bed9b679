"""One step of loading a part of a store's history, or of comparing it with Shopify: it is asked for, waited for, read.

The job of it (`load_history` in jobs.py) says what becomes of a step that went wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from plugin import news
from plugin.base.clock import now
from plugin.ingest import access, backfill, collecting, differences, missing, shops
from plugin.ingest.backfill import Backfill
from plugin.ingest.events import Event
from plugin.profile.apply import Changes, apply
from plugin.profile.memberships import IMPORT
from plugin.shopify.client import Client
from plugin.store.engine import Tx, learn_statistics, snapshot, transaction

ENOUGH = timedelta(minutes=1)
"""So long one part of a history keeps a worker."""


def step(part: Backfill) -> bool:
    """True when the next step can be taken at once. Raises Unavailable to try later, BeckonError to give up."""
    client = access.client_for(part.shop_id)
    if part.state == "waiting":
        with snapshot() as tx:
            shop = shops.by_id(tx, part.shop_id)
            if not backfill.has_room(tx, part.shop_id):
                return False
        asked_at = now()
        grouped = part.reconciliation_id != backfill.HISTORY  # a comparison needs each thing in one piece
        operation_id = collecting.start_operation(
            client, part.kind, part.since, keeps=shop.keeps, scopes=frozenset(shop.scopes), grouped=grouped
        )
        with transaction() as tx:
            backfill.started(tx, part.id, operation_id, asked_at)
        return False
    if part.state == "running":
        progress = collecting.poll(client, part.operation_id or "")
        with transaction() as tx:
            backfill.collected(tx, part, progress, now())
        return progress.is_over
    return _compare_ids(client, part) if part.kind in missing.KINDS else _read_history(client, part)


def _read_history(client: Client, part: Backfill) -> bool:
    """Every batch with its place in one transaction: a crash repeats nothing and loses nothing."""
    with snapshot() as tx:
        currency = shops.by_id(tx, part.shop_id).currency
    place, until = part.offset, now() + ENOUGH
    for batch in backfill.read(client, part, currency):
        with transaction() as tx:
            if not backfill.advance(tx, part.id, since=place, batch=batch, now=now()):
                return False  # another worker is at it
            looked_at, repaired, changes = _apply(tx, part, batch.events)
            backfill.counted(tx, part.id, looked_at, repaired)
            news.consequences(tx, part.shop_id, changes, now(), leave_to_clock=IMPORT)
        place = batch.offset
        if now() > until:
            return True  # others have their turn
    with transaction() as tx:
        backfill.finish(tx, part.id, now())
        learn_statistics(tx)
    return False


def _apply(tx: Tx, part: Backfill, events: Sequence[Event]) -> tuple[int, int, Changes]:
    """Applies events; a reconciliation also tells how many things it compared, and how many were not as they are."""
    if part.reconciliation_id == backfill.HISTORY:
        return 0, 0, apply(tx, part.shop_id, events, now=now())
    keys = differences.keys(events)
    before = differences.content(tx, part.shop_id, part.kind, keys)
    changes = apply(tx, part.shop_id, events, now=now())
    after = differences.content(tx, part.shop_id, part.kind, keys)
    return len(keys), differences.differing(before, after), changes


def _compare_ids(client: Client, part: Backfill) -> bool:
    """What Shopify does not list any more is gone: its deletion was told by a webhook that never came."""
    there = missing.listed(part.kind, client.download(part.url or ""))
    with transaction() as tx:
        shop = shops.by_id(tx, part.shop_id)
        absent = missing.absent(
            tx, shop.id, part.kind, there, asked_at=part.asked_at or now(), all_orders=missing.READ_ALL in shop.scopes
        )
        changes = apply(tx, shop.id, absent.gone, now=now())
        news.consequences(tx, shop.id, changes, now(), leave_to_clock=IMPORT)
        backfill.counted(tx, part.id, absent.held, len(absent.gone))
        if absent.doubt:
            backfill.fail(tx, part.id, absent.doubt, now())
        backfill.finish(tx, part.id, now())
    return False
