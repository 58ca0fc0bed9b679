"""One run: a shop with its people, their messages on their way, and what the harness knows of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select

from plugin import jobs, queue
from plugin.audience.browsers import Browsers
from plugin.automation import lifecycle as automations
from plugin.automation import triggers
from plugin.base import clock
from plugin.base.outcomes import OPEN
from plugin.campaign import lifecycle
from plugin.campaign.lifecycle import Draft
from plugin.store import tables
from plugin.store.engine import Tx, transaction
from plugin.store.tables import campaigns, deliveries, enrollments
from tests.automation.test_abandoned_cart import cart, line
from tests.factories import make_person, make_product, make_shop, make_subscription

from .plan import Blow, Browser, Plan
from .push_service import DOMAIN, PushServices, Subscribed

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Device:
    """A planned browser as the database knows it."""

    subscription_id: int
    subscribed: Subscribed
    browser: Browser


@dataclass(frozen=True, slots=True)
class Recipient:
    """A planned person as the database knows them."""

    person_id: int
    devices: tuple[Device, ...]


class Run:
    """`begin()` puts it on its way; the harness calls `due()` and `is_over()` until it is."""

    def __init__(self, plan: Plan, number: int) -> None:
        self.plan = plan
        self.host = f"run-{number}.{DOMAIN}"
        self.campaign_title = f"Run {number}: winter is here"
        self.cart_title = f"Run {number}: still thinking?"
        self.arrived = 0
        """Pushes that reached its push service."""
        self.recipients: list[Recipient] = []
        self.campaign_id: int | None = None
        self.began = 0.0
        self.ahead = list(plan.blows)
        """Blows that did not fall yet."""

    def begin(self, push: PushServices) -> None:
        """Makes the shop and its people, and sends. PostgreSQL must stay up meanwhile."""
        now = clock.now()
        with transaction() as tx:
            self.shop_id = make_shop(tx, f"{self.host.partition('.')[0]}.myshopify.com", access_token=None)
            shop = tx.execute(select(tables.shops).where(tables.shops.c.id == self.shop_id)).one()
            planned = [each for person in self.plan.people for each in person.browsers]
            opened = push.open(self.host, shop.vapid_public, [(not each.asleep, each.troubles) for each in planned])
            made = iter(zip(opened, planned, strict=True))
            for person in self.plan.people:
                self.recipients.append(self._recipient(tx, [next(made) for _ in person.browsers], now))
            if self.plan.campaign:
                self.campaign_id = self._campaign(tx, now)
            self._carts(tx, now)
        self.began = time.monotonic()

    @property
    def tokens(self) -> list[str]:
        """Of all browsers, at their push service."""
        return [device.subscribed.token for each in self.recipients for device in each.devices]

    def due(self) -> list[Blow]:
        """Blows that fall now, each once."""
        since = time.monotonic() - self.began
        due = [blow for blow in self.ahead if (since if blow.pushes is None else self.arrived) >= _moment(blow)]
        self.ahead = [blow for blow in self.ahead if blow not in due]
        return due

    def double_jobs(self) -> None:
        """Hands every job of this run to the workers once more; nothing is known of how far it is."""
        with transaction() as tx:
            mine = tx.execute(select(deliveries.c.id).where(self._is_mine())).scalars().all()
            enrolled = tx.execute(select(enrollments.c.id).where(enrollments.c.shop_id == self.shop_id)).scalars().all()
        if self.campaign_id is not None:
            queue.enqueue(queue.CAMPAIGNS, jobs.start_campaign, self.campaign_id)
            queue.enqueue(queue.CAMPAIGNS, jobs.fan_out, self.campaign_id)
        for each in enrolled:
            queue.enqueue(queue.AUTOMATIONS, jobs.advance, each)
        if mine:
            queue.enqueue(queue.CAMPAIGNS, jobs.send_batch, list(mine))

    def is_over(self) -> bool:
        """Has everybody an outcome?"""
        with transaction() as tx:
            if self.campaign_id is not None:
                state = tx.execute(select(campaigns.c.state).where(campaigns.c.id == self.campaign_id)).scalar_one()
                if state in ("scheduled", "sending"):
                    return False
            waits = exists().where(enrollments.c.shop_id == self.shop_id, enrollments.c.state == "waiting")
            is_open = exists().where(self._is_mine(), deliveries.c.state.in_(OPEN))
            return not tx.execute(select(waits | is_open)).scalar_one()

    def standing(self) -> str:
        """Where it hangs, in words."""
        with transaction() as tx:
            states = tx.execute(
                select(deliveries.c.state, func.count()).where(self._is_mine()).group_by(deliveries.c.state)
            ).all()
            told = select(campaigns.c.state, campaigns.c.reason).where(campaigns.c.shop_id == self.shop_id)
            return f"campaign {tx.execute(told).all()}, deliveries {dict(states)}"  # type: ignore[arg-type]

    def _is_mine(self) -> ColumnElement[bool]:
        return deliveries.c.shop_id == self.shop_id

    def _recipient(self, tx: Tx, made: Sequence[tuple[Subscribed, Browser]], now: datetime) -> Recipient:
        person_id, devices = make_person(tx, self.shop_id), []
        for place, (subscribed, browser) in enumerate(made):
            told: dict[str, Any] = {
                "p256dh": subscribed.p256dh,
                "auth": subscribed.auth,
                "last_seen_at": now - place * HOUR,
            }
            one = make_subscription(tx, self.shop_id, of=person_id, endpoint=subscribed.endpoint, **told)
            devices.append(Device(one, subscribed, browser))
        return Recipient(person_id, tuple(devices))

    def _browsers(self) -> Browsers:
        return Browsers.ALL if self.plan.all_browsers else Browsers.LAST

    def _campaign(self, tx: Tx, now: datetime) -> int:
        campaign_id = lifecycle.create(tx, self.shop_id, now)
        draft = Draft("Winter", self.campaign_title, "Coats are in.", "/collections/coats", browsers=self._browsers())
        lifecycle.save(tx, self.shop_id, campaign_id, draft, now)
        lifecycle.schedule(tx, self.shop_id, campaign_id, now, now)
        return campaign_id

    def _carts(self, tx: Tx, now: datetime) -> None:
        """Left an hour ago, so that the reminders are due."""
        product = make_product(tx, self.shop_id)
        words = {"title": self.cart_title, "body": "It is in your cart."}
        chosen: dict[str, Any] = {"delay": HOUR, "browsers": self._browsers()}
        began = now - 2 * HOUR
        automations.configure(tx, self.shop_id, "abandoned_cart", enabled=True, now=began, **chosen, **words)
        tokens = [
            cart(
                tx,
                self.shop_id,
                f"{self.host} {each.person_id}",
                of=each.person_id,
                at=now - HOUR,
                lines=[line(product)],
            )
            for each, person in zip(self.recipients, self.plan.people, strict=True)
            if person.has_cart
        ]
        triggers.enroll(tx, self.shop_id, tokens, now)


def _moment(blow: Blow) -> float:
    return blow.seconds if blow.pushes is None else blow.pushes
