"""A campaign that is being sent is watched: numbers, pace and push services move, and nothing else on the page does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app import create_app
from plugin.admin import auth
from plugin.base import clock
from plugin.campaign import lifecycle
from plugin.delivery import counts
from plugin.store import engine
from plugin.store.engine import transaction
from plugin.store.tables import deliveries, metadata
from tests.factories import make_campaign, make_delivery, make_person, make_shop, make_subscription

from .stage import beckon_settings, served
from .test_panel_in_the_admin import chrome  # noqa: F401  a fixture

pytestmark = pytest.mark.browser
DOMAIN = "vanta.myshopify.com"


@pytest.fixture
def sale(tmp_path: Path) -> Iterator[tuple[str, int, int]]:
    """Beckon's address, a shop, and its campaign to ten, of whom two have it."""
    with served(create_app(beckon_settings(tmp_path))) as address:
        metadata.create_all(engine.engine())
        now = clock.now()
        with transaction() as tx:
            shop = make_shop(tx, DOMAIN)
            begun = now - timedelta(minutes=5)
            campaign = make_campaign(tx, shop, state="sending", started_at=begun, audience=10, query="")
            for state in ["sent"] * 2 + ["queued"] * 6 + ["rejected"] * 2:
                to = make_subscription(tx, shop, of=make_person(tx, shop))
                why = "The push service refused our request. It answered 403." if state == "rejected" else None
                make_delivery(tx, shop, to=to, campaign_id=campaign, state=state, reason=why)
            counts.note(tx, [counts.What(shop, campaign, "fcm.googleapis.com", "sent")] * 120, now - counts.SPAN)
        yield address, shop, campaign
        engine.close_store()


def watch(chrome: Browser, address: str, campaign: int, width: int = 1280) -> Page:  # noqa: F811
    page = chrome.new_context(viewport={"width": width, "height": 900}).new_page()
    page.goto(address + re.sub(r"^https?://[^/]+", "", auth.login_link(DOMAIN)))
    page.goto(f"{address}/campaigns/{campaign}")
    return page


def test_numbers_move_by_themselves_until_it_is_another_page(chrome: Browser, sale: tuple[str, int, int]) -> None:  # noqa: F811
    address, shop, campaign = sale
    page = watch(chrome, address, campaign)
    expect(page.get_by_text("4 of 10")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("a second over the last minute · about")
    page.evaluate("document.body.dataset.same = 'yes'")
    page.get_by_role("button", name="Sent, not seen yet").focus()

    with transaction() as tx:
        tx.execute(deliveries.update().where(deliveries.c.state == "queued").values(state="gone"))
        counts.note(tx, [counts.What(shop, campaign, "web.push.apple.com", "gone")] * 6, clock.now())

    expect(page.get_by_text("10 of 10")).to_be_visible()
    expect(page.get_by_role("progressbar", name="People with an outcome")).to_have_attribute("value", "10")
    expect(page.get_by_role("cell", name="web.push.apple.com")).to_be_visible()
    expect(page.get_by_role("button", name="Sent, not seen yet")).to_be_focused()
    assert page.evaluate("document.body.dataset.same") == "yes"  # the page itself stayed

    with transaction() as tx:
        lifecycle.pause(tx, shop, campaign, clock.now())
    expect(page.get_by_role("button", name="Go on")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_hangs_over_the_edge(chrome: Browser, sale: tuple[str, int, int], width: int) -> None:  # noqa: F811
    page = watch(chrome, sale[0], sale[2], width)
    expect(page.get_by_role("cell", name="fcm.googleapis.com")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1280, 390])
def test_what_is_asked_once_more_is_switched_off_with_a_click(
    chrome: Browser,  # noqa: F811
    sale: tuple[str, int, int],
    width: int,
) -> None:
    address, shop, _ = sale
    with transaction() as tx:
        draft = make_campaign(tx, shop)
    page = watch(chrome, address, draft, width)

    page.get_by_role("checkbox", name="Not while the product that it opens is sold out").uncheck()

    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("checkbox", name="Not while the product that it opens is sold out")).not_to_be_checked()
    expect(page.get_by_role("checkbox", name="Not to people who have left the segment since")).to_be_checked()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
