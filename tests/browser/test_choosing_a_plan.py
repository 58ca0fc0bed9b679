"""A merchant leaves the frame to choose a plan on Shopify's page, and comes back into it."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from playwright.sync_api import FrameLocator, Page, expect, sync_playwright

from app import create_app
from plugin.base import settings
from plugin.base.settings import Billing, Settings
from plugin.store import engine
from plugin.store.tables import metadata
from sandbox import server
from sandbox.billing import dashboard
from sandbox.settings import Settings as Sandbox
from tests.sandbox.conftest import LINES, write_csv
from tests.servers import free_port

from .loop import LoopThread
from .stage import beckon_settings, served
from .test_panel_in_the_admin import AS_CHROME, SWITCHES

pytestmark = pytest.mark.browser


@pytest.fixture
def admin(tmp_path: Path, own_settings: Settings) -> Iterator[Sandbox]:
    """The pretend admin of a store, in front of a Beckon that sells its plans."""
    ports = free_port(), free_port()
    url = f"http://localhost:{ports[0]}"
    mine = dataclasses.replace(
        beckon_settings(tmp_path),
        shopify_url=url + "/shops/{shop}",
        admin_url=f"http://127.0.0.1:{ports[0]}",
        app_bridge_url=f"{url}/app-bridge.js",
        client_secret="as-long-as-real-ones-are-32-bytes",
        billing=Billing(
            "app_pricing", "beckon", dashboard.ORGANIZATION, dashboard.TOKEN, partner_url=f"{url}/partners"
        ),
    )
    with ExitStack() as opened:
        loop = opened.enter_context(LoopThread())
        beckon = opened.enter_context(served(create_app(mine))).replace("127.0.0.1", "localhost")
        opened.callback(engine.close_store)
        metadata.create_all(engine.engine())
        settings.use(dataclasses.replace(mine, app_url=beckon))
        history = write_csv(tmp_path / "history.csv", LINES)
        sandbox = Sandbox(
            tmp_path / "sandbox", *ports, beckon, mine.client_id, mine.client_secret, history, browsers=False
        )
        sandbox.home.mkdir()
        stop = asyncio.Event()

        async def start() -> asyncio.Task[None]:
            return asyncio.create_task(server.run(sandbox, stop))

        async def end(task: asyncio.Task[None]) -> None:
            stop.set()
            await task

        running = loop.run(start())
        opened.callback(lambda: loop.run(end(running)))
        yield sandbox


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*SWITCHES, AS_CHROME])
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(15_000)
        opened = context.new_page()
        wrong: list[str] = []
        opened.on("pageerror", lambda error: wrong.append(str(error)))
        yield opened
        assert wrong == []
        browser.close()


def test_out_of_the_frame_to_choose_a_plan_and_back_into_it(admin: Sandbox, page: Page) -> None:
    panel = _settings(page, admin)
    expect(panel.get_by_text("0 of 1,000 pushes this month")).to_be_visible()

    panel.get_by_role("link", name="Choose a plan").click()
    expect(page).to_have_url(f"{admin.admin_url}/store/demo/charges/beckon/pricing_plans")  # at the top
    page.get_by_role("button", name="Choose Growth").click()

    expect(panel.get_by_text("You are on Growth.")).to_be_visible()
    expect(panel.get_by_text("0 of 75,000 pushes this month")).to_be_visible()
    page.reload()
    expect(panel.get_by_text("0 of 75,000 pushes this month")).to_be_visible()


def test_a_charge_of_the_older_api_is_approved_at_the_top_and_declined_there(admin: Sandbox, page: Page) -> None:
    billing = settings.current().billing
    assert billing is not None
    settings.use(dataclasses.replace(settings.current(), billing=dataclasses.replace(billing, way="billing_api")))
    panel = _settings(page, admin)
    requests.post(f"{admin.url}/_sandbox/billing", json={"pricing": "manual"}, timeout=10).raise_for_status()

    panel.get_by_role("button", name="Choose Starter").click()
    expect(page.get_by_role("heading", name="Approve subscription")).to_be_visible()
    page.get_by_role("button", name="Approve").click()
    expect(panel.get_by_text("You are on Starter.")).to_be_visible()
    expect(panel.get_by_text("Free trial until")).to_be_visible()

    panel.get_by_role("button", name="Choose Scale").click()
    page.get_by_role("button", name="Decline").click()
    page.get_by_role("link", name="Settings", exact=True).first.click()
    expect(panel.get_by_role("heading", name="Settings")).to_be_visible()
    panel.locator("main").evaluate("main => { main.dataset.before = '' }")
    panel.get_by_role("button", name="Ask Shopify again").click()
    expect(panel.locator("main[data-before]")).to_have_count(0)  # drawn anew
    expect(panel.get_by_text("Scale was not approved, so nothing has changed.")).to_be_visible()

    panel.get_by_role("button", name="Choose Free").click()
    panel.get_by_role("button", name="End my plan").click()
    expect(panel.get_by_text("Your plan Starter has ended.")).to_be_visible()


def _settings(page: Page, admin: Sandbox) -> FrameLocator:
    page.goto(f"{admin.admin_url}/store/demo/apps/beckon")
    panel = page.frame_locator("iframe")
    expect(panel.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("link", name="Settings", exact=True).first.click()
    expect(panel.get_by_role("heading", name="Plan", exact=True)).to_be_visible()
    return panel
