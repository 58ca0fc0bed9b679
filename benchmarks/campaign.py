"""One campaign to very many, as an installation sends it: clock, two workers, panel, PostgreSQL, Redis, push service,
each a process of its own.

`python -m benchmarks.campaign [--people 20000] [--workers 2] [--json FILE]`

A shop with so many subscribers is written, one campaign goes to all of them and is paused once on its way. Told are the
rows of the fan-out a second, pushes a second, the time, how long a pause took to hold, how fast the panel's pages were
meanwhile, and each process's peak of memory. All of it shares this machine, push service and database included.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import func, select, text

from benchmarks import push_sink
from benchmarks.push_sink import Sink
from plugin.admin.auth import login_link
from plugin.base import clock, settings
from plugin.base.settings import Settings
from plugin.campaign import lifecycle
from plugin.campaign.lifecycle import Draft
from plugin.store import engine
from plugin.store.engine import learn_statistics, snapshot, transaction
from plugin.store.tables import campaigns, metadata, push_counts
from tests import servers
from tests.factories import make_shop, make_subscription

DOMAIN = "big.myshopify.com"
PAGES = ("/campaigns/{}", "/campaigns", "/segments", "/subscribers", "/reports")
KEYS = 500
"""Different browsers' keys; more would take longer to make than to send to."""


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--people", type=int, default=20_000)
    words.add_argument("--workers", type=int, default=2)
    words.add_argument("--json", type=Path)
    asked = words.parse_args()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="beckon-bench-")))
        sink = stack.enter_context(push_sink.running(home))
        url = stack.enter_context(servers.postgres("shared_buffers=512MB"))
        stack.callback(engine.close_store)
        redis_url = stack.enter_context(servers.valkey())
        mine = settings.use(chosen(home, url, redis_url, sink))
        campaign_id, shop_id = written(asked.people, sink)
        processes = stack.enter_context(installation(mine, home, asked.workers))
        found = told(mine, shop_id, campaign_id) | {"peak MB": {name: peak(pid) for name, pid in processes.items()}}
    show(asked.people, asked.workers, found)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2) + "\n")


def chosen(home: Path, url: str, redis_url: str, sink: Sink) -> Settings:
    fresh = settings.from_environment(
        {"BECKON_HOME": str(home), "BECKON_URL": f"http://127.0.0.1:{servers.free_port()}"}
    )
    return dataclasses.replace(
        fresh, database_url=url, redis_url=redis_url, push_origins=(sink.origin,), push_ca=sink.ca
    )


def written(people: int, sink: Sink) -> tuple[int, int]:
    """A shop with so many subscribers and a draft to everybody; the campaign's id and the shop's."""
    metadata.create_all(engine.open_store())
    with transaction() as tx:
        shop_id = make_shop(tx, DOMAIN, access_token=None)
        tx.execute(text(_PEOPLE), {"shop": shop_id, "people": people})
        some = tx.execute(text("SELECT id FROM people ORDER BY id LIMIT :keys"), {"keys": KEYS}).scalars().all()
        for person_id in some:  # with keys of their own
            make_subscription(tx, shop_id, of=person_id)
        told = {
            "shop": shop_id,
            "origin": sink.origin,
            "service": sink.origin.removeprefix("https://"),
            "keys": len(some),
        }
        tx.execute(text(_SUBSCRIPTIONS), told)
        tx.execute(text("DELETE FROM subscriptions WHERE endpoint LIKE 'https://fcm.googleapis.com/%'"))
        learn_statistics(tx)
        campaign_id = lifecycle.create(tx, shop_id, clock.now())
        draft = Draft("Winter", "Winter is here", "Coats are in. " * 5, "/collections/coats")
        lifecycle.save(tx, shop_id, campaign_id, draft, clock.now())
    return campaign_id, shop_id


_PEOPLE = "INSERT INTO people (shop_id, created_at) SELECT :shop, now() FROM generate_series(1, :people)"
_SUBSCRIPTIONS = """
WITH keys AS (SELECT row_number() OVER (ORDER BY id) - 1 AS number, p256dh, auth FROM subscriptions)
INSERT INTO subscriptions
    (shop_id, person_id, endpoint, endpoint_hash, service, p256dh, auth, state, created_at, last_seen_at)
SELECT :shop, people.id, :origin || '/push/' || people.id, sha256((:origin || '/push/' || people.id)::bytea), :service,
    keys.p256dh, keys.auth, 'active', now() - people.id % 700 * interval '1 day' - people.id * interval '1 ms', now()
FROM people JOIN keys ON keys.number = people.id % :keys
"""


@contextmanager
def installation(mine: Settings, home: Path, workers: int) -> Iterator[dict[str, int]]:
    """Panel, clock and workers; their process ids by name."""
    port = mine.app_url.rpartition(":")[2]
    commands = {"panel": ["serve", "--port", port], "clock": ["clock"]}
    commands |= {f"worker {number}": ["worker"] for number in range(1, workers + 1)}
    env = os.environ | {  # noqa: TID251  processes of their own need one
        "BECKON_HOME": str(home),
        "BECKON_SECRET": mine.secret,
        "BECKON_URL": mine.app_url,
        "DATABASE_URL": mine.database_url,
        "REDIS_URL": str(mine.redis_url),
        "BECKON_PUSH_ORIGINS": ",".join(mine.push_origins),
        "BECKON_PUSH_CA": str(mine.push_ca),
    }
    running = {}
    try:
        for name, command in commands.items():
            with (home / f"{name}.log").open("wb") as log:
                running[name] = subprocess.Popen([sys.executable, "-m", "app", *command], env=env, stderr=log)
        until(lambda: requests.get(mine.app_url, timeout=20).status_code < 500)
        yield {name: serving(process.pid) if name == "panel" else process.pid for name, process in running.items()}
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            process.wait(60)


def told(mine: Settings, shop_id: int, campaign_id: int) -> dict[str, Any]:
    """Sends it; everything but memory."""
    panel = Panel(mine.app_url, campaign_id)
    with transaction() as tx:
        now = clock.now()
        lifecycle.schedule(tx, shop_id, campaign_id, now, now)
    scheduled = time.monotonic()
    audience_of = select(campaigns).where(campaigns.c.id == campaign_id)
    until(lambda: row(audience_of).state == "sending")
    written_down = time.monotonic() - scheduled
    audience = row(audience_of).audience
    with panel.looking():
        until(lambda: pushed() >= audience * 0.4)
        held, paused = pause(panel)
        until(lambda: row(audience_of).state == "sent")
    done = row(audience_of)
    sending = (done.finished_at - done.started_at).total_seconds() - paused
    return {
        "audience": audience,
        "writing the roll, s": written_down,
        "fan-out, rows a second": audience / ((done.fanned_out_at - done.started_at).total_seconds()),
        "pushes a second": audience / sending,
        "seconds": sending,
        "a pause holds after, s": held,
        "pages, ms": {path: quantiles(times) for path, times in panel.times.items()},
    }


def pause(panel: Panel) -> tuple[float, float]:
    """Pauses for some seconds; how long pushes still went out, and how long nothing was sent."""
    began = last = time.monotonic()
    panel.posts("pause")
    count = pushed()
    while time.monotonic() < began + 5:
        time.sleep(0.05)
        if (now := pushed()) != count:
            count, last = now, time.monotonic()
    panel.posts("resume")
    until(lambda: pushed() != count)
    return last - began, time.monotonic() - last


def pushed() -> int:
    """Answers of the push service so far."""
    with snapshot() as tx:
        return int(tx.execute(select(func.coalesce(func.sum(push_counts.c.count), 0))).scalar_one())


def row(query: Any) -> Any:
    with snapshot() as tx:
        return tx.execute(query).one()


class Panel:
    """A merchant who looks at pages all the time."""

    def __init__(self, address: str, campaign_id: int) -> None:
        self.address, self.campaign_id = address, campaign_id
        self.session = self.signed_in()
        self.times: dict[str, list[float]] = {path: [] for path in PAGES}

    def signed_in(self) -> requests.Session:
        session = requests.Session()
        session.get(self.address + re.sub(r"^https?://[^/]+", "", login_link(DOMAIN)), timeout=30).raise_for_status()
        return session

    def posts(self, deed: str) -> None:
        here = f"{self.address}/campaigns/{self.campaign_id}/{deed}"
        self.session.post(here, headers={"Origin": self.address}, timeout=60).raise_for_status()

    @contextmanager
    def looking(self) -> Iterator[None]:
        over, looker = threading.Event(), self.signed_in()

        def look() -> None:
            while not over.is_set():
                for path, times in self.times.items():
                    began = time.monotonic()
                    looker.get(self.address + path.format(self.campaign_id), timeout=60).raise_for_status()
                    times.append((time.monotonic() - began) * 1_000)
                    over.wait(0.1)

        with ThreadPoolExecutor(1) as aside:
            looked = aside.submit(look)
            try:
                yield
            finally:
                over.set()
            looked.result()  # a page that failed or did not come within a minute fails the benchmark


def quantiles(times: list[float]) -> dict[str, float]:
    by_twentieths = statistics.quantiles(times, n=20) if len(times) > 1 else times * 19
    return {"median": statistics.median(times), "p95": by_twentieths[18], "looks": len(times)}


def serving(pid: int) -> int:
    """The process of gunicorn's that answers, a child of the one that was started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if children else pid


def peak(pid: int) -> float:
    """MB of memory that the process held at most."""
    held = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(held[1]) / 1_024 if held else 0.0


def until(done: Callable[[], bool], seconds: float = 7_200) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            if done():
                return
        except requests.RequestException:  # it is not there yet
            pass
        if time.monotonic() > end:
            raise TimeoutError("it takes too long")
        time.sleep(0.05)


def show(people: int, workers: int, found: dict[str, Any]) -> None:
    print(f"One campaign to {people:,}, {workers} workers, {os.cpu_count()} processors")
    for name, value in found.items():
        if isinstance(value, dict):
            print(f"  {name}")
            for each, numbers in value.items():
                said = (
                    ", ".join(f"{k} {v:,.0f}" for k, v in numbers.items())
                    if isinstance(numbers, dict)
                    else f"{numbers:,.0f}"
                )
                print(f"    {each:28} {said}")
        else:
            print(f"  {name:30} {value:,.1f}")


if __name__ == "__main__":
    main()
