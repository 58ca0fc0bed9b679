"""Sessions in a strict browser: the panel in an iframe of another site, third-party cookies blocked, storage apart.

Nothing but session tokens holds the merchant's session, and they live for a minute.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import BrowserContext, Frame, FrameLocator, Page, Response, expect, sync_playwright
from sqlalchemy import func, select

from plugin.base.settings import Settings
from plugin.store.engine import snapshot, transaction
from plugin.store.tables import backfills, segments, shops
from tests.factories import make_shop
from tests.sandbox.conftest import LINES, write_csv

from .sandbox_store import sandbox_admin
from .test_panel_in_the_admin import AS_CHROME, SWITCHES
from .waiting import until

pytestmark = pytest.mark.browser

RETRY = "x-shopify-retry-invalid-session-request"


class Admin:
    """The pretend admin, and a browser in front of it."""

    def __init__(self, url: str, context: BrowserContext) -> None:
        self.url, self.context = url, context
        self.hand = f"{url.partition('/store/')[0]}/_sandbox"

    def tell(self, path: str, **told: Any) -> None:
        requests.post(f"{self.hand}/{path}", json=told, timeout=10).raise_for_status()

    def open(self, path: str = "", heading: str = "Good") -> Page:
        """A new tab with the app in it."""
        page = self.context.new_page()
        page.goto(self.url + path)
        expect(title_of(page)).to_contain_text(heading)
        return page


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    profile = tmp_path_factory.mktemp("profile")
    (profile / "Default").mkdir()
    strict = {"profile": {"cookie_controls_mode": 1, "block_third_party_cookies": True}}
    (profile / "Default" / "Preferences").write_text(json.dumps(strict))
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch_persistent_context(
            profile, executable_path="/usr/bin/chromium", headless=True, args=[*SWITCHES, AS_CHROME]
        )
        opened.set_default_timeout(15_000)
        yield opened
        opened.close()


@pytest.fixture
def admin(tmp_path: Path, own_settings: Settings, context: BrowserContext) -> Iterator[Admin]:
    with sandbox_admin(tmp_path, write_csv(tmp_path / "history.csv", LINES)) as url:
        yield Admin(url, context)
        for page in context.pages[1:]:
            page.close()


def panel(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


def title_of(page: Page) -> Any:
    return panel(page).get_by_role("heading", level=1)


def frame_of(page: Page) -> Frame:
    found = page.frame(name="app-iframe")
    assert found is not None
    return found


def go(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()
    expect(title_of(page)).to_contain_text(name)


def the_shop() -> Any:
    with snapshot() as tx:
        return tx.execute(select(shops)).one()


def saved() -> int:
    with snapshot() as tx:
        return tx.execute(select(func.count()).select_from(segments)).scalar_one()


def refusals(page: Page) -> list[str]:
    """Requests of the panel that were answered 401 with the word to ask again, from now on."""
    heard: list[str] = []

    def listen(answer: Any) -> None:
        if answer.status == 401 and RETRY in answer.headers:
            heard.append(f"{answer.request.method} {answer.url.partition('?')[0].rpartition('/')[2]}")

    page.on("response", listen)
    return heard


def write_a_segment(page: Page, name: str) -> None:
    page.get_by_role("link", name="Segments", exact=True).first.click()
    panel(page).get_by_role("link", name="New segment").click()
    panel(page).get_by_label("Name").fill(name)
    panel(page).get_by_role("tab", name="Query").click()
    with page.expect_response(_counted_last):
        panel(page).get_by_role("textbox", name="Query").fill("number_of_orders > 0")


def _counted_last(answer: Response) -> bool:
    """The last that the page asks by itself once a query is written: after it no token is asked for."""
    return "of=sample" in answer.url and "number_of_orders" in answer.url and answer.status == 200


def test_the_first_opening_installs_without_cookies(admin: Admin) -> None:
    page = admin.open()

    assert the_shop().access_token.text().startswith("shpat_")
    app = frame_of(page).evaluate("location.origin")
    assert app != page.evaluate("location.origin")
    for name in ("Campaigns", "Segments", "Settings"):
        go(page, name)
    assert admin.context.cookies() == []

    alone = admin.context.new_page()
    alone.goto(f"{app}/static/beckon.svg")
    alone.evaluate("localStorage.setItem('known', 'outside')")
    assert frame_of(page).evaluate("localStorage.getItem('known')") is None, "the frame's storage is its own"


NO_STORAGE = """
    if (window !== top)
      for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"])
        Object.defineProperty(window, name, { get() { throw new DOMException("blocked", "SecurityError") } })
"""


def test_where_the_browser_refuses_all_storage_it_works_the_same(admin: Admin) -> None:
    page = admin.context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.add_init_script(NO_STORAGE)
    page.goto(admin.url)
    expect(title_of(page)).to_contain_text("Good")
    tried = frame_of(page).evaluate("(() => { try { return localStorage } catch (error) { return error.name } })()")
    assert tried == "SecurityError"

    write_a_segment(page, "Regulars")
    panel(page).get_by_role("button", name="Save").click()
    expect(title_of(page)).to_have_text("Regulars")
    frame_of(page).evaluate("location.reload()")
    expect(title_of(page)).to_have_text("Regulars")
    assert (saved(), wrong) == (1, [])


def test_uninstalled_and_installed_again_it_opens_at_once(admin: Admin) -> None:
    first = admin.open()
    before = the_shop()
    admin.tell("uninstall")
    until(lambda: the_shop().uninstalled_at is not None, saying="the news of it")
    assert the_shop().access_token is None
    first.close()

    page = admin.open()

    after = the_shop()
    assert (after.id, after.uninstalled_at, after.vapid_public) == (before.id, None, before.vapid_public)
    assert after.access_token.text() != before.access_token.text()
    with snapshot() as tx:
        assert tx.execute(select(backfills.c.started_at)).scalars().first() >= after.installed_at
    go(page, "Settings")


def test_two_tabs_work_at_the_same_time_each_with_its_own_session(admin: Admin) -> None:
    one, other = admin.context.new_page(), admin.context.new_page()
    for page in (one, other):
        page.goto(admin.url, wait_until="commit")  # both at once: the shop is installed by one of them
    for page in (one, other):
        expect(title_of(page)).to_contain_text("Good")
    write_a_segment(one, "From the first tab")
    write_a_segment(other, "From the second tab")
    for page in (one, other):
        panel(page).get_by_role("button", name="Save").click()
    expect(title_of(one)).to_have_text("From the first tab")
    expect(title_of(other)).to_have_text("From the second tab")
    assert saved() == 2


def test_two_shops_in_two_tabs_do_not_meet(admin: Admin) -> None:
    mine = admin.open()
    with transaction() as tx:
        make_shop(tx, "aurora.myshopify.com")
    hers = admin.context.new_page()
    hers.goto(admin.url.replace("/store/demo/", "/store/aurora/"))
    expect(title_of(hers)).to_contain_text("Good")
    for page, name in ((mine, "Ann's regulars"), (hers, "Aurora's regulars")):
        write_a_segment(page, name)
    for page in (mine, hers):
        panel(page).get_by_role("button", name="Save").click()
    for page, domain, own, other in (
        (mine, "demo.myshopify.com", "Ann's regulars", "Aurora's regulars"),
        (hers, "aurora.myshopify.com", "Aurora's regulars", "Ann's regulars"),
    ):
        expect(title_of(page)).to_have_text(own)
        go(page, "Segments")
        expect(panel(page).get_by_role("link", name=own)).to_be_visible()
        expect(panel(page).get_by_text(other)).to_have_count(0)
        go(page, "Settings")
        expect(panel(page).get_by_text(domain)).to_be_visible()


def test_reloading_inside_the_frame_stays_on_the_page(admin: Admin) -> None:
    page = admin.open()
    for name in ("Segments", "Settings"):
        go(page, name)
        frame_of(page).evaluate("location.reload()")
        expect(title_of(page)).to_contain_text(name)
        until(lambda: "id_token" in frame_of(page).url, saying="the bounce page to bring a token")
    page.reload()
    expect(title_of(page)).to_contain_text("Settings")


def test_the_back_button_goes_back_and_forward_again(admin: Admin) -> None:
    page = admin.open()
    go(page, "Campaigns")
    go(page, "Segments")
    page.go_back()
    expect(title_of(page)).to_contain_text("Campaigns")
    frame_of(page).evaluate("location.reload()")
    expect(title_of(page)).to_contain_text("Campaigns")
    page.go_back()
    expect(title_of(page)).to_contain_text("Good")
    page.go_forward()
    expect(title_of(page)).to_contain_text("Campaigns")
    go(page, "Settings")


def test_a_document_with_a_token_that_ran_out_bounces_and_opens(admin: Admin) -> None:
    admin.tell("session-tokens", stale=1)
    page = admin.open("/segments", "Segments")
    go(page, "Settings")


@pytest.mark.parametrize(("stale", "heard"), [(1, 1), (2, 2)], ids=["once", "and App Bridge's second one, too"])
def test_a_token_that_runs_out_during_a_visit_is_not_noticed(admin: Admin, stale: int, heard: int) -> None:
    page = admin.open()
    refused, bounced = refusals(page), []
    page.on("response", lambda answer: bounced.append(answer) if "/auth/bounce" in answer.url else None)
    admin.tell("session-tokens", stale=stale)
    go(page, "Segments")
    ancestors = [answer.headers["content-security-policy"].partition("frame-ancestors ")[2] for answer in bounced]
    assert all(each.startswith("https://demo.myshopify.com ") for each in ancestors)
    assert len(bounced) == stale - 1
    assert refused == ["GET segments"] * heard
    go(page, "Settings")


def test_a_token_that_runs_out_while_a_form_is_sent_saves_it_exactly_once(admin: Admin) -> None:
    page = admin.open()
    write_a_segment(page, "Regulars")
    refused = refusals(page)
    admin.tell("session-tokens", stale=1)
    panel(page).get_by_role("button", name="Save").click()
    expect(title_of(page)).to_have_text("Regulars")
    assert (len(refused), saved()) == (1, 1)


def test_when_no_token_is_to_be_had_nothing_typed_is_lost(admin: Admin) -> None:
    page = admin.open()
    write_a_segment(page, "Regulars")
    admin.tell("session-tokens", stale=2)
    panel(page).get_by_role("button", name="Save").click()
    expect(panel(page).get_by_role("alert")).to_contain_text("nothing was saved")
    assert saved() == 0
    expect(panel(page).get_by_label("Name")).to_have_value("Regulars")
    panel(page).get_by_role("button", name="Save").click()
    expect(title_of(page)).to_have_text("Regulars")
    assert saved() == 1


def test_the_frames_address_opened_in_a_tab_of_its_own_leads_into_the_admin(admin: Admin) -> None:
    inside = frame_of(admin.open("/segments", "Segments")).url
    page = admin.context.new_page()
    page.goto(inside.replace("embedded=1", "embedded=0"))
    assert page.url.startswith(admin.hand.removesuffix("/_sandbox") + "/store/demo/apps/")
    expect(title_of(page)).to_contain_text("Good")
