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
from plugin.ingest import backfill, collecting, history
from plugin.ingest.backfill import Backfill
from plugin.ingest.collecting import Progress
from plugin.profile import contact
from plugin.shopify import client
from plugin.shopify.client import Client
from plugin.store import tables
from plugin.store.engine import Tx, snapshot, transaction
from tests.conftest import NOON
from tests.shopify.pretend import Answer, Asked, Pretend

from .test_history import line, order

OPERATION = "gid://shopify/BulkOperation/"
KINDS_BY_ROOT = {kind: kind for kind in history.KINDS} | {"abandonedCheckouts": "checkouts"}


class Store:
    """Answers bulk operations: the orders' file, and none of the rest."""

    def __init__(self, shopify: Pretend, orders: list[dict[str, Any]]) -> None:
        self.url = shopify.url
        self.file = b"".join(json.dumps(one).encode() + b"\n" for one in orders)
        self.hidden: dict[str, Any] = {}
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
            root = asked.body["variables"]["query"].split("{")[1].strip()
            kind = KINDS_BY_ROOT[root]
            self.questions.append(asked.body["variables"]["query"])
            assert asked.body["variables"] == {
                "query": collecting.question(kind, self.keeps, frozenset()),
                "groupObjects": False,
            }
            told = {"bulkOperation": {"id": OPERATION + kind, "status": "CREATED"}, "userErrors": []}
            return Answer({"data": {"bulkOperationRunQuery": told}})
        if "MayRead" in asked.body["query"]:
            return Answer({"data": {"customers": {"nodes": []}, "orders": {"nodes": []}}} | self.hidden)
        if "shop {" in asked.body["query"]:
            shop = {
                "name": "Vanta Outdoor",
                "currencyCode": "GBP",
                "ianaTimezone": "Europe/London",
                "primaryDomain": {"url": "https://vanta-outdoor.test"},
            }
            return Answer({"data": {"shop": shop}})
        url = f"{self.url}/orders.jsonl" if asked.body["variables"]["id"] == OPERATION + "orders" else None
        told = {"id": OPERATION, "status": "COMPLETED", "errorCode": None, "objectCount": "4", "url": url}
        return Answer({"data": {"bulkOperation": told}})


def parts(shop_id: int) -> dict[str, Backfill]:
    with snapshot() as tx:
        return {part.kind: part for part in backfill.every(tx, shop_id)}


def load(shop_id: int) -> None:
    """What the clock does: goes on with whatever stands still."""
    for _ in range(20):
        open_parts = [part.id for part in parts(shop_id).values() if part.state in backfill.OPEN]
        for part_id in open_parts:
            jobs.load_history(part_id)


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
    assert states == dict.fromkeys(history.KINDS, ("done", 0)) | {"orders": ("done", 4)}


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
        part_id = backfill.begin(tx, shop, NOON)[0]
        backfill.started(tx, part_id, OPERATION, NOON)
        over = Progress(is_over=True, url="https://x.test/f", total=9, trouble=None)
        backfill.collected(tx, backfill.every(tx, shop)[0], over, NOON)
        batch = history.Batch((), 100, 5)
        assert backfill.advance(tx, part_id, since=0, batch=batch, now=NOON)
        assert not backfill.advance(tx, part_id, since=0, batch=batch, now=NOON)


def test_a_part_is_one_workers_until_it_dies(shop: int) -> None:
    with transaction() as tx:
        part_id, *others = backfill.begin(tx, shop, NOON)
        for other in others:
            backfill.fail(tx, other, "Not of this story.", NOON)
        assert backfill.claim(tx, part_id, NOON) is not None
        assert backfill.claim(tx, part_id, NOON + timedelta(seconds=30)) is None
        assert backfill.stale(tx, NOON + timedelta(seconds=30), 10) == []
        assert backfill.stale(tx, NOON + timedelta(seconds=61), 10) == [part_id]
        assert backfill.claim(tx, part_id, NOON + timedelta(seconds=61)) is not None


def test_the_clock_looks_after_all_parts_and_less_often_after_a_minute(shop: int) -> None:
    with transaction() as tx:
        ids = backfill.begin(tx, shop, NOON)
        assert backfill.stale(tx, NOON, 10) == ids
        assert backfill.stale(tx, NOON + timedelta(seconds=1), 10) == []
        for part_id in ids:
            backfill.started(tx, part_id, f"{OPERATION}{part_id}", NOON)
        assert backfill.stale(tx, NOON + timedelta(seconds=2), 10) == ids
        later = NOON + timedelta(minutes=5)
        assert backfill.stale(tx, later, 10) == ids
        assert backfill.stale(tx, later + timedelta(seconds=5), 10) == []
        assert backfill.stale(tx, later + timedelta(seconds=15), 10) == ids


def test_shopify_runs_five_operations_at_once_and_the_sixth_waits(shop: int) -> None:
    with transaction() as tx:
        ids = backfill.begin(tx, shop, NOON)
        assert backfill.has_room(tx, shop)
        for part_id in ids:
            backfill.started(tx, part_id, f"{OPERATION}{part_id}", NOON)
        assert not backfill.has_room(tx, shop)


def failed(tx: Tx, shop_id: int, progress: Progress) -> Backfill:
    """The products' operation is begun, and ends so."""
    part_id = backfill.every(tx, shop_id)[0].id if backfill.every(tx, shop_id) else backfill.begin(tx, shop_id, NOON)[0]
    backfill.started(tx, part_id, OPERATION, NOON)
    backfill.collected(tx, backfill.every(tx, shop_id)[0], progress, NOON)
    return backfill.every(tx, shop_id)[0]


def test_an_operation_that_failed_fails_the_part_in_words_and_it_can_be_tried_again(shop: int) -> None:
    trouble = Progress(is_over=True, url=None, total=0, trouble="Somebody cancelled the collecting at Shopify.")
    with transaction() as tx:
        part = failed(tx, shop, trouble)
        assert (part.state, part.error) == ("failed", "Somebody cancelled the collecting at Shopify.")
        assert backfill.try_again(tx, shop, "products", NOON) == part.id
        again = backfill.every(tx, shop)[0]
        assert (again.state, again.error, again.attempts) == ("waiting", None, 0)
        assert backfill.try_again(tx, shop, "products", NOON) is None


def test_what_broke_inside_shopify_is_collected_anew_three_times_and_the_half_file_is_not_thrown_away(
    shop: int,
) -> None:
    half = Progress(True, "https://x.test/half", 9, "Something broke inside Shopify.", may_pass=True)
    with transaction() as tx:
        assert failed(tx, shop, half).state == "waiting"
        assert failed(tx, shop, half).state == "waiting"
        part = failed(tx, shop, half)
        assert (part.state, part.url) == ("loading", "https://x.test/half")
        backfill.finish(tx, part.id, NOON)
        part = backfill.every(tx, shop)[0]
        assert (part.state, part.error) == ("failed", "Something broke inside Shopify.")


def test_customers_whom_shopify_hides_are_not_forgotten(shop: int, shopify: Pretend) -> None:
    store = Store(shopify, [order(1), line(11, of=1)])
    jobs.installed(shop)
    load(shop)
    denied = {"message": "Not approved.", "path": ["orders", "nodes", 0, "customer"]}
    store.hidden = {"errors": [denied | {"extensions": {"code": "ACCESS_DENIED"}}]}
    store.file = store.file.replace(b'{"id": "gid://shopify/Customer/12346"}', b"null")
    with transaction() as tx:
        backfill.begin(tx, shop, clock.now())
    load(shop)
    assert parts(shop)["orders"].error == collecting.HIDES_PEOPLE
    assert parts(shop)["products"].state == "done"
    assert ann() == (1, 12_50, 1)


@pytest.mark.parametrize(
    ("code", "kind"), [("OPERATION_IN_PROGRESS", Unavailable), ("LIMIT_REACHED", Unavailable), ("INVALID", BeckonError)]
)
def test_what_shopify_objects_to(shopify: Pretend, code: str, kind: type[BeckonError]) -> None:
    told = {"bulkOperation": None, "userErrors": [{"code": code, "field": None, "message": "No."}]}
    shopify.will(Answer({"data": {"bulkOperationRunQuery": told}}))
    with pytest.raises(kind, match=r"does not collect the products: No\."):
        collecting.start_operation(Client("vanta.myshopify.com", "shpat_1"), "products")


RUNNING = Progress(is_over=False, url=None, total=17, trouble=None)
SLOW = "Shopify took too long to collect them. Trying again usually helps."
DENIED = "Shopify did not let Beckon read them: an access scope or the approval for protected customer data is missing."
GONE = "Shopify does not know the bulk operation any more."


@pytest.mark.parametrize(
    ("answer", "progress"),
    [
        ({"status": "RUNNING", "objectCount": "17"}, RUNNING),
        ({"status": "CANCELING", "objectCount": "17"}, RUNNING),
        (
            {"status": "FAILED", "errorCode": "TIMEOUT", "objectCount": "17", "partialDataUrl": "https://x.test/p"},
            Progress(is_over=True, url="https://x.test/p", total=17, trouble=SLOW, may_pass=True),
        ),
        (
            {"status": "FAILED", "errorCode": "ACCESS_DENIED", "objectCount": "0"},
            Progress(is_over=True, url=None, total=0, trouble=DENIED),
        ),
        (
            {"status": "CANCELED", "objectCount": "0"},
            Progress(is_over=True, url=None, total=0, trouble="Somebody cancelled the collecting at Shopify."),
        ),
        (
            {"status": "EXPIRED", "objectCount": "9"},
            Progress(is_over=True, url=None, total=9, trouble="Shopify ended the collecting: EXPIRED.", may_pass=True),
        ),
        (None, Progress(is_over=True, url=None, total=0, trouble=GONE, may_pass=True)),
    ],
)
def test_how_far_shopify_is(shopify: Pretend, answer: Any, progress: Progress) -> None:
    shopify.will(Answer({"data": {"bulkOperation": answer}}))
    assert collecting.poll(Client("vanta.myshopify.com", "shpat_1"), OPERATION) == progress


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

    assert len(store.questions) == len(history.KINDS) + 1
    assert "firstName" in store.questions[-1]
    assert "defaultEmailAddress" not in store.questions[-1]
    assert parts(shop)["customers"].state == "done"


def test_only_what_changed_is_asked_for_where_that_is_enough() -> None:
    for kind in history.KINDS:
        asked = collecting.bulk_query(kind, NOON)
        assert "(query: \"updated_at:>='2026-11-18T12:00:00Z'\") {\n    edges {" in asked
        assert collecting.bulk_query(kind) == collecting.question(kind, frozenset(), frozenset())
