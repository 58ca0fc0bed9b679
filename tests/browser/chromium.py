"""Debian's Chromium, headless, driven by Playwright."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import Any

from playwright.sync_api import Page, sync_playwright

from . import needs

SWITCHES = [
    "--no-sandbox",  # as root in a container
    "--disable-dev-shm-usage",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-pings",
    "--ignore-certificate-errors",  # for the socket to the push service's stand-in
]


class Chromium:
    """Starts at once; `push_switches` lead it to the stand-in of its push service."""

    name = "chromium"

    def __init__(self, push_switches: list[str], desktop_address: str) -> None:
        self._profile = tempfile.mkdtemp(prefix="beckon-chromium-")
        self._playwright = sync_playwright().start()
        try:
            surroundings: dict[str, Any] = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": desktop_address}  # noqa: TID251
            # A persistent context: an ordinary one is incognito, where push is refused.
            self._context = self._playwright.chromium.launch_persistent_context(
                self._profile,
                executable_path=needs.CHROMIUM,
                headless=True,
                args=[*SWITCHES, *push_switches],
                env=surroundings,
            )
        except BaseException:
            self._playwright.stop()
            raise
        self.page: Page = self._context.pages[0]

    def renew(self) -> None:
        """One new tab and no cookies: what another test left is gone. (Each test's shop is an origin of its own.)"""
        former, self.page = self._context.pages, self._context.new_page()
        for page in former:
            page.close()
        self._context.clear_cookies()

    def open(self, url: str) -> None:
        self.page.goto(url)

    def click(self, css: str) -> None:
        self.page.locator(f"beckon-bell {css}").click()

    def agree(self, css: str, origin: str) -> None:
        self._context.grant_permissions(["notifications"], origin=origin)  # headless, it shows no question
        self.click(css)

    def deny(self, css: str) -> None:
        self.click(css)  # headless, it denies what was not granted before

    def run(self, body: str, *args: Any) -> Any:
        return self.page.evaluate(f"async (args) => {{ {body} }}", list(args))

    def addresses(self) -> list[str]:
        self.page.evaluate("0")  # lets Playwright hear of tabs that were opened meanwhile
        return [page.url for page in self._context.pages]

    def stop(self) -> None:
        self._context.close()
        self._playwright.stop()
        shutil.rmtree(self._profile, ignore_errors=True)
