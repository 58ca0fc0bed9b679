"""The way into a shop's Admin API: kept open ahead of time, by one at a time, and lost only when Shopify says so."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from plugin import schedule
from plugin.base import clock, settings
from plugin.base.errors import Disconnected, Refused, Unavailable
from plugin.ingest import access, backfill, shops
from plugin.ingest.events import ShopRedacted
from plugin.ingest.history import KINDS
from plugin.ingest.shops import Shop
from plugin.profile.apply import apply
from plugin.shopify.client import Client
from plugin.shopify.session import Misconfigured, Tokens
from plugin.store import tables
from plugin.store.engine import snapshot, transaction
from sandbox.world import World
from tests.conftest import NOON
from tests.sandbox.conftest import SECRET, TestClient, browser, install, world
from tests.shopify.pretend import Answer, Asked, Pretend

__all__ = ["browser", "world"]

VANTA = "vanta.myshopify.com"
HOUR = timedelta(hours=1)
REFUSED = Answer({"errors": "[API] Invalid API key or access token"}, 401)
EMPTY = Answer({"data": {"shop": None}})


def tokens(number: int, *, at: datetime = NOON) -> Tokens:
    return Tokens(f"shpat_{number}", at + HOUR, f"shprt_{number}", at + 90 * 24 * HOUR, ("read_orders",))


def issued(number: int) -> Answer:
    lives = {"expires_in": 3600, "refresh_token_expires_in": 7_776_000}
    return Answer({"access_token": f"shpat_{number}", "refresh_token": f"shprt_{number}", "scope": "a"} | lives)


@pytest.fixture
def vanta(store: str) -> int:
    with transaction() as tx:
        return shops.install(tx, VANTA, tokens(1), NOON)[0]


def the_shop(shop_id: int) -> Shop:
    with snapshot() as tx:
        assert tx.execute(select(tables.leases.c.name).where(tables.leases.c.name.startswith("tokens:"))).all() == []
        return shops.by_id(tx, shop_id)


def held(shop_id: int) -> tuple[str | None, str | None, bool]:
    shop = the_shop(shop_id)
    opened = [each.text() if each else None for each in (shop.access_token, shop.refresh_token)]
    return opened[0], opened[1], shop.needs_reconnect


def grants(shopify: Pretend) -> list[str]:
    """The refresh tokens that Shopify was shown."""
    return [each.body["refresh_token"] for each in shopify.asked if "oauth" in each.path]


def test_of_several_who_find_the_token_ending_one_renews_it_for_all(vanta: int, shopify: Pretend) -> None:
    def slowly(asked: Asked) -> Answer:
        time.sleep(0.3)
        return issued(2)

    shopify.reply = slowly
    found: list[str] = []
    with clock.stopped_at(NOON + HOUR - timedelta(minutes=4)):
        threads = [
            threading.Thread(target=lambda: found.append(access.client_for(vanta).access_token)) for _ in range(4)
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert found == ["shpat_2"] * 4
    assert grants(shopify) == ["shprt_1"]


def test_a_token_refused_before_its_time_is_renewed_once_and_the_work_goes_on(
    vanta: int, shopify: Pretend, at_noon: datetime
) -> None:
    shopify.will(REFUSED, issued(2), EMPTY)
    assert access.client_for(vanta).run("shop").data == {"shop": None}
    assert [each.headers.get("X-Shopify-Access-Token") for each in shopify.asked] == ["shpat_1", None, "shpat_2"]
    assert held(vanta) == ("shpat_2", "shprt_2", False)


def test_when_the_new_token_is_refused_too_the_merchant_must_open_the_app(
    vanta: int, shopify: Pretend, at_noon: datetime
) -> None:
    shopify.will(REFUSED, issued(2), REFUSED)
    with pytest.raises(Disconnected, match="must open Beckon once"):
        access.client_for(vanta).run("shop")
    assert held(vanta) == ("shpat_2", "shprt_2", True)
    with pytest.raises(Disconnected):
        access.client_for(vanta)
    assert len(shopify.asked) == 3, "nobody knocks any more"


def test_a_token_that_another_process_renewed_meanwhile_is_used(
    vanta: int, shopify: Pretend, at_noon: datetime
) -> None:
    client = access.client_for(vanta)
    with transaction() as tx:
        shops.keep_tokens(tx, vanta, tokens(2))
    shopify.will(REFUSED, EMPTY)
    client.run("shop")
    assert grants(shopify) == []


def test_our_own_wrong_secret_is_no_shops_fault(vanta: int, shopify: Pretend, caplog: pytest.LogCaptureFixture) -> None:
    shopify.will(Answer({"error": "invalid_client"}, 401), issued(2))
    with clock.stopped_at(NOON + HOUR):
        with pytest.raises(Misconfigured, match="SHOPIFY_API_SECRET"):
            access.client_for(vanta)
        assert "SHOPIFY_API_SECRET" in caplog.text
        assert held(vanta) == ("shpat_1", "shprt_1", False)
        assert access.client_for(vanta).access_token == "shpat_2"


def test_an_answer_that_comes_after_the_shop_left_is_not_kept(vanta: int, shopify: Pretend) -> None:
    def meanwhile(asked: Asked) -> Answer:
        with transaction() as tx:
            assert shops.leave(tx, vanta, NOON + HOUR)
        return issued(2)

    shopify.reply = meanwhile
    with clock.stopped_at(NOON + HOUR), pytest.raises(Refused, match="has uninstalled"):
        access.client_for(vanta)
    assert held(vanta) == (None, None, False)


def test_a_refusal_of_tokens_that_were_replaced_meanwhile_marks_nobody(vanta: int, shopify: Pretend) -> None:
    def meanwhile(asked: Asked) -> Answer:
        with transaction() as tx:
            shops.install(tx, VANTA, tokens(3, at=NOON + HOUR), NOON + HOUR)
        return Answer({"error": "invalid_grant"}, 400)

    shopify.reply = meanwhile
    with clock.stopped_at(NOON + HOUR):
        with pytest.raises(Disconnected):
            access.client_for(vanta)
        assert access.client_for(vanta).access_token == "shpat_3"


def test_a_lost_answer_is_asked_for_again_with_the_same_token(vanta: int, shopify: Pretend) -> None:
    shopify.will(Answer(issued(2).body, cut=5), issued(3))
    with clock.stopped_at(NOON + HOUR):
        with pytest.raises(Unavailable):
            access.client_for(vanta)
        assert access.client_for(vanta).access_token == "shpat_3"
    assert grants(shopify) == ["shprt_1", "shprt_1"]


RENEWS = "from plugin.base import clock\nfrom plugin.ingest import access\naccess.client_for({})\nprint('renewed')\n"


def test_a_process_killed_between_answer_and_commit_loses_nothing(
    store: str, shopify: Pretend, world: World, browser: TestClient
) -> None:
    """The sandbox rotates as Shopify does: the former refresh token works until its replacement is used."""
    victim: list[subprocess.Popen[str]] = []

    def rotate(asked: Asked) -> Answer:
        told = browser.post(asked.path, json=asked.body)
        if victim and victim[0].poll() is None:
            os.kill(victim[0].pid, signal.SIGKILL)
            victim[0].wait()
        return Answer(told.json(), told.status_code)

    mine = settings.current()
    settings.use(dataclasses.replace(mine, client_id="beckon-demo", client_secret=SECRET))
    install(browser)
    row = world.db.execute("SELECT access, refresh FROM tokens").fetchone()
    over = Tokens(row["access"], clock.now(), row["refresh"], clock.now() + 90 * 24 * HOUR, ())
    with transaction() as tx:
        shop_id, _ = shops.install(tx, "demo.myshopify.com", over, clock.now())
    shopify.reply = rotate
    env = os.environ | {  # noqa: TID251
        "DATABASE_URL": store,
        "BECKON_ENCRYPTION_KEYS": ",".join(mine.encryption_keys),
        "BECKON_HOME": str(mine.home),
        "SHOPIFY_API_KEY": "beckon-demo",
        "SHOPIFY_API_SECRET": SECRET,
        "SHOPIFY_URL": settings.current().shopify_url,
    }
    victim.append(subprocess.Popen([sys.executable, "-c", RENEWS.format(shop_id)], env=env, text=True))
    assert victim[0].wait(60) == -signal.SIGKILL
    issued_to_the_dead = world.db.execute("SELECT access FROM tokens WHERE state = 'current'").fetchone()["access"]

    with clock.stopped_at(clock.now() + timedelta(seconds=31)):  # its turn is over
        found = access.client_for(shop_id).access_token

    assert found not in {row["access"], issued_to_the_dead}
    assert grants(shopify) == [row["refresh"], row["refresh"]]
    assert held(shop_id)[2] is False


def test_work_that_needs_shopify_waits_for_the_merchant_and_goes_on_by_itself(
    vanta: int, shopify: Pretend, bulk: Callable[[Asked], Answer]
) -> None:
    shopify.reply = lambda asked: Answer({"error": "invalid_grant"}, 400) if "oauth" in asked.path else bulk(asked)
    with transaction() as tx:
        backfill.begin(tx, vanta, NOON)
    with clock.stopped_at(NOON + HOUR):
        schedule.tick(clock.now())
    assert held(vanta)[2] is True
    asked = len(shopify.asked)
    for hour in (2, 3, 24):
        with clock.stopped_at(NOON + hour * HOUR):
            schedule.tick(clock.now())
    assert len(shopify.asked) == asked, "nobody knocks in vain"
    assert states(vanta) == ["waiting"] * len(KINDS), "nothing has failed"

    with clock.stopped_at(NOON + 25 * HOUR):
        with transaction() as tx:
            assert shops.install(tx, VANTA, tokens(2, at=clock.now()), clock.now()) == (vanta, False)
        schedule.tick(clock.now())
    assert "running" in states(vanta)


@pytest.fixture
def bulk() -> Callable[[Asked], Answer]:
    """Shopify takes every bulk operation, and is never done."""

    def reply(asked: Asked) -> Answer:
        told = {"bulkOperation": {"id": "gid://shopify/BulkOperation/1", "status": "CREATED"}, "userErrors": []}
        return Answer({"data": {"bulkOperationRunQuery": told, "bulkOperation": told["bulkOperation"]}})

    return reply


def states(shop_id: int) -> list[str]:
    with snapshot() as tx:
        return sorted(part.state for part in backfill.every(tx, shop_id))


def test_two_tabs_that_open_a_new_shop_at_once_exchange_one_token(store: str, shopify: Pretend) -> None:
    def slowly(asked: Asked) -> Answer:
        time.sleep(0.2)
        return issued(len(shopify.asked))

    shopify.reply = slowly
    found: list[tuple[int, bool]] = []
    threads = [threading.Thread(target=lambda: found.append(access.connect(VANTA, "token"))) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(new for _, new in found) == [False, True]
    assert len(shopify.asked) == 1
    assert held(found[0][0])[0] == "shpat_1"


def test_a_client_shows_no_token(vanta: int, at_noon: datetime) -> None:
    client = access.client_for(vanta)
    assert isinstance(client, Client)
    assert "shpat" not in repr(client)


def test_a_dead_process_s_turn_is_forgotten_with_its_shop(vanta: int) -> None:
    with transaction() as tx:
        turn = {"name": access.turn_of(VANTA), "holder": "dead", "until": NOON}
        tx.execute(tables.leases.insert().values(turn))
        shops.leave(tx, vanta, NOON)
        apply(tx, vanta, [ShopRedacted("1", NOON)], now=NOON)
    for _ in range(20):
        with clock.stopped_at(NOON + HOUR):
            schedule.tick(clock.now())
    with snapshot() as tx:
        assert tx.execute(select(tables.shops)).all() == []
        assert tx.execute(select(tables.leases).where(tables.leases.c.holder == "dead")).all() == []
