"""Shops come, go and come back; their keys stay, their tokens change."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from plugin.base import clock
from plugin.base.errors import Disconnected, NotFound, Refused, Unavailable
from plugin.ingest import access, shops
from plugin.shopify.session import Tokens
from plugin.store import tables
from plugin.store.engine import Tx, snapshot, transaction
from tests.conftest import NOON
from tests.shopify.pretend import Answer, Pretend

HOUR = timedelta(hours=1)


def tokens(number: int, *, at: datetime = NOON) -> Tokens:
    return Tokens(f"shpat_{number}", at + HOUR, f"shprt_{number}", at + 90 * 24 * HOUR, ("read_orders",))


def test_a_shop_is_new_once(tx: Tx) -> None:
    shop_id, is_new = shops.install(tx, "vanta.myshopify.com", tokens(1), NOON)
    assert is_new
    first = shops.by_id(tx, shop_id)
    assert (len(first.vapid_private.open()), len(first.vapid_public), first.scopes) == (32, 65, ("read_orders",))
    assert shops.install(tx, "vanta.myshopify.com", tokens(2), NOON) == (shop_id, False)
    again = shops.by_id(tx, shop_id)
    assert again.access_token is not None
    assert (again.access_token.text(), again.vapid_private) == ("shpat_2", first.vapid_private)


def test_a_shop_that_left_and_returns_keeps_its_keys(tx: Tx) -> None:
    shop_id, _ = shops.install(tx, "vanta.myshopify.com", tokens(1), NOON)
    keys = shops.by_id(tx, shop_id).vapid_public
    tx.execute(tables.shops.update().values(uninstalled_at=NOON, needs_reconnect=True))
    assert shops.install(tx, "vanta.myshopify.com", tokens(2), NOON + HOUR) == (shop_id, True)
    back = shops.by_id(tx, shop_id)
    assert (back.uninstalled_at, back.installed_at, back.needs_reconnect) == (None, NOON + HOUR, False)
    assert back.vapid_public == keys


def test_a_shop_is_found_by_its_domain(tx: Tx) -> None:
    assert shops.find(tx, "vanta.myshopify.com") is None
    with pytest.raises(NotFound):
        shops.by_id(tx, 17)


def test_the_proxys_path_is_remembered_and_the_script_noted_once_a_minute(tx: Tx, shop_id: int) -> None:
    shops.remember_proxy_path(tx, shop_id, "/community/news")
    for seconds in (0, 30, 61):
        shops.script_seen(tx, shop_id, NOON + timedelta(seconds=seconds))
        seen = shops.by_id(tx, shop_id)
        assert seen.script_seen_at == (NOON if seconds < 60 else NOON + timedelta(seconds=61))
    assert seen.proxy_path == "/community/news"


@pytest.fixture
def vanta(store: str) -> int:
    with transaction() as tx:
        return shops.install(tx, "vanta.myshopify.com", tokens(1), NOON)[0]


def kept() -> tuple[str | None, str | None, bool]:
    with snapshot() as tx:
        row = tx.execute(select(tables.shops)).one()
        assert tx.execute(select(tables.leases)).all() == []
    return row.access_token.text(), row.refresh_token.text(), row.needs_reconnect


def test_a_token_with_time_left_is_used(vanta: int, at_noon: datetime) -> None:
    assert access.client_for(vanta).access_token == "shpat_1"


def test_a_token_that_ends_soon_is_renewed(vanta: int, shopify: Pretend) -> None:
    shopify.will(Answer({"access_token": "shpat_2", "refresh_token": "shprt_2", "expires_in": 3600, "scope": "a,b"}))
    with clock.stopped_at(NOON + HOUR):
        assert access.client_for(vanta).access_token == "shpat_2"
        assert access.client_for(vanta).access_token == "shpat_2"
    assert len(shopify.asked) == 1
    assert kept() == ("shpat_2", "shprt_2", False)


def test_when_nothing_opens_the_door_the_merchant_must(vanta: int, shopify: Pretend) -> None:
    shopify.will(Answer({"error": "invalid_grant"}, 400))
    with clock.stopped_at(NOON + HOUR):
        for _ in range(2):
            with pytest.raises(Disconnected):
                access.client_for(vanta)
    assert kept() == ("shpat_1", "shprt_1", True)


def test_when_shopify_is_away_it_is_asked_again_later(vanta: int, shopify: Pretend) -> None:
    shopify.will(Answer(b"", 503), Answer({"access_token": "shpat_2", "refresh_token": "shprt_2"}))
    with clock.stopped_at(NOON + HOUR):
        with pytest.raises(Unavailable):
            access.client_for(vanta)
        assert access.client_for(vanta).access_token == "shpat_2"


def test_whoever_died_while_renewing_holds_nobody_up_for_long(vanta: int, shopify: Pretend) -> None:
    with transaction() as tx:
        dead = {
            "name": access.turn_of("vanta.myshopify.com"),
            "holder": "1",
            "until": NOON + HOUR - timedelta(seconds=1),
        }
        tx.execute(tables.leases.insert().values(dead))
    shopify.will(Answer({"access_token": "shpat_2", "refresh_token": "shprt_2"}))
    with clock.stopped_at(NOON + HOUR):
        assert access.client_for(vanta).access_token == "shpat_2"


def test_a_quiet_shop_is_renewed_in_time(vanta: int, shopify: Pretend) -> None:
    with snapshot() as tx:
        assert access.idle(tx, NOON + 59 * 24 * HOUR) == []
        assert access.idle(tx, NOON + 61 * 24 * HOUR) == [vanta]
    shopify.will(Answer({"access_token": "shpat_2", "refresh_token": "shprt_2"}))
    access.renew(vanta)
    assert kept()[:2] == ("shpat_2", "shprt_2")


def test_a_shop_that_left_has_no_client(vanta: int) -> None:
    with transaction() as tx:
        tx.execute(tables.shops.update().values(uninstalled_at=NOON))
    with pytest.raises(Refused, match="uninstalled"):
        access.client_for(vanta)
