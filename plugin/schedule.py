"""What runs by the clock: it finds the rows that are due, or that a dead process left behind, and enqueues their jobs.

It does no work itself. Each row remembers when it was hinted last, and nothing is hinted while a queue is long, so
that neither two clocks nor a slow worker flood the queue.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from plugin import jobs, queue, segment_jobs
from plugin.automation import steps
from plugin.base import settings
from plugin.base.clock import now as present
from plugin.base.errors import BeckonError
from plugin.campaign import lifecycle, sending
from plugin.delivery import fanout, waiting
from plugin.ingest import access, backfill, inbox, pixels, privacy, reconcile, segments
from plugin.profile import collections, measures
from plugin.report import insight_kept
from plugin.report.backlog import CLOCK
from plugin.segment import comparison, imports, membership
from plugin.store.batches import batches
from plugin.store.engine import Tx, transaction
from plugin.store.tables import backfills, leases, shops
from plugin.store.upsert import insert_new

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=10)
"""A second clock takes over when the first has been silent for this long."""
MINUTELY, HOURLY = "minutely", "hourly"
WEBHOOK_DELAY = timedelta(seconds=5)
"""So long a webhook's own job has before the clock hints at it again."""
LONG_QUEUE = {
    queue.WEBHOOKS: 1_000,
    queue.AUTOMATIONS: 1_000,
    queue.SEGMENTS: 50,
    queue.CAMPAIGNS: 200,
    queue.HISTORY: 1,
}
"""Jobs that wait: with so many the clock adds none. A history is asked for again and again until Shopify has it."""
PEOPLE_AT_ONCE, PEOPLE_A_JOB = 5_000, 100
"""Whose time has come, a tick. A job holds their shop for as long as it judges them."""
SETTLING_DELAY = timedelta(minutes=1)
"""So long the settling of a segment may stand still before the clock hints at it again."""
PLANS_AT_ONCE = 100
"""A minute: the Partner API takes four questions a second."""

Job = Callable[..., None] | str


@dataclass(frozen=True, slots=True)
class Hint:
    """One job to enqueue."""

    queue: str
    job: Job
    about: tuple[int | list[int], ...]


def run_forever(stop: threading.Event) -> None:
    """Ticks once a second until `stop` is set. What one tick meets is logged; the next one tries again."""
    while not stop.is_set():
        try:
            tick(present())
        except (SQLAlchemyError, BeckonError):
            log.exception("a tick of the clock failed; the next one tries again")
        stop.wait(1)


def tick(now: datetime, holder: str = f"{socket.gethostname()}:{os.getpid()}") -> int:
    """Enqueues what is due; returns how many jobs. Only the clock that holds the lease does anything."""
    room = {name for name in queue.QUEUES if _has_room(name)}
    with transaction() as tx:
        if not _take(tx, CLOCK, holder, now, LEASE):
            return 0
        hints = _due(tx, room, now)
    for hint in hints:
        queue.enqueue(hint.queue, hint.job, *hint.about)
    return len(hints)


def _due(tx: Tx, room: set[str], now: datetime) -> list[Hint]:
    waiting.forget_the_dead(tx, now)
    hints: list[Hint] = []
    if queue.WEBHOOKS in room:
        late = inbox.waiting(tx, now - WEBHOOK_DELAY, 500, now)
        hints += [Hint(queue.WEBHOOKS, queue.APPLY_WEBHOOKS, (ids,)) for ids in batches(late, queue.WEBHOOKS_A_JOB)]
    if queue.AUTOMATIONS in room:
        hints += [Hint(queue.AUTOMATIONS, jobs.advance, (each,)) for each in steps.due(tx, now)]
        late_ones = batches(waiting.reminders(tx, now), waiting.BATCH)
        hints += [Hint(queue.AUTOMATIONS, jobs.send_batch, (ids,)) for ids in late_ones]
    if queue.SEGMENTS in room:
        due = membership.due(tx, now, PEOPLE_AT_ONCE, PEOPLE_A_JOB)
        hints += [Hint(queue.SEGMENTS, segment_jobs.judge_due, (shop_id, ids)) for shop_id, ids in due]
        saved = membership.settling(tx, now - SETTLING_DELAY, now)
        hints += [Hint(queue.SEGMENTS, segment_jobs.settle_segment, (each,)) for each in saved]
    if queue.CAMPAIGNS in room:
        hints += _campaigns(tx, now)
    if queue.HISTORY in room:
        hints += [Hint(queue.HISTORY, jobs.load_history, (each,)) for each in backfill.stale(tx, now, 10)]
        hints += [Hint(queue.HISTORY, segment_jobs.check_members, (each,)) for each in comparison.due(tx, now)]
        hints += [Hint(queue.HISTORY, segment_jobs.count_insight, (each,)) for each in insight_kept.due(tx, now)]
        hints += [Hint(queue.HISTORY, jobs.carry_out, (each,)) for each in privacy.due(tx, now)]
    if _take(tx, MINUTELY, "", now, timedelta(minutes=1)):
        hints += [Hint(queue.HISTORY, jobs.installed, (each,)) for each in _without_history(tx)]
        hints += _plans(tx, now)
        hints += [Hint(queue.HISTORY, jobs.switch_pixel_on, (each,)) for each in pixels.waiting(tx, now)]
        hints += [Hint(queue.HISTORY, jobs.read_collection, (each,)) for each in collections.stale(tx, 100)]
        hints += [Hint(queue.HISTORY, segment_jobs.read_segments, (each,)) for each in segments.waiting(tx, now)]
        hints += [Hint(queue.HISTORY, segment_jobs.follow_segment, each) for each in imports.out_of_step(tx, 100)]
        hints += [Hint(queue.HISTORY, jobs.compare, (each,)) for each in reconcile.due(tx, now, 20)]
        hints += [Hint(queue.HISTORY, segment_jobs.measure, (each,)) for each in measures.due(tx, now, 20)]
        checked = membership.nightly.due(tx, now, 20)
        hints += [Hint(queue.HISTORY, segment_jobs.check_memberships, (each,)) for each in checked]
    if _take(tx, HOURLY, "", now, timedelta(hours=1)):
        hints += [Hint(queue.HISTORY, jobs.renew_access, (each,)) for each in access.idle(tx, now)]
        hints.append(Hint(queue.HISTORY, jobs.clean_up, ()))
    return hints


def _campaigns(tx: Tx, now: datetime) -> list[Hint]:
    sending.finish_done(tx, sending.fanned_out(tx), now)
    hints = [Hint(queue.CAMPAIGNS, jobs.start_campaign, (each,)) for each in sending.due(tx, now)]
    hints += [Hint(queue.CAMPAIGNS, jobs.fan_out, (each,)) for each in fanout.standing_still(tx, now)]
    hints += [Hint(queue.CAMPAIGNS, jobs.close_cancelled, (each,)) for each in lifecycle.half_cancelled(tx, now)]
    for campaign_id in sending.under_way(tx):
        due = waiting.ahead(tx, campaign_id, now)
        hints += [Hint(queue.CAMPAIGNS, jobs.send_batch, (ids, campaign_id)) for ids in batches(due, waiting.BATCH)]
    return hints


def _plans(tx: Tx, now: datetime) -> list[Hint]:
    """Hosted shops whose plan is to be asked of Shopify. Nobody's, when this installation sells no plans."""
    if settings.current().billing is None:
        return []
    from plugin.billing import standing

    return [Hint(queue.HISTORY, jobs.ask_plan, (each,)) for each in standing.due(tx, now, PLANS_AT_ONCE)]


def _without_history(tx: Tx) -> list[int]:
    """Shops whose installation was cut short."""
    found = select(shops.c.id).where(
        shops.c.uninstalled_at.is_(None),
        shops.c.access_token.is_not(None),
        ~shops.c.needs_reconnect,
        ~exists().where(backfills.c.shop_id == shops.c.id),
    )
    return list(tx.execute(found.limit(10)).scalars())


def _take(tx: Tx, name: str, holder: str, now: datetime, span: timedelta) -> bool:
    """Takes or renews a lease; False while somebody else holds it. Nobody (no `holder`) does not renew."""
    free = leases.c.until <= now
    mine = or_(leases.c.holder == holder, free) if holder else free
    taken = update(leases).where(leases.c.name == name, mine).values(holder=holder, until=now + span)
    if tx.execute(taken.returning(leases.c.name)).first():
        return True
    return bool(insert_new(tx, leases, [{"name": name, "holder": holder, "until": now + span}]))


def _has_room(name: str) -> bool:
    waits = queue.backlog(name)
    return waits is not None and waits < LONG_QUEUE[name]
