"""An automation's page in a real browser: one that paused itself is read and let go on, on a laptop and on a phone."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app import create_app
from plugin.admin import auth
from plugin.automation import lifecycle
from plugin.base import clock
from plugin.segment import saved
from plugin.store import engine
from plugin.store.engine import transaction
from plugin.store.tables import automations, metadata
from tests.factories import make_shop

from .stage import beckon_settings, served
from .test_panel_in_the_admin import chrome  # noqa: F401  a fixture

pytestmark = pytest.mark.browser
DOMAIN = "vanta.myshopify.com"
WHY = "fcm.googleapis.com refused 3 messages in a row and took none, so the rest waits."


@pytest.mark.parametrize("width", [1280, 390])
def test_one_that_paused_itself_goes_on_with_a_click(chrome: Browser, tmp_path: Path, width: int) -> None:  # noqa: F811
    with served(create_app(beckon_settings(tmp_path))) as address:
        metadata.create_all(engine.engine())
        now = clock.now()
        words = {"title": "Welcome", "body": "", "delay": timedelta(0), "enabled": True}
        with transaction() as tx:
            shop = make_shop(tx, DOMAIN)
            vips = saved.create(tx, shop, "VIPs", "", now)
            lifecycle.configure(tx, shop, "entered_segment", segment_id=vips, now=now, **words)
            tx.execute(automations.update().values(paused_at=now, reason=WHY))
        page = chrome.new_context(viewport={"width": width, "height": 900}).new_page()
        page.goto(address + re.sub(r"^https?://[^/]+", "", auth.login_link(DOMAIN)))
        page.goto(f"{address}/automations/entered_segment/{vips}")

        expect(page.get_by_text(WHY)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        last = page.get_by_role("radio", name="The browser they used last").bounding_box()
        assert last is not None
        assert last["width"] <= 20  # a choice among others, and no field
        page.get_by_role("button", name="Go on").click()

        expect(page.get_by_text(WHY)).to_have_count(0)
        engine.close_store()
