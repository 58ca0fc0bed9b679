"""A worker is killed while it reads a history's file: what is left is read by another, nothing is lost or doubled."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import func, select

from plugin.base import settings
from plugin.ingest import backfill, history
from plugin.ingest.collecting import Progress
from plugin.store import tables
from plugin.store.engine import snapshot, transaction
from tests.conftest import NOON
from tests.shopify.pretend import Pretend

from .test_backfill import OPERATION, Store, load, parts
from .test_history import line, order

ORDERS = 1_500
WORKER = """
import sys
from plugin import jobs
from plugin.base import settings
from plugin.ingest import history
history.PARENTS = 10
home, database, shopify, part_id = sys.argv[1:]
told = {"BECKON_HOME": home, "BECKON_SECRET": "test-secret", "BECKON_URL": "https://beckon.test"}
told |= {"SHOPIFY_API_KEY": "client-id", "SHOPIFY_API_SECRET": "hush", "SHOPIFY_URL": shopify}
settings.use(settings.from_environment(told | {"DATABASE_URL": database}))
jobs.load_history(int(part_id))
"""


def test_a_worker_killed_in_the_middle_of_a_file_loses_and_doubles_nothing(
    shop: int, shopify: Pretend, tmp_path: Path
) -> None:
    lines = [part for number in range(1, ORDERS + 1) for part in (order(number), line(number + 10_000, of=number))]
    Store(shopify, lines)
    with transaction() as tx:
        backfill.begin(tx, shop, NOON)
        orders = backfill.every(tx, shop)[history.KINDS.index("orders")]
        backfill.started(tx, orders.id, OPERATION + "orders", NOON)
        over = Progress(is_over=True, url=f"{shopify.url}/orders.jsonl", total=2 * ORDERS, trouble=None)
        backfill.collected(tx, orders, over, NOON)
    mine = settings.current()
    words = [sys.executable, "-c", WORKER, str(tmp_path), mine.database_url, mine.shopify_url, str(orders.id)]
    worker = subprocess.Popen(words, cwd=Path(__file__).parents[2])
    try:
        place = until_it_reads(shop)
    finally:
        worker.kill()
        worker.wait(20)
    assert 0 < place < 2 * ORDERS
    with transaction() as tx:  # the lease of the dead is over
        backfill.release(tx, orders.id)
    load(shop)

    assert parts(shop)["orders"].state == "done"
    with snapshot() as tx:
        person = tx.execute(select(tables.people)).one()
        held = tx.execute(select(func.count()).select_from(tables.orders)).scalar_one()
        held_lines = tx.execute(select(func.count()).select_from(tables.order_lines)).scalar_one()
    assert (held, held_lines, person.number_of_orders) == (ORDERS, ORDERS, ORDERS)
    assert person.amount_spent == ORDERS * 12_50


def until_it_reads(shop: int) -> int:
    for _ in range(600):
        objects = parts(shop)["orders"].objects
        if objects:
            return objects
        time.sleep(0.02)
    raise AssertionError("the worker read nothing")
