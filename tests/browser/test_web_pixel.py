"""The web pixel as it is built, in a real Chromium's worker with only what Shopify's strict sandbox promises, on the
store that `make demo` shows: from the shopper's choice about privacy to the rows of a profile."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright
from sqlalchemy import select

from plugin.base import settings
from plugin.base.settings import Settings
from plugin.ingest import pixels
from plugin.store.engine import snapshot
from plugin.store.tables import shops, views, visitors, visits

from . import needs
from .sandbox_store import sandbox_admin
from .waiting import until

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    subprocess.run(["npm", "run", "--silent", "pixel"], cwd=ROOT, check=True)


@pytest.fixture
def store(tmp_path: Path, own_settings: Settings) -> Iterator[str]:
    """The storefront's address. Its merchant has just opened Beckon in the admin, once."""
    with sandbox_admin(tmp_path) as admin:
        url = settings.current().shopify_url.partition("/shops")[0]
        token = requests.get(f"{admin.partition('/apps')[0]}/id_token", timeout=10).json()["id_token"]
        opening = {"embedded": "1", "shop": "demo.myshopify.com", "host": "YWRtaW4", "id_token": token}
        assert requests.get(f"{settings.current().app_url}/", params=opening, timeout=60).ok
        yield url


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=needs.CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Told(list[dict[str, Any]]):
    """What left the browser for the pixel's address, and what the storefront script told of what was looked at."""

    def __init__(self, context: BrowserContext) -> None:
        self.by_script: list[dict[str, Any]] = []
        context.on("request", self._note)

    def _note(self, request: Request) -> None:
        path = urlsplit(request.url).path
        if path.startswith("/pixel/"):
            self.append(json.loads(request.post_data or "{}"))
        if path.endswith("/track"):
            self.by_script += json.loads(request.post_data or "{}").get("views", [])


@pytest.fixture
def context(chrome: Browser) -> Iterator[BrowserContext]:
    opened = chrome.new_context(viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(15_000)
    yield opened
    opened.close()


@pytest.fixture
def told(context: BrowserContext) -> Told:
    return Told(context)


@pytest.fixture
def ann(context: BrowserContext) -> Iterator[Page]:
    """Ann's tab; whatever the pixel complains about fails the test."""
    page, complaints = context.new_page(), []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(f"web pixel or page: {error}"))
    yield page
    assert [said for said in complaints if "web pixel" in said] == []


def test_installing_switched_it_on(store: str) -> None:
    with snapshot() as tx:
        pixel = pixels.of(tx, tx.execute(select(shops.c.id)).scalar_one())
    assert pixel is not None
    assert pixel.is_on
    assert pixel.error is None


def test_who_said_no_is_told_of_to_nobody_and_who_says_yes_later_is_from_then_on(
    store: str, ann: Page, told: Told
) -> None:
    lamp, vase = products(store)[:2]
    choose(ann, store, analytics=False)
    look_at(ann, store, lamp)
    ann.get_by_role("button", name="Add to cart").click()
    expect(ann.get_by_text("It is in your cart.")).to_be_visible()
    ann.goto(f"{store}/search?q=heart")
    ann.wait_for_timeout(1_000)
    assert ann.workers == []
    assert (told, told.by_script, kept()) == ([], [], [])
    assert everybody() == []

    look_at(ann, store, vase)
    ann.evaluate("Shopify.customerPrivacy.setTrackingConsent({analytics: true})")
    until(lambda: kept() == [("product_viewed", vase["id"])], saying="the page that she is on")
    ann.wait_for_timeout(500)
    assert kept() == [("product_viewed", vase["id"])]  # the script and the pixel told of one look

    look_at(ann, store, lamp)
    until(lambda: kept()[1:] == [("product_viewed", lamp["id"])], saying="the next product")

    ann.evaluate("Shopify.customerPrivacy.setTrackingConsent({analytics: false})")
    before = len(told)
    ann.get_by_role("button", name="Add to cart").click()
    ann.wait_for_timeout(1_000)
    assert len(told) == before


def test_a_visit_from_the_first_page_to_the_order_is_in_one_profile_without_a_name(
    store: str, ann: Page, told: Told
) -> None:
    lamp, vase = products(store)[:2]
    look_at(ann, store, lamp)  # the script makes itself known
    until(lambda: len(kept()) == 1, saying="the first look")
    look_at(ann, store, vase)
    until(lambda: len(kept()) == 2, saying="the second look")
    until(lambda: ann.evaluate("localStorage.getItem('beckon:pixel')"), saying="the pixel's word that it works")
    by_script = len(told.by_script)

    ann.goto(f"{store}/collections/all")
    until(lambda: kept()[-1][0] == "collection_viewed")
    ann.goto(f"{store}/search?q=heart")
    until(lambda: kept()[-1][0] == "searched")
    ann.goto(f"{store}/search?q=ann@example.com")
    until(lambda: [kind for kind, _ in kept()].count("searched") == 2)
    look_at(ann, store, lamp)
    until(lambda: [kind for kind, _ in kept()].count("product_viewed") in {2, 3})
    ann.get_by_role("button", name="Add to cart").click()
    until(lambda: kept()[-1] == ("added_to_cart", lamp["id"]))
    ann.goto(f"{store}/cart")
    until(lambda: kept()[-1][0] == "cart_viewed")
    ann.get_by_role("button", name="Remove").click()
    until(lambda: kept()[-1] == ("removed_from_cart", lamp["id"]))
    look_at(ann, store, vase)
    ann.get_by_role("button", name="Add to cart").click()
    until(lambda: kept()[-1] == ("added_to_cart", vase["id"]))
    ann.goto(f"{store}/checkout")
    until(lambda: kept()[-1][0] == "checkout_started")
    ann.get_by_label("E-mail").fill("ann@example.com")
    ann.locator("main form button").last.click()
    until(lambda: kept()[-1][0] == "checkout_completed")
    ann.wait_for_timeout(200)

    assert len(everybody()) == 1
    assert len(told.by_script) == by_script, "where the pixel works, the script is silent"
    sent = json.dumps(told)
    assert "ann@example.com" not in sent
    about = {"product", "collection", "words", "page", "checkout"}
    assert set().union(*told) <= {"id", "name", "at", "visitor", "consent"} | about
    [token] = [event["checkout"] for event in told if event["name"] == "checkout_started"]
    assert {event["name"] for event in told} == {*_NINE}
    with snapshot() as tx:
        [visit] = tx.execute(select(visits)).all()
        pages = tx.execute(select(views.c.path).where(views.c.kind == "page_viewed")).scalars().all()
        tokens = tx.execute(select(views.c.checkout_token).where(views.c.checkout_token.is_not(None))).scalars().all()
    assert tokens == [token], "by it Shopify's own word of the checkout is known for the same"
    assert (visit.landing, visit.device, visit.platform, visit.browser) == (
        f"/products/{lamp['handle']}",
        "desktop",
        "Linux",
        "Chrome",
    )
    assert visit.pages == len(pages)
    assert {"/collections/all", "/search", "/cart", "/checkouts", "/orders"} <= set(pages)


def test_the_sandbox_is_as_strict_as_shopifys(store: str, ann: Page) -> None:
    look_at(ann, store, products(store)[0])
    until(lambda: ann.workers, saying="the worker")
    worker = ann.workers[0]
    refused = worker.evaluate("() => self.fetch('/apps/beckon/config.json').then(() => 'let through', (e) => e.name)")
    assert refused == "RestrictedUrlError"
    for name in ("XMLHttpRequest", "indexedDB", "caches", "crypto", "importScripts", "WebSocket", "navigator", "URL"):
        assert worker.evaluate(f"() => typeof self.{name}") == "undefined", name
    for name in ("fetch", "Headers", "Request", "Response", "setTimeout", "console"):
        assert worker.evaluate(f"() => typeof self.{name}") != "undefined", name


_NINE = (
    *("page_viewed", "product_viewed", "collection_viewed", "search_submitted", "cart_viewed"),
    *("product_added_to_cart", "product_removed_from_cart", "checkout_started", "checkout_completed"),
)


def products(store: str) -> list[dict[str, Any]]:
    found = requests.get(f"{store}/_sandbox/products", timeout=10).json()["products"]
    return [{"handle": one["handle"], "id": int(one["id"])} for one in found]


def choose(page: Page, store: str, **choice: bool) -> None:
    page.context.add_cookies([{"name": "privacy", "value": json.dumps(choice).replace(" ", ""), "url": store}])


def look_at(page: Page, store: str, product: dict[str, Any]) -> None:
    page.goto(f"{store}/products/{product['handle']}")
    expect(page.locator("beckon-bell button.bell")).to_be_visible()


def kept() -> list[tuple[str, int | None]]:
    with snapshot() as tx:
        looks = select(views.c.kind, views.c.product_id).where(views.c.kind != "page_viewed")
        rows = tx.execute(looks.order_by(views.c.id))
        return [(row.kind, row.product_id) for row in rows]


def everybody() -> list[str]:
    with snapshot() as tx:
        return list(tx.execute(select(visitors.c.token)).scalars())
