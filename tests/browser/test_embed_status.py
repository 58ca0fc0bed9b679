"""Is the bell on in the published theme? App Bridge tells the panel, in a real Chromium inside the admin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, expect, sync_playwright

from plugin.base import settings
from plugin.base.settings import Settings

from . import needs
from .sandbox_store import sandbox_admin

pytestmark = pytest.mark.browser


@pytest.fixture
def admin(tmp_path: Path, own_settings: Settings) -> Iterator[str]:
    with sandbox_admin(tmp_path) as url:
        yield url


@pytest.fixture
def alice() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=needs.CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(20_000)
        yield page
        browser.close()


def test_home_and_settings_say_whether_the_bell_is_on_in_the_published_theme(admin: str, alice: Page) -> None:
    panel = alice.frame_locator("iframe")
    alice.goto(admin)
    expect(panel.get_by_text("The bell is on in your published theme.")).to_be_visible()

    store = settings.current().shopify_url.partition("/shops")[0]
    assert requests.post(f"{store}/_sandbox/embed", json={"on": False}, timeout=10).json() == {"on": False}
    alice.reload()
    expect(panel.get_by_text("The bell is off in your published theme")).to_be_visible()
    expect(panel.get_by_text("The bell is on in your published theme.")).to_be_hidden()
    link = panel.get_by_role("link", name="Switch it on").first
    assert "/admin/themes/current/editor?context=apps&template=index&activateAppId=client-id/bell" in str(
        link.get_attribute("href")
    )

    alice.get_by_role("link", name="Settings", exact=True).first.click()
    expect(panel.get_by_text("Off in your theme")).to_be_visible()
    expect(panel.get_by_text("What shoppers look at")).to_be_visible()
    assert "data-beckon" not in requests.get(store, timeout=10).text
