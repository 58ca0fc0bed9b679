"""The whole way in a real browser: a click on the bell, a real subscription, a real encrypted push, the notification on
the desktop, the click that opens the product."""

from __future__ import annotations

import pytest

from . import beckon
from .driven import Driven, open_shop, text
from .stage import Stage
from .waiting import until

pytestmark = pytest.mark.browser


def opt_in(world: Stage, browser: Driven) -> str:
    """Ann opens a product page and turns the bell on; gives her endpoint."""
    open_shop(browser, world.product())
    browser.click(".bell")
    assert text(browser, "h2") == "Hear it first"
    browser.agree(".yes", world.shop)
    until(lambda: text(browser, "h2") == "Notifications are on", saying="the bell to say that it is on")
    [endpoint] = beckon.active()
    return endpoint


def test_from_the_bell_to_the_product(world: Stage, browser: Driven) -> None:
    endpoint = opt_in(world, browser)
    assert endpoint.startswith(("https://jmt17.google.com/", "https://fcm.googleapis.com/", world.push.origin))
    assert until(beckon.viewed) == [42]

    beckon.send(world, "Ridge Boots are back", "/products/ridge-boots")
    assert beckon.outcomes() == [("sent", 201)]
    shown = until(lambda: world.desktop.titled("Ridge Boots are back"), saying="the notification")
    assert "The boots are back." in shown.body
    until(lambda: beckon.receipts() == {"shown"}, saying="the receipt of showing")

    world.loop.run(world.desktop.press(shown))
    until(
        lambda: any(address.startswith(world.product("ridge-boots")) for address in browser.addresses()),
        saying="the product's page",
    )
    until(lambda: beckon.receipts() == {"shown", "clicked"}, saying="the receipt of the click")
    until(lambda: beckon.viewed() == [42, 43], saying="the view of the product")
    assert not any("bk=" in address for address in browser.addresses())
