"""A whole history through the bulk path, in time and peak memory, beside the floor of reading and keeping its lines.

`python -m benchmarks.history [--file online-retail.csv.gz] [--database URL]`

The sandbox store writes the history as Shopify's bulk operations would (our own queries, its resolvers); a web server
hands out the files; this process loads products, customers and orders with the worker's own job, every batch applied
with its place in one transaction. The floor reads the orders' file again over HTTP, parses each line and inserts it as
one bare row into SQLite. Files are made and served by other processes, so the peak memory is the loading's alone.
"""

from __future__ import annotations

import argparse
import json
import resource
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plugin import jobs
from plugin.base import settings
from plugin.base.clock import now
from plugin.ingest import backfill, shops
from plugin.ingest.collecting import Progress
from plugin.ingest.history import KINDS
from plugin.shopify.client import Client, document
from plugin.shopify.session import Tokens
from plugin.store.batches import batches
from plugin.store.engine import open_store, snapshot, transaction
from plugin.store.tables import metadata
from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--file", type=Path, default=ROOT / "sandbox/data/online-retail-slice.csv.gz")
    words.add_argument("--database", help="SQLAlchemy URL; a new SQLite file if not given")
    words.add_argument("--write-to", type=Path, help=argparse.SUPPRESS)
    asked = words.parse_args()
    if asked.write_to:
        return write_files(asked.file, asked.write_to)
    with tempfile.TemporaryDirectory() as home, files(Path(home), asked.file) as url:
        shop_id = prepare(Path(home), asked.database)
        before = memory()
        print(f"{asked.file.name}; memory of this process before: {before:.0f} MB")
        for kind in KINDS:
            measure(shop_id, kind, f"{url}/{kind}.jsonl")
        print(f"peak memory: {memory():.0f} MB, {memory() - before:+.0f} MB for the whole history")
        floor(Path(home), f"{url}/orders.jsonl")
    return None


def write_files(history: Path, folder: Path) -> None:
    """The sandbox's part, in a process of its own."""
    from sandbox.adminapi import bulk
    from sandbox.history.load import load_once
    from sandbox.settings import Settings
    from sandbox.state import open_state
    from sandbox.world import World

    told = Settings(home=folder, history=history)
    world = World(told, open_state(told.database))
    load_once(world.db, history, keep_dates=False, now=now())
    for kind in KINDS:
        number, problems = bulk.begin(world, document(f"bulk_{kind}"))
        if number is None:
            raise SystemExit(str(problems))
        bulk.write(world, number)
        (told.downloads / f"{number}.jsonl").rename(folder / f"{kind}.jsonl")


@contextmanager
def files(home: Path, history: Path) -> Iterator[str]:
    folder, port = home / "sandbox", free_port()
    folder.mkdir()
    made = [sys.executable, "-m", "benchmarks.history", "--file", history.resolve(), "--write-to", folder]
    subprocess.run(made, cwd=ROOT, check=True)
    words = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", folder]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the web server did not start")


def prepare(home: Path, database: str | None) -> int:
    told = {
        "BECKON_HOME": str(home),
        "SHOPIFY_URL": "http://127.0.0.1:1/{shop}",
        "REDIS_URL": "redis://127.0.0.1:1/0",  # nobody there: each step is ours to begin
    }
    settings.use(settings.from_environment(told | ({"DATABASE_URL": database} if database else {})))
    metadata.create_all(open_store())
    with transaction() as tx:
        tokens = Tokens("shpat_benchmark", None, None, None, ())
        shop_id, _ = shops.install(tx, "benchmark.myshopify.com", tokens, now())
        backfill.begin(tx, shop_id, now())
    return shop_id


def measure(shop_id: int, kind: str, url: str) -> None:
    """Lets the worker's job read one file, and says what it cost."""
    part = state(shop_id, kind)
    with transaction() as tx:
        backfill.started(tx, part.id, f"gid://shopify/BulkOperation/{kind}", now())
        backfill.collected(tx, state(shop_id, kind), Progress(is_over=True, url=url, total=0, trouble=None), now())
    began, cpu = time.perf_counter(), time.process_time()
    while state(shop_id, kind).state in backfill.OPEN:  # a job has its fill after a minute
        jobs.load_history(part.id)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    part = state(shop_id, kind)
    if part.state != "done":
        raise SystemExit(f"{kind}: {part.state}: {part.error}")
    speed = f"{part.objects / wall:>8,.0f}/s"
    print(f"{kind:<10} {part.objects:>9,} objects in {wall:6.1f} s ({cpu:.1f} s CPU): {speed}", end="")
    if kind == "orders":
        with snapshot() as tx:
            orders = tx.exec_driver_sql("SELECT count(*) FROM orders").scalar_one()
        print(f", {orders:,} orders: {orders / wall * 60:,.0f} a minute", end="")
    print()


def floor(home: Path, url: str) -> None:
    bare = sqlite3.connect(home / "floor.sqlite3", isolation_level=None)
    bare.execute("PRAGMA journal_mode=WAL")
    bare.execute("CREATE TABLE lines (id TEXT PRIMARY KEY, parent TEXT, body TEXT)")
    began, count = time.perf_counter(), 0
    for some in batches(Client("benchmark.myshopify.com", "").download(url), 10_000):
        rows = [(told["id"], told.get("__parentId"), str(line)) for line in some for told in [json.loads(line)]]
        bare.execute("BEGIN")
        bare.executemany("INSERT INTO lines VALUES (?, ?, ?)", rows)
        bare.execute("COMMIT")
        count += len(some)
    wall = time.perf_counter() - began
    print(f"{'floor':<10} {count:>9,} objects in {wall:6.1f} s: {count / wall:>8,.0f}/s")


def state(shop_id: int, kind: str) -> backfill.Backfill:
    with snapshot() as tx:
        return next(part for part in backfill.every(tx, shop_id) if part.kind == kind)


def memory() -> float:
    """The most that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
