"""Webhooks accepted per second, and how long Shopify waits, through the real WSGI server on SQLite.

`python -m benchmarks.webhooks [--rate 200] [--seconds 20] [--connections 16] [--database URL]`

gunicorn (gthread) serves `app:create_app()`, as `beckon serve` does; signed orders/create deliveries, each with an id
of its own, come over connections that are kept alive, as Shopify's do. Each is recorded and enqueued in a real
Redis. First at a steady rate, nobody applying them (the first two seconds after the start apart); then while a real
worker applies them, which on SQLite wants the same one writer's place; then as fast as the connections go.
The floor, in the same run: a bare WSGI application that reads the body and inserts one row into SQLite.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import http.client
import itertools
import os
import queue
import random
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from plugin.store.engine import close_store, open_store, snapshot, transaction
from plugin.store.tables import metadata, webhooks
from tests.factories import make_shop
from tests.servers import free_port, valkey

SECRET = "a-secret-as-long-as-shopifys-own-are"
numbers = itertools.count()
ROOT = Path(__file__).resolve().parents[1]
ORDER = (ROOT / "tests/webhooks/payloads/orders-create.json").read_bytes()
SIGNATURE = base64.b64encode(hmac.new(SECRET.encode(), ORDER, hashlib.sha256).digest()).decode()


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--rate", type=float, default=200, help="webhooks a second of the steady parts")
    words.add_argument("--seconds", type=float, default=20)
    words.add_argument("--connections", type=int, default=16)
    words.add_argument("--database", help="SQLAlchemy URL; a new SQLite file if not given")
    asked = words.parse_args()
    print(f"{len(ORDER):,} bytes each, {asked.connections} connections, {asked.seconds:g} s; at {asked.rate:g}/s")
    with tempfile.TemporaryDirectory() as home, valkey() as redis_url:
        database = asked.database or f"sqlite:///{home}/beckon.sqlite3"
        metadata.create_all(open_store(database))
        with transaction() as tx:
            make_shop(tx)
        close_store()
        told = settings_of(home, database, redis_url)
        with served("app:create_app()", told) as port:
            fresh = steadily(port, asked.rate, 2, asked.connections)
            print(f"just started       {describe(fresh, 2)}")
            calm = steadily(port, asked.rate, asked.seconds, asked.connections)
            print(f"nobody applies     {describe(calm, asked.seconds)}")
            with working(told):
                busy = steadily(port, asked.rate, asked.seconds, asked.connections)
            print(f"a worker applies   {describe(busy, asked.seconds)}")
            most = hammer(port, asked.seconds / 2, asked.connections)
            print(f"as fast as it goes {describe(most, asked.seconds / 2)}")
        open_store(database)
        with snapshot() as tx:
            kept = tx.execute(select(func.count()).select_from(webhooks)).scalar_one()
            applied = tx.execute(select(func.count()).where(webhooks.c.state == "done")).scalar_one()
        close_store()
        with served("benchmarks.webhooks:bare", told) as port:
            steady = steadily(port, asked.rate, asked.seconds, asked.connections)
            print(f"floor, steady      {describe(steady, asked.seconds)}")
            floor = hammer(port, asked.seconds / 2, asked.connections)
            print(f"floor, at most     {describe(floor, asked.seconds / 2)}")
    accepted = len(fresh) + len(calm) + len(busy) + len(most)
    print(
        f"{kept:,} rows kept of {accepted:,} accepted, {applied:,} applied; {len(most) / len(floor):.2f} of the floor"
    )
    if kept != accepted:
        raise SystemExit("some that were accepted were not kept")


def settings_of(home: str, database: str, redis_url: str) -> dict[str, str]:
    return {
        "BECKON_HOME": home,
        "DATABASE_URL": database,
        "REDIS_URL": redis_url,
        "SHOPIFY_API_KEY": "benchmark",
        "SHOPIFY_API_SECRET": SECRET,
        "FLOOR_DATABASE": f"{home}/floor.sqlite3",
    }


@contextmanager
def served(application: str, told: dict[str, str]) -> Iterator[int]:
    port = free_port()
    words = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--log-level", "error"]
    words += ["--workers", "1", "--worker-class", "gthread", "--threads", "8", "--keep-alive", "75"]
    server = subprocess.Popen(words, env=os.environ | told, cwd=ROOT, stderr=subprocess.DEVNULL)  # noqa: TID251
    try:
        wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("gunicorn did not start")


@contextmanager
def working(told: dict[str, str]) -> Iterator[None]:
    """A worker beside it, as `beckon worker` is, that applies what waits."""
    words = [sys.executable, "-m", "app", "worker", "--queues", "webhooks"]
    worker = subprocess.Popen(words, env=os.environ | told, cwd=ROOT, stderr=subprocess.DEVNULL)  # noqa: TID251
    time.sleep(2)  # it is up, and at what came before
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(30)


def steadily(port: int, rate: float, seconds: float, connections: int) -> list[float]:
    """Deliveries at instants of a Poisson stream, whether or not the former have their answers.

    Each one's seconds count from the instant at which it was due, so a stall counts for all whom it kept waiting.
    """
    dice = random.Random(7)
    due: queue.SimpleQueue[float | None] = queue.SimpleQueue()
    at, took = time.perf_counter() + 0.5, []
    end = at + seconds
    while (at := at + dice.expovariate(rate)) < end:
        due.put(at)
    for _ in range(connections):
        due.put(None)

    def shopify() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while (moment := due.get()) is not None:
            time.sleep(max(0.0, moment - time.perf_counter()))
            post(connection)
            took.append(time.perf_counter() - moment)
        connection.close()

    together(shopify, connections)
    return took


def hammer(port: int, seconds: float, connections: int) -> list[float]:
    """Each connection sends its next as soon as it has an answer: the seconds that each accepted delivery took."""
    took: list[float] = []
    until = time.perf_counter() + seconds

    def shopify() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while (began := time.perf_counter()) < until:
            post(connection)
            took.append(time.perf_counter() - began)
        connection.close()

    together(shopify, connections)
    return took


def post(connection: http.client.HTTPConnection) -> None:
    headers = {
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Hmac-Sha256": SIGNATURE,
        "X-Shopify-Shop-Domain": "vanta.myshopify.com",
        "X-Shopify-API-Version": "2026-10",
        "X-Shopify-Webhook-Id": f"webhook-{next(numbers)}",
        "X-Shopify-Triggered-At": "2026-11-18T12:00:00.123456789Z",
        "Content-Type": "application/json",
    }
    connection.request("POST", "/webhooks", ORDER, headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise SystemExit(f"HTTP {answer.status}")


def together(one: Callable[[], None], connections: int) -> None:
    threads = [threading.Thread(target=one) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def describe(took: list[float], seconds: float) -> str:
    ordered = sorted(took)
    p50, p99 = (ordered[int(len(ordered) * share)] * 1_000 for share in (0.5, 0.99))
    return f"{len(took) / seconds:>7,.0f}/s   p50 {p50:.1f} ms   p99 {p99:.1f} ms"


_own = threading.local()


def bare(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """The floor: no framework, no signature, no second look; one row."""
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    if not hasattr(_own, "database"):
        _own.database = sqlite3.connect(os.environ["FLOOR_DATABASE"], timeout=30, isolation_level=None)  # noqa: TID251
        _own.database.execute("PRAGMA journal_mode=WAL")
        _own.database.execute("PRAGMA synchronous=NORMAL")
        _own.database.execute("CREATE TABLE IF NOT EXISTS webhooks (id TEXT PRIMARY KEY, body BLOB)")
    _own.database.execute("INSERT INTO webhooks VALUES (?, ?)", (environ["HTTP_X_SHOPIFY_WEBHOOK_ID"], body))
    start_response("200 OK", [("Content-Length", "0")])
    return [b""]


if __name__ == "__main__":
    main()
