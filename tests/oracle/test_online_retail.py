"""A real store's history, imported as Beckon imports it, beside its lines as the oracle reads them: the same people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from plugin import segment_jobs
from plugin.base import clock
from plugin.segment.compile import compile_segment
from plugin.segment.sql import members
from plugin.store.engine import Tx, snapshot
from plugin.store.tables import people
from sandbox.settings import SLICE
from tests.ingest.beside_the_sandbox import beside_the_sandbox
from tests.oracle import judge, retail, wording
from tests.oracle.rows import Rows
from tests.oracle.stores import World
from tests.oracle.subjects import history
from tests.sandbox.conftest import NOW

QUERIES = 300
HABITS = (
    *("life_cycle_stage", "churn_risk", "average_order_value", "lifetime_value", "rfm_group"),
    *("expected_next_order_date", "overdue_order_date", "days_since_first_order", "days_since_last_order"),
    *("favourite_hour", "favourite_weekday", "favourite_price_band", "discount_buyer"),
)
"""Reckoned from the history by both. What is said of products (their vendors, types) is not in the file."""
NAMES = (
    "number_of_orders",
    "amount_spent",
    "first_order_date",
    "last_order_date",
    "customer_added_date",
    "customer_countries",
    "products_purchased",
    "orders_placed",
    *HABITS,
)


@pytest.mark.parametrize("store", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)], indirect=True)
def test_the_history_of_a_real_store_answers_as_its_lines_do(store: str, tmp_path: Path) -> None:
    rows = retail.rows_of(SLICE, NOW)
    r, world = Random(1859), _world(rows)
    with beside_the_sandbox(tmp_path, SLICE) as shop, measured(shop.shop_id) as tx:
        customers = {row.id: row.customer_id for row in tx.execute(select(people.c.id, people.c.customer_id))}
        for query in (*KNOWN, *(wording.query(r, world, retail.SHOP, NAMES) for _ in range(QUERIES))):
            checked = compile_segment(query, now=NOW, timezone="Europe/London")
            found = sorted(customers[row] for row in tx.execute(members(checked, shop.shop_id)).scalars())
            assert found == sorted(judge.members(query, rows, NOW)), query
            assert len(found) == KNOWN.get(query, len(found)), query


@contextmanager
def measured(shop_id: int) -> Iterator[Tx]:
    """The night has come, and all is quiet."""
    with clock.stopped_at(NOW):
        segment_jobs.measure(shop_id)
    with snapshot() as tx:
        yield tx


CAKESTAND = 7_669_496_832_222  # 22423
KNOWN = {
    "": 368,
    "number_of_orders = 0": 1,
    "number_of_orders >= 5": 65,
    "customer_countries CONTAINS 'DE'": 16,
    "products_purchased MATCHES (id = 7370022842898)": 72,  # 85123A
    f"products_purchased MATCHES (id = {CAKESTAND})": 49,
    f"products_purchased NOT MATCHES (id = {CAKESTAND})": 368 - 49,
    f"products_purchased MATCHES (id = {CAKESTAND}, count >= 3)": 7,
    f"products_purchased MATCHES (id = {CAKESTAND}, quantity >= 24)": 2,
    "orders_placed MATCHES (count >= 5)": 65,
    "orders_placed MATCHES (date = 2026-10-29)": 14,
    "first_order_date >= 2026-10-29": 17,
}
"""Counted in the file with awk: `awk -F, '$2 == "22423" && $4 > 0 && $6 > 0 …' | sort -u | wc -l`."""


def _world(rows: Rows) -> World:
    """What queries ask for: products, countries, amounts, counts and days of the history itself."""
    r = Random(22)
    orders, lines = rows.tables["orders"], rows.tables["order_lines"]
    days = [order["placed_at"].date() + timedelta(days=r.choice((-1, 0, 1))) for order in r.sample(orders, 30)]
    world = World(NOW, [retail.SHOP], [*days, NOW.date()], ["-30d", "-7d", "-90d", "-6m", "-14d", "-1y"])
    world.pools = {
        "products": [line["product_id"] for line in r.sample(lines, 60) if line["product_id"]],
        "variants": [line["variant_id"] for line in r.sample(lines, 20) if line["variant_id"]],
        "skus": [one["sku"] for one in r.sample(rows.tables["variants"], 40)],
        "countries": sorted({row["country"] for row in rows.tables["person_countries"]}),
        "money": [order["total"] for order in r.sample(orders, 30)]
        + [history.sums(person, rows).spent for person in rows.tables["people"]]
        + [line["price"] for line in r.sample(lines, 30)],
        "counts": [0, 1, 2, 3, 5, 8, 13, 50, 200, 1000],
        "apps": [580_111],
        "locations": [70_352_000],
        "product_tags": ["none"],
        "channels": ["web", "pos", "shopify_draft_order"],
        "codes": ["WELCOME10", "Three for two", "Old friends"],
        "hours": [8, 9, 12, 15, 17, 20],
        "weekdays": [1, 3, 5, 6, 7],
        "days": [0, 7, 30, 31, 90, 180, 181, 365],
        "vendors": ["none"],
        "types": ["none"],
        "categories": ["none"],
    }
    return world
