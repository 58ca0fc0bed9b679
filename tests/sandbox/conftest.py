"""A pretend store of a few lines, in memory but for its SQLite file."""

from __future__ import annotations

import csv
import json
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox import server
from sandbox.history.lines import COLUMNS
from sandbox.history.load import load_once
from sandbox.push.robots import PushService
from sandbox.settings import Settings
from sandbox.state import Json, open_state
from sandbox.world import World

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Starlette would like httpx2 better, which is not httpx's successor yet
    from starlette.testclient import TestClient

SECRET = "a secret of at least thirty-two bytes"
NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
"""A Sunday."""

APP_TOML = """
[access_scopes]
scopes = "read_products,read_orders,read_locations,read_customers,read_store_credit_accounts"
[webhooks]
api_version = "2026-10"
  [[webhooks.subscriptions]]
  topics = ["carts/create", "carts/update", "checkouts/create", "checkouts/update", "orders/create", "orders/paid",
    "orders/updated", "refunds/create", "products/update", "customers/update", "customer.tags_added", "app/uninstalled",
    "bulk_operations/finish", "inventory_levels/update", "variants/in_stock", "variants/out_of_stock",
    "fulfillments/create", "fulfillments/update", "orders/fulfilled", "checkouts/delete", "discounts/create",
    "discounts/update", "discounts/delete", "discounts/redeemcode_added", "discounts/redeemcode_removed",
    "segments/create", "segments/update", "segments/delete", "themes/publish", "customers/merge",
    "customers/purchasing_summary", "customers_email_marketing_consent/update", "customers_marketing_consent/update",
    "collections/create", "collections/update", "collections/delete"]
  uri = "/webhooks"
  [[webhooks.subscriptions]]
  compliance_topics = ["customers/redact", "customers/data_request", "shop/redact"]
  uri = "/webhooks"
"""

LINES = [
    # invoice, code, description, quantity, date, price, customer, country
    (
        "536365",
        "85123A",
        "WHITE HANGING HEART T-LIGHT HOLDER",
        6,
        "2011-11-30 08:26:00",
        "2.55",
        "17850.0",
        "United Kingdom",
    ),
    ("536365", "71053", "WHITE METAL LANTERN", 6, "2011-11-30 08:26:00", "3.39", "17850.0", "United Kingdom"),
    ("536365", "POST", "POSTAGE", 1, "2011-11-30 08:26:00", "18.00", "17850.0", "United Kingdom"),
    ("536366", "22423", "REGENCY CAKESTAND 3 TIER", 2, "2011-12-01 09:00:00", "12.75", "12583.0", "France"),
    ("536367", "22423", "REGENCY CAKESTAND 3 TIER", 1, "2011-12-09 12:50:00", "12.75", "", "EIRE"),
]

Row = tuple[str, str, str, int, str, str, str, str]


@pytest.fixture
def history(tmp_path: Path) -> Callable[..., Json]:
    """Loads lines as a store's history: `history(line, …, now=…)` gives the summary; the state is in `history.db`."""

    def load(*lines: Row, now: datetime = NOW, keep_dates: bool = True) -> Json:
        file = write_csv(tmp_path / "history.csv", lines)
        load.db = open_state(tmp_path / "state.sqlite3")  # type: ignore[attr-defined]
        return load_once(load.db, file, keep_dates=keep_dates, now=now)  # type: ignore[attr-defined]

    return load


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The store of LINES, with an app whose address answers nothing."""
    (tmp_path / "shopify.app.toml").write_text(APP_TOML)
    settings = Settings(
        home=tmp_path,
        app_url="http://127.0.0.1:9",
        api_secret=SECRET,
        history=write_csv(tmp_path / "history.csv", LINES),
        app_toml=tmp_path / "shopify.app.toml",
    )
    world = World(settings, open_state(settings.database))
    load_once(world.db, settings.history, keep_dates=False, now=NOW)
    yield world
    world.db.close()


@pytest.fixture
def browser(world: World) -> Iterator[TestClient]:
    """A browser on the store; redirects are not followed."""
    with TestClient(
        server.make_app(world, PushService(world)), base_url="http://localhost:8200", follow_redirects=False
    ) as it:
        yield it


def write_csv(file: Path, lines: object) -> Path:
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        writer.writerows(lines)  # type: ignore[arg-type]
    return file


def install(browser: TestClient) -> str:
    """Exchanges a session token; gives the access token."""
    token = browser.get("/store/demo/id_token").json()["id_token"]
    answer = browser.post("/shops/demo.myshopify.com/admin/oauth/access_token", json=exchange_of(token))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def exchange_of(id_token: str) -> Json:
    return {
        "client_id": "beckon-demo",
        "client_secret": SECRET,
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": id_token,
        "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
        "requested_token_type": "urn:shopify:params:oauth:token-type:offline-access-token",
        "expiring": 1,
    }


def told(world: World, *topics: str) -> list[Json]:
    """Bodies of the webhooks in the outbox, of these topics."""
    rows = world.db.execute("SELECT topic, body FROM outbox ORDER BY id").fetchall()
    return [json.loads(row["body"]) for row in rows if not topics or row["topic"] in topics]
