"""kill -9 in the middle of a campaign, and the queue emptied: every browser gets its message, and shows it once.

Real workers, a real Redis, a real push service over TLS and HTTP/2; only the clock is turned by hand.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import trustme
from sqlalchemy import select, update

from plugin import queue, schedule
from plugin.base import clock, settings
from plugin.base.outcomes import OPEN
from plugin.campaign import lifecycle
from plugin.campaign.lifecycle import Draft
from plugin.report import funnel
from plugin.store.engine import snapshot, transaction
from plugin.store.tables import campaigns, deliveries, shops, subscriptions
from tests.factories import make_person, make_subscription
from tests.servers import free_port

AUDIENCE = 900
HERE = Path(__file__).parent.parent.parent


@dataclasses.dataclass
class PushService:
    """The sink's process and what it wrote down."""

    origin: str
    log: Path

    def has_taken(self, many: int) -> bool:
        return len(self.taken()) >= many

    def taken(self) -> list[tuple[str, str]]:
        """(Topic, browser), one for each message taken."""
        return [(line.split()[0], line.split()[1]) for line in self.log.read_text().splitlines()]


@pytest.fixture
def push_service(tmp_path: Path) -> Iterator[PushService]:
    authority, port = trustme.CA(), free_port()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(tmp_path / "sink.pem")
    log = tmp_path / "taken"
    log.touch()
    arguments = [str(port), str(tmp_path / "sink.pem"), str(log)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.stories.sink", *arguments], cwd=HERE, stderr=subprocess.DEVNULL
    )
    yield PushService(f"https://localhost:{port}", log)
    process.terminate()
    process.wait(10)


@pytest.fixture
def installation(store: str, redis_url: str, push_service: PushService, tmp_path: Path) -> settings.Settings:
    """Settings with a real queue; a claim is a dead worker's after two seconds."""
    queue._client(redis_url).flushall()
    return settings.use(
        dataclasses.replace(
            settings.current(),
            database_url=store,
            redis_url=redis_url,
            push_origins=(push_service.origin,),
            push_ca=tmp_path / "ca.pem",
            lease=timedelta(seconds=2),
        )
    )


def test_no_message_is_lost_and_none_is_shown_twice(
    shop: int, installation: settings.Settings, push_service: PushService
) -> None:
    sale = send_a_campaign(shop, push_service)
    for many in (150, 300):
        with worker(installation) as process:
            wait_until(functools.partial(push_service.has_taken, many))
            os.kill(process.pid, signal.SIGKILL)
            process.wait(10)
        queue.redis().flushall()
    assert Counter(open_states(sale)).total() > 0  # it was in the middle

    with worker(installation):
        wait_until(lambda: state_of(sale) == "sent")

    with snapshot() as tx:
        report = funnel.campaign(tx, shop, sale)
        rows = tx.execute(select(deliveries).where(deliveries.c.campaign_id == sale)).all()
    assert (report.audience, report.sent) == (AUDIENCE, AUDIENCE)
    browsers = [browser for _, browser in set(push_service.taken())]  # a service keeps one message a Topic
    assert sorted(browsers) == sorted(f"browser-{number}" for number in range(AUDIENCE))
    assert {topic for topic, _ in push_service.taken()} == {row.token for row in rows}
    assert max(row.attempts for row in rows) > 1  # some were sent again, under the same Topic


def send_a_campaign(shop: int, push_service: PushService) -> int:
    now = clock.now()
    with transaction() as tx:
        for number in range(AUDIENCE):
            endpoint = f"{push_service.origin}/push/browser-{number}"
            make_subscription(tx, shop, of=make_person(tx, shop), endpoint=endpoint)
        tx.execute(update(shops).values(access_token=None))  # no history to load in this story
        tx.execute(update(subscriptions).values(service=push_service.origin.removeprefix("https://")))
        sale = lifecycle.create(tx, shop, now)
        lifecycle.save(tx, shop, sale, Draft("Winter", "Winter is here", "Coats are in.", "/collections/coats"), now)
        lifecycle.schedule(tx, shop, sale, now, now)
    return sale


@contextmanager
def worker(installation: settings.Settings) -> Iterator[subprocess.Popen[bytes]]:
    """`beckon worker`, as a merchant's machine runs it."""
    environment = os.environ | {  # noqa: TID251  a process of its own needs one
        "BECKON_HOME": str(installation.home),
        "BECKON_SECRET": installation.secret,
        "DATABASE_URL": installation.database_url,
        "REDIS_URL": installation.redis_url or "",
        "BECKON_PUSH_ORIGINS": ",".join(installation.push_origins),
        "BECKON_PUSH_CA": str(installation.push_ca),
        "BECKON_LEASE_SECONDS": str(int(installation.lease.total_seconds())),
    }
    process = subprocess.Popen([sys.executable, "-m", "app", "worker"], cwd=HERE, env=environment)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def wait_until(done: Callable[[], bool], seconds: float = 120) -> None:
    """Turns the clock until `done`."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it takes too long"
        schedule.tick(clock.now())
        time.sleep(0.1)


def state_of(sale: int) -> str:
    with snapshot() as tx:
        return str(tx.execute(select(campaigns.c.state).where(campaigns.c.id == sale)).scalar_one())


def open_states(sale: int) -> list[str]:
    with snapshot() as tx:
        waiting = deliveries.c.state.in_(OPEN)
        found = select(deliveries.c.state).where(deliveries.c.campaign_id == sale, waiting)
        return list(tx.execute(found).scalars())
