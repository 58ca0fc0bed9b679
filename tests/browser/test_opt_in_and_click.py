"""The whole way in a real browser: a click on the bell, a real subscription, a real encrypted push, the notification on
the desktop, the click that opens the product."""

from __future__ import annotations

import pytest

from . import beckon
from .driven import Driven, opt_in
from .stage import Stage
from .waiting import until

pytestmark = pytest.mark.browser


def test_from_the_bell_to_the_product(world: Stage, browser: Driven) -> None:
    opt_in(world, browser)
    [endpoint] = beckon.active()
    assert endpoint.startswith(("https://jmt17.google.com/", "https://fcm.googleapis.com/", world.around.push.origin))
    assert until(beckon.viewed) == [42]

    beckon.send(world, "Ridge Boots are back", "/products/ridge-boots")
    assert beckon.outcomes() == [("sent", 201)]
    shown = until(lambda: world.notification("Ridge Boots are back"), saying="the notification")
    assert "The boots are back." in shown.body
    until(lambda: beckon.receipts() == {"shown"}, saying="the receipt of showing")

    world.press(shown)
    until(lambda: world.product("ridge-boots") in _pages(browser), saying="the product's page")
    until(lambda: beckon.receipts() == {"shown", "clicked"}, saying="the receipt of the click")
    until(lambda: beckon.viewed() == [42, 43], saying="the view of the product")
    until(lambda: not any("bk=" in address for address in browser.addresses()), saying="a clean address")


def test_a_click_brings_the_open_tab_forward_and_waving_away_is_no_click(world: Stage, browser: Driven) -> None:
    opt_in(world, browser)
    beckon.send(world, "Your parka waits", "/products/harbour-parka")
    shown = until(lambda: world.notification("Your parka waits"))
    world.press(shown)
    until(lambda: beckon.receipts() == {"shown", "clicked"})
    assert _pages(browser) == [world.product()]

    beckon.send(world, "Still there", "/products/harbour-parka")
    world.wave_away(until(lambda: world.notification("Still there")))
    until(lambda: beckon.receipts() == {"shown", "clicked", "dismissed"}, saying="the receipt of waving away")


@pytest.mark.parametrize("payload", [b"not JSON", b'{"web_push": 8030, "notification": {"title": "Boots", "icon": 7}}'])
def test_whatever_is_pushed_something_is_shown(world: Stage, browser: Driven, payload: bytes) -> None:
    """A browser takes the permission away from a site that stays silent."""
    opt_in(world, browser)
    beckon.push_raw(world, payload)
    until(lambda: world.around.desktop.shown, saying="any notification")


def _pages(browser: Driven) -> list[str]:
    """The open tabs' addresses without their queries."""
    return [address.partition("?")[0] for address in browser.addresses()]
