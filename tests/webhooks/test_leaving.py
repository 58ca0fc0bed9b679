"""A shop uninstalls Beckon: nothing is sent from that instant on. It comes back: everything is there as it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select

from plugin import jobs, schedule
from plugin.base import clock
from plugin.campaign import lifecycle, sending
from plugin.delivery import claims
from plugin.ingest import access
from plugin.store import tables
from plugin.store.engine import snapshot, transaction
from tests.conftest import NOON
from tests.delivery.rows import fanned_out, row_of, states, subscribers
from tests.factories import make_campaign, make_person, make_segment, make_subscription
from tests.shopify.conftest import shopify
from tests.shopify.pretend import Answer, Asked, Pretend

from .signed import SHOP, deliver, door, sample

__all__ = ["shopify"]

HOUR = timedelta(hours=1)
UNINSTALLED = "the app was uninstalled"


@pytest.fixture
def open_shop(shop: int, at_noon: datetime) -> int:
    """Three subscribers, an automation, a segment and a draft."""
    with transaction() as tx:
        subscribers(tx, shop, 3)
        make_segment(tx, shop, "number_of_orders > 2", name="Regulars")
        make_campaign(tx, shop, name="A draft")
        values = {
            "shop_id": shop,
            "recipe": "abandoned_cart",
            "enabled": True,
            "delay": 3600,
            "title": "t",
            "body": "b",
        }
        tx.execute(tables.automations.insert().values(values | {"updated_at": NOON, "enabled_at": NOON}))
    return shop


def uninstall(at: datetime = NOON) -> None:
    assert deliver(door(), "app/uninstalled", sample("app-uninstalled"), triggered_at=at.isoformat()).status_code == 200


def the_shop() -> Row[Any]:
    with snapshot() as tx:
        return tx.execute(select(tables.shops)).one()


def reminder(shop_id: int) -> int:
    with transaction() as tx:
        ann = make_person(tx, shop_id)
        make_subscription(tx, shop_id, of=ann)
        automation = tx.execute(select(tables.automations.c.id)).scalar_one()
        row = {"shop_id": shop_id, "person_id": ann, "automation_id": automation, "subject": "c1", "state": "waiting"}
        made = tables.enrollments.insert().values(row | {"due_at": NOON + HOUR, "created_at": NOON})
        return int(tx.execute(made).inserted_primary_key[0])


def test_everything_that_waited_to_be_sent_is_closed_and_says_why(open_shop: int) -> None:
    with transaction() as tx:
        running, ids = fanned_out(tx, open_shop, NOON, name="Running")
        claimed = claims.claim(tx, ids[:1], NOON)
        scheduled = make_campaign(tx, open_shop, state="scheduled", scheduled_at=NOON + HOUR, name="Tomorrow's")
    waiting = reminder(open_shop)

    uninstall()

    with snapshot() as tx:
        assert states(tx, running) == {"sending": 1, "uninstalled": 2}
        over, later = (lifecycle.find(tx, open_shop, each) for each in (running, scheduled))
        assert (over.state, over.reason) == ("cancelled", sending.LEFT)
        assert (later.state, later.scheduled_at, later.reason) == ("draft", None, sending.LEFT)
        ended = row_of(tx, tables.enrollments, waiting)
        assert (ended.state, ended.reason) == ("stopped", UNINSTALLED)
    assert len(claimed) == 1


def test_after_that_instant_nothing_is_sent_whatever_jobs_and_clocks_do(open_shop: int) -> None:
    with transaction() as tx:
        _, ids = fanned_out(tx, open_shop, NOON)
        make_campaign(tx, open_shop, state="scheduled", scheduled_at=NOON + HOUR)
        claims.claim(tx, ids[:1], NOON)  # whose worker dies
    reminder(open_shop)
    uninstall()
    sent: list[object] = []

    def send(pushes: Any, at: datetime) -> list[Any]:
        sent.extend(pushes)
        return []

    jobs.send_batch(ids, send=send)
    for hours in (1, 2, 47):
        with clock.stopped_at(NOON + hours * HOUR):
            schedule.tick(clock.now())
            with snapshot() as tx:
                everything = list(tx.execute(select(tables.deliveries.c.id)).scalars())
            jobs.send_batch(everything, send=send)

    assert sent == []
    with snapshot() as tx:
        assert {*tx.execute(select(tables.deliveries.c.state)).scalars()} == {
            "uninstalled",
            "cancelled",
        }  # the last: was on its way


def test_a_campaign_that_was_all_sent_stays_sent(open_shop: int) -> None:
    with transaction() as tx:
        done, _ = fanned_out(tx, open_shop, NOON)
        tx.execute(tables.deliveries.update().values(state="sent"))
    uninstall()
    with snapshot() as tx:
        assert lifecycle.find(tx, open_shop, done).state == "sent"


def test_the_tokens_are_forgotten_at_once(open_shop: int) -> None:
    with transaction() as tx:
        row = {
            "refresh_token": "shprt_1",
            "access_expires_at": NOON,
            "refresh_expires_at": NOON,
            "needs_reconnect": True,
        }
        tx.execute(tables.shops.update().values(row))
    uninstall()
    gone = the_shop()
    assert (gone.access_token, gone.refresh_token, gone.access_expires_at, gone.refresh_expires_at) == (None,) * 4
    assert (gone.uninstalled_at, gone.needs_reconnect) == (NOON, False)


@pytest.fixture
def reinstalled(open_shop: int, shopify: Pretend) -> Iterator[int]:
    """Uninstalled at noon, opened again an hour later."""
    uninstall()

    def reply(asked: Asked) -> Answer:
        if "oauth" in asked.path:
            return Answer({"access_token": "shpat_2", "refresh_token": "shprt_2", "expires_in": 3600, "scope": "a"})
        told = {"bulkOperation": {"id": "gid://shopify/BulkOperation/1", "status": "CREATED"}, "userErrors": []}
        shop = {"name": "Vanta Outdoor", "currencyCode": "GBP", "ianaTimezone": "Europe/London"}
        return Answer({"data": {"shop": shop | {"primaryDomain": None}, "bulkOperationRunQuery": told}})

    shopify.reply = reply
    with clock.stopped_at(NOON + HOUR):
        assert access.connect(SHOP, "token") == (open_shop, True)
        yield open_shop


def test_who_comes_back_has_everything_as_it_was_and_messages_go_out_again(open_shop: int, shopify: Pretend) -> None:
    before = the_shop()
    running = _some_history(open_shop)
    with transaction() as tx:
        campaign, _ = fanned_out(tx, open_shop, NOON)
    uninstall()
    shopify.reply = lambda asked: Answer({"access_token": "shpat_2", "expires_in": 3600, "scope": "a"})
    with clock.stopped_at(NOON + HOUR):
        access.connect(SHOP, "token")
        back = the_shop()
        assert (back.vapid_public, back.vapid_private) == (before.vapid_public, before.vapid_private)
        assert (back.uninstalled_at, back.installed_at) == (None, NOON + HOUR)
        with transaction() as tx:
            assert tx.execute(select(tables.subscriptions.c.state)).scalars().all() == ["active"] * 3
            assert tx.execute(select(tables.automations.c.enabled)).scalars().all() == [True]
            assert tx.execute(select(tables.segments.c.name)).scalars().all() == ["Regulars"]
            assert tx.execute(select(tables.campaigns.c.name).where(tables.campaigns.c.state == "draft")).all()
            assert lifecycle.find(tx, open_shop, campaign).state == "cancelled", (
                "what was stopped does not start by itself"
            )
            _, ids = fanned_out(tx, open_shop, NOON + HOUR)
            assert [each.push.vapid.public for each in claims.claim(tx, ids, NOON + HOUR)] == [before.vapid_public] * 3
            assert tx.execute(select(tables.backfills.c.id)).all() == [], f"{running} are asked for anew"


def test_the_history_is_asked_for_anew_even_when_that_job_was_lost(reinstalled: int, shopify: Pretend) -> None:
    asked = len(shopify.asked)
    schedule.tick(NOON + HOUR)
    assert len(shopify.asked) > asked
    with snapshot() as tx:
        assert "running" in tx.execute(select(tables.backfills.c.state)).scalars().all()


def test_news_of_the_former_departure_that_come_late_end_nothing(reinstalled: int) -> None:
    with transaction() as tx:
        running, _ = fanned_out(tx, reinstalled, NOON + HOUR)
    uninstall(NOON + HOUR - timedelta(seconds=1))
    assert (the_shop().uninstalled_at, the_shop().access_token.text()) == (None, "shpat_2")
    with snapshot() as tx:
        assert states(tx, running) == {"queued": 3}


def test_news_of_a_departure_are_late_as_well_when_shopify_only_renewed_our_access(
    open_shop: int, shopify: Pretend
) -> None:
    """Uninstalled and installed again within minutes: all we saw was that our tokens were not taken any more."""
    with transaction() as tx:
        tx.execute(tables.shops.update().values(needs_reconnect=True))
    shopify.will(Answer({"access_token": "shpat_2", "scope": "a"}))
    with clock.stopped_at(NOON + HOUR):
        assert access.connect(SHOP, "token") == (open_shop, False)
    uninstall(NOON + HOUR / 2)
    assert the_shop().uninstalled_at is None


def test_the_order_to_erase_a_shop_that_came_back_meanwhile_erases_nothing(reinstalled: int) -> None:
    deliver(door(), "shop/redact", sample("shop-redact"), triggered_at=(NOON + 48 * HOUR).isoformat())
    with snapshot() as tx:
        assert len(tx.execute(select(tables.subscriptions)).all()) == 3
        assert tx.execute(select(tables.shops.c.access_token)).scalar_one().text() == "shpat_2"


def test_who_leaves_again_is_erased(reinstalled: int) -> None:
    uninstall(NOON + 2 * HOUR)
    deliver(door(), "shop/redact", sample("shop-redact"))
    with snapshot() as tx:
        assert tx.execute(select(tables.subscriptions)).all() == []


def _some_history(shop_id: int) -> list[str]:
    kinds = ["products", "orders"]
    with transaction() as tx:
        for kind, state in zip(kinds, ("done", "running"), strict=True):
            row = {"shop_id": shop_id, "kind": kind, "state": state, "started_at": NOON, "operation_id": "gid://1"}
            tx.execute(tables.backfills.insert().values(row))
    return kinds
