"""A merchant brings a segment of Shopify's over, asks whether the same people are in it, and what sets them apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, expect

from plugin.base.settings import Settings
from tests.sandbox.conftest import LINES, write_csv

from .sandbox_store import sandbox_admin
from .test_panel_in_the_admin import _history_is_loaded, _open, chrome, page  # noqa: F401  fixtures
from .waiting import until

pytestmark = pytest.mark.browser


@pytest.fixture
def admin(tmp_path: Path, own_settings: Settings) -> Iterator[str]:
    with sandbox_admin(tmp_path, write_csv(tmp_path / "history.csv", LINES)) as url:
        yield url


def test_from_shopifys_list_to_the_same_members_and_what_sets_them_apart(
    admin: str,
    page: Page,  # noqa: F811
) -> None:
    made = f"{admin.partition('/store')[0]}/_sandbox/kept/segments"
    requests.post(made, json={"name": "Big", "query": "amount_spent > 30"}, timeout=10).raise_for_status()
    unread = {"name": "Readers", "query": "number_of_orders > 0 AND shopify_email.opened MATCHES ()"}
    requests.post(made, json=unread, timeout=10).raise_for_status()
    panel = _open(page, admin)
    until(_history_is_loaded, seconds=60, saying="the history")

    page.get_by_role("link", name="Segments", exact=True).first.click()
    panel.get_by_role("link", name="Import from Shopify").click()
    again = panel.get_by_role("button", name="Read the list again")
    expect(again).to_be_visible()
    panel.locator("main").evaluate("main => { main.dataset.before = '' }")
    again.click()
    expect(panel.locator("main[data-before]")).to_have_count(0)  # drawn anew
    expect(panel.get_by_text("changes come by themselves")).to_be_visible()  # the page of what was read
    panel.get_by_role("button", name="Import without this part").click()
    dialog = panel.get_by_role("dialog")
    expect(dialog).to_contain_text("wider")
    dialog.get_by_role("button", name="Not yet").click()
    panel.get_by_role("button", name="Import all 1").click()
    panel.get_by_role("link", name="Big", exact=True).click()
    expect(panel.get_by_role("heading", level=1)).to_have_text("Big")

    panel.get_by_role("link", name="Insight").click()
    panel.get_by_role("button", name="Count now").click()
    expect(panel.get_by_text("too few to say that anything is more than chance")).to_be_visible()
    panel.get_by_role("link", name="Compare").click()
    panel.get_by_role("button", name="Compare now").click()
    expect(panel.get_by_text("The same: 1 customer is in it here and in Shopify.")).to_be_visible()

    panel.get_by_role("link", name="Members").click()
    expect(panel.get_by_role("link", name="#17850").first).to_be_visible()
    panel.get_by_role("link", name="Versions").click()
    expect(panel.get_by_text("imported from Shopify")).to_be_visible()
