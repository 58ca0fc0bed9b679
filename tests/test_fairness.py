"""A big campaign leaves room: whoever comes after it waits for a few of its batches, never for all of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from rq import Queue

from plugin import jobs, queue, schedule
from plugin.automation import triggers
from plugin.base import clock, settings
from plugin.delivery import fanout, waiting
from plugin.store import tables
from plugin.store.engine import snapshot, transaction
from tests.automation.test_abandoned_cart import HOUR, cart, line, subscriber, switch
from tests.conftest import NOON
from tests.delivery.rows import campaign, set_state, states, subscribers
from tests.delivery.wire import PushService
from tests.factories import make_campaign, make_product, make_shop

BATCH, BIG = 5, 150
SECOND = timedelta(seconds=1)


class Worker:
    """Takes one job after the other in the order of the queues, as `beckon worker` does; only the wire is replaced."""

    def __init__(self) -> None:
        self.service = PushService()
        self.ticks = 0

    def batches_until(self, done: Callable[[], bool]) -> int:
        """How many batches of a campaign it sends until `done`; the clock ticks meanwhile."""
        before = self.sent
        while not done():
            self.ticks += 1
            with clock.stopped_at(NOON + self.ticks * SECOND / 10):
                schedule.tick(clock.now())
                self.take_one()
        return self.sent - before

    sent = 0

    def take_one(self) -> None:
        served = [queue.the_queue(name) for name in queue.QUEUES]
        found = Queue.dequeue_any(served, None, queue.redis(), serializer=served[0].serializer)
        assert found, "nothing is left to do"
        job, taken_from = found
        name = str(job.func_name).rpartition(".")[2]
        if name == "send_batch":
            jobs.send_batch(*job.args, send=self.service.send)
            self.sent += taken_from.name == queue.CAMPAIGNS
        else:
            getattr(jobs, name)(*job.args)


@pytest.fixture
def worker(shop: int, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """A worker of a real queue; batches and pages are small."""
    monkeypatch.setattr(waiting, "BATCH", BATCH)
    monkeypatch.setattr(fanout.next_page, "__defaults__", (10 * BATCH,))
    queue._client(redis_url).flushall()
    settings.use(dataclasses.replace(settings.current(), redis_url=redis_url))
    with transaction() as tx:
        set_state(tx, tables.shops, shop, access_token=None)  # no history to load
    with clock.stopped_at(NOON):
        schedule.tick(NOON)
        queue._client(redis_url).flushall()
        yield Worker()
    queue._client(redis_url).flushall()


@pytest.fixture
def big(shop: int, worker: Worker) -> int:
    """A campaign to very many, in the middle of it."""
    with transaction() as tx:
        subscribers(tx, shop, BIG)
        sale = make_campaign(tx, shop, state="scheduled", scheduled_at=NOON)
    worker.batches_until(lambda: has(sale, "sent"))
    return sale


def test_a_small_campaign_of_another_shop_goes_out_while_a_big_one_runs(worker: Worker, big: int) -> None:
    with transaction() as tx:
        other = make_shop(tx, "other.myshopify.com", access_token=None)
        subscribers(tx, other, 3)
        small = make_campaign(tx, other, state="scheduled", scheduled_at=NOON)

    waited = worker.batches_until(lambda: not has(small, "queued") and has(small, "sent"))

    assert waited <= 2 * waiting.AHEAD + 2  # what was there when it came to start, and again when it was written
    with snapshot() as tx:
        assert campaign(tx, small).state == "sent"
        assert states(tx, big)["queued"] > BIG / 2


def test_two_big_ones_share(worker: Worker, shop: int, big: int) -> None:
    with transaction() as tx:
        sale = make_campaign(tx, shop, state="scheduled", scheduled_at=NOON)
    worker.batches_until(lambda: has(sale, "sent"))
    before = sent(big)

    worker.batches_until(lambda: sent(sale) >= 12 * BATCH)

    assert 8 * BATCH <= sent(big) - before <= 16 * BATCH


def test_a_reminder_goes_out_before_the_next_batch(worker: Worker, shop: int, big: int) -> None:
    with transaction() as tx:
        switch(tx, shop, NOON - HOUR)
        lamp = make_product(tx, shop, title="Lamp")
        cart(tx, shop, "c1", of=subscriber(tx, shop), at=NOON - HOUR, lines=[line(lamp)])
        assert triggers.enroll(tx, shop, ["c1"], NOON - HOUR) == 1

    assert worker.batches_until(lambda: "Still thinking about Lamp?" in worker.service.texts()) == 0
    assert has(big, "queued")


def test_nobody_is_left_out_and_the_queue_stays_short(worker: Worker, big: int) -> None:
    longest = 0

    def done() -> bool:
        nonlocal longest
        longest = max(longest, queue.backlog(queue.CAMPAIGNS) or 0)
        return not has(big, "queued")

    worker.batches_until(done)

    assert sent(big) == BIG
    assert len(worker.service.pushes) == BIG
    assert longest <= waiting.AHEAD + 2  # and the fan-out's own


def test_what_a_lost_queue_held_is_sent_after_the_lease(worker: Worker, big: int) -> None:
    queue.redis().flushall()
    worker.ticks += int(settings.current().lease / SECOND) * 10
    worker.batches_until(lambda: not has(big, "queued"))
    assert sent(big) == BIG


def has(campaign_id: int, state: str) -> bool:
    with snapshot() as tx:
        return states(tx, campaign_id)[state] > 0


def sent(campaign_id: int) -> int:
    with snapshot() as tx:
        return states(tx, campaign_id)["sent"]
