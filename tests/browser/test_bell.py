"""The bell as a guest in somebody's theme: reachable by keyboard, never in the way, silent about who said no."""

from __future__ import annotations

import pytest

from . import beckon
from .chromium import Chromium
from .driven import open_shop, text
from .stage import Stage
from .waiting import until

pytestmark = pytest.mark.browser


def test_the_keyboard_alone_opens_and_closes_it(world: Stage, chromium: Chromium) -> None:
    open_shop(chromium, world.product())
    keyboard = chromium.page.keyboard
    keyboard.press("Tab")
    assert _focused(chromium) == "Notifications from Vanta Outdoor"
    keyboard.press("Enter")
    assert _focused(chromium) == "Hear it first"
    keyboard.press("Tab")
    assert _focused(chromium) == "Turn on notifications"
    keyboard.press("Escape")
    assert text(chromium, ".panel") == ""
    assert _focused(chromium) == "Notifications from Vanta Outdoor"
    tree = chromium.page.locator("beckon-bell").aria_snapshot()
    assert 'button "Notifications from Vanta Outdoor"' in tree


def test_it_moves_nothing_and_wears_no_rule_of_the_theme(world: Stage, chromium: Chromium) -> None:
    for width in (1280, 390):
        chromium.page.set_viewport_size({"width": width, "height": 780})
        open_shop(chromium, world.product())
        chromium.click(".bell")
        assert chromium.run(_SHIFTED) == 0
        assert chromium.run("return document.documentElement.scrollWidth <= innerWidth")
        assert chromium.run(_PANEL + "return box.left >= 16 && box.right <= innerWidth && box.top >= 0")
        assert chromium.run(_PANEL + "return getComputedStyle(panel.querySelector('.yes')).textTransform") == "none"
        chromium.click(".no")
        chromium.page.evaluate("localStorage.clear()")


def test_a_merchants_words_and_color_are_worn(world: Stage, chromium: Chromium) -> None:
    chromium.page.add_init_script(
        """document.addEventListener("readystatechange", () => {
             const said = document.querySelector("script[data-beckon]")?.dataset;
             if (said) Object.assign(said, {promise: "We tell you when your size is back.", color: "#ffe14d"});
           })"""
    )
    open_shop(chromium, world.product())
    chromium.click(".bell")
    assert text(chromium, "#text") == "We tell you when your size is back."
    assert chromium.run(_PANEL + "return getComputedStyle(panel.querySelector('.yes')).color") == "rgb(26, 26, 26)"


def test_who_refused_analytics_is_not_followed(world: Stage, chromium: Chromium) -> None:
    chromium.page.context.add_cookies([{"name": "privacy", "value": "no", "url": world.shop}])
    open_shop(chromium, world.product())
    chromium.page.wait_for_load_state("networkidle")
    assert beckon.viewed() == []
    assert chromium.run("return localStorage.getItem('beckon:visitor')") is None


def test_a_cart_filled_without_a_page_view_is_tied_to_its_visitor(world: Stage, chromium: Chromium) -> None:
    open_shop(chromium, world.product())
    until(beckon.viewed)
    assert beckon.cart_tokens() == [None]
    chromium.run("document.cookie = 'items=1; path=/'; await fetch('/cart/add.js', {method: 'POST'})")
    until(lambda: beckon.cart_tokens() == ["Z2NwLXVzLWNlbnRyYWw"], saying="the cart's token")


def test_on_an_iphone_it_explains_the_home_screen(world: Stage, chromium: Chromium) -> None:
    chromium.page.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'userAgent', {get: () => 'Mozilla/5.0 (iPhone; like Mac OS X)'});"
        "delete window.PushManager"
    )
    open_shop(chromium, world.product())
    chromium.click(".bell")
    assert "Add to Home Screen" in text(chromium, "#text")
    manifest = "return (await (await fetch(document.querySelector('link[rel=manifest]').href)).json()).display"
    assert chromium.run(manifest) == "standalone"


def _focused(chromium: Chromium) -> str:
    return str(chromium.run("const at = document.activeElement.shadowRoot?.activeElement; return " + _NAME))


_NAME = "at?.getAttribute('aria-label') ?? at?.innerText ?? ''"
_PANEL = """
    const panel = document.querySelector("beckon-bell").shadowRoot.querySelector(".panel");
    await Promise.all(panel.getAnimations().map((animation) => animation.finished));
    const box = panel.getBoundingClientRect();
"""
_SHIFTED = """
    return new Promise((done) => {
      const seen = [];
      const watch = new PerformanceObserver((list) => seen.push(...list.getEntries()));
      watch.observe({type: "layout-shift", buffered: true});
      setTimeout(() => done(seen.reduce((sum, entry) => sum + entry.value, 0)), 100);
    });
"""


def test_in_the_theme_editor_it_is_shown_and_asks_nobody(world: Stage, chromium: Chromium) -> None:
    chromium.page.add_init_script(
        """document.addEventListener("readystatechange", () => { if (window.Shopify) Shopify.designMode = true; });
           Notification.requestPermission = async () => { window.asked = true; return "default"; };"""
    )
    open_shop(chromium, world.product())
    chromium.click(".bell")
    chromium.click(".yes")
    assert "nobody is asked here" in text(chromium, "[role=status]")
    chromium.click(".no")
    assert chromium.run("return [Boolean(window.asked), Object.keys(localStorage)]") == [False, []]
    assert (beckon.viewed(), beckon.cart_tokens()) == ([], [])


def test_it_says_which_language_it_speaks_and_stands_in_a_page_that_reads_the_other_way(
    world: Stage, chromium: Chromium
) -> None:
    chromium.page.set_viewport_size({"width": 390, "height": 780})
    chromium.page.add_init_script(
        """document.addEventListener("readystatechange", () => {
             document.documentElement.dir = "rtl";
             const said = document.querySelector("script[data-beckon]")?.dataset;
             if (said) said.locale = "pl";
           })"""
    )
    open_shop(chromium, world.product())
    chromium.click(".bell")
    assert chromium.run("return document.querySelector('beckon-bell').lang") == "pl"
    assert text(chromium, ".yes") == "Włącz powiadomienia"
    assert chromium.run(_PANEL + "return box.left >= 16 && box.right <= innerWidth && box.top >= 0")
    assert chromium.run(_PANEL + "return getComputedStyle(panel.querySelector('#text')).direction") == "ltr"
