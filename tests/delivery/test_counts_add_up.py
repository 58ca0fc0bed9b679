"""Whatever push services answer, workers do and jobs repeat: everybody has one outcome and sees a message once.

Generated stories: a campaign is sent by jobs that come doubled, in any order and late; push services answer everything
that they can; workers die after any step; merchants pause and resume; people leave; the clock ticks.
"""

from __future__ import annotations

import dataclasses
import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from plugin.audience import consent
from plugin.base import clock, settings
from plugin.base.errors import BeckonError
from plugin.base.outcomes import FINAL
from plugin.campaign import lifecycle, sending
from plugin.delivery import claims, fanout, record, waiting
from plugin.delivery.push import Push
from plugin.report import funnel
from plugin.store.engine import snapshot, transaction
from plugin.store.tables import deliveries, subscriptions
from tests.conftest import NOON
from tests.delivery.rows import campaign, subscribers
from tests.delivery.wire import PushService
from tests.factories import make_campaign

STATUSES = [201] * 12 + [200, 202, 404, 410, 410, 413, 429, 429, 500, 502, 503, None, None]


class Story:
    """One campaign's life, driven by dice. Jobs stand in a list, as in a queue that repeats and reorders."""

    def __init__(self, shop_id: int, dice: random.Random) -> None:
        self.shop_id = shop_id
        self.dice = dice
        self.now = NOON
        self.jobs: list[Callable[[], None]] = []
        self.service = PushService(self._status, retry_after=timedelta(seconds=20))
        with transaction() as tx:
            subscribers(tx, shop_id, dice.randint(1, 25))
            self.sale = make_campaign(tx, shop_id, state="scheduled", scheduled_at=NOON, ttl=600)
            sending.start(tx, self.sale, NOON)
            self.audience = campaign(tx, self.sale).audience

    def fan_out(self) -> None:
        with transaction() as tx:
            people = fanout.next_page(tx, self.sale, self.now, limit=self.dice.randint(1, 7)) is not None
            ids = waiting.ahead(tx, self.sale, self.now, self.dice.randint(1, 7))
        self.jobs += [self.fan_out] * people + [lambda: self.send(ids)] * bool(ids)

    def send(self, ids: Sequence[int]) -> None:
        """As jobs.send_batch, by a worker that may die between any two steps."""
        with transaction() as tx:
            mine = claims.claim(tx, ids, self.now)
        if self.dice.random() < 0.15:
            return  # killed before the network
        answers = self.service.send([each.push for each in mine], self.now)
        if self.dice.random() < 0.15:
            return  # killed before the outcome was written
        if self.dice.random() < 0.2:  # or so slow that others took over meanwhile
            self.jobs.append(lambda: self._record(mine, answers))
        else:
            self._record(mine, answers)

    def tick(self) -> None:
        """As schedule.tick does for campaigns."""
        self.now += timedelta(seconds=self.dice.choice([1, 5, 30, 61]))
        with transaction() as tx:
            waiting.forget_the_dead(tx, self.now)
            sending.finish_done(tx, sending.fanned_out(tx), self.now)
            still = fanout.standing_still(tx, self.now)
            due = waiting.ahead(tx, self.sale, self.now)
        self.jobs += [self.fan_out for _ in still]
        if due:
            self.jobs.append(lambda: self.send(due))

    def merchant(self) -> None:
        deed = self.dice.choice([lifecycle.pause] * 9 + [lifecycle.resume] * 18 + [lifecycle.cancel])
        try:
            with transaction() as tx:
                deed(tx, self.shop_id, self.sale, self.now)
        except BeckonError:
            pass  # it was not in that state

    def somebody_leaves(self) -> None:
        with transaction() as tx:
            endpoints = tx.execute(select(subscriptions.c.endpoint).where(subscriptions.c.state == "active")).scalars()
            if (everybody := sorted(endpoints)) and self.dice.random() < 0.3:
                consent.withdraw(tx, self.shop_id, self.dice.choice(everybody), self.now)

    def tell(self) -> None:
        """Confusion, and then a quiet end in which only the clock and a healthy worker run."""
        self.jobs.append(self.fan_out)
        for _ in range(60):
            self._step()
        self.service.choose = lambda _push: 201
        for _ in range(200):
            with snapshot() as tx:
                sale = campaign(tx, self.sale)
                open_ones = tx.execute(select(deliveries.c.id).where(deliveries.c.state.not_in(FINAL))).all()
            if sale.state == "paused":
                with transaction() as tx:
                    lifecycle.resume(tx, self.shop_id, self.sale, self.now)
            if sale.state in {"sent", "cancelled"} and sale.fanned_out_at and not self.jobs and not open_ones:
                return  # a cancelled campaign may leave one with a dead worker: the clock brings it home
            self.tick()
            self._run_all()
        raise AssertionError(f"it never ends: {sale.state}")

    def _step(self) -> None:
        dice = self.dice.random()
        if dice < 0.25:
            self.tick()
        elif dice < 0.32:
            self.merchant()
        elif dice < 0.36:
            self.somebody_leaves()
        elif self.jobs:
            job = self.jobs.pop(self.dice.randrange(len(self.jobs)))
            job()
            if self.dice.random() < 0.3:
                self.jobs.append(job)  # the queue hands it out once more

    def _run_all(self) -> None:
        jobs, self.jobs = self.jobs, []
        for job in jobs:
            job()

    def _record(self, mine: Sequence[claims.Claimed], answers: Sequence[record.Answer]) -> None:
        with transaction() as tx:
            record.finish(tx, mine, answers, self.now)

    def _status(self, _push: Push) -> int | None:
        return self.dice.choice([*STATUSES, 403]) if self.dice.random() < 0.05 else self.dice.choice(STATUSES)


@pytest.mark.parametrize("seed", [*range(10), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(10, 200))])
def test_everybody_has_one_outcome_and_sees_a_message_once(shop: int, seed: int) -> None:
    settings.use(dataclasses.replace(settings.current(), lease=timedelta(seconds=60)))
    story = Story(shop, random.Random(seed))
    with clock.stopped_at(NOON):
        story.tell()

    with snapshot() as tx:
        rows = tx.execute(select(deliveries).where(deliveries.c.campaign_id == story.sale)).all()
        report = funnel.campaign(tx, shop, story.sale)
        told = campaign(tx, story.sale)
    assert {row.state for row in rows} <= {*FINAL}
    assert len(rows) == len({row.person_id for row in rows}) == story.audience == told.audience == report.audience
    assert sum(outcome.people for outcome in report.outcomes) == report.audience
    assert Counter(row.state for row in rows)["sent"] == report.sent

    sent = {row.token for row in rows if row.state == "sent"}
    by_token = {row.token: row for row in rows}
    assert sent <= story.service.accepted.keys()  # nobody is said to be sent who was not
    for token in story.service.accepted.keys() - sent:  # taken, but the worker died and it could not be tried again
        assert by_token[token].attempts > 0
        assert by_token[token].state in {"expired", "cancelled", "unsubscribed", "gone", "rejected"}
    for copies in story.service.accepted.values():  # sent again only under the same Topic: one notification
        assert len({copy.payload for copy in copies}) == 1


def test_no_push_is_made_after_the_messages_time(shop: int) -> None:
    story = Story(shop, random.Random(7))
    late: list[datetime] = []
    story.service.choose = lambda push: late.append(story.now) if push.ttl <= 0 else 500
    with transaction() as tx:
        fanout.next_page(tx, story.sale, story.now)
    for _ in range(60):
        story.tick()
        story._run_all()
    assert late == []
    with snapshot() as tx:
        assert {each.outcome for each in funnel.campaign(tx, shop, story.sale).outcomes} == {"expired"}
