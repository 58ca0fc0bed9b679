"""Home: the set-up, the key numbers, what is worth attention."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta

from redis import Redis
from sqlalchemy import select

from plugin.base import settings
from plugin.ingest.history import KINDS
from plugin.queue import the_queue
from plugin.store.engine import snapshot, transaction
from plugin.store.tables import backfills, facts, reconciliations, shops, webhooks
from tests.factories import make_campaign, make_delivery, make_order, make_person, make_subscription
from tests.pages.conftest import Merchant


def test_a_new_shop_is_told_what_comes_next(alice: Merchant, shop: int) -> None:
    page = alice.opens("/")

    assert page.text_of("h1") == ["Good afternoon."]
    assert page.text_of("h2")[0] == "Set up Beckon · 0 of 4"
    assert any("activateAppId=client-id/bell" in link for link in page.links)


def test_history_shows_how_far_it_is(alice: Merchant, shop: int, at_noon: datetime) -> None:
    with transaction() as tx:
        row = dict(shop_id=shop, kind="customers", state="loading", objects=2110, total=4372, started_at=at_noon)
        tx.execute(backfills.insert().values(row))

    page = alice.opens("/")

    named = {"aria-labelledby": "history-customers", "aria-describedby": "history-customers-words"}
    assert {"max": "4372", "value": "2110"} | named in page.all("progress")
    assert "Reading: 2,110 of 4,372 records" in page.text_of("span", id="history-customers-words")
    told = alice.asks("/home.json")
    words = "Reading: 2,110 of 4,372 records"
    customers = {"state": "loading", "objects": 2110, "total": 4372, "error": None, "words": words}
    assert told["history"]["customers"] == customers  # type: ignore[index]
    assert told["history_words"] == "0 of 5 parts of the history are loaded."
    assert told["history"]["orders"]["state"] == "waiting"  # type: ignore[index]


def test_a_shop_that_is_set_up_sees_its_numbers(alice: Merchant, shop: int, at_noon: datetime) -> None:
    with transaction() as tx:
        for kind in KINDS:
            row = dict(shop_id=shop, kind=kind, state="done", objects=3, total=3, started_at=at_noon)
            tx.execute(backfills.insert().values(row))
        tx.execute(shops.update().values(script_seen_at=at_noon))
        ann = make_person(tx, shop, customer_id=17850)
        campaign = make_campaign(tx, shop, state="sent", started_at=at_noon, finished_at=at_noon)
        push = make_delivery(
            tx,
            shop,
            to=make_subscription(tx, shop, of=ann),
            campaign_id=campaign,
            state="sent",
            finished_at=at_noon - timedelta(hours=2),
        )
        order = make_order(tx, shop, of=ann, placed_at=at_noon - timedelta(minutes=5), total=12_900, refunded=900)
        for kind, order_id in (("shown", 0), ("clicked", 0), ("converted", order)):
            row = dict(shop_id=shop, delivery_id=push, kind=kind, at=at_noon - timedelta(hours=1), order_id=order_id)
            tx.execute(facts.insert().values(row))

    page = alice.opens("/")

    assert page.text_of("h1") == ["Good afternoon. 1 person came back because of you today."]
    assert page.text_of("p", class_="value") == ["1", "1", "1", "£120.00"]
    assert "100 % of 1 sent" in page.text_of("p", class_="note ")
    assert not any(heading.startswith("Set up") for heading in page.text_of("h2"))


def test_what_went_wrong_stands_first_with_its_reason(alice: Merchant, shop: int, at_noon: datetime) -> None:
    with transaction() as tx:
        make_campaign(tx, shop, state="paused", name="Coats", reason="The push service refused 20 of 20 messages.")
        row = dict(shop_domain="vanta.myshopify.com", webhook_id="w", topic="orders/create", received_at=at_noon)
        tx.execute(webhooks.insert().values(row | dict(body=b"", state="failed", error="created_at is missing.")))
        tx.execute(shops.update().values(needs_reconnect=True))

    page = alice.opens("/")

    news = [item for item in page.text_of("li", class_="check") if "·" not in item]
    assert "no longer accepts Beckon's access" in news[0]
    assert "“Coats” is paused: The push service refused 20 of 20 messages." in news[1]
    assert "1 notice from Shopify (orders/create) could not be read: created_at is missing." in news[2]


def test_what_failed_is_tried_again_and_what_we_hold_is_compared_when_the_merchant_asks(
    alice: Merchant, shop: int, at_noon: datetime, redis_url: str
) -> None:
    settings.use(dataclasses.replace(settings.current(), redis_url=redis_url))
    Redis.from_url(redis_url).flushall()
    with transaction() as tx:
        for kind in KINDS:
            row = dict(shop_id=shop, kind=kind, state="done", objects=1, started_at=at_noon)
            tx.execute(backfills.insert().values(row))
        orders = backfills.update().where(backfills.c.kind == "orders")
        tx.execute(orders.values(state="failed", error="Shopify's bulk operation ended as FAILED."))

    assert any("ended as FAILED" in said for said in alice.opens("/").text_of("div"))
    assert alice.sends("/history/orders/again").status_code == 303
    assert alice.sends("/history/nonsense/again").status_code == 404
    with snapshot() as tx:
        assert tx.execute(select(backfills.c.state).where(backfills.c.kind == "orders")).scalars().all() == ["waiting"]
    (again,) = the_queue("history").get_jobs()
    assert again.func_name == "plugin.jobs.load_history"

    with transaction() as tx:
        tx.execute(orders.values(state="done", error=None))
    Redis.from_url(redis_url).flushall()
    assert alice.sends("/settings/comparison").status_code == 303
    assert len(the_queue("history").get_jobs()) == len(KINDS) + 4  # and the ids of all but checkouts
    assert alice.sends("/settings/comparison").status_code == 303  # the second press finds the first under way
    with snapshot() as tx:
        assert len(tx.execute(select(reconciliations.c.id)).all()) == 1
