"""The pipeline: calls a stage, commits, hands on. Reading this page is reading the product.

Every job may run twice, late, or never: what it does is decided by rows, and the clock (plugin/schedule.py) brings
back what was lost. What is enqueued is enqueued after the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from plugin.automation import steps, triggers
from plugin.base.clock import now
from plugin.campaign import sending
from plugin.delivery import claims, fanout, push, ready, record
from plugin.delivery.outcome import Answer
from plugin.profile.apply import Changes
from plugin.queue import AUTOMATIONS, CAMPAIGNS, enqueue
from plugin.report import attribution
from plugin.store.engine import Tx, transaction

PAGES_A_JOB = 20
"""So long one campaign's fan-out keeps a worker before others have their turn: 10,000 people."""


def consequences(tx: Tx, shop_id: int, changes: Changes, at: datetime) -> None:
    """profile → here, in the same transaction: orders are credited and end reminders, carts begin them."""
    attribution.credit(tx, shop_id, changes.orders, at)
    triggers.stop_bought(tx, shop_id, changes.orders, at)
    triggers.enroll(tx, shop_id, changes.carts, at)


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
            delivery_ids = fanout.next_page(tx, campaign_id, now())
        if not delivery_ids:
            return
        enqueue(CAMPAIGNS, send_batch, delivery_ids)
    enqueue(CAMPAIGNS, fan_out, campaign_id)


def advance(enrollment_id: int) -> None:
    """A reminder that is due becomes a delivery, unless it is not wanted any more."""
    with transaction() as tx:
        delivery_id = steps.advance(tx, enrollment_id, now())
    if delivery_id is not None:
        enqueue(AUTOMATIONS, send_batch, [delivery_id])


Send = Callable[[Sequence[push.Push], datetime], Sequence[Answer]]


def send_batch(delivery_ids: list[int], send: Send = push.send_all) -> None:
    """Claim, push, record. No transaction is open while the network is."""
    with transaction() as tx:
        mine = claims.claim(tx, delivery_ids, now())
    if not mine:
        return
    answers = send([each.push for each in mine], now())
    with transaction() as tx:
        record.finish(tx, mine, answers, now())
