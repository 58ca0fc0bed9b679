"""A real pretend store's customers and orders, read as bulk operations write them, and asked for by segments."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin import jobs
from plugin.base.clock import now
from plugin.profile import contact
from plugin.segment.compile import compile_segment
from plugin.segment.sql import members
from plugin.store.engine import snapshot, transaction
from sandbox import facts_of_people
from tests.sandbox.conftest import LINES, write_csv

from .beside_the_sandbox import Beside, beside_the_sandbox

CUSTOMERS = range(12_340, 12_352)


@pytest.fixture
def beside(store: str, tmp_path: Path) -> Iterator[Beside]:
    """Twelve customers of an order each, in England and in France."""
    first = LINES[0]
    lines = [
        (str(536_360 + place), *first[1:6], f"{number}.0", "France" if number % 5 == 0 else "United Kingdom")
        for place, number in enumerate(CUSTOMERS)
    ]
    with beside_the_sandbox(tmp_path, write_csv(tmp_path / "twelve.csv", lines)) as made:
        yield made


def members_of(beside: Beside, query: str) -> int:
    with snapshot() as tx:
        checked = compile_segment(query, now=now(), timezone="Europe/London")
        return len(tx.execute(members(checked, beside.shop_id)).all())


def test_segments_find_whom_the_store_itself_would_find(beside: Beside) -> None:
    rows = beside.world.db.execute("SELECT * FROM customers").fetchall()
    assert len(rows) == len(CUSTOMERS)
    fields = [{(one["namespace"], one["key"]): one["value"] for one in json.loads(row["metafields"])} for row in rows]
    for level in facts_of_people.LEVELS:
        mine = sum(one.get(("custom", "membership_level")) == level for one in fields)
        assert members_of(beside, f"customer.metafields.custom.membership_level = '{level}'") == mine
    rich = sum(int(one["custom", "loyalty_points"]) > 400 for one in fields)
    assert members_of(beside, "customer.metafields.custom.loyalty_points > 400") == rich > 0
    born = sum(("facts", "birth_date") in one for one in fields)
    assert members_of(beside, "customer.metafields.facts.birth_date < today") == born > 0
    topics = sum("Children" in one.get(("custom", "topics"), "") for one in fields)
    assert members_of(beside, "customer.metafields.custom.topics CONTAINS 'Children'") == topics > 0
    invited = sum(facts_of_people.account_status(row) != "ENABLED" for row in rows)
    assert members_of(beside, "customer_account_status != 'ENABLED'") == invited > 0
    credit = sum(row["credit"] > 0 for row in rows)
    assert members_of(beside, "store_credit_accounts MATCHES (balance > 0)") == credit > 0
    assert members_of(beside, "shopify_rfm_group = 'NEW'") == len(rows)
    orders = beside.world.db.execute("SELECT * FROM orders").fetchall()
    tills = sum(row["source"] == "pos" for row in orders)
    assert members_of(beside, "orders_placed MATCHES (channel = 'pos')") == tills > 0
    codes = sum("WELCOME10" in row["discounts"].upper() for row in orders)
    assert members_of(beside, "orders_placed MATCHES (discount = 'welcome10')") == codes > 0
    assert members_of(beside, "orders_placed MATCHES (hour = 8)") == len(orders)
    assert members_of(beside, "customer_regions CONTAINS 'GB-ENG'") > 0
    assert members_of(beside, "customer_cities IS NOT NULL") == 0, "towns are off"


def test_towns_come_with_the_switch(beside: Beside) -> None:
    with transaction() as tx:
        contact.switch(tx, beside.shop_id, "address", on=True)
    jobs.load_customers_again(beside.shop_id)
    beside.load()
    assert members_of(beside, "customer_cities IS NOT NULL") == len(CUSTOMERS)
    near_paris = "customer_within_distance MATCHES (coordinates = '48.86,2.34', distance_km = 100)"
    assert 0 < members_of(beside, near_paris) <= members_of(beside, "customer_countries CONTAINS 'FR'")
