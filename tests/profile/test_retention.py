"""What is older than its limit goes, by the clock, some at a time; what is counted stays counted."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, select

from plugin import jobs
from plugin.base import clock, settings
from plugin.base.errors import BeckonError
from plugin.ingest import inbox
from plugin.profile import retention
from plugin.report import funnel
from plugin.store import tables
from plugin.store.engine import snapshot, transaction
from tests.conftest import NOON
from tests.factories import (
    make_arrival,
    make_campaign,
    make_delivery,
    make_order,
    make_person,
    make_subscription,
)

DAY = timedelta(days=1)


def count(table: Table, *where: Any) -> int:
    with snapshot() as tx:
        return len(tx.execute(select(table).where(*where)).all())


def clean_up(at: datetime) -> None:
    with clock.stopped_at(at):
        jobs.clean_up()


def test_raw_webhooks_go_after_a_month_and_failed_ones_after_three(shop: int) -> None:
    with transaction() as tx:
        done, failed, _ = inbox.record(tx, [make_arrival(name) for name in ("done", "failed", "waits")], NOON)
        inbox.finish(tx, [done], NOON)
        inbox.fail(tx, failed, "no", NOON)
    left = []
    for days in (29, 31, 89, 91):
        clean_up(NOON + days * DAY)
        left.append(count(tables.webhooks))
    assert left == [3, 2, 2, 1]


def test_views_and_carts_go_but_one_that_a_reminder_waits_for(shop: int) -> None:
    with transaction() as tx:
        ann = make_person(tx, shop, customer_id=7)
        for age in (1, 400):
            view = dict(shop_id=shop, person_id=ann, event_id=f"v{age}", kind="product_viewed", product_id=1)
            tx.execute(tables.views.insert().values(view | {"at": NOON - age * DAY}))
        for token, age in (("young", 1), ("old", 200), ("awaited", 200)):
            cart = dict(shop_id=shop, person_id=ann, token=token, updated_at=NOON - age * DAY, lines=[], total=0)
            tx.execute(tables.carts.insert().values(cart))
        automation = dict(shop_id=shop, recipe="abandoned_cart", enabled=True, delay=60, title="t", body="")
        key = tx.execute(tables.automations.insert().values(automation | {"updated_at": NOON})).inserted_primary_key
        waits = dict(shop_id=shop, person_id=ann, automation_id=key[0], subject="awaited", state="waiting")
        tx.execute(tables.enrollments.insert().values(waits | {"due_at": NOON, "created_at": NOON}))
    clean_up(NOON)
    with snapshot() as tx:
        assert tx.execute(select(tables.views.c.event_id)).scalars().all() == ["v1"]
        assert set(tx.execute(select(tables.carts.c.token)).scalars()) == {"young", "awaited"}


def test_a_message_loses_its_words_and_not_its_outcome(shop: int) -> None:
    with transaction() as tx:
        sale = make_campaign(tx, shop, state="sent", fanned_out_at=NOON, audience=2)
        for age in (1, 366):
            browser = make_subscription(tx, shop, of=make_person(tx, shop, customer_id=age))
            sent = dict(state="sent", message={"title": "For you"}, created_at=NOON - age * DAY)
            make_delivery(tx, shop, to=browser, campaign_id=sale, **sent)
        before = funnel.campaign(tx, shop, sale)
    clean_up(NOON)
    assert count(tables.deliveries, tables.deliveries.c.message.is_not(None)) == 1
    with snapshot() as tx:
        assert funnel.campaign(tx, shop, sale) == before


def test_a_visitor_who_never_came_back_goes_and_still_counts(shop: int) -> None:
    with transaction() as tx:
        sale = make_campaign(tx, shop, state="sent", fanned_out_at=NOON, audience=4)
        for name in ("gone", "subscribed", "bought", "customer", "seen"):
            person = make_person(tx, shop, customer_id=7 if name == "customer" else None)
            seen = NOON - (DAY if name == "seen" else 400 * DAY)
            row = dict(shop_id=shop, person_id=person, token=name.ljust(16, "-"), created_at=NOON - 400 * DAY)
            tx.execute(tables.visitors.insert().values(row | {"last_seen_at": seen}))
            if name == "bought":
                make_order(tx, shop, of=person, placed_at=NOON - 400 * DAY)
            state = "active" if name == "subscribed" else "gone"
            browser = make_subscription(tx, shop, of=person, state=state, ended_at=None if state == "active" else NOON)
            make_delivery(tx, shop, to=browser, campaign_id=sale, state="sent")
        before = funnel.campaign(tx, shop, sale)
    clean_up(NOON)
    with snapshot() as tx:
        left = {token.rstrip("-") for token in tx.execute(select(tables.visitors.c.token)).scalars()}
        assert left == {"subscribed", "bought", "customer", "seen"}
        assert funnel.campaign(tx, shop, sale) == before
        nobodys = tx.execute(select(tables.deliveries).where(tables.deliveries.c.person_id.is_(None))).one()
    assert (nobodys.state, nobodys.subscription_id) == ("sent", None)
    assert count(tables.people) == 4


def test_a_subscription_that_ended_loses_endpoint_and_keys(shop: int) -> None:
    with transaction() as tx:
        ann = make_person(tx, shop, customer_id=7)
        make_subscription(tx, shop, of=ann)
        for age in (29, 31):
            make_subscription(tx, shop, of=ann, state="gone", ended_at=NOON - age * DAY)
    clean_up(NOON)
    ended = tables.subscriptions.c.endpoint == ""
    assert count(tables.subscriptions, ended) == 1
    with snapshot() as tx:
        row = tx.execute(select(tables.subscriptions).where(ended)).one()
    assert (row.p256dh, row.auth, len(row.endpoint_hash)) == (b"", b"", 32)


def test_a_merchant_chooses_and_another_shop_does_not_change(shop: int) -> None:
    with transaction() as tx:
        retention.choose(tx, shop, "views", 30)
        assert retention.days_of(tx, shop)["views"] == 30
        assert retention.days_of(tx, shop + 1)["views"] == 365
        for kind, days in (("views", 31), ("webhooks", 30), ("nonsense", 30)):
            with pytest.raises(BeckonError):
                retention.choose(tx, shop, kind, days)


def test_much_is_taken_batch_by_batch_and_another_job_goes_on(shop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    monkeypatch.setattr(jobs, "BATCHES_A_JOB", 3)
    monkeypatch.setattr(retention.sweep, "__defaults__", (2,))
    rows = [
        {"shop_id": shop, "event_id": str(number), "kind": "product_viewed", "at": NOON - 400 * DAY}
        for number in range(11)
    ]
    with transaction() as tx:
        ann = make_person(tx, shop, customer_id=7)
        tx.execute(tables.views.insert(), [row | {"person_id": ann} for row in rows])
    again: list[Any] = []
    with monkeypatch.context() as patched:
        patched.setattr(jobs, "enqueue", lambda queue, job, *args: again.append(job))
        clean_up(NOON)
    assert (count(tables.views), again) == (5, [jobs.clean_up])
    clean_up(NOON)
    assert count(tables.views) == 0


def test_every_limit_has_a_default_and_every_default_its_limit() -> None:
    assert {field.name for field in dataclasses.fields(settings.Keep)} == set(retention.LIMITS)
