"""Nobody comes in without Shopify's signature, and nobody from a shop that is not ours."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from plugin.store import tables
from plugin.store.engine import transaction

from .conftest import Storefront
from .shoppers import look, opt_in

PATHS = ["config.json", "sw.js", "manifest.json"]
DEEDS = ["subscribe", "unsubscribe", "track", "receipt"]


@pytest.mark.parametrize("path", PATHS)
def test_an_unsigned_page_is_refused(storefront: Storefront, path: str) -> None:
    answer = storefront.client.get(f"/proxy/{path}")
    assert answer.status_code == 401
    assert "signature" in answer.get_json()["error"]


@pytest.mark.parametrize("path", DEEDS)
def test_an_unsigned_deed_is_refused_before_it_is_read(storefront: Storefront, path: str) -> None:
    answer = storefront.client.post(f"/proxy/{path}", data=b"not even JSON")
    assert answer.status_code == 401


def test_a_signature_for_one_shop_opens_no_other(storefront: Storefront) -> None:
    query = storefront.signed() | {"shop": "other.myshopify.com"}
    assert storefront.client.get("/proxy/config.json", query_string=query).status_code == 401


def test_an_old_signature_is_refused(storefront: Storefront) -> None:
    storefront.now -= timedelta(seconds=91)
    assert storefront.get("config.json").status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_a_shop_that_never_installed_us_is_not_found(storefront: Storefront, path: str) -> None:
    answer = storefront.get(path, shop="stranger.myshopify.com")
    assert answer.status_code == 404
    assert "stranger.myshopify.com does not use Beckon" in answer.get_json()["error"]


def test_the_proxys_path_and_the_scripts_life_are_remembered(storefront: Storefront, shop: int) -> None:
    storefront.get("config.json", path_prefix="/tools/bell")
    with transaction() as tx:
        kept = tx.execute(select(tables.shops.c.proxy_path, tables.shops.c.script_seen_at)).one()
    assert tuple(kept) == ("/tools/bell", storefront.now)


def test_after_uninstalling_the_script_is_silenced_and_the_worker_leaves(storefront: Storefront, shop: int) -> None:
    with transaction() as tx:
        tx.execute(tables.shops.update().values(uninstalled_at=storefront.now))
    assert storefront.get("config.json").get_json() == {"public_key": None, "bell": None}
    assert "registration.unregister()" in storefront.get("sw.js").get_data(as_text=True)
    assert storefront.post("subscribe", opt_in()).status_code == 404
    assert storefront.post("track", look()).status_code == 404
