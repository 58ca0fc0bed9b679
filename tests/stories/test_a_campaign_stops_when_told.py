"""Pause, go on, cancel: felt within seconds by a real worker in the middle of a campaign, and nobody is lost by it."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import insert, select, update

from plugin import schedule
from plugin.base import clock, settings
from plugin.campaign import lifecycle
from plugin.report import funnel
from plugin.store.engine import snapshot, transaction
from plugin.store.tables import people, shops, subscriptions
from tests.delivery.rows import states
from tests.factories import make_person, make_subscription
from tests.stories.test_no_message_is_lost_when_a_worker_is_killed import (  # noqa: F401  fixtures
    PushService,
    installation,
    push_service,
    state_of,
    wait_until,
    worker,
)

PEOPLE = 4_000
AT_HAND = 500
"""What a worker may have claimed when the merchant clicks."""


def test_a_campaign_stops_goes_on_where_it_stopped_and_ends(
    shop: int,
    installation: settings.Settings,  # noqa: F811
    push_service: PushService,  # noqa: F811
) -> None:
    patient = settings.use(dataclasses.replace(installation, lease=timedelta(seconds=60)))
    sale = begin(shop, push_service)
    with worker(patient):
        wait_until(lambda: push_service.has_taken(300))
        does(lifecycle.pause, shop, sale)
        stopped = rests(push_service)
        assert stopped < PEOPLE - 1_000
        with snapshot() as tx:
            assert states(tx, sale)["sent"] == stopped
        does(lifecycle.resume, shop, sale)
        wait_until(lambda: push_service.has_taken(stopped + 300))
        does(lifecycle.cancel, shop, sale)
        rests(push_service)
        wait_until(lambda: not open_ones(sale))

    taken = push_service.taken()
    assert len(taken) == len(set(taken))  # going on sent nobody a second one
    with snapshot() as tx:
        report = funnel.campaign(tx, shop, sale)
        outcomes = Counter(states(tx, sale))
    assert state_of(sale) == "cancelled"
    assert report.audience == PEOPLE == sum(outcomes.values())
    assert outcomes == {"sent": len(taken), "cancelled": PEOPLE - len(taken)}


def rests(push_service: PushService) -> int:  # noqa: F811
    """Waits until nothing arrives any more; how many arrived. At most what was claimed comes, and soon."""
    before, began = len(push_service.taken()), time.monotonic()
    last, since = before, began
    while time.monotonic() - since < 1.5:
        schedule.tick(clock.now())
        time.sleep(0.1)
        if (now := len(push_service.taken())) != last:
            last, since = now, time.monotonic()
    assert since - began < 10
    assert last - before <= AT_HAND
    return last


def does(deed: Callable[..., None], shop: int, sale: int) -> None:
    with transaction() as tx:
        deed(tx, shop, sale, clock.now())


def open_ones(sale: int) -> int:
    with snapshot() as tx:
        found = states(tx, sale)
    return found["queued"] + found["sending"] + found["unknown"]


def begin(shop: int, push_service: PushService) -> int:  # noqa: F811
    """A campaign to so many browsers, all with the same keys, which are quick to make."""
    now, of = clock.now(), subscriptions.c
    with transaction() as tx:
        tx.execute(update(shops).values(access_token=None))
        first = make_person(tx, shop)
        service = push_service.origin.removeprefix("https://")
        make_subscription(tx, shop, of=first, endpoint=f"{push_service.origin}/push/0", service=service)
        tx.execute(insert(people), [{"shop_id": shop, "created_at": now}] * (PEOPLE - 1))
        same = (of.shop_id, of.service, of.p256dh, of.auth, of.state, of.created_at, of.last_seen_at)
        row = tx.execute(select(*same)).one()._asdict()
        others = tx.execute(select(people.c.id).where(people.c.id != first)).scalars()
        rows = [
            row
            | {"person_id": each, "endpoint": f"{push_service.origin}/push/{each}", "endpoint_hash": str(each).encode()}
            for each in others
        ]
        tx.execute(insert(subscriptions), rows)
        sale = lifecycle.create(tx, shop, now)
        lifecycle.save(tx, shop, sale, lifecycle.Draft("Winter", "Winter is here", "Coats.", "/coats"), now)
        lifecycle.schedule(tx, shop, sale, now, now)
    return sale
