"""What Shopify gets to see of us: 401, 400, 413, 503 or 200, and what we keep."""

from __future__ import annotations

import dataclasses
import threading

import pytest
from redis import Redis
from sqlalchemy import select

from plugin.base import settings
from plugin.queue import the_queue
from plugin.store import engine, tables
from plugin.store.engine import snapshot
from tests import servers
from tests.browser.waiting import until
from webhooks import arrivals
from webhooks.ingest import apply_webhook, apply_webhooks

from .signed import deliver, door, sample

ORDER = sample("orders-create") | {"test": False}


def inbox() -> list[tuple[str, str, str | None]]:
    with snapshot() as tx:
        rows = tx.execute(select(tables.webhooks).order_by(tables.webhooks.c.id))
        return [(row.topic, row.state, row.error) for row in rows]


def orders_held() -> int:
    with snapshot() as tx:
        return len(tx.execute(select(tables.orders.c.id)).all())


def test_an_order_of_shopifys_own_sample_arrives(shop: int) -> None:
    assert deliver(door(), "orders/create", ORDER).status_code == 200
    assert inbox() == [("orders/create", "done", None)]
    with snapshot() as tx:
        order = tx.execute(select(tables.orders)).one()
        ann = tx.execute(select(tables.people)).one()
    assert (order.order_id, order.total, order.currency) == (820982911946154508, 404_95, "USD")
    assert (ann.customer_id, ann.number_of_orders, ann.amount_spent) == (115310627314723954, 1, 404_95)


def test_a_wrong_signature_is_refused_and_leaves_no_trace(shop: int) -> None:
    answer = deliver(door(), "orders/create", ORDER, secret="guessed")
    assert (answer.status_code, inbox()) == (401, [])


def test_no_secret_in_the_settings_lets_nobody_in(shop: int) -> None:
    settings.use(dataclasses.replace(settings.current(), client_secret=""))
    assert deliver(door(), "orders/create", ORDER, secret="").status_code == 401


def test_a_repeated_delivery_is_applied_once(shop: int) -> None:
    client = door()
    for _ in range(3):
        assert deliver(client, "orders/create", ORDER, webhook_id="the-same").status_code == 200
    assert len(inbox()) == 1


@pytest.mark.parametrize("prefix", ["X-Shopify-", "x-shopify-", "shopify-"])
def test_both_spellings_of_the_headers_are_read(shop: int, prefix: str) -> None:
    assert deliver(door(), "orders/create", ORDER, prefix=prefix).status_code == 200
    assert orders_held() == 1


def test_while_secrets_rotate_the_old_one_still_holds(shop: int) -> None:
    settings.use(dataclasses.replace(settings.current(), client_secret="new", old_client_secret="hush"))
    assert deliver(door(), "orders/create", ORDER, secret="hush").status_code == 200
    assert deliver(door(), "orders/create", ORDER, secret="new").status_code == 200


@pytest.mark.parametrize("missing", ["X-Shopify-Topic", "X-Shopify-Webhook-Id", "X-Shopify-Shop-Domain"])
def test_a_delivery_that_does_not_say_what_it_is_is_a_bad_request(shop: int, missing: str) -> None:
    answer = deliver(door(), "orders/create", ORDER, **{missing: ""})
    assert answer.status_code == 400
    assert missing in answer.text


def test_a_body_without_end_is_not_read(shop: int) -> None:
    assert deliver(door(), "orders/create", b" " * (9 * 1024 * 1024)).status_code == 413
    assert inbox() == []


def test_what_does_not_parse_is_kept_with_its_reason_and_can_be_replayed(shop: int) -> None:
    broken = ORDER | {"line_items": [{"title": "Parka", "quantity": 1}]}
    assert deliver(door(), "orders/create", broken).status_code == 200
    assert inbox() == [("orders/create", "failed", 'orders/create: "line_items[0].price" is missing.')]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"order"', b"[" * 100_000, b'{"id":' + b"9" * 5_000 + b"}"])
def test_what_is_not_json_is_kept_and_failed(shop: int, body: bytes) -> None:
    assert deliver(door(), "orders/create", body).status_code == 200
    assert inbox()[0][1] == "failed"


def test_a_topic_that_we_cannot_read_yet_waits_for_a_version_that_can(shop: int) -> None:
    deliver(door(), "orders/edited", {"id": 1})
    assert inbox() == [("orders/edited", "failed", "orders/edited: we have no parser for this topic.")]


def test_news_of_a_shop_that_never_opened_us_is_of_no_use(store: str) -> None:
    assert deliver(door(), "orders/create", ORDER).status_code == 200
    assert inbox() == [("orders/create", "done", None)]
    assert orders_held() == 0


def test_redis_is_down_and_the_webhook_is_stored_all_the_same(shop: int) -> None:
    nowhere = f"redis://127.0.0.1:{servers.free_port()}/0"
    settings.use(dataclasses.replace(settings.current(), redis_url=nowhere))
    assert deliver(door(), "orders/create", ORDER).status_code == 200
    assert inbox() == [("orders/create", "pending", None)]


def test_with_redis_a_worker_gets_the_rows_id(shop: int, redis_url: str) -> None:
    settings.use(dataclasses.replace(settings.current(), redis_url=redis_url))
    Redis.from_url(redis_url).flushall()
    deliver(door(), "orders/create", ORDER)
    (job,) = the_queue("webhooks").get_jobs()
    assert job.func_name == "webhooks.ingest.apply_webhooks"
    apply_webhooks(*job.args)
    assert orders_held() == 1


def test_the_database_is_down_and_shopify_is_asked_to_come_again(own_settings: settings.Settings) -> None:
    port = servers.free_port()
    engine.open_store(f"postgresql+psycopg://beckon@127.0.0.1:{port}/nothing?connect_timeout=2")
    answers: list[int] = []
    senders = [
        threading.Thread(target=lambda: answers.append(deliver(door(), "orders/create", ORDER).status_code))
        for _ in range(4)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    engine.close_store()
    assert answers == [503] * 4


def test_two_workers_at_the_same_webhook_apply_it_once(shop: int, redis_url: str) -> None:
    settings.use(dataclasses.replace(settings.current(), redis_url=redis_url))
    deliver(door(), "refunds/create", {"id": 5, "order_id": 7, "transactions": []})
    with snapshot() as tx:
        row_id = tx.execute(select(tables.webhooks.c.id)).scalar_one()
    workers = [threading.Thread(target=apply_webhook, args=(row_id,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with snapshot() as tx:
        assert tx.execute(select(tables.webhooks.c.attempts)).scalar_one() == 1


def test_what_arrives_while_the_database_is_busy_is_kept_together(shop: int, redis_url: str) -> None:
    settings.use(dataclasses.replace(settings.current(), redis_url=redis_url))
    Redis.from_url(redis_url).flushall()
    answers: list[int] = []

    def shopify() -> None:
        answers.append(deliver(door(), "orders/create", ORDER).status_code)

    senders = [threading.Thread(target=shopify) for _ in range(12)]
    with engine.transaction() as tx:
        tx.execute(tables.webhooks.delete())
        for sender in senders:
            sender.start()
        until(lambda: len(arrivals._waiting) >= 11 or len(answers) == 12)  # on PostgreSQL nobody waits
    for sender in senders:
        sender.join()
    hinted = [job.args[0] for job in the_queue("webhooks").get_jobs()]
    assert answers == [200] * 12
    assert len({row_id for ids in hinted for row_id in ids}) == len(inbox()) == 12
    if engine.engine().dialect.name == "sqlite":
        assert len(hinted) == 2  # the first who came, and all others
