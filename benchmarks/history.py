"""A whole history through the bulk path, in time and peak memory, beside the floor of reading and keeping its lines.

`python -m benchmarks.history [--file online-retail.csv.gz] [--database URL]`

Starts the sandbox store with the file, installs Beckon by token exchange, and loads products, customers and orders as
the worker does: bulk operations, JSONL over HTTP, every batch applied with its place in one transaction.
The floor reads the orders' JSONL again over HTTP, parses each line and inserts it as one bare row into SQLite.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from plugin import jobs
from plugin.base import settings
from plugin.base.clock import now
from plugin.ingest import backfill, shops
from plugin.shopify import session
from plugin.shopify.client import Client
from plugin.store.batches import batches
from plugin.store.engine import open_store, snapshot, transaction
from plugin.store.tables import metadata
from sandbox import signing
from sandbox.shop import DOMAIN
from tests.servers import free_port

KEY, SECRET = "beckon-benchmark", "a-secret-as-long-as-shopifys-own-are"
ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--file", type=Path, default=ROOT / "sandbox/data/online-retail-slice.csv.gz")
    words.add_argument("--database", help="SQLAlchemy URL; a new SQLite file if not given")
    asked = words.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as home, sandbox(Path(home), asked.file) as url:
        prepare(Path(home), url, asked.database)
        shop_id = install()
        before = memory()
        print(f"{asked.file.name}; memory of this process before: {before:.0f} MB")
        for kind in ("products", "customers", "orders"):
            measure(shop_id, kind)
        print(f"peak memory: {memory():.0f} MB, {memory() - before:+.0f} MB for the whole history")
        floor(shop_id, Path(home))


@contextmanager
def sandbox(home: Path, file: Path) -> Iterator[str]:
    port = free_port()
    told = {
        "SANDBOX_HOME": str(home / "sandbox"),
        "SANDBOX_PORT": str(port),
        "SANDBOX_PUSH_PORT": str(free_port()),
        "SANDBOX_HISTORY": str(file.resolve()),
        "SHOPIFY_API_KEY": KEY,
        "SHOPIFY_API_SECRET": SECRET,
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "serve"],
        env=os.environ | told,  # noqa: TID251  a child process
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield wait_for(f"http://localhost:{port}", server)
    finally:
        server.terminate()
        server.wait(20)


def wait_for(url: str, server: subprocess.Popen[bytes]) -> str:
    for _ in range(1_200):
        if server.poll() is not None:
            raise SystemExit("the sandbox did not start")
        try:
            requests.get(url, timeout=2)
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return url
    raise SystemExit("the sandbox does not answer")


def prepare(home: Path, url: str, database: str | None) -> None:
    told = {
        "BECKON_HOME": str(home),
        "SHOPIFY_URL": f"{url}/shops/{{shop}}",
        "SHOPIFY_API_KEY": KEY,
        "SHOPIFY_API_SECRET": SECRET,
        "REDIS_URL": "redis://127.0.0.1:1/0",  # nobody there: each step is ours to begin
    }
    settings.use(settings.from_environment(told | ({"DATABASE_URL": database} if database else {})))
    metadata.create_all(open_store())


def install() -> int:
    tokens = session.exchange(DOMAIN, signing.id_token(KEY, SECRET, now()))
    with transaction() as tx:
        shop_id, _ = shops.install(tx, DOMAIN, tokens, now())
        backfill.begin(tx, shop_id, now())
    with transaction() as tx:
        jobs.apply(tx, shop_id, [backfill.read_shop(client(shop_id), now())], now=now())
    return shop_id


def measure(shop_id: int, kind: str) -> None:
    """Steps the part until Shopify has collected it; measures the reading alone, then says what it cost."""
    while (part := state(shop_id, kind)).state in {"waiting", "running"}:
        jobs.load_history(part.id)
        time.sleep(0.1)
    began, cpu = time.perf_counter(), time.process_time()
    jobs.load_history(part.id)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    part = state(shop_id, kind)
    if part.state != "done":
        raise SystemExit(f"{kind}: {part.state}: {part.error}")
    print(
        f"{kind:<10} {part.objects:>9,} objects in {wall:6.1f} s ({cpu:.1f} s CPU): {part.objects / wall:>8,.0f}/s",
        end="",
    )
    if kind == "orders":
        with snapshot() as tx:
            orders = tx.exec_driver_sql("SELECT count(*) FROM orders").scalar_one()
        print(f", {orders:,} orders: {orders / wall * 60:,.0f} a minute", end="")
    print()


def floor(shop_id: int, home: Path) -> None:
    operation_id = state(shop_id, "orders").operation_id or ""
    url = backfill.poll(client(shop_id), operation_id).url or ""
    bare = sqlite3.connect(home / "floor.sqlite3", isolation_level=None)
    bare.execute("PRAGMA journal_mode=WAL")
    bare.execute("CREATE TABLE lines (id TEXT PRIMARY KEY, parent TEXT, body TEXT)")
    began, count = time.perf_counter(), 0
    for some in batches(client(shop_id).download(url), 10_000):
        objects = [json.loads(line) for line in some]
        bare.execute("BEGIN")
        rows = [(one["id"], one.get("__parentId"), str(line)) for one, line in zip(objects, some, strict=True)]
        bare.executemany("INSERT INTO lines VALUES (?, ?, ?)", rows)
        bare.execute("COMMIT")
        count += len(some)
    wall = time.perf_counter() - began
    print(f"{'floor':<10} {count:>9,} objects in {wall:6.1f} s: {count / wall:>8,.0f}/s")


def state(shop_id: int, kind: str) -> backfill.Backfill:
    with snapshot() as tx:
        return next(part for part in backfill.every(tx, shop_id) if part.kind == kind)


def client(shop_id: int) -> Client:
    with snapshot() as tx:
        shop = shops.by_id(tx, shop_id)
    return Client(shop.domain, shop.access_token or "")


def memory() -> float:
    """The most that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
