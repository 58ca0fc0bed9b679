"""A history loads in steps, each its own transaction, through the Admin API and a file by HTTP."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from plugin import jobs
from plugin.base import clock
from plugin.base.errors import BeckonError, Unavailable
from plugin.ingest import backfill, history
from plugin.ingest.backfill import Backfill, Progress
from plugin.profile import contact
from plugin.shopify import client
from plugin.shopify.client import Client
from plugin.store import tables
from plugin.store.engine import snapshot, transaction
from tests.conftest import NOON
from tests.shopify.pretend import Answer, Asked, Pretend

from .test_history import line, order

OPERATION = "gid://shopify/BulkOperation/1"


class Store:
    """Answers bulk operations: the orders' file, and none of the rest."""

    def __init__(self, shopify: Pretend, orders: list[dict[str, Any]]) -> None:
        self.url = shopify.url
        self.file = b"".join(json.dumps(one).encode() + b"\n" for one in orders)
        self.kind = ""
        self.cut = 0
        self.gone = False
        self.downloads: list[str | None] = []
        self.questions: list[str] = []
        self.keeps: frozenset[str] = frozenset()
        shopify.reply = self.reply

    def reply(self, asked: Asked) -> Answer:
        if asked.method == "GET":
            self.downloads.append(asked.headers.get("Range"))
            if self.gone:
                self.gone = False
                return Answer(b"", 404)
            start = int(asked.headers.get("Range", "bytes=0-")[6:-1])
            cut, self.cut = self.cut, 0
            return Answer(self.file[start:], 206 if start else 200, cut=cut)
        if "bulkOperationRunQuery" in asked.body["query"]:
            self.kind = asked.body["variables"]["query"].split("{")[1].strip()
            self.questions.append(asked.body["variables"]["query"])
            question = backfill.question(self.kind, self.keeps)
            assert asked.body["variables"] == {"query": question, "groupObjects": False}
            told = {"bulkOperation": {"id": OPERATION, "status": "CREATED"}, "userErrors": []}
            return Answer({"data": {"bulkOperationRunQuery": told}})
        if "shop {" in asked.body["query"]:
            shop = {
                "name": "Vanta Outdoor",
                "currencyCode": "GBP",
                "ianaTimezone": "Europe/London",
                "primaryDomain": {"url": "https://vanta-outdoor.test"},
            }
            return Answer({"data": {"shop": shop}})
        url = f"{self.url}/orders.jsonl" if self.kind == "orders" else None
        told = {"id": OPERATION, "status": "COMPLETED", "errorCode": None, "objectCount": "4", "url": url}
        return Answer({"data": {"bulkOperation": told}})


def parts(shop_id: int) -> dict[str, Backfill]:
    with snapshot() as tx:
        return {part.kind: part for part in backfill.every(tx, shop_id)}


def load(shop_id: int) -> None:
    """What the clock does: goes on with whatever stands still."""
    for _ in range(20):
        with snapshot() as tx:
            following = backfill.next_of(tx, shop_id)
        if following is None:
            return
        jobs.load_history(following.id)


def ann() -> tuple[int, int, int]:
    with snapshot() as tx:
        person = tx.execute(select(tables.people)).one()
        lines = tx.execute(select(tables.order_lines)).all()
    return person.number_of_orders, person.amount_spent, len(lines)


def test_a_shop_installs_and_its_history_arrives(shop: int, shopify: Pretend) -> None:
    Store(shopify, [order(1), line(11, of=1), order(2), line(21, of=2)])
    jobs.installed(shop)
    load(shop)
    assert ann() == (2, 25_00, 2)
    states = {kind: (part.state, part.objects) for kind, part in parts(shop).items()}
    assert states == {"products": ("done", 0), "customers": ("done", 0), "orders": ("done", 4)}


def test_a_line_that_breaks_is_taken_up_where_it_broke(
    shop: int, shopify: Pretend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "PARENTS", 1)
    monkeypatch.setattr(client, "_PIECE", 100)
    store = Store(shopify, [part for number in range(1, 6) for part in (order(number), line(number * 10, of=number))])
    store.cut = len(store.file) // 2
    jobs.installed(shop)
    load(shop)
    assert ann() == (5, 62_50, 5)
    assert len(store.downloads) == 2
    assert store.downloads[1] is not None


def test_a_file_that_shopify_keeps_no_more_is_collected_anew(shop: int, shopify: Pretend) -> None:
    store = Store(shopify, [order(1), line(11, of=1)])
    store.gone = True
    jobs.installed(shop)
    load(shop)
    assert parts(shop)["orders"].state == "done"
    assert ann() == (1, 12_50, 1)
    operations = [asked for asked in shopify.asked if asked.body and "bulkOperationRunQuery" in asked.body["query"]]
    assert sum("orders" in asked.body["variables"]["query"].split("{")[1] for asked in operations) == 2


def test_a_history_told_twice_counts_once(shop: int, shopify: Pretend) -> None:
    store = Store(shopify, [order(1), order(2), line(21, of=2), line(11, of=1)])
    jobs.installed(shop)
    load(shop)
    with transaction() as tx:
        backfill.begin(tx, shop, clock.now())
    load(shop)
    assert ann() == (2, 25_00, 2)
    assert len(store.downloads) == 2


def test_late_lines_join_their_order_once(shop: int, shopify: Pretend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PARENTS", 1)
    Store(shopify, [order(1), line(11, of=1), order(2), line(12, of=1), line(11, of=1)])
    jobs.installed(shop)
    load(shop)
    with snapshot() as tx:
        lines = tx.execute(select(tables.order_lines).order_by(tables.order_lines.c.position))
        assert [(one.line_id, one.position, one.order_id) for one in lines] == [(11, 0, 1), (12, 1, 1)]


def test_a_file_that_does_not_parse_fails_with_its_line(shop: int, shopify: Pretend) -> None:
    Store(shopify, [order(1), order(2, totalPriceSet=None)])
    jobs.installed(shop)
    load(shop)
    failed = parts(shop)["orders"]
    assert (failed.state, failed.error) == ("failed", 'history of orders, line 2: "totalPriceSet" is missing.')


def test_two_workers_at_one_part_apply_a_batch_once(shop: int) -> None:
    with transaction() as tx:
        part_id = backfill.begin(tx, shop, NOON)[2]
        backfill.started(tx, part_id, OPERATION)
        backfill.collected(tx, part_id, Progress(is_over=True, url="https://x.test/f", total=9, trouble=None), NOON)
        batch = history.Batch((), 100, 5)
        assert backfill.advance(tx, part_id, since=0, batch=batch, now=NOON)
        assert not backfill.advance(tx, part_id, since=0, batch=batch, now=NOON)


def test_a_part_is_one_workers_until_it_dies(shop: int) -> None:
    with transaction() as tx:
        part_id = backfill.begin(tx, shop, NOON)[0]
        assert backfill.claim(tx, part_id, NOON) is not None
        assert backfill.claim(tx, part_id, NOON + timedelta(seconds=30)) is None
        assert backfill.stale(tx, NOON + timedelta(seconds=30), 10) == []
        assert backfill.stale(tx, NOON + timedelta(seconds=61), 10) == [part_id]
        assert backfill.claim(tx, part_id, NOON + timedelta(seconds=61)) is not None


def test_an_operation_that_failed_fails_the_part(shop: int) -> None:
    with transaction() as tx:
        part_id = backfill.begin(tx, shop, NOON)[0]
        backfill.started(tx, part_id, OPERATION)
        trouble = Progress(is_over=True, url=None, total=0, trouble="Shopify's bulk operation ended as FAILED.")
        backfill.collected(tx, part_id, trouble, NOON)
    assert parts(shop)["products"].state == "failed"


@pytest.mark.parametrize(
    ("code", "kind"), [("OPERATION_IN_PROGRESS", Unavailable), ("LIMIT_REACHED", Unavailable), ("INVALID", BeckonError)]
)
def test_what_shopify_objects_to(shopify: Pretend, code: str, kind: type[BeckonError]) -> None:
    told = {"bulkOperation": None, "userErrors": [{"code": code, "field": None, "message": "No."}]}
    shopify.will(Answer({"data": {"bulkOperationRunQuery": told}}))
    with pytest.raises(kind, match=r"does not collect the orders: No\."):
        backfill.start_operation(Client("vanta.myshopify.com", "shpat_1"), "orders")


@pytest.mark.parametrize(
    ("answer", "progress"),
    [
        ({"status": "RUNNING", "objectCount": "17"}, Progress(is_over=False, url=None, total=17, trouble=None)),
        (
            {"status": "FAILED", "errorCode": "TIMEOUT", "objectCount": "17"},
            Progress(is_over=True, url=None, total=17, trouble="Shopify's bulk operation ended as FAILED: TIMEOUT."),
        ),
        (
            None,
            Progress(is_over=True, url=None, total=0, trouble="Shopify does not know the bulk operation any more."),
        ),
    ],
)
def test_how_far_shopify_is(shopify: Pretend, answer: Any, progress: Progress) -> None:
    shopify.will(Answer({"data": {"bulkOperation": answer}}))
    assert backfill.poll(Client("vanta.myshopify.com", "shpat_1"), OPERATION) == progress


def test_a_field_that_is_switched_on_is_asked_for_in_every_customer_anew(shop: int, shopify: Pretend) -> None:
    store = Store(shopify, [])
    jobs.installed(shop)
    load(shop)
    assert "firstName" not in "".join(store.questions)
    with transaction() as tx:
        contact.switch(tx, shop, "name", on=True)
    store.keeps = frozenset({"name"})

    jobs.load_customers_again(shop)
    load(shop)

    assert len(store.questions) == 4
    assert "firstName" in store.questions[-1]
    assert "defaultEmailAddress" not in store.questions[-1]
    assert parts(shop)["customers"].state == "done"
