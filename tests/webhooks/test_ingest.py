"""From a delivery to a profile: late, twice, out of order, broken, forgotten."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from plugin.ingest import inbox, privacy
from plugin.profile import apply as profile_apply
from plugin.store import tables
from plugin.store.engine import Tx, snapshot, transaction
from tests.conftest import NOON
from tests.factories import make_arrival, make_shop, make_subscription
from webhooks import ingest
from webhooks.topics import TOPICS

from .signed import deliver, door, sample

ORDER = sample("orders-create") | {"test": False}
ANN = 115310627314723954


def person(tx: Tx, customer_id: int = ANN) -> tuple[int, int] | None:
    row = tx.execute(select(tables.people).where(tables.people.c.customer_id == customer_id)).one_or_none()
    return (row.number_of_orders, row.amount_spent) if row else None


def failures(tx: Tx) -> list[str]:
    return list(tx.execute(select(tables.webhooks.c.error).where(tables.webhooks.c.state == "failed")).scalars())


def refund(amount: str) -> dict[str, object]:
    return {
        "id": 77,
        "order_id": ORDER["id"],
        "created_at": "2026-11-18T11:00:00Z",
        "transactions": [{"kind": "refund", "status": "success", "amount": amount}],
    }


def test_a_refund_told_twice_counts_once_and_may_come_before_its_order(shop: int) -> None:
    client = door()
    deliver(client, "refunds/create", refund("100.00"))
    deliver(client, "orders/create", ORDER)
    deliver(client, "orders/updated", ORDER | {"refunds": [refund("100.00")], "updated_at": "2026-11-18T11:00:01Z"})
    with snapshot() as tx:
        assert person(tx) == (1, 304_95)


def test_a_late_cart_does_not_make_a_bought_one_abandoned(shop: int) -> None:
    client = door()
    deliver(client, "orders/create", ORDER | {"cart_token": "exampleCartId"})
    deliver(client, "carts/update", sample("carts-create"))
    with snapshot() as tx:
        cart = tx.execute(select(tables.carts)).one()
    assert (cart.ordered_at, cart.total) == (datetime(2022, 1, 1, tzinfo=UTC), 59_97)


def test_replayed_after_a_mend_it_is_applied(shop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    cure = TOPICS["orders/create"]
    monkeypatch.delitem(TOPICS, "orders/create")
    deliver(door(), "orders/create", ORDER)
    with snapshot() as tx:
        assert failures(tx) == ["orders/create: we have no parser for this topic."]
    monkeypatch.setitem(TOPICS, "orders/create", cure)
    with transaction() as tx:
        (row_id,) = inbox.replay(tx)
    ingest.apply_webhook(row_id)
    with snapshot() as tx:
        assert (person(tx), failures(tx)) == ((1, 404_95), [])


def test_what_we_break_is_tried_again_and_then_shown(
    shop: int, at_noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction() as tx:
        (row_id,) = inbox.record(tx, [make_arrival()], NOON)

    def broken(*_: object) -> list[object]:
        raise ZeroDivisionError("a bug of ours")

    monkeypatch.setitem(TOPICS, "orders/create", broken)
    for _ in range(inbox.TRIES):
        with pytest.raises(ZeroDivisionError):
            ingest.apply_webhook(row_id)
    with snapshot() as tx:
        assert failures(tx) == ["ZeroDivisionError: a bug of ours"]


def test_a_crash_half_way_leaves_nothing_half_done(shop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(profile_apply.metrics, "recompute", crash)
    assert deliver(door(), "orders/create", ORDER).status_code == 500
    monkeypatch.undo()
    with snapshot() as tx:
        assert tx.execute(select(tables.orders)).all() == []
        row = tx.execute(select(tables.webhooks)).one()
    assert (row.state, row.error) == ("pending", "MemoryError: ")
    ingest.apply_webhook(row.id)
    with snapshot() as tx:
        assert person(tx) == (1, 404_95)


def test_a_customer_asks_to_be_forgotten(shop: int) -> None:
    client = door()
    deliver(client, "orders/create", ORDER)
    with transaction() as tx:
        ann = tx.execute(select(tables.people.c.id)).scalar_one()
        make_subscription(tx, shop, of=ann)
    deliver(client, "customers/redact", {"customer": {"id": ANN}, "orders_to_redact": [ORDER["id"]]})
    with snapshot() as tx:
        for table in (tables.people, tables.orders, tables.order_lines, tables.subscriptions):
            assert tx.execute(select(table)).all() == []
        assert {row.body for row in tx.execute(select(tables.webhooks))} == {b""}


def test_a_customer_asks_what_we_know(shop: int) -> None:
    for _ in range(2):  # told twice, asked once
        deliver(door(), "customers/data_request", sample("customers-data_request"))
    with snapshot() as tx:
        (request,) = privacy.open_ones(tx, shop)
        assert {row.body for row in tx.execute(select(tables.webhooks))} == {b""}
    assert (request.kind, request.customer_id, request.reference) == ("export", 191167, "9999")
    assert request.due_at - request.received_at == timedelta(days=30)


def test_a_shop_leaves_and_is_forgotten(shop: int, at_noon: datetime) -> None:
    client = door()
    deliver(client, "orders/create", ORDER)
    deliver(client, "app/uninstalled", sample("app-uninstalled"))
    with snapshot() as tx:
        gone = tx.execute(select(tables.shops)).one()
    assert (gone.uninstalled_at, gone.access_token) == (NOON, None)
    deliver(client, "shop/redact", sample("shop-redact"))
    with snapshot() as tx:
        assert tx.execute(select(tables.shops)).all() == []
        assert tx.execute(select(tables.people)).all() == []


def test_a_shop_that_is_still_here_is_not_forgotten(shop: int) -> None:
    deliver(door(), "shop/redact", sample("shop-redact"))
    with snapshot() as tx:
        assert len(tx.execute(select(tables.shops)).all()) == 1


def test_late_news_of_a_former_departure_does_not_end_the_present_stay(shop: int) -> None:
    deliver(door(), "app/uninstalled", sample("app-uninstalled"), triggered_at="2025-12-31T00:00:00.123456789Z")
    with snapshot() as tx:
        assert tx.execute(select(tables.shops.c.uninstalled_at)).scalar_one() is None


def test_a_bulk_operation_that_ended_lets_the_history_go_on(shop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as tx:
        part = tables.backfills.insert().values(
            shop_id=shop,
            kind="orders",
            state="running",
            operation_id="gid://shopify/BulkOperation/147595010",
            started_at=NOON,
        )
        backfill_id = tx.execute(part).inserted_primary_key[0]
    loaded: list[int] = []
    monkeypatch.setattr(ingest.jobs, "load_history", loaded.append)
    deliver(door(), "bulk_operations/finish", sample("bulk_operations-finish"))
    assert loaded == [backfill_id]


def test_one_that_breaks_us_does_not_hold_up_those_that_came_with_it(
    shop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> list[object]:
        raise ZeroDivisionError("a bug of ours")

    monkeypatch.setitem(TOPICS, "carts/create", broken)
    order, unreadable = json.dumps(ORDER).encode(), b"{}"
    told = [("1", "orders/create", order), ("2", "carts/create", b"{}"), ("3", "products/update", unreadable)]
    with transaction() as tx:
        ids = inbox.record(tx, [make_arrival(*each) for each in told], NOON)
    with pytest.raises(ExceptionGroup):
        ingest.apply_webhooks(ids)
    with snapshot() as tx:
        assert person(tx) == (1, 404_95)
        rows = tx.execute(select(tables.webhooks).order_by(tables.webhooks.c.webhook_id)).all()
    assert [(row.state, row.error) for row in rows] == [
        ("done", None),
        ("pending", "ZeroDivisionError: a bug of ours"),
        ("failed", 'products/update: "id" is missing.'),
    ]


def test_news_of_two_shops_and_a_farewell_among_them_all_arrive(shop: int) -> None:
    with transaction() as tx:
        make_shop(tx, "other.myshopify.com")
        told = [
            make_arrival("1", body=json.dumps(ORDER).encode()),
            make_arrival("2", body=json.dumps(ORDER).encode(), shop_domain="other.myshopify.com"),
            make_arrival("3", "app/uninstalled", b"{}", shop_domain="other.myshopify.com"),
        ]
        ids = inbox.record(tx, told, NOON)
    ingest.apply_webhooks(ids)
    with snapshot() as tx:
        assert tx.execute(select(tables.webhooks.c.state)).scalars().all() == ["done"] * 3
        assert len(tx.execute(select(tables.orders)).all()) == 2
        gone = select(tables.shops.c.domain).where(tables.shops.c.uninstalled_at.is_not(None))
        assert tx.execute(gone).scalars().all() == ["other.myshopify.com"]


def test_a_worker_that_lags_behind_takes_what_waits_along(shop: int) -> None:
    lone = [("4", "app/scopes_update", b"{}"), ("5", "customers/redact", b"{}")]
    with transaction() as tx:
        told = [make_arrival(str(number), body=json.dumps(ORDER | {"id": number}).encode()) for number in (1, 2, 3)]
        ids = sorted(inbox.record(tx, told + [make_arrival(*each) for each in lone], NOON))
        inbox.stumbled(tx, ids[2], "a bug of ours", NOON)
    ingest.apply_webhooks(ids[:1])
    with snapshot() as tx:
        rows = tx.execute(select(tables.webhooks.c.state).order_by(tables.webhooks.c.id)).scalars().all()
    assert rows == ["done", "done", "pending", "pending", "pending"]  # who stumbled, and who wants to be alone, waits
