"""The panel as a merchant meets it: in an iframe of another origin, inside the admin, by session tokens alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect, sync_playwright

from plugin import schedule
from plugin.base import clock
from plugin.base.settings import Settings

from .sandbox_store import sandbox_admin
from .waiting import until

pytestmark = pytest.mark.browser

SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AS_CHROME = "--disable-features=PaintHolding"
"""In place of Playwright's own list, which would switch the partitioning of third-party storage off."""


@pytest.fixture
def admin(tmp_path: Path, own_settings: Settings) -> Iterator[str]:
    with sandbox_admin(tmp_path) as url:
        yield url


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*SWITCHES, AS_CHROME])
        yield browser
        browser.close()


@pytest.fixture
def page(chrome: Browser) -> Iterator[Page]:
    context = chrome.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    opened = context.new_page()
    opened.wrong = []  # type: ignore[attr-defined]
    opened.on("pageerror", lambda error: opened.wrong.append(str(error)))  # type: ignore[attr-defined]
    yield opened
    assert opened.wrong == []  # type: ignore[attr-defined]
    context.close()


def test_opening_the_app_installs_it_and_every_page_works_inside_the_frame(admin: str, page: Page) -> None:
    panel = _open(page, admin)
    until(_history_is_loaded, seconds=200, saying="the history")

    for name in ("Campaigns", "Automations", "Segments", "Subscribers", "Reports", "Settings"):
        page.get_by_role("link", name=name, exact=True).first.click()
        expect(panel.get_by_role("heading", level=1)).to_contain_text(re.compile(name.rstrip("s"), re.IGNORECASE))

    page.get_by_role("link", name="Segments", exact=True).first.click()
    panel.get_by_role("link", name="New segment").click()
    panel.get_by_label("Name").fill("Germans")
    panel.get_by_role("tab", name="Query").click()
    panel.get_by_role("textbox", name="Query").fill("customer_countries CONTAINS 'DE'")
    expect(panel.get_by_text("of everybody")).to_be_visible()
    panel.get_by_role("button", name="Save").click()
    expect(panel.get_by_role("heading", level=1)).to_have_text("Germans")

    page.go_back()
    page.reload()
    expect(panel.get_by_role("heading", level=1)).to_be_visible()
    assert page.context.cookies() == []


def test_two_tabs_and_a_token_that_has_run_out(admin: str, page: Page) -> None:
    panel = _open(page, admin)
    second = page.context.new_page()
    _open(second, admin)

    a_year_on = clock.now().replace(year=clock.now().year + 1)
    refused = page.expect_response(lambda answer: answer.status == 401)
    with clock.stopped_at(a_year_on), refused:  # every token is long over
        page.get_by_role("link", name="Campaigns", exact=True).first.click()
    page.reload()
    expect(panel.get_by_role("heading", level=1)).to_be_visible()
    second.get_by_role("link", name="Reports", exact=True).first.click()
    expect(_panel(second).get_by_role("heading", level=1)).to_contain_text("Report")


def _open(page: Page, admin: str) -> FrameLocator:
    page.goto(admin)
    expect(_panel(page).get_by_role("heading", level=1)).to_be_visible()
    return _panel(page)


def _panel(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


def _history_is_loaded() -> bool:
    """What workers and the clock do elsewhere, done here: without Redis jobs run where they arise."""
    from sqlalchemy import select

    from plugin.store.engine import snapshot
    from plugin.store.tables import backfills

    schedule.tick(clock.now())
    with snapshot() as tx:
        states = list(tx.execute(select(backfills.c.state)).scalars())
    return bool(states) and set(states) == {"done"}
