"""Recorded webhooks become events, and they become profiles: one transaction from claim to finish."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from plugin import jobs, news, queue
from plugin.base import settings
from plugin.base.clock import now
from plugin.base.errors import Unreadable
from plugin.ingest import backfill, inbox, shops
from plugin.ingest.events import BulkFinished, Event, PlanChanged
from plugin.ingest.inbox import RawWebhook
from plugin.ingest.shops import Shop
from plugin.profile import requests
from plugin.store.engine import Tx, transaction

from .delivery import Delivery
from .topics import parse

log = logging.getLogger(__name__)

ALONE = ("app/", "shop/", "bulk_operations/", "customers/redact", "customers/data_request")
"""What changes the shop itself, or forgets somebody, is not mixed with other news."""


class Following(NamedTuple):
    """What is to be enqueued after the commit: parts of the history that can be read now, erasures to carry out."""

    backfills: Sequence[int] = ()
    requests: Sequence[int] = ()


class _Apart(Exception):
    """One of them wants a transaction of its own."""


def apply_webhooks(row_ids: list[int]) -> None:
    """The job: applies what came together, and what has come meanwhile, in one transaction; where that fails, its own
    one by one. So a worker that lags behind takes more at once, and finds its later jobs done.

    Raises ExceptionGroup of what we broke; the others are applied all the same.
    """
    if _together(row_ids):
        return
    broken = []
    for row_id in row_ids:
        try:
            apply_webhook(row_id)
        except Exception as error:  # noqa: BLE001  one that breaks us does not hold up the others
            broken.append(error)
    if broken:
        raise ExceptionGroup("webhooks that we cannot apply", broken)


def apply_webhook(row_id: int) -> None:
    """Applies one; does nothing when it is applied already. What cannot be read stays, failed, with its reason."""
    try:
        with transaction() as tx:
            following = _apply(tx, inbox.claim(tx, [row_id], now()))
    except Exception as error:
        with transaction() as tx:  # ours to mend: noted on the row, tried again, then failed
            inbox.stumbled(tx, row_id, f"{type(error).__name__}: {error}"[:2_000], now())
        raise
    for backfill_id in following.backfills:
        queue.enqueue(queue.HISTORY, jobs.load_history, backfill_id)
    for request_id in following.requests:
        queue.enqueue(queue.HISTORY, jobs.carry_out, request_id)


def _together(row_ids: list[int]) -> bool:
    """False when it did not go, and nothing is changed."""
    try:
        with transaction() as tx:
            more = inbox.untouched(tx, queue.WEBHOOKS_A_JOB - len(row_ids), but=ALONE)
            _apply(tx, _mixable(inbox.claim(tx, {*row_ids, *more}, now())))
    except _Apart:
        return False
    except Exception:
        log.exception("webhooks %s do not go together; they are applied one by one", row_ids)
        return False
    return True


def _mixable(raws: list[RawWebhook]) -> list[RawWebhook]:
    if any(raw.topic.startswith(ALONE) for raw in raws):
        raise _Apart
    return raws


def _apply(tx: Tx, raws: Sequence[RawWebhook]) -> Following:
    of_shop: dict[str, list[RawWebhook]] = defaultdict(list)
    for raw in raws:
        of_shop[raw.shop_domain].append(raw)
    over: list[str] = []
    asked: list[int] = []
    private = set[int]()
    lawful = {raw.id for raw in raws if raw.topic in inbox.LAWFUL}
    for domain in sorted(of_shop):  # in one order everywhere: two workers never wait for each other
        shop = shops.find(tx, domain)
        told = [(raw.id, event) for raw in of_shop[domain] for event in _read(tx, raw, shop)]
        events = [event for _, event in told]
        private |= {raw_id for raw_id, _ in told if raw_id in lawful}
        if shop is None:  # news of a shop that never opened us, or that is forgotten, is of no use
            requests.of_nobody(tx, domain, events, now())
            continue
        changes = news.take(tx, shop.id, events, now())
        asked += changes.requests
        forgotten = {id(event) for event in changes.forgotten}
        private |= {raw_id for raw_id, event in told if id(event) in forgotten}
        _ask_plan_soon(tx, shop.id, events)
        over += [event.operation_id for event in events if isinstance(event, BulkFinished)]
    inbox.finish(tx, [raw.id for raw in raws], now())
    inbox.keep_bare(tx, raws)
    inbox.strip(tx, private, now())
    found = (backfill.awaiting(tx, operation_id) for operation_id in over)
    return Following([backfill_id for backfill_id in found if backfill_id is not None], asked)


def _read(tx: Tx, raw: RawWebhook, shop: Shop | None) -> list[Event]:
    """Its events; none when it cannot be read, which its row then says."""
    try:
        return parse(raw.topic, raw.body, _delivery(raw, shop))
    except Unreadable as error:
        log.warning("webhook %s failed: %s", raw.id, error)
        inbox.fail(tx, raw.id, str(error), now())
        return []


def _delivery(raw: RawWebhook, shop: Shop | None) -> Delivery:
    return Delivery(
        at=raw.triggered_at or raw.received_at,
        currency=shop.currency if shop else "USD",
        webhook_id=raw.webhook_id,
        triggered=raw.triggered_at is not None,
        keeps=shop.keeps if shop else frozenset(),
    )


def _ask_plan_soon(tx: Tx, shop_id: int, events: list[Event]) -> None:
    """The clock asks within a minute: one question, however many of these come at once."""
    if settings.current().billing is not None and any(isinstance(event, PlanChanged) for event in events):
        from plugin.billing import standing

        standing.ask_soon(tx, shop_id, now())
