"""Generated stories of sending: a campaign and reminders, driven by dice through everything that can happen meanwhile.

Jobs come doubled, in any order and late; push services answer everything that they can, or take a message and say
nothing; workers die after any step; merchants pause, resume, cancel, uninstall; people unsubscribe, are deleted and
erased, turn out to be somebody else, show receipts; there are caps, nights and holdouts; the clock ticks.
People have up to three browsers, and a third of the campaigns and reminders go to all of them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from plugin.audience import consent, limits
from plugin.audience.browsers import Browsers
from plugin.audience.limits import Limits
from plugin.automation import lifecycle as automations
from plugin.automation import steps, triggers
from plugin.base.errors import BeckonError
from plugin.base.outcomes import FINAL
from plugin.campaign import lifecycle, sending
from plugin.delivery import agreed, claims, departure, fanout, record, waiting
from plugin.delivery.outcome import Answer, Said
from plugin.delivery.push import Push
from plugin.profile import erase, identity, subject
from plugin.report import facts
from plugin.store.engine import Tx, transaction
from plugin.store.tables import (
    carts,
    deliveries,
    enrollments,
    people,
    shops,
    subscriptions,
)
from tests.conftest import NOON
from tests.delivery.rows import campaign
from tests.delivery.wire import PushService
from tests.factories import (
    make_campaign,
    make_delivery,
    make_person,
    make_product,
    make_subscription,
)

STATUSES = [201] * 12 + [200, 202, 404, 410, 410, 413, 429, 429, 500, 502, 503, None, None]
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
HOSTS = ("fcm.googleapis.com/fcm/send", "updates.push.services.mozilla.com/wpush/v2")


class Story:
    """One shop's afternoon. Jobs stand in a list, as in a queue that repeats and reorders."""

    changing = 0.08
    """How likely a step is that somebody changes."""

    def __init__(self, shop_id: int, dice: random.Random) -> None:
        self.shop_id, self.dice, self.now = shop_id, dice, NOON
        self.aside = random.Random(repr(dice.getstate()))
        """Dice for what came later, so that stories told before stay the same."""
        self.jobs: list[Callable[[], None]] = []
        self.service = PushService(self._status, retry_after=timedelta(seconds=20))
        self.silent: set[str] = set()
        """Topics that the service took without an answer."""
        self.pushed: list[tuple[datetime, Push]] = []
        self.clocks: list[str | None] = []
        """Of each push the zone of the browser that its person used last."""
        self.recorded: set[tuple[int, int]] = set()
        """Deliveries and their browsers of which we know that they have it."""
        self.repeated: list[Push] = []
        """Pushes to them all the same."""
        self.merged: set[int] = set()
        self.withdrawn: set[str] = set()
        """Endpoints of those who took their consent back."""
        with transaction() as tx:
            self.limits = self._limits(tx)
            self.people = [self._somebody(tx, number) for number in range(dice.randint(1, 20))]
            self.sale = self._campaign(tx)
            self.audience = campaign(tx, self.sale).audience
            self._carts(tx)

    def _limits(self, tx: Tx) -> Limits:
        cap = self.dice.choice([None, None, 1, 2])
        night = self.dice.choice([None, 12 * 60 + 4, 21 * 60 + 2])  # of London, of Tokyo, while it is noon
        chosen = Limits(cap, 7, night, night + self.dice.randint(5, 40) if night else None)
        limits.choose(tx, self.shop_id, chosen, NOON)
        return chosen

    def _somebody(self, tx: Tx, number: int) -> int:
        person = make_person(tx, self.shop_id, customer_id=number + 1 if self.dice.random() < 0.5 else None)
        for _ in range(self.dice.choice([1, 1, 1, 2]) + (self.aside.random() < 0.3)):
            endpoint = f"https://{self.dice.choice(HOSTS)}/{person}-{self.dice.random()}"
            zone = self.dice.choice([None, "Europe/London", "Asia/Tokyo"])
            browser = make_subscription(tx, self.shop_id, of=person, endpoint=endpoint, timezone=zone)
        if self.dice.random() < 0.3:
            before = {"created_at": NOON - DAY, "finished_at": NOON - DAY}
            make_delivery(tx, self.shop_id, to=browser, state="sent", **before)
        return person

    def _campaign(self, tx: Tx) -> int:
        ttl, holdout = self.dice.choice([600, 600, 3_600]), self.dice.choice([0, 0, 20, 50])
        times = {"state": "scheduled", "scheduled_at": NOON, "ttl": ttl, "holdout": holdout}
        sale = make_campaign(tx, self.shop_id, **times, **self._named(tx), browsers=self._browsers())
        sending.start(tx, sale, NOON)
        return sale

    def _named(self, _tx: Tx) -> dict[str, Any]:
        """What else the campaign has."""
        return {}

    def _carts(self, tx: Tx) -> None:
        parka = make_product(tx, self.shop_id)
        words = {"title": "Still there?", "body": "{{ product.title }}"}
        recipe = "abandoned_cart"
        chosen = {"delay": MINUTE, "browsers": self._browsers()}
        automations.configure(tx, self.shop_id, recipe, enabled=True, now=NOON - DAY, **chosen, **words)
        line = {"product_id": parka, "variant_id": 1, "title": "Parka", "quantity": 1, "price": 900}
        mine = {"shop_id": self.shop_id, "updated_at": NOON, "lines": [line], "total": 900}
        tokens = [f"cart {person}" for person in self.people if self.dice.random() < 0.3]
        for token in tokens:
            tx.execute(carts.insert().values(**mine, token=token, person_id=int(token.split()[1])))
        triggers.enroll(tx, self.shop_id, tokens, NOON)
        self.enrolled = len(tokens)

    def _browsers(self) -> Browsers:
        return self.aside.choice([Browsers.LAST, Browsers.LAST, Browsers.ALL])

    def tell(self) -> None:
        """Confusion, and then a quiet end in which only the clock and a healthy worker run."""
        self.jobs.append(self.fan_out)
        for _ in range(70):
            self._step()
        self.service.choose = lambda _push: 201
        for _ in range(400):
            if self._is_over():
                return
            self.wait()
        raise AssertionError("it never ends")

    def wait(self) -> None:
        """The clock ticks, and a worker does what there is to do."""
        self._tick()
        jobs, self.jobs = self.jobs, []
        for job in jobs:
            job()

    def _is_over(self) -> bool:
        with transaction() as tx:
            sale = campaign(tx, self.sale)
            if sale.state == "paused":
                lifecycle.resume(tx, self.shop_id, self.sale, self.now)
            open_ones = tx.execute(select(deliveries.c.id).where(deliveries.c.state.not_in(FINAL))).all()
            waits = tx.execute(select(enrollments.c.id).where(enrollments.c.state == "waiting")).all()
        done = sale.state in {"sent", "cancelled"} and sale.fanned_out_at is not None
        return done and not (self.jobs or open_ones or waits)

    def _step(self) -> None:
        dice = self.dice.random()
        if dice < 0.25:
            self._tick()
        elif dice < 0.31:
            self._merchant()
        elif dice < 0.31 + self.changing:
            self._somebody_changes()
        elif self.jobs:
            job = self.jobs.pop(self.dice.randrange(len(self.jobs)))
            job()
            if self.dice.random() < 0.3:
                self.jobs.append(job)  # the queue hands it out once more

    def fan_out(self) -> None:
        with transaction() as tx:
            going_on = fanout.next_page(tx, self.sale, self.now, limit=self.dice.randint(1, 7)) is not None
            ids = waiting.ahead(tx, self.sale, self.now, self.dice.randint(1, 7))
        self.jobs += [self.fan_out] * going_on + [lambda: self.send(ids)] * bool(ids)

    def send(self, ids: Sequence[int]) -> None:
        """As jobs.send_batch, by a worker that may die between any two steps."""
        with transaction() as tx:
            mine = claims.claim(tx, ids, self.now)
            clock_of = {each.push.delivery_id: self._clock_of(tx, each.push.delivery_id) for each in mine}
        mine = self._who_agrees(mine)
        if self.dice.random() < 0.15:
            return  # killed before the network
        self.pushed += [(self.now, each.push) for each in mine]
        self.clocks += [clock_of[each.push.delivery_id] for each in mine]
        self.repeated += [each.push for each in mine if (each.push.delivery_id, each.push.browser) in self.recorded]
        answers = self.service.send([each.push for each in mine], self.now)
        if self.dice.random() < 0.15:
            return  # killed before the outcome was written
        if self.dice.random() < 0.2:  # or so slow that others took over meanwhile
            self.jobs.append(lambda: self._record(mine, answers))
        else:
            self._record(mine, answers)

    def _who_agrees(self, mine: list[claims.Claimed]) -> list[claims.Claimed]:
        with transaction() as tx:
            if not agreed.all_agree(tx, mine):
                mine = agreed.those_who_agree(tx, mine, self.now)
        assert not self.withdrawn & {each.push.endpoint for each in mine}
        return mine

    def _record(self, mine: Sequence[claims.Claimed], answers: Sequence[Answer]) -> None:
        with transaction() as tx:
            record.finish(tx, mine, answers, self.now)
        self.recorded |= {(one.delivery_id, one.browser) for one in answers if one.said is Said.SENT}

    def _clock_of(self, tx: Tx, delivery_id: int) -> str | None:
        of = subscriptions.c
        theirs = select(of.timezone).join(deliveries, deliveries.c.person_id == of.person_id)
        here = theirs.where(deliveries.c.id == delivery_id, of.state == "active")
        return tx.execute(here.order_by(of.last_seen_at.desc(), of.id.desc()).limit(1)).scalar_one()

    def _advance(self, enrollment_id: int) -> None:
        with transaction() as tx:
            made = steps.advance(tx, enrollment_id, self.now)
        self.jobs += [lambda: self.send([made])] if made else []

    def _tick(self) -> None:
        """As schedule.tick does for what is sent."""
        self.now += timedelta(seconds=self.dice.choice([1, 5, 30, 61]))
        with transaction() as tx:
            waiting.forget_the_dead(tx, self.now)
            sending.finish_done(tx, sending.fanned_out(tx), self.now)
            still = fanout.standing_still(tx, self.now)
            due = [waiting.ahead(tx, self.sale, self.now), waiting.reminders(tx, self.now)]
            begun = steps.due(tx, self.now)
        self.jobs += [self.fan_out for _ in still]
        self.jobs += [lambda ids=ids: self.send(ids) for ids in due if ids]  # type: ignore[misc]
        self.jobs += [lambda one=one: self._advance(one) for one in begun]  # type: ignore[misc]

    def _merchant(self) -> None:
        deeds = [lifecycle.pause] * 9 + [lifecycle.resume] * 18 + [lifecycle.cancel]
        try:
            with transaction() as tx:
                if self.dice.random() < 0.02:
                    tx.execute(update(shops).values(uninstalled_at=self.now))
                    departure.stop_sending(tx, self.shop_id, self.now)
                self.dice.choice(deeds)(tx, self.shop_id, self.sale, self.now)
        except BeckonError:
            pass  # it was not in that state

    def _somebody_changes(self) -> None:
        one = self.dice.choice(self.people)
        deed = self.dice.choice([self._unsubscribes, self._is_erased, self._is_deleted, self._turns_out, self._shows])
        with transaction() as tx:
            deed(tx, one)

    def _unsubscribes(self, tx: Tx, one: int) -> None:
        mine = select(subscriptions.c.endpoint).where(subscriptions.c.person_id == one)
        for endpoint in tx.execute(mine).scalars().all():
            self.withdrawn.add(endpoint)
            consent.withdraw(tx, self.shop_id, endpoint, self.now)

    def _is_erased(self, tx: Tx, one: int) -> None:
        identity.hold(tx, self.shop_id)
        erase.persons(tx, subject.of_person(tx, self.shop_id, one), self.now)

    def _is_deleted(self, tx: Tx, one: int) -> None:
        tx.execute(update(people).where(people.c.id == one).values(customer_deleted_at=self.now))

    def _turns_out(self, tx: Tx, one: int) -> None:
        """A visitor is a customer whom we know, or whom we have not met yet."""
        alive = people.c.customer_deleted_at.is_(None)
        visitor = select(people.c.id).where(people.c.id == one, people.c.customer_id.is_(None), alive)
        if tx.execute(visitor).first() is None:
            return
        known = tx.execute(select(people.c.id).where(people.c.customer_id.is_not(None), alive)).scalars().all()
        kept = self.dice.choice([*sorted(known), make_person(tx, self.shop_id, customer_id=one + 1_000)])
        identity.merge(tx, self.shop_id, gone=one, kept=kept, now=self.now)
        self.merged |= {one, kept}

    def _shows(self, tx: Tx, one: int) -> None:
        """A browser tells that it showed something that its service had taken."""
        mine = select(deliveries.c.token).where(deliveries.c.person_id == one)
        for token in tx.execute(mine).scalars().all():
            if token in self.taken:
                facts.record(tx, token, "shown", self.now)

    @property
    def taken(self) -> set[str]:
        return {*self.service.accepted} | self.silent

    def _status(self, push: Push) -> int | None:
        if self.dice.random() < 0.05:
            self.silent.add(push.topic)  # it took it, and the answer was lost
            return None
        return self.dice.choice([*STATUSES, 403]) if self.dice.random() < 0.05 else self.dice.choice(STATUSES)
