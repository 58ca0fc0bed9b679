"""Webhooks get lost; the night's comparison repairs what they would have told, and says how much that was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from plugin import jobs
from plugin.base.clock import now
from plugin.base.errors import BeckonError
from plugin.ingest import backfill, differences, missing, reconcile
from plugin.ingest.reconcile import CLOCK, MERCHANT, Reconciliation
from plugin.store import tables
from plugin.store.engine import Tx, snapshot, transaction
from sandbox import catalogue, customers, orders, shelves
from sandbox.webhooks.outbox import Rules, set_rules
from tests.conftest import NOON
from tests.factories import make_order, make_shop

from .beside_the_sandbox import Beside, beside_the_sandbox


@pytest.fixture
def beside(store: str, tmp_path: Path) -> Iterator[Beside]:
    with beside_the_sandbox(tmp_path) as made:
        yield made


def compare(beside: Beside, asked_by: str = CLOCK) -> Reconciliation:
    with transaction() as tx:
        reconcile.begin(tx, beside.shop_id, asked_by, now())
        (run,) = reconcile.latest(tx, beside.shop_id)
    beside.load(run.id)
    with snapshot() as tx:
        return reconcile.by_id(tx, run.id)


def counts(run: Reconciliation, what: str) -> dict[str, int]:
    return {kind: told[what] for kind, told in (run.kinds or {}).items() if told[what]}


def test_what_lost_webhooks_would_have_told_is_repaired_and_counted_exactly(beside: Beside) -> None:
    world = beside.world
    products = [row["id"] for row in world.db.execute("SELECT id FROM products ORDER BY id")]
    cancelled, delivered = [row["id"] for row in world.db.execute("SELECT id FROM orders ORDER BY id LIMIT 2")]

    set_rules(world, Rules(lose_every=2))
    for number in products:  # one webhook each
        catalogue.change_price(world, number, 777)
    lost = world.db.execute("SELECT count(*) FROM outbox WHERE state = 'lost'").fetchone()[0]
    assert lost
    set_rules(world, Rules(lose_every=1))
    orders.cancel(world, _row(world, "orders", cancelled))
    customers.sign_up(world, "FR")
    shelves.make(world, "Summer", products[:1])
    set_rules(world, Rules())
    orders.cancel(world, _row(world, "orders", delivered))
    customers.sign_up(world, "IE")
    shelves.make(world, "Winter", products[1:])
    beside.deliver()
    with snapshot() as tx:
        unread = tx.execute(select(tables.collections.c.id).where(tables.collections.c.title == "Winter")).scalar_one()
    jobs.read_collection(unread)  # the clock's, after collections/create

    run = compare(beside)

    assert run.error is None
    assert counts(run, "repaired") == {"products": lost, "orders": 1, "customers": 1, "collections": 1}
    assert run.repaired == lost + 3
    assert counts(run, "looked_at")["products"] == len(products)
    assert books(beside) == ours(beside)
    assert compare(beside).repaired == 0


def test_webhooks_that_all_came_leave_nothing_to_repair(beside: Beside) -> None:
    world = beside.world
    for row in world.db.execute("SELECT * FROM products").fetchall():
        catalogue.change_price(world, row["id"], 777)
    for row in world.db.execute("SELECT * FROM orders").fetchall():
        orders.refund(world, row, _first_line(row), 1)
    buyer = customers.find(world.db, customers.sign_up(world, "DE"))
    assert buyer is not None
    customers.tag(world, buyer["id"], add=["vip"], remove=[])
    _buy(beside, buyer)
    beside.deliver()

    run = compare(beside)

    assert (run.error, counts(run, "repaired")) == (None, {})
    assert run.looked_at
    assert books(beside) == ours(beside)


def test_what_was_deleted_without_our_hearing_of_it_is_found_when_ids_are_compared(beside: Beside) -> None:
    world = beside.world
    gone = world.db.execute("SELECT min(id) FROM products").fetchone()[0]
    world.db.execute("DELETE FROM products WHERE id = ?", (gone,))
    world.db.execute("DELETE FROM collections WHERE handle = ?", (shelves.BY_HAND,))

    assert counts(compare(beside), "removed") == {}  # a night's run looks at news only
    run = compare(beside, MERCHANT)

    assert counts(run, "removed") == {"products": 1, "collections": 1}
    with snapshot() as tx:
        query = select(tables.products.c.product_id).where(tables.products.c.deleted_at.is_not(None))
        assert tx.execute(query).scalars().all() == [gone]


def _buy(beside: Beside, buyer: Any) -> None:
    from sandbox import carts

    lamp = beside.world.db.execute("SELECT * FROM products ORDER BY id LIMIT 1").fetchone()
    cart = carts.change(beside.world, None, lamp, add=2)
    carts.begin_checkout(beside.world, cart, buyer, buyer["email"])
    cart = carts.find(beside.world.db, cart["token"])
    assert cart is not None
    orders.place(beside.world, cart, buyer, email=buyer["email"], country="DE", landing="/")


def _first_line(order: Any) -> Any:
    import json

    return json.loads(order["lines"])[0]


def _row(world: Any, table: str, number: int) -> Any:
    return world.db.execute(f"SELECT * FROM {table} WHERE id = ?", (number,)).fetchone()


def books(beside: Beside) -> dict[str, Any]:
    """What the store itself knows."""
    db = beside.world.db
    return {
        "prices": {row["id"]: row["price"] for row in db.execute("SELECT id, price FROM products")},
        "orders": {
            row["id"]: (row["total"], row["refunded"], row["cancelled_at"] is not None, row["customer_id"])
            for row in db.execute("SELECT * FROM orders")
        },
        "customers": {row["id"] for row in db.execute("SELECT id FROM customers")},
        "collections": {
            row["id"]: (row["title"], {each["id"] for each in shelves.members(db, row)})
            for row in db.execute("SELECT * FROM collections").fetchall()
        },
        "checkouts": {row["checkout_token"] for row in db.execute("SELECT checkout_token FROM checkouts")},
    }


def ours(beside: Beside) -> dict[str, Any]:
    """The same, as Beckon holds it."""
    with snapshot() as tx:
        customer = dict(tx.execute(select(tables.people.c.id, tables.people.c.customer_id)).all())
        members: dict[int, set[int]] = {}
        for row in tx.execute(select(tables.collection_products)):
            members.setdefault(row.collection_id, set()).add(row.product_id)
        return {
            "prices": dict(tx.execute(select(tables.variants.c.product_id, tables.variants.c.price)).all()),
            "orders": {
                row.order_id: (row.total, row.refunded, row.cancelled_at is not None, customer.get(row.person_id))
                for row in tx.execute(select(tables.orders))
            },
            "customers": {number for number in customer.values() if number},
            "collections": {
                row.collection_id: (row.title, members.get(row.collection_id, set()))
                for row in tx.execute(select(tables.collections))
            },
            "checkouts": set(tx.execute(select(tables.checkouts.c.token)).scalars()),
        }


# --- when -----------------------------------------------------------------------------------------


def with_history(tx: Tx, shop_id: int, loaded_at: datetime) -> None:
    for part_id in backfill.begin(tx, shop_id, loaded_at):
        tx.execute(tables.backfills.update().where(tables.backfills.c.id == part_id).values(state="done"))


def test_every_shop_has_its_own_quiet_minute(tx: Tx) -> None:
    tokyo, lima = make_shop(tx, "tokyo.myshopify.com"), make_shop(tx, "lima.myshopify.com")
    for shop_id, zone in ((tokyo, "Asia/Tokyo"), (lima, "America/Lima")):
        tx.execute(tables.shops.update().where(tables.shops.c.id == shop_id).values(timezone=zone))
        with_history(tx, shop_id, NOON - timedelta(hours=1))

    nights = {
        shop_id: next(at for at in _minutes(NOON) if shop_id in reconcile.due(tx, at, 10)) for shop_id in (tokyo, lima)
    }

    for shop_id, hour in ((tokyo, 18), (lima, 8)):  # 3 o'clock there, in UTC
        minutes = (nights[shop_id].hour - hour) * 60 + nights[shop_id].minute
        assert minutes == shop_id * 37 % reconcile.SPREAD


def _minutes(start: datetime) -> Iterator[datetime]:
    return (start + timedelta(minutes=minute) for minute in range(26 * 60))


def test_a_night_has_one_run_and_one_that_was_missed_is_made_up_for(tx: Tx, shop_id: int) -> None:
    with_history(tx, shop_id, NOON)
    night = datetime(2026, 11, 19, 6, tzinfo=UTC)
    assert reconcile.due(tx, NOON + timedelta(hours=1), 10) == []
    assert reconcile.due(tx, night, 10) == [shop_id]
    assert len(reconcile.begin(tx, shop_id, CLOCK, night)) == 5
    assert reconcile.due(tx, night, 10) == []
    assert reconcile.begin(tx, shop_id, MERCHANT, night) == []  # one at a time
    assert reconcile.due(tx, night + timedelta(hours=24), 10) == [shop_id]


def test_a_run_asks_for_what_changed_since_the_last_one_and_once_a_week_for_everything(tx: Tx, shop_id: int) -> None:
    with_history(tx, shop_id, NOON)
    for day in range(1, 9):
        at = NOON + timedelta(days=day)
        reconcile.begin(tx, shop_id, CLOCK, at)
        (run,) = reconcile.latest(tx, shop_id)
        assert run.since == at - timedelta(days=1) - reconcile.OVERLAP
        assert run.whole == (day == 7)
        parts = {part.kind: part.since for part in backfill.every(tx, shop_id, run.id)}
        assert parts["orders"] == run.since
        assert parts["collections"] is None
        assert ("ids_orders" in parts) == run.whole
        tx.execute(tables.backfills.update().where(tables.backfills.c.reconciliation_id == run.id).values(state="done"))
        assert reconcile.settle(tx, run.id, at) is not None


def test_a_run_that_failed_in_part_says_so_and_the_next_looks_back_as_far(tx: Tx, shop_id: int) -> None:
    with_history(tx, shop_id, NOON)
    for day in (1, 2):
        at = NOON + timedelta(days=day)
        reconcile.begin(tx, shop_id, CLOCK, at)
        (run,) = reconcile.latest(tx, shop_id)
        assert run.since == NOON - reconcile.OVERLAP
        products, *others = backfill.every(tx, shop_id, run.id)
        backfill.fail(tx, products.id, "Shopify took too long.", at)
        for part in others:
            tx.execute(tables.backfills.update().where(tables.backfills.c.id == part.id).values(state="done"))
        told = reconcile.settle(tx, run.id, at)
        assert told is not None
        assert told.error == "Products: Shopify took too long."


def test_nothing_is_compared_while_the_history_loads(tx: Tx, shop_id: int) -> None:
    backfill.begin(tx, shop_id, NOON)
    with pytest.raises(BeckonError, match="still loading"):
        reconcile.begin(tx, shop_id, MERCHANT, NOON)
    assert reconcile.due(tx, NOON + timedelta(days=2), 10) == []


# --- what is gone ---------------------------------------------------------------------------------


def ids(*numbers: int) -> Any:
    return missing.listed("ids_orders", [b'{"id":"gid://shopify/Order/%d"}\n' % number for number in numbers])


def test_an_order_that_is_not_listed_is_gone(tx: Tx, shop_id: int) -> None:
    for number in (1, 2, 3):
        make_order(tx, shop_id, of=None, order_id=number, placed_at=NOON - timedelta(days=90 if number == 1 else 1))
    found = missing.absent(tx, shop_id, "ids_orders", ids(3), asked_at=NOON, all_orders=True)
    assert [event.order_id for event in found.gone] == [1, 2]  # type: ignore[union-attr]
    recent = missing.absent(tx, shop_id, "ids_orders", ids(3), asked_at=NOON, all_orders=False)
    assert [event.order_id for event in recent.gone] == [2]  # type: ignore[union-attr]
    before = missing.absent(tx, shop_id, "ids_orders", ids(), asked_at=NOON - timedelta(days=2), all_orders=True)
    assert [event.order_id for event in before.gone] == [1]  # type: ignore[union-attr]


def test_a_list_that_lacks_too_much_is_not_believed(tx: Tx, shop_id: int) -> None:
    for number in range(1, 31):
        make_order(tx, shop_id, of=None, order_id=number, placed_at=NOON - timedelta(days=1))
    found = missing.absent(tx, shop_id, "ids_orders", ids(1, 2, 3), asked_at=NOON, all_orders=True)
    assert found.gone == ()
    assert found.doubt is not None
    assert "lists 3 of the 30 orders" in found.doubt


def test_a_version_that_moved_is_no_difference(tx: Tx, shop_id: int) -> None:
    make_order(tx, shop_id, of=None, order_id=1, placed_at=NOON)
    before = differences.content(tx, shop_id, "orders", [1])
    tx.execute(tables.orders.update().values(updated_at=NOON + timedelta(days=1)))
    assert differences.differing(before, differences.content(tx, shop_id, "orders", [1])) == 0
    tx.execute(tables.orders.update().values(cancelled_at=NOON))
    assert differences.differing(before, differences.content(tx, shop_id, "orders", [1])) == 1
    assert differences.differing({}, before) == 1
