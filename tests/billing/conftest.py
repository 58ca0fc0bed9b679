"""A hosted Beckon beside the sandbox: the pretend Shopify sells its plans, over real HTTP, on both databases."""

from __future__ import annotations

import asyncio
import dataclasses
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from plugin.admin.routes import blueprint as admin
from plugin.base import settings
from plugin.base.settings import Billing
from plugin.billing import standing
from plugin.billing.standing import Standing
from plugin.ingest import shops
from plugin.store.engine import snapshot
from sandbox import server
from sandbox.billing.dashboard import ORGANIZATION, TOKEN
from sandbox.settings import Settings as Sandbox
from tests.browser.loop import LoopThread
from tests.browser.waiting import until
from tests.sandbox.conftest import LINES, write_csv
from tests.servers import free_port
from webhooks.routes import blueprint as webhooks

SECRET = "as-long-as-real-ones-are-32-bytes"
PANEL = "/store/demo/apps/beckon"


@dataclass
class Merchant:
    """Ann, who keeps the shop: in its admin, and in the panel inside it."""

    sandbox: Sandbox
    panel: FlaskClient
    shop_id: int = 0

    def hand(self, **what: Any) -> dict[str, Any]:
        """Moves the pretend world."""
        answer = requests.post(f"{self.sandbox.url}/_sandbox/billing", json=what, timeout=10)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    def installs(self) -> None:
        """Opens the app from the admin."""
        requests.get(self.sandbox.admin_url + PANEL, timeout=10).raise_for_status()
        assert self.opens("/").status_code == 200
        with snapshot() as tx:
            found = shops.find(tx, "demo.myshopify.com")
        assert found is not None
        self.shop_id = found.id

    def uninstalls(self) -> None:
        requests.post(f"{self.sandbox.url}/_sandbox/uninstall", timeout=10).raise_for_status()
        until(lambda: self._shop().uninstalled_at is not None, saying="app/uninstalled")

    def opens(self, path: str) -> TestResponse:
        return self.panel.get(path, headers=self._headers("text/html"))

    def sees(self, path: str) -> str:
        """The text of a page, without its tags."""
        answer = self.opens(path)
        assert answer.status_code == 200, answer.get_data(as_text=True)[:1500]
        return words(answer)

    def sends(self, path: str, *, accept: str = "text/html", **fields: str) -> TestResponse:
        return self.panel.post(path, data=fields, headers=self._headers(accept))

    def chooses(self, handle: str, *, end: bool = False) -> str:
        """On Shopify's page; gives what the panel says when it brings her back."""
        page = f"{self.sandbox.admin_url}/store/demo/charges/beckon/pricing_plans"
        what = {"end": "1"} if end else {"plan": handle}
        answer = requests.post(page, data=what, timeout=10, allow_redirects=False)
        assert answer.status_code == 303, answer.text
        return self.comes_back(answer.headers["Location"])

    def wants(self, handle: str) -> str:
        """Chooses on our own page; gives the address that is opened at the top."""
        answer = self.sends("/settings/plan/choose", accept="application/json", plan=handle)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return str(answer.get_json()["open"])

    def answers(self, address: str, what: str) -> str:
        """On the page where a charge is approved or declined."""
        answer = requests.post(address, data={"answer": what}, timeout=10, allow_redirects=False)
        assert answer.status_code == 303, answer.text
        return self.comes_back(answer.headers["Location"])

    def comes_back(self, location: str) -> str:
        """The admin opens the app at the page that the address names, with its query."""
        where = urlsplit(location)
        assert where.path.startswith(("/store/demo/apps/beckon", "/store/demo/apps/client-id")), location
        inside = "/" + "/".join(where.path.split("/")[5:])
        return self.sees(inside + (f"?{where.query}" if where.query else ""))

    def stands(self) -> Standing:
        with snapshot() as tx:
            return standing.of(tx, self._shop())

    def _shop(self) -> shops.Shop:
        with snapshot() as tx:
            return shops.by_id(tx, self.shop_id)

    def _headers(self, accept: str) -> dict[str, str]:
        token = requests.get(f"{self.sandbox.admin_url}/store/demo/id_token", timeout=10).json()["id_token"]
        return {"Authorization": f"Bearer {token}", "Accept": accept}


def words(answer: TestResponse) -> str:
    """What a page says, tags and repeated white space left out."""
    import html
    import re

    text = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.get_data(as_text=True), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The pretend Shopify of a tiny store, for all tests of a file."""
    home = tmp_path_factory.mktemp("sandbox")
    mine = Sandbox(
        home,
        free_port(),
        free_port(),
        app_url=f"http://127.0.0.1:{free_port()}",
        api_key="client-id",
        api_secret=SECRET,
        history=write_csv(home / "history.csv", LINES),
        browsers=False,
    )
    with LoopThread() as loop:
        stop = asyncio.Event()

        async def start() -> asyncio.Task[None]:
            return asyncio.create_task(server.run(mine, stop))

        async def end(task: asyncio.Task[None]) -> None:
            stop.set()
            await task

        running = loop.run(start())
        until(lambda: _answers(mine), seconds=30, saying="the sandbox")
        yield mine
        loop.run(end(running))


@pytest.fixture
def world(sandbox: Sandbox) -> Sandbox:
    """As on the first day."""
    with sqlite3.connect(sandbox.database, timeout=30) as db:
        for table in ("charges", "tokens", "outbox"):
            db.execute(f"DELETE FROM {table}")
        db.execute("DELETE FROM facts WHERE name IN ('billing_rules', 'installed')")
    db.close()
    return sandbox


@pytest.fixture
def hosted(store: str, world: Sandbox, tmp_path: Path) -> Iterator[FlaskClient]:
    """Beckon that sells its plans through Shopify App Pricing."""
    mine = dataclasses.replace(
        settings.current(),
        app_url=world.app_url,
        client_secret=SECRET,
        shopify_url=world.url + "/shops/{shop}",
        admin_url=world.admin_url,
        billing=Billing(
            "app_pricing",
            "beckon",
            organization=ORGANIZATION,
            partner_token=TOKEN,
            partner_url=f"{world.url}/partners",
        ),
    )
    settings.use(mine)
    app = Flask("tests", static_folder=str(Path(__file__).parents[2] / "static"), template_folder=None)
    for blueprint in (webhooks, admin):
        app.register_blueprint(blueprint)
    front = make_server("127.0.0.1", urlsplit(world.app_url).port or 0, app, threaded=True)
    front.daemon_threads = False  # closing waits for webhooks under way: the store is closed after it
    thread = threading.Thread(target=front.serve_forever, daemon=True)
    thread.start()
    yield app.test_client()
    front.shutdown()
    thread.join(10)
    front.server_close()


@pytest.fixture
def ann(hosted: FlaskClient, world: Sandbox) -> Merchant:
    """Has installed Beckon from the hosted offer; Shopify App Pricing sells it."""
    merchant = Merchant(world, hosted)
    merchant.installs()
    return merchant


@pytest.fixture
def bea(ann: Merchant) -> Merchant:
    """Has installed a Beckon that charges through the older Billing API."""
    billing = settings.current().billing
    assert billing is not None
    ann.hand(pricing="manual")
    settings.use(dataclasses.replace(settings.current(), billing=dataclasses.replace(billing, way="billing_api")))
    return ann


def _answers(sandbox: Sandbox) -> bool:
    try:
        return requests.get(f"{sandbox.url}/_sandbox", timeout=5).ok
    except requests.ConnectionError:
        return False
