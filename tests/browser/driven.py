"""What both browsers can do for a test, said once."""

from __future__ import annotations

from typing import Any, Protocol

from .stage import Stage
from .waiting import until


class Driven(Protocol):
    """A real browser with a fresh profile, led to local push services and to a desktop of its own."""

    name: str

    def open(self, url: str) -> None:
        """Goes to `url` in the tab under control."""

    def click(self, css: str) -> None:
        """A real click on a part of the bell."""

    def agree(self, css: str, origin: str) -> None:
        """A real click on a part of the bell, and Allow when the browser asks whether `origin` may notify."""

    def deny(self, css: str) -> None:
        """A real click on a part of the bell, and Block when the browser asks."""

    def run(self, body: str, *args: Any) -> Any:
        """Runs JavaScript in the page: `body` may await and return, and finds `args`."""

    def addresses(self) -> list[str]:
        """Of all tabs."""

    def renew(self) -> None:
        """One new tab: another visit."""

    def stop(self) -> None:
        """Ends it and everything it started."""


def text(browser: Driven, css: str) -> str:
    """The visible text of a part of the bell; empty while it is hidden."""
    return str(browser.run(_VISIBLE_TEXT, css))


def open_shop(browser: Driven, url: str) -> None:
    """Goes to a page of the shop and waits until its bell has come."""
    browser.open(url)
    until(lambda: browser.run(_BELL_IS_THERE), saying="the bell")


def opt_in(world: Stage, browser: Driven, handle: str = "harbour-parka") -> None:
    """Ann opens a product page and turns the bell on."""
    open_shop(browser, world.product(handle))
    browser.click(".bell")
    assert text(browser, "h2") == "Hear it first"
    browser.agree(".yes", world.shop)
    until(lambda: text(browser, "h2") == "Notifications are on", saying="the bell to say that it is on")


_BELL_IS_THERE = "return Boolean(document.querySelector('beckon-bell')?.shadowRoot.querySelector('.bell').offsetWidth)"
_VISIBLE_TEXT = """
    const found = document.querySelector("beckon-bell")?.shadowRoot.querySelector(args[0]);
    return found && found.offsetWidth ? found.innerText : "";
"""
