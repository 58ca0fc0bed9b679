"""A recorded webhook becomes events, and they become profiles: one transaction from claim to finish."""

from __future__ import annotations

import logging
from datetime import datetime

from plugin import jobs, queue
from plugin.base.clock import now
from plugin.base.errors import Unreadable
from plugin.ingest import backfill, inbox, shops
from plugin.ingest.events import BulkFinished, Event
from plugin.ingest.inbox import RawWebhook
from plugin.profile.apply import apply
from plugin.store.engine import Tx, transaction

from .delivery import Delivery
from .topics import parse

log = logging.getLogger(__name__)


def apply_webhook(row_id: int) -> None:
    """The job: does nothing when the row is applied already. What cannot be read stays, failed, with its reason."""
    try:
        with transaction() as tx:
            ready = _apply(tx, row_id)
    except Unreadable as error:
        log.warning("webhook %s failed: %s", row_id, error)
        with transaction() as tx:
            inbox.fail(tx, row_id, str(error), now())
        return
    except Exception as error:
        with transaction() as tx:  # ours to mend: noted on the row, tried again, then failed
            inbox.stumbled(tx, row_id, f"{type(error).__name__}: {error}"[:2_000], now())
        raise
    for backfill_id in ready:
        queue.enqueue(queue.HISTORY, jobs.load_history, backfill_id)


def _apply(tx: Tx, row_id: int) -> list[int]:
    """Gives the parts of the history that can be read now."""
    raw = inbox.claim(tx, row_id, now())
    if raw is None:
        return []
    events: list[Event] = []
    shop = shops.find(tx, raw.shop_domain)
    if shop is not None:  # news of a shop that never opened us, or that is forgotten, is of no use
        events = parse(raw.topic, raw.body, Delivery(at=_at(raw), currency=shop.currency))
        changes = apply(tx, shop.id, events, now=now())
        jobs.consequences(tx, shop.id, changes, now())
    inbox.finish(tx, row_id, now())
    over = (backfill.awaiting(tx, event.operation_id) for event in events if isinstance(event, BulkFinished))
    return [backfill_id for backfill_id in over if backfill_id is not None]


def _at(raw: RawWebhook) -> datetime:
    return raw.triggered_at or raw.received_at
