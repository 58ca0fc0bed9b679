"""A merchant removes the app on the pretend Shopify: the storefront falls silent and the worker leaves by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from plugin.base.settings import Settings
from plugin.store import tables
from plugin.store.engine import snapshot

from . import beckon
from .chromium import Chromium
from .driven import Driven, open_shop, opt_in
from .sandbox_store import sandbox_store
from .stage import SECRET, Stage
from .waiting import until

pytestmark = pytest.mark.browser

GONE = "return (await navigator.serviceWorker.getRegistrations()).length === 0"


@pytest.fixture
def store_world(tmp_path: Path, own_settings: Settings) -> Iterator[Stage]:
    with sandbox_store(tmp_path) as opened:
        yield opened


@pytest.fixture
def ann(store_world: Stage) -> Iterator[Driven]:
    browser = Chromium(store_world.around.push.chromium_switches, store_world.around.desktop.address)
    yield browser
    browser.stop()


def test_uninstalled_by_the_merchant_nothing_of_it_is_left_at_the_next_visit(store_world: Stage, ann: Driven) -> None:
    shop = store_world.shop
    product = requests.get(f"{shop}/_sandbox/products", timeout=10).json()["products"][0]
    page = f"{shop}/products/{product['handle']}"
    _install(shop)
    opt_in(store_world, ann, product["handle"])
    assert not ann.run(GONE)

    requests.post(f"{shop}/_sandbox/uninstall", json={}, timeout=10).raise_for_status()
    until(_has_left, saying="the news of it")

    ann.renew()
    ann.open(page)
    until(lambda: ann.run(GONE), saying="the worker to leave")
    assert ann.run("return document.querySelector('beckon-bell') === null")
    beckon.send(store_world, "Too late", "/")
    assert beckon.outcomes() == []

    beckon.come_back()
    ann.renew()
    open_shop(ann, page)
    until(lambda: not ann.run(GONE), saying="the worker to come back")
    until(lambda: len(beckon.subscribed()) == 2, saying="the subscription")


def _install(shop: str) -> None:
    """Before that the pretend Shopify sends no webhooks."""
    admin = f"{shop}/shops/demo.myshopify.com/admin/oauth/access_token"
    asked = {
        "client_id": "beckon-demo",
        "client_secret": SECRET,
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": requests.get(f"{shop}/store/demo/id_token", timeout=10).json()["id_token"],
        "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
        "requested_token_type": "urn:shopify:params:oauth:token-type:offline-access-token",
        "expiring": 1,
    }
    requests.post(admin, json=asked, timeout=10).raise_for_status()


def _has_left() -> bool:
    with snapshot() as tx:
        return tx.execute(tables.shops.select()).one().uninstalled_at is not None
