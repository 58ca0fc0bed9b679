"""Webhooks applied per second: from the recorded row to profiles, one by one and as jobs bring them.

`python -m benchmarks.events [--orders 2000] [--database URL]`

A day of a shop: for each order a cart, its update, the order, its later state and every tenth time a refund, of a
thousand customers. Beside it the same orders as one history would bring them, 500 in a transaction, and the floor:
parsing each payload and inserting one bare row, a transaction each.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from plugin import queue
from plugin.base import settings
from plugin.base.clock import now
from plugin.ingest import inbox
from plugin.ingest.inbox import Arrival
from plugin.profile.apply import apply
from plugin.store.batches import batches
from plugin.store.engine import open_store, transaction
from plugin.store.tables import metadata
from tests.factories import make_shop
from webhooks.delivery import Delivery
from webhooks.ingest import apply_webhook, apply_webhooks
from webhooks.topics import parse

ROOT = Path(__file__).resolve().parents[1]
MORNING = datetime(2026, 11, 18, 8, tzinfo=UTC)
ORDER = json.loads((ROOT / "tests/webhooks/payloads/orders-create.json").read_text())
CART = json.loads((ROOT / "tests/webhooks/payloads/carts-create.json").read_text())


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--orders", type=int, default=2_000)
    words.add_argument("--database", help="SQLAlchemy URL; a new SQLite file if not given")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as home:
        told = {"BECKON_HOME": home, "SHOPIFY_API_SECRET": "benchmark"}
        settings.use(settings.from_environment(told | ({"DATABASE_URL": asked.database} if asked.database else {})))
        metadata.create_all(open_store())
        with transaction() as tx:
            make_shop(tx)
        day = list(a_day(1, asked.orders))
        row_ids = recorded(day, "a")
        began = time.perf_counter()
        for row_id in row_ids:
            apply_webhook(row_id)
        one_by_one = tell("webhooks, one transaction each", len(day), began)
        day_after = list(a_day(1 + asked.orders, asked.orders))
        waiting = recorded(day_after, "b")
        began = time.perf_counter()
        for ids in batches(waiting, queue.WEBHOOKS_A_JOB):
            apply_webhooks(ids)
        tell(f"webhooks, {queue.WEBHOOKS_A_JOB} a job", len(day_after), began)
        at_once(day)
        began = time.perf_counter()
        bare(Path(home), day)
        floor = tell("floor: parse, insert, commit", len(day), began)
        print(f"one by one is {floor / one_by_one:.2f} of the floor's speed")


def a_day(first: int, orders: int) -> Iterator[tuple[str, bytes]]:
    """(topic, body) in the order in which they happen."""
    for number in range(first, first + orders):
        at = MORNING + timedelta(seconds=number)
        token = f"cart-{number}"
        yield "carts/create", body(CART, token=token, updated_at=at.isoformat())
        yield "carts/update", body(CART, token=token, updated_at=(at + timedelta(minutes=1)).isoformat())
        told = {
            "id": 2**53 + number,
            "test": False,
            "cart_token": token,
            "customer": {"id": 2**54 + number % 1_000},
            "processed_at": at.isoformat(),
            "updated_at": (at + timedelta(minutes=2)).isoformat(),
        }
        yield "orders/create", body(ORDER, **told)
        back = {
            "id": 2**55 + number,
            "order_id": told["id"],
            "transactions": [{"kind": "refund", "status": "success", "amount": "9.99"}],
        }
        if number % 10 == 0:
            yield "refunds/create", body(back)
        told["updated_at"] = (at + timedelta(minutes=9)).isoformat()
        yield "orders/updated", body(ORDER, **told, refunds=[back] if number % 10 == 0 else [])


def body(payload: dict[str, Any], **changes: Any) -> bytes:
    return json.dumps(payload | changes).encode()


def recorded(day: list[tuple[str, bytes]], name: str) -> list[int]:
    """Their rows in the inbox, as the door leaves them."""
    arrivals = [
        Arrival("vanta.myshopify.com", f"{name}-{number}", topic, "2026-10", None, payload)
        for number, (topic, payload) in enumerate(day)
    ]
    with transaction() as tx:
        return sorted(inbox.record(tx, arrivals, now()))


def at_once(day: list[tuple[str, bytes]]) -> None:
    parsed = [
        event
        for topic, payload in day
        if topic == "orders/create"
        for event in parse(topic, payload, Delivery(MORNING, "USD"))
    ]
    with transaction() as tx:
        shop_id = make_shop(tx, "history.myshopify.com")
    began = time.perf_counter()
    for some in batches(parsed, 500):
        with transaction() as tx:
            apply(tx, shop_id, some, now=now())
    tell("orders, 500 in a transaction", len(parsed), began)


def bare(home: Path, day: list[tuple[str, bytes]]) -> None:
    database = sqlite3.connect(home / "floor.sqlite3", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute("CREATE TABLE events (number INTEGER PRIMARY KEY, topic TEXT, body BLOB)")
    for topic, payload in day:
        json.loads(payload)
        database.execute("INSERT INTO events (topic, body) VALUES (?, ?)", (topic, payload))
    database.close()


def tell(what: str, count: int, began: float) -> float:
    took = time.perf_counter() - began
    print(f"{what:<32} {count / took:>8,.0f}/s   {took / count * 1e6:>6,.0f} µs each")
    return took


if __name__ == "__main__":
    main()
