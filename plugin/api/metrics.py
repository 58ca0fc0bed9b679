"""`GET /metrics` for Prometheus (docs/running.md): read from the database and from Redis when it is asked, so that it
is the same whichever process answers, and however many there are (docs/decisions/0046).

Open to this machine itself, or to whoever knows `BECKON_METRICS_TOKEN`; to everybody else there is no such page.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from flask import Blueprint, Response, abort, request
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder

from plugin import queue
from plugin.base import clock, settings
from plugin.delivery.counts import LAPSED
from plugin.report.metrics import Rows, Service, rows
from plugin.store.engine import snapshot

blueprint = Blueprint("metrics", __name__)

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")
"""What a proxy adds: behind one on the same machine everybody comes from there."""


@blueprint.get("/metrics")
def metrics() -> Response:
    if not _may_read():
        abort(404)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Installation())
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return Response(encode(registry), content_type=content_type, headers={"Cache-Control": "no-store"})


def _may_read() -> bool:
    token = settings.current().metrics_token
    if token is not None:
        said = request.headers.get("Authorization", "")
        return hmac.compare_digest(said.encode(), f"Bearer {token}".encode())
    if settings.current().proxies or any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


class Installation:
    """A collector of the whole installation, read anew at each scrape."""

    def collect(self) -> Iterator[Metric]:
        now = clock.now()
        with snapshot() as tx:
            found = rows(tx, now)
        yield from _of_queues(now)
        yield from _of_pushes(found)
        yield from _of_services(found.services)
        yield from _of_rows(found)


def _of_queues(now: datetime) -> Iterator[Metric]:
    carried, workers = queue.carried(), queue.workers()
    yield gauge("redis_up", "1 when Redis answers, or none is used.", [((), float(carried is not None))])
    held = (carried or {}).items()
    yield gauge(
        "queue_jobs", "Jobs that wait in a queue.", [((name,), each.waiting) for name, each in held], labels=["queue"]
    )
    ages = [((name,), _seconds(now - each.oldest_at if each.oldest_at else None)) for name, each in held]
    yield gauge("queue_oldest_seconds", "How long the first job of a queue has waited.", ages, labels=["queue"])
    broken = [((name,), each.failed) for name, each in held]
    yield gauge("queue_failed_jobs", "Jobs that broke within the last day.", broken, labels=["queue"])
    if workers is not None:
        yield gauge("workers", "Workers that were heard of lately.", [((), workers)])


def _of_pushes(found: Rows) -> Iterator[Metric]:
    pushes = CounterMetricFamily(
        "beckon_pushes", "Answers of push services to pushes, every try.", labels=["service", "answer"]
    )
    for service, by_answer in found.pushes.items():
        for answer, count in by_answer.items():
            if service:
                pushes.add_metric([service, answer], count)
    yield pushes
    lapsed = found.pushes.get("", {}).get(LAPSED, 0)
    yield CounterMetricFamily("beckon_claims_lapsed", "Claims of deliveries whose worker died.", value=lapsed)


def _of_services(services: Iterable[Service]) -> Iterator[Metric]:
    known = list(services)
    yield gauge(
        "push_service_circuit_open",
        "1 while nothing is sent to a push service because it failed too often.",
        [((each.host,), float(each.is_open)) for each in known],
        labels=["service"],
    )
    yield gauge(
        "push_service_resting",
        "1 while a push service that asked for patience is left alone.",
        [((each.host,), float(each.rests)) for each in known],
        labels=["service"],
    )
    rates = [((each.host,), each.rate) for each in known if each.rate is not None]
    yield gauge("push_service_rate", "Pushes a second that a push service takes, as found out.", rates, ["service"])


def _of_rows(found: Rows) -> Iterator[Metric]:
    yield gauge("clock_up", "1 when a clock is running.", [((), float(found.clock_seen))])
    by_state = [((state,), count) for state, count in found.open_deliveries.items()]
    yield gauge("deliveries_open", "Deliveries without an outcome.", by_state, labels=["state"])
    yield gauge("campaigns", "Campaigns by state.", [((s,), n) for s, n in found.campaigns.items()], labels=["state"])
    yield gauge("webhooks", "Webhooks not applied.", [((s,), n) for s, n in found.webhooks.items()], labels=["state"])
    if found.webhook_lag is not None:
        lag = [((), _seconds(found.webhook_lag))]
        yield gauge("webhook_lag_seconds", "From Shopify's trigger to our application of the last webhook.", lag)
    ages = {
        "webhook": found.waiting.webhooks.oldest,
        "reminder": found.waiting.reminders.oldest,
        "judgement": found.waiting.memberships.oldest,
        "delivery": found.waiting.deliveries.oldest,
    }
    due = [((what,), _seconds(age)) for what, age in ages.items()]
    yield gauge("oldest_due_seconds", "How long what is due has waited, the oldest of each kind.", due, labels=["what"])


def gauge(name: str, says: str, values: Iterable[tuple[tuple[str, ...], float]], labels: Iterable[str] = ()) -> Metric:
    """A family of gauges `beckon_<name>` with (labels, value) pairs."""
    family = GaugeMetricFamily(f"beckon_{name}", says, labels=list(labels))
    for label, value in values:
        family.add_metric(list(label), value)
    return family


def _seconds(span: timedelta | None) -> float:
    return span.total_seconds() if span else 0.0
