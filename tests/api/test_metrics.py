"""/metrics: true whichever process is asked, and only for those who may."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from plugin import jobs, queue, schedule
from plugin.api.metrics import blueprint
from plugin.base import settings
from plugin.delivery import waiting
from plugin.store import tables
from plugin.store.engine import transaction
from tests.delivery.rows import fanned_out, subscribers
from tests.delivery.test_counts import FCM, push

Samples = dict[tuple[str, ...], float]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def client() -> FlaskClient:
    app = Flask("tests")
    app.register_blueprint(blueprint)
    return app.test_client()


@pytest.fixture
def redis(store: str, redis_url: str) -> Iterator[None]:
    queue._client(redis_url).flushall()
    settings.use(dataclasses.replace(settings.current(), redis_url=redis_url))
    yield
    queue._client(redis_url).flushall()


def scraped(client: FlaskClient) -> Samples:
    """(name, values of the labels by their names) → value, as Prometheus reads it."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.get_data(as_text=True))
    return {
        (s.name, *(s.labels[each] for each in sorted(s.labels))): s.value for family in families for s in family.samples
    }


def test_what_is_told(client: FlaskClient, shop: int, redis: None, at_noon: datetime) -> None:
    with transaction() as tx:
        subscribers(tx, shop, 5)
        _, ids = fanned_out(tx, shop, at_noon)
        push(tx, ids[:2], at_noon)
        push(tx, ids[2:3], at_noon, 429)
        values = {"shop_domain": "vanta.myshopify.com", "topic": "orders/create", "body": b"{}"}
        for number, state in enumerate(["pending", "failed", "done"]):
            row = {"webhook_id": str(number), "state": state, "received_at": at_noon - 3 * MINUTE}
            tx.execute(tables.webhooks.insert().values(**values, **row))
        done = tables.webhooks.update().where(tables.webhooks.c.state == "done")
        tx.execute(done.values(triggered_at=at_noon - 3 * MINUTE, finished_at=at_noon - 2 * MINUTE))
    queue.enqueue(queue.CAMPAIGNS, jobs.fan_out, 1)

    told = scraped(client)

    assert told["beckon_pushes_total", "sent", FCM] == 2
    assert told["beckon_pushes_total", "throttled", FCM] == 1
    assert told["beckon_push_service_resting", FCM] == 1
    assert told["beckon_push_service_circuit_open", FCM] == 0
    assert told["beckon_deliveries_open", "queued"] == 3
    assert (told["beckon_queue_jobs", "campaigns"], told["beckon_queue_jobs", "webhooks"]) == (1, 0)
    assert (told["beckon_webhooks", "pending"], told["beckon_webhooks", "failed"]) == (1, 1)
    assert told["beckon_webhook_lag_seconds",] == 60
    assert told["beckon_oldest_due_seconds", "webhook"] == 180
    assert (told["beckon_workers",], told["beckon_clock_up",], told["beckon_redis_up",]) == (0, 0, 1)


def test_claims_that_lapsed_and_the_clock(client: FlaskClient, shop: int, at_noon: datetime) -> None:
    from plugin.delivery import claims

    with transaction() as tx:
        subscribers(tx, shop, 2)
        _, ids = fanned_out(tx, shop, at_noon - MINUTE)
        claims.claim(tx, ids, at_noon - MINUTE)
        assert waiting.forget_the_dead(tx, at_noon) == 2
        tx.execute(tables.shops.update().values(access_token=None))
    schedule.tick(at_noon)

    told = scraped(client)

    assert told["beckon_claims_lapsed_total",] == 2
    assert told["beckon_clock_up",] == 1


def test_with_redis_away_the_rest_is_told(client: FlaskClient, store: str) -> None:
    settings.use(dataclasses.replace(settings.current(), redis_url="redis://127.0.0.1:1/0"))
    told = scraped(client)
    assert told["beckon_redis_up",] == 0
    assert ("beckon_queue_jobs", "campaigns") not in told
    assert told["beckon_deliveries_open", "queued"] == 0


def test_only_this_machine_may_read_them(client: FlaskClient, store: str) -> None:
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "::1"}).status_code == 200
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "10.0.0.7"}).status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404  # through a proxy here
    settings.use(dataclasses.replace(settings.current(), proxies=1))
    assert client.get("/metrics").status_code == 404


def test_or_whoever_has_the_token(client: FlaskClient, store: str) -> None:
    settings.use(dataclasses.replace(settings.current(), metrics_token="s3cret"))
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer s3cre"}).status_code == 404
    held = {"Authorization": "Bearer s3cret"}
    assert client.get("/metrics", headers=held, environ_base={"REMOTE_ADDR": "10.0.0.7"}).status_code == 200
