"""The stage: the processes that a real installation has, and every way in which they can be hit."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import redis
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from plugin import queue
from plugin.base import settings
from plugin.store import engine
from plugin.store.engine import transaction
from plugin.store.tables import metadata
from tests.servers import Postgres, free_port, start_valkey

from .process import Beckon
from .push_service import PushServices

LEASE = 3
"""Seconds, BECKON_LEASE_SECONDS."""
STALLED = LEASE + 1.0
"""Seconds for which a stalled worker stands still: others have taken over by then."""

T = TypeVar("T")


class Stage:
    """Use `stage()`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.struck: Counter[str] = Counter()
        """Blows, by kind."""
        self.complaints: list[str] = []
        """Processes that ended although nobody killed them."""
        self.numbers = itertools.count(1)
        """One for each run."""
        self.push = PushServices(home)
        self.postgres = Postgres("synchronous_commit=on")  # what is committed survives its immediate stop
        self._redis_port = free_port()
        self._stalled: list[tuple[float, Beckon]] = []
        self.settings = settings.current()
        self._ending = contextlib.ExitStack()
        self._ending.callback(self.postgres.remove)

    def start(self) -> None:
        """Starts everything, the product last."""
        self.push.start()
        self._ending.callback(self.push.stop)
        self.postgres.start()
        self._redis = start_valkey(self._redis_port, self.home)
        self._ending.callback(self._end_redis)
        env = self._environment()
        self.settings = settings.use(settings.from_environment(env))
        metadata.create_all(engine.open_store())
        self._ending.callback(engine.close_store)
        logs = self.home / "beckon.log"
        self.workers = [Beckon(name, "worker", env, logs) for name in ("worker one", "worker two")]
        self.clock = Beckon("clock", "clock", env, logs)
        for process in (self.clock, *self.workers):
            self._ending.callback(process.kill)

    def stop(self) -> None:
        """Ends what was started."""
        settings.use(self.settings)
        self._ending.close()

    def supervise(self) -> None:
        """Starts again what is gone, and lets go on what stood still long enough."""
        for until, worker in self._stalled[:]:
            if until <= time.monotonic():
                worker.go_on()
                self._stalled.remove((until, worker))
        for process in (self.clock, *self.workers):
            if not process.is_alive:
                if not process.was_killed:
                    self.complaints.append(f"{process.name} ended by itself; see {self.home}/beckon.log")
                process.start()

    def strike(self, blow: str, which: int) -> None:
        """Carries out one blow; `which` chooses a worker."""
        deed, worker = BLOWS[blow], self.workers[which % len(self.workers)]
        self.struck[blow] += 1
        deed(self, worker)

    def kill_worker(self, worker: Beckon) -> None:
        worker.kill()

    def kill_both(self, worker: Beckon) -> None:
        for each in self.workers:
            each.kill()

    def stall_worker(self, worker: Beckon) -> None:
        worker.stall()
        self._stalled.append((time.monotonic() + STALLED, worker))

    def kill_clock(self, worker: Beckon) -> None:
        self.clock.kill()

    def restart_redis(self, worker: Beckon) -> None:
        """In order; it keeps nothing."""
        self._redis.terminate()
        self._start_redis()

    def kill_redis(self, worker: Beckon) -> None:
        self._redis.kill()
        self._start_redis()

    def flush_redis(self, worker: Beckon) -> None:
        with redis.Redis(port=self._redis_port) as client:
            client.flushall()

    def restart_postgres(self, worker: Beckon) -> None:
        """In its immediate mode: connections are cut in the middle of whatever they did."""
        self.postgres.stop(signal.SIGQUIT)
        self.postgres.start()
        patiently(_ask_postgres)

    def _end_redis(self) -> None:
        queue.redis().close()
        self._redis.kill()
        self._redis.wait(10)

    def _start_redis(self) -> None:
        self._redis.wait(10)
        self._redis = start_valkey(self._redis_port, self.home)

    def _environment(self) -> dict[str, str]:
        return {
            "BECKON_HOME": str(self.home),
            "BECKON_URL": "https://beckon.test",
            "SHOPIFY_API_KEY": "client-id",
            "SHOPIFY_API_SECRET": "hush",
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": f"redis://127.0.0.1:{self._redis_port}/0",
            "BECKON_PUSH_CA": str(self.push.ca),
            "BECKON_PUSH_CONNECT_TO": self.push.connect_to,
            "BECKON_LEASE_SECONDS": str(LEASE),
        }


BLOWS: dict[str, Callable[[Stage, Beckon], None]] = {
    "a worker killed": Stage.kill_worker,
    "both workers killed": Stage.kill_both,
    "a worker stalled": Stage.stall_worker,
    "the clock killed": Stage.kill_clock,
    "Redis restarted": Stage.restart_redis,
    "Redis killed": Stage.kill_redis,
    "Redis flushed": Stage.flush_redis,
    "PostgreSQL restarted": Stage.restart_postgres,
}


@contextlib.contextmanager
def stage() -> Iterator[Stage]:
    """Everything running, in a folder of its own."""
    home = Path(tempfile.mkdtemp(prefix="beckon-faults-"))
    before = settings.current()
    made = Stage(home)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        settings.use(before)
        shutil.rmtree(home, ignore_errors=True)


def _ask_postgres() -> None:
    with transaction() as tx:
        tx.execute(text("SELECT 1"))


def patiently(deed: Callable[[], T], seconds: float = 60) -> T:
    """`deed` once PostgreSQL answers: it may be starting. Only for what can be done twice."""
    end = time.monotonic() + seconds
    while True:
        try:
            return deed()
        except DBAPIError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
