"""What is written and not saved: the admin's save bar speaks for it, and nobody loses it by a click elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from plugin.admin import auth
from plugin.base.settings import Settings
from plugin.store.engine import transaction
from tests.factories import make_segment

from .stage import Surroundings, stage
from .test_panel_in_the_admin import _open, admin, chrome, page  # noqa: F401  fixtures

pytestmark = pytest.mark.browser


def test_in_the_admin_the_save_bar_saves_discards_and_asks_before_leaving(admin: str, page: Page) -> None:  # noqa: F811
    panel = _open(page, admin)
    page.get_by_role("link", name="Automations", exact=True).first.click()
    panel.get_by_role("link", name="Abandoned cart").first.click()
    bar, title = page.get_by_role("region", name="Save bar"), panel.get_by_label("Title")
    before = title.input_value()
    expect(bar).to_be_hidden()

    title.fill("Still thinking about it?")
    expect(bar).to_be_visible()
    page.get_by_role("link", name="Campaigns", exact=True).first.click()
    page.get_by_role("button", name="Keep editing").click()
    expect(title).to_have_value("Still thinking about it?")

    bar.get_by_role("button", name="Discard").click()
    page.get_by_role("button", name="Discard changes").click()
    expect(title).to_have_value(before)
    expect(bar).to_be_hidden()

    title.fill("Your basket is waiting")
    with page.expect_response(
        lambda answer: answer.request.method == "POST" and answer.url.endswith("/abandoned_cart")
    ):
        bar.get_by_role("button", name="Save").click()
    expect(bar).to_be_hidden()
    page.reload()
    expect(title).to_have_value("Your basket is waiting")

    title.fill("Never to be seen")
    page.get_by_role("link", name="Campaigns", exact=True).first.click()
    page.get_by_role("button", name="Leave page").click()
    expect(panel.get_by_role("heading", level=1)).to_contain_text("Campaign")
    expect(bar).to_be_hidden()


def test_the_save_bar_speaks_for_what_is_clicked_together_too(admin: str, page: Page) -> None:  # noqa: F811
    panel = _open(page, admin)
    page.get_by_role("link", name="Segments", exact=True).first.click()
    panel.get_by_role("link", name="New segment").click()
    bar = page.get_by_role("region", name="Save bar")
    panel.get_by_role("button", name="+ Condition").click()
    panel.get_by_role("combobox", name="Filter").fill("number of orders")
    page.keyboard.press("Enter")
    panel.get_by_label("Number of orders: value").fill("2")
    expect(panel.locator("[data-written]")).to_contain_text("number_of_orders >= 2")
    expect(bar).to_be_visible()

    bar.get_by_role("button", name="Discard").click()
    page.get_by_role("button", name="Discard changes").click()
    expect(bar).to_be_hidden()
    expect(panel.get_by_role("combobox", name="Filter")).to_have_count(0)


def test_stand_alone_the_page_itself_asks_before_leaving(
    tmp_path: Path,
    own_settings: Settings,
    around: Surroundings,
    chrome: Browser,  # noqa: F811
) -> None:
    with stage(tmp_path, around) as world:
        with transaction() as tx:
            segment = make_segment(tx, world.shop_id, "number_of_orders > 2", name="Regulars")
        context = chrome.new_context()
        tab = context.new_page()
        address = world.beckon
        tab.goto(f"{address}/login?{auth.login_link('vanta.myshopify.com').partition('?')[2]}")
        tab.goto(f"{address}/segments/{segment}")
        tab.get_by_label("Name").fill("Regulars and friends")
        tab.get_by_role("link", name="Reports").click()
        tab.get_by_role("button", name="Stay on this page").click()
        expect(tab.get_by_label("Name")).to_have_value("Regulars and friends")
        tab.get_by_role("button", name="Save").click()
        expect(tab.get_by_role("heading", level=1)).to_have_text("Regulars and friends")
        tab.get_by_label("Name").fill("Gone")
        tab.get_by_role("link", name="Reports").click()
        tab.get_by_role("button", name="Leave", exact=True).click()
        expect(tab.get_by_role("heading", level=1)).to_contain_text("Report")
        context.close()
