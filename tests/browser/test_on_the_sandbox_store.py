"""The same way on the store that `make demo` shows: its pages, its rendering of our Liquid block, its proxy, its push
services."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import requests

from plugin.base.settings import Settings

from . import beckon
from .chromium import Chromium
from .driven import Driven, opt_in
from .firefox import Firefox
from .sandbox_store import sandbox_store
from .stage import Stage
from .waiting import until

pytestmark = pytest.mark.browser


@pytest.fixture
def store_world(tmp_path: Path, own_settings: Settings) -> Iterator[Stage]:
    with sandbox_store(tmp_path) as opened:
        yield opened


def test_from_the_bell_to_the_product_on_the_sandbox_store(store_world: Stage) -> None:
    """Ann shops with Chromium and Bob with Firefox; one campaign reaches both."""
    seen, promoted = requests.get(f"{store_world.shop}/_sandbox/products", timeout=10).json()["products"][:2]
    place, desktop = store_world.around.push, store_world.around.desktop
    ann: Driven = Chromium(place.chromium_switches, desktop.address)
    try:
        bob: Driven = Firefox(place.firefox_url, desktop.address)
        try:
            _shop_and_click(store_world, [ann, bob], seen, promoted)
        finally:
            bob.stop()
    finally:
        ann.stop()


def _shop_and_click(world: Stage, browsers: list[Driven], seen: dict[str, str], promoted: dict[str, str]) -> None:
    for browser in browsers:
        opt_in(world, browser, seen["handle"])
        browser.run("document.querySelector('form[data-add] button').click()")
    assert len(beckon.active()) == 2
    until(lambda: beckon.viewed() == [int(seen["id"])] * 2, saying="both views")
    until(lambda: all(beckon.cart_tokens()), saying="both carts, filled without a page view")

    beckon.send(world, "Back on the shelf", f"/products/{promoted['handle']}")
    assert beckon.outcomes() == [("sent", 201)] * 2
    until(lambda: len(world.around.desktop.shown) == 2, saying="both notifications")
    for shown in world.around.desktop.shown:
        world.press(shown)
    for browser in browsers:
        until(partial(_has_open, browser, world.product(promoted["handle"])), saying="the product's page")
    until(lambda: beckon.receipts() == {"shown", "clicked"}, saying="the receipts")


def _has_open(browser: Driven, url: str) -> bool:
    return any(address.startswith(url) for address in browser.addresses())
