"""Ann comes by a link, reads, marks a product, answers a question, shares where she is; and is a member."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlalchemy import select

from plugin.base import clock
from plugin.base.settings import Settings
from plugin.segment.compile import compile_segment
from plugin.segment.sql import members
from plugin.store.engine import snapshot
from plugin.store.tables import person_located, views

from . import needs
from .sandbox_store import sandbox_store
from .stage import Stage
from .waiting import until

pytestmark = pytest.mark.browser


@pytest.fixture
def world(tmp_path: Path, own_settings: Settings) -> Iterator[Stage]:
    with sandbox_store(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=needs.CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(chrome: Browser, world: Stage) -> Iterator[BrowserContext]:
    place = {"latitude": 51.507351, "longitude": -0.127758}
    opened = chrome.new_context(geolocation=place, permissions=["geolocation"], locale="de-DE")
    opened.set_default_timeout(15_000)
    yield opened
    opened.close()


@pytest.fixture
def ann(context: BrowserContext) -> Page:
    return context.new_page()


def choose(ann: Page, world: Stage, choice: str) -> None:
    ann.context.add_cookies([{"name": "privacy", "value": choice, "url": world.shop}])


def test_from_a_link_to_a_segment(world: Stage, ann: Page) -> None:
    seen = requests.get(f"{world.shop}/_sandbox/products", timeout=10).json()["products"][0]
    choose(ann, world, '{"analytics":true,"preferences":true}')
    ann.goto(f"{world.shop}/blogs/care/washing-by-hand?utm_source=Newsletter&utm_campaign=November")
    until(lambda: "article_read" in kinds(), saying="the article")
    ann.goto(world.product(seen["handle"]))
    ann.get_by_role("button", name="Add to favourites").click()
    expect(ann.get_by_role("button", name="One of your favourites")).to_be_visible()
    ann.goto(f"{world.shop}/pages/about-you")
    ann.get_by_label("What do you come for?").select_option("Garden")
    ann.get_by_role("button", name="Save").click()
    expect(ann.get_by_text("Saved.")).to_be_visible()
    ann.get_by_role("button", name="Use my location").click()
    expect(ann.get_by_text("we know roughly where you are")).to_be_visible()

    query = (
        f"favourited MATCHES (id = {seen['id']}) AND answered MATCHES (question = 'interest', answer = 'garden') "
        "AND article_read MATCHES (blog = 'care', title = 'Washing by hand', tag = 'wool') "
        "AND site_visited MATCHES (utm_source = 'newsletter', pages >= 3) "
        "AND device CONTAINS 'desktop' AND language CONTAINS 'de' AND product_viewed MATCHES (date >= -3h) "
        "AND customer_within_distance MATCHES (coordinates = '51.5,-0.12', distance_km = 2)"
    )
    until(lambda: len(who(world, query)) == 1, saying="Ann in the segment")
    with snapshot() as tx:
        place = tx.execute(select(person_located.c.latitude, person_located.c.longitude)).one()
    assert tuple(place) == (51.51, -0.13)

    ann.goto(world.product(seen["handle"]))
    ann.get_by_role("button", name="Add to favourites").click()
    ann.get_by_role("button", name="One of your favourites").click()
    until(lambda: not who(world, query), saying="Ann out of it")


def test_who_allows_nothing_declares_nothing(world: Stage, ann: Page) -> None:
    choose(ann, world, '{"analytics":false,"preferences":false}')
    ann.goto(f"{world.shop}/pages/about-you")
    ann.get_by_label("What do you come for?").select_option("Gifts")
    ann.get_by_role("button", name="Save").click()
    expect(ann.get_by_text("Allow us to remember choices first.")).to_be_visible()
    assert kinds() == []
    assert who(world, "") == []


def kinds() -> list[str]:
    with snapshot() as tx:
        return list(tx.execute(select(views.c.kind)).scalars())


def who(world: Stage, query: str) -> list[int]:
    checked = compile_segment(query, now=clock.now(), timezone="Europe/London")
    with snapshot() as tx:
        return list(tx.execute(members(checked, world.shop_id)).scalars())
