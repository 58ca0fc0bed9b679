"""What reaches the app: webhooks signed, twice and late; the app proxy's requests; the pretend admin's documents."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import html
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest

from sandbox import signing
from sandbox.webhooks import deliver
from tests.sandbox.conftest import SECRET, install
from tests.sandbox.test_storefront import LANTERN, put


class App(ThreadingHTTPServer):
    """A small app that writes down what it is sent and answers what it is told to."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answers)
        self.heard, self.answers, self.headers = [], [], {}

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answers(BaseHTTPRequestHandler):
    def _answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.heard.append((self.command, self.path, dict(self.headers), body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST = _answer  # noqa: N815

    def log_message(self, *_):
        pass


@pytest.fixture
def app(world):
    server = App()
    object.__setattr__(world.settings, "app_url", server.url)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def deliver_all(world, seconds=5.0):
    async def until_empty():
        stop = asyncio.Event()
        running = asyncio.create_task(deliver.deliver_for_ever(world, stop))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while world.db.execute("SELECT 1 FROM outbox WHERE state IN ('waiting', 'under way')").fetchone():
                    await asyncio.sleep(0.02)
        stop.set()
        await running

    asyncio.run(until_empty())


def test_a_webhook_is_signed_and_has_shopify_s_headers(browser, world, app):
    install(browser)
    put(browser, LANTERN)

    deliver_all(world)

    _, path, headers, body = app.heard[0]
    assert path == "/webhooks"
    assert headers["X-Shopify-Topic"] == "carts/create"
    assert headers["X-Shopify-Shop-Domain"] == "demo.myshopify.com"
    assert (
        headers["X-Shopify-Api-Version" if "X-Shopify-Api-Version" in headers else "X-Shopify-API-Version"] == "2026-10"
    )
    assert {"X-Shopify-Webhook-Id", "X-Shopify-Triggered-At", "X-Shopify-Event-Id"} <= set(headers)
    expected = hmac.new(SECRET.encode(), body, hashlib.sha256).digest()
    assert base64.b64decode(headers["X-Shopify-Hmac-Sha256"]) == expected


def test_a_webhook_that_is_not_taken_comes_again_with_the_same_id(browser, world, app):
    install(browser)
    app.answers = [500]
    put(browser, LANTERN)

    deliver_all(world)

    ids = [headers["X-Shopify-Webhook-Id"] for _, _, headers, _ in app.heard]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert app.heard[0][3] == app.heard[1][3]


def test_some_come_twice_and_some_are_overtaken(browser, world, app):
    install(browser)
    browser.post("/_sandbox/webhooks", json={"repeat_every": 2, "late_every": 3, "late_by": 0.4})
    for quantity in range(1, 7):
        put(browser, LANTERN, quantity)

    deliver_all(world)

    told = browser.get("/_sandbox/webhooks").json()
    assert (told["distinct"], told["copies"], told["late"]) == (6, 9, 2)
    order = [headers["X-Shopify-Webhook-Id"] for _, _, headers, _ in app.heard]
    written = [row["webhook_id"] for row in world.db.execute("SELECT DISTINCT webhook_id FROM outbox ORDER BY id")]
    assert order.index(written[2]) > order.index(written[3])


def test_the_app_proxy_signs_names_the_customer_and_strips_cookies(browser, app):
    app.headers = {
        "Set-Cookie": "a=b",
        "Service-Worker-Allowed": "/",
        "X-Kept": "yes",
        "Content-Type": "application/json",
    }
    browser.post("/account/login", data={"customer_id": "17850"})

    answer = browser.post("/apps/beckon/track?x=1&x=2", json={"visitor": "v"})

    _, path, headers, body = app.heard[0]
    asked = parse_qsl(urlsplit(path).query, keep_blank_values=True)
    named = dict(asked)
    assert urlsplit(path).path == "/proxy/track"
    assert named["logged_in_customer_id"] == "17850"
    assert (named["shop"], named["path_prefix"]) == ("demo.myshopify.com", "/apps/beckon")
    unsigned = [pair for pair in asked if pair[0] != "signature"]
    assert named["signature"] == signing.proxy(unsigned, SECRET)
    assert "Cookie" not in headers
    assert body == b'{"visitor":"v"}'
    assert answer.headers["x-kept"] == "yes"
    assert "set-cookie" not in answer.headers
    assert "service-worker-allowed" not in answer.headers


def test_a_visitor_has_an_empty_customer_id(browser, app):
    browser.get("/apps/beckon/config.json")

    assert "logged_in_customer_id=&" in app.heard[0][1]


def test_without_the_app_the_proxy_says_so(browser):
    assert browser.get("/apps/beckon/config.json").status_code == 502


def test_the_pretend_admin_opens_the_app_as_shopify_does(browser, world):
    frame = browser.get("/store/demo/apps/beckon/campaigns/3?tab=words")

    source = html.unescape(re.search(r'<iframe[^>]* src="([^"]+)"', frame.text)[1])
    asked = dict(parse_qsl(urlsplit(source).query))
    assert urlsplit(source).path == "/campaigns/3"
    assert (asked["embedded"], asked["shop"], asked["tab"]) == ("1", "demo.myshopify.com", "words")
    assert base64.b64decode(asked["host"] + "==") == b"127.0.0.1:8200/store/demo"
    assert signing.reads_id_token(asked["id_token"], "beckon-demo", SECRET)
    signed = [(name, asked[name]) for name in ("embedded", "host", "id_token", "locale", "shop", "timestamp")]
    assert asked["hmac"] == signing.document(signed, SECRET)


def test_app_bridge_is_served_to_the_app(browser):
    script = browser.get("/app-bridge.js")

    assert script.headers["content-type"].startswith("text/javascript")
    assert "X-Shopify-Retry-Invalid-Session-Request" in script.text


def test_two_customers_become_one_and_change_their_minds(browser, world, app):
    install(browser)
    kept, lost = (customer["id"] for customer in browser.get("/_sandbox/customers?limit=2").json()["customers"])
    whole = sum(
        world.db.execute("SELECT count(*) FROM orders WHERE customer_id = ?", (number,)).fetchone()[0]
        for number in (kept, lost)
    )

    assert browser.post(f"/_sandbox/customers/{lost}/merge", json={"into": kept}).status_code == 200
    assert browser.post(f"/_sandbox/customers/{lost}/merge", json={"into": kept}).status_code == 404
    for channel in ("email", "sms"):
        asked = {"channel": channel, "state": "subscribed"}
        assert browser.post(f"/_sandbox/customers/{kept}/consent", json=asked).status_code == 200
    assert browser.post(f"/_sandbox/customers/{kept}/consent", json={"channel": "fax"}).status_code == 422

    deliver_all(world)
    told = {headers["X-Shopify-Topic"]: json.loads(body) for _, _, headers, body in app.heard}
    merged = told["customers/merge"]
    assert merged["admin_graphql_api_customer_kept_id"] == f"gid://shopify/Customer/{kept}"
    assert (merged["admin_graphql_api_customer_deleted_id"], merged["status"]) == (
        f"gid://shopify/Customer/{lost}",
        "completed",
    )
    assert told["customers/purchasing_summary"]["numberOfOrders"] == whole
    assert told["customers_email_marketing_consent/update"]["email_marketing_consent"]["state"] == "subscribed"
    assert told["customers_marketing_consent/update"]["id"] == kept
