"""The pipeline: calls a stage, commits, hands on. Reading this page is reading the product.

Every job may run twice, late, or never: what it does is decided by rows, and the clock (plugin/schedule.py) brings
back what was lost. What is enqueued is enqueued after the commit.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from plugin import loading, news
from plugin.automation import steps
from plugin.base.clock import now
from plugin.base.errors import BeckonError, Unavailable
from plugin.campaign import lifecycle, sending
from plugin.delivery import agreed, claims, counts, fanout, push, ready, record, waiting
from plugin.delivery.outcome import Answer
from plugin.ingest import access, backfill, collecting, pixels, privacy, reconcile
from plugin.ingest.events import CollectionDeleted
from plugin.profile import collections, erase, retention
from plugin.queue import AUTOMATIONS, CAMPAIGNS, HISTORY, enqueue
from plugin.segment import comparison
from plugin.shopify.client import FileGone
from plugin.store.batches import batches
from plugin.store.engine import learn_statistics, snapshot, transaction

log = logging.getLogger(__name__)

BATCHES_A_JOB = 200
"""So many batches of what is too old a job takes, before others have their turn."""
PAGES_A_JOB = 20
"""So long one campaign's fan-out keeps a worker before others have their turn: 10,000 people."""


def installed(shop_id: int) -> None:
    """A shop let us in: learn who it is, then load its history. When Shopify is away the clock asks again."""
    try:
        details = collecting.read_shop(access.client_for(shop_id), now())
    except BeckonError as error:
        log.warning("shop %s is not loaded yet: %s", shop_id, error)
        return
    with transaction() as tx:
        news.take(tx, shop_id, [details], now())
        part_ids = backfill.begin(tx, shop_id, now())
    enqueue(HISTORY, switch_pixel_on, shop_id)
    load(part_ids)


def load(part_ids: Sequence[int]) -> None:
    """Parts of a history or of a reconciliation, side by side: what is applied is order-safe, so none has to wait."""
    for part_id in part_ids:
        enqueue(HISTORY, load_history, part_id)


def load_customers_again(shop_id: int) -> None:
    """The merchant switched on a field of level 2: every customer is asked for it."""
    with transaction() as tx:
        part_id = backfill.collect_anew(tx, shop_id, "customers", now())
    if part_id is not None:
        enqueue(HISTORY, load_history, part_id)


def switch_pixel_on(shop_id: int) -> None:
    """The web pixel tells what shoppers look at; Shopify switches it on. The clock asks until it has."""
    with transaction() as tx:
        pixel = pixels.begin(tx, shop_id, now())
    if pixel is None:
        return
    try:
        pixel_id = pixels.switch_on(access.client_for(shop_id), pixel)
    except BeckonError as error:
        log.warning("shop %s has no web pixel yet: %s", shop_id, error)
        with transaction() as tx:
            pixels.failed(tx, pixel, str(error))
        return
    with transaction() as tx:
        pixels.switched_on(tx, pixel, pixel_id, now())


def load_history(backfill_id: int) -> None:
    """One step of one part: ask Shopify to collect, ask how far it is, or read some of what it collected."""
    with transaction() as tx:
        part = backfill.claim(tx, backfill_id, now())
    if part is None:
        return
    go_on = False
    try:
        go_on = loading.step(part)
    except FileGone as error:
        log.warning("the %s are collected anew: %s", part.kind, error)
        with transaction() as tx:
            backfill.collect_again(tx, part.id)
    except Unavailable as error:
        log.warning("the %s wait, the clock will go on with them: %s", part.kind, error)
    except BeckonError as error:
        with transaction() as tx:
            backfill.fail(tx, part.id, str(error), now())
    with transaction() as tx:
        backfill.release(tx, part.id)
        report = reconcile.settle(tx, part.reconciliation_id, now())
    if report:
        log.info("shop %s was compared with Shopify: %s", part.shop_id, reconcile.sentence(report))
    if go_on:
        enqueue(HISTORY, load_history, part.id)


def compare(shop_id: int) -> None:
    """The night's reconciliation of a shop."""
    with transaction() as tx:
        part_ids = reconcile.begin(tx, shop_id, reconcile.CLOCK, now())
    load(part_ids)


def read_collection(row_id: int) -> None:
    """A webhook said that a collection changed, and not what is in it now."""
    with snapshot() as tx:
        place = collections.place(tx, row_id)
    if place is None:
        return
    (shop_id, collection_id), at = place, now()
    try:
        told = collecting.read_collection(access.client_for(shop_id), collection_id, at)
    except BeckonError as error:
        log.warning("a collection of shop %s is not read yet, the clock asks again: %s", shop_id, error)
        return
    with transaction() as tx:
        news.take(tx, shop_id, [told or CollectionDeleted(collection_id, at)], now())


def start_campaign(campaign_id: int) -> None:
    """A scheduled campaign whose time has come begins, or goes back to its author with the reason."""
    with transaction() as tx:
        reason = ready.why_not(tx, campaign_id)
        if reason is not None:
            sending.send_back(tx, campaign_id, reason, now())
        started = sending.start(tx, campaign_id, now())
    if started:
        fan_out(campaign_id)


def fan_out(campaign_id: int) -> None:
    """audience → deliveries: some pages of a campaign, each its own transaction, sent while the next is written."""
    for _ in range(PAGES_A_JOB):
        with transaction() as tx:
            going_on = fanout.next_page(tx, campaign_id, now()) is not None
            ids = waiting.ahead(tx, campaign_id, now())
        _enqueue_batches(ids, campaign_id)
        if not going_on:
            return
    enqueue(CAMPAIGNS, fan_out, campaign_id)


def close_cancelled(campaign_id: int) -> None:
    """Whoever a cancelled campaign did not get to has that as outcome, page by page."""
    with transaction() as tx:
        going_on = lifecycle.close_cancelled(tx, campaign_id, now())
    if going_on:
        enqueue(CAMPAIGNS, close_cancelled, campaign_id)


def advance(enrollment_id: int) -> None:
    """A reminder that is due becomes a delivery, unless it is not wanted any more."""
    with transaction() as tx:
        delivery_id = steps.advance(tx, enrollment_id, now())
    if delivery_id is not None:
        enqueue(AUTOMATIONS, send_batch, [delivery_id])


Send = Callable[[Sequence[push.Push], datetime], Sequence[Answer]]


def send_batch(delivery_ids: list[int], campaign_id: int = 0, *, send: Send = push.send_all) -> None:
    """Claim, ask for consent once more, push, record. No transaction is open while the network is. What is taken out of
    the queue of a campaign's is put in again from what waits, so that it always has a few batches there and never
    many."""
    with transaction() as tx:
        mine = claims.claim(tx, delivery_ids, now())
        ahead = waiting.ahead(tx, campaign_id, now()) if campaign_id else []
    _enqueue_batches(ahead, campaign_id)
    mine = _still_agreed(mine) if mine else []
    if not mine:
        return
    answers = send([each.push for each in mine], now())
    with transaction() as tx:
        record.finish(tx, mine, answers, now())


def _still_agreed(mine: list[claims.Claimed]) -> list[claims.Claimed]:
    """Those of `mine` whose browsers have not taken their consent back since they were claimed."""
    with snapshot() as tx:
        if agreed.all_agree(tx, mine):
            return mine
    with transaction() as tx:
        return agreed.those_who_agree(tx, mine, now())


def _enqueue_batches(delivery_ids: Sequence[int], campaign_id: int) -> None:
    for ids in batches(delivery_ids, waiting.BATCH):
        enqueue(CAMPAIGNS, send_batch, ids, campaign_id)


def renew_access(shop_id: int) -> None:
    """A quiet shop's tokens are renewed before they end for good; what goes wrong, the clock tries again in an hour."""
    try:
        access.renew(shop_id)
    except BeckonError as error:
        log.warning("the tokens of shop %s are not renewed: %s", shop_id, error)


def carry_out(request_id: int) -> None:
    """A privacy request, step by step, each its own transaction. What breaks stays open, and the clock tries again."""
    going_on = True
    while going_on:
        try:
            with transaction() as tx:
                going_on = erase.step(tx, request_id, now())
        except Exception as error:
            with transaction() as tx:  # ours to mend; only its kind is noted, since its words may name the person
                privacy.stumbled(tx, request_id, type(error).__name__)
            raise


def ask_plan(shop_id: int) -> None:
    """A hosted shop's plan, asked of Shopify anew."""
    from plugin.billing import standing  # a self-hosted installation never loads it

    standing.ask(shop_id)


def clean_up() -> None:
    """What is older than its limit goes, some at a time; what the tables hold has changed since yesterday."""
    with snapshot() as tx:
        places = retention.places(tx)
    left = BATCHES_A_JOB
    for place in places:
        going_on = True
        while going_on and left:
            with transaction() as tx:
                going_on = bool(retention.sweep(tx, place, now()))
            left -= going_on
    if not left:
        enqueue(HISTORY, clean_up)
        return
    with transaction() as tx:
        reconcile.clean(tx, now())
        comparison.clean(tx, now())
        counts.forget_times(tx, now())
        learn_statistics(tx)
