"""A permission is asked for once and never burnt; what a shopper decides, holds."""

from __future__ import annotations

import pytest

from . import beckon
from .driven import Driven, open_shop, opt_in, text
from .stage import Stage
from .waiting import until

pytestmark = pytest.mark.browser


def test_nobody_is_asked_before_a_click_and_who_blocks_stays_unasked(world: Stage, browser: Driven) -> None:
    open_shop(browser, world.product())
    assert text(browser, ".panel") == ""
    browser.click(".bell")
    browser.click(".no")
    assert text(browser, ".panel") == ""
    open_shop(browser, world.product())
    assert browser.run(BELL + "return bell.classList.contains('calm')"), "“Not now” is remembered"

    browser.click(".bell")
    browser.deny(".yes")
    until(lambda: text(browser, "h2") == "Your browser blocks notifications")
    assert text(browser, ".no") == ""
    open_shop(browser, world.product())
    browser.click(".bell")
    assert text(browser, "h2") == "Your browser blocks notifications"
    assert beckon.subscribed() == []


def test_turning_it_off_ends_it(world: Stage, browser: Driven) -> None:
    opt_in(world, browser)
    open_shop(browser, world.product("ridge-boots"))
    browser.click(".bell")
    assert text(browser, "h2") == "Notifications are on"
    browser.click(".no")
    until(lambda: text(browser, "h2") == "Notifications are off")
    until(lambda: beckon.active() == [])
    assert browser.run(SUBSCRIPTION + "return subscription === null")


def test_a_lost_subscription_comes_back_and_replaces_the_old_one(world: Stage, browser: Driven) -> None:
    opt_in(world, browser)
    [before] = beckon.active()
    browser.run(SUBSCRIPTION + "await subscription.unsubscribe()")

    open_shop(browser, world.product("ridge-boots"))
    until(lambda: len(beckon.subscribed()) == 2, saying="a new subscription")
    [after] = beckon.active()
    assert after != before
    assert [each.state for each in beckon.subscribed()] == ["replaced", "active"]
    beckon.send(world, "Welcome back", "/products/ridge-boots")
    assert beckon.outcomes() == [("sent", 201)]


def test_after_uninstalling_the_worker_leaves_by_itself(world: Stage, browser: Driven) -> None:
    opt_in(world, browser)
    beckon.uninstall()
    browser.run("await (await navigator.serviceWorker.getRegistration('/apps/beckon/')).update()")
    gone = "return (await navigator.serviceWorker.getRegistration('/apps/beckon/')) === undefined"
    until(lambda: browser.run(gone), saying="the worker to unregister")


def test_after_uninstalling_the_next_visit_takes_everything_away(world: Stage, browser: Driven) -> None:
    opt_in(world, browser)
    beckon.uninstall()

    browser.renew()
    browser.open(world.product("ridge-boots"))
    gone = "return (await navigator.serviceWorker.getRegistration('/apps/beckon/')) === undefined"
    until(lambda: browser.run(gone), saying="the worker to unregister")
    assert browser.run("return document.querySelector('beckon-bell') === null")


def test_a_shop_that_comes_back_finds_its_subscribers_again(world: Stage, browser: Driven) -> None:
    opt_in(world, browser)
    beckon.uninstall()
    browser.renew()
    browser.open(world.product("ridge-boots"))
    gone = "return (await navigator.serviceWorker.getRegistration('/apps/beckon/')) === undefined"
    until(lambda: browser.run(gone), saying="the worker to unregister")

    beckon.come_back()
    browser.renew()
    open_shop(browser, world.product())
    until(lambda: len(beckon.subscribed()) == 2, saying="the subscription to be made anew")
    assert len(beckon.active()) == 1
    beckon.send(world, "We are back", "/products/ridge-boots")
    assert beckon.outcomes() == [("sent", 201)]


BELL = "const bell = document.querySelector('beckon-bell').shadowRoot.querySelector('.bell');"
SUBSCRIPTION = """
    const registration = await navigator.serviceWorker.getRegistration("/apps/beckon/");
    const subscription = await registration.pushManager.getSubscription();
"""
