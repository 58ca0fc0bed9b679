"""The embedded door: session tokens on documents and fetches, the bounce page, who may frame a page."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from plugin.base import settings
from plugin.store.engine import transaction
from tests.admin.conftest import SHOP, session_token
from tests.factories import make_shop

Headers = Callable[..., dict[str, str]]
DOCUMENT = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
FIRST_LOAD = {"embedded": "1", "shop": SHOP, "host": "YWRtaW4uc2hvcGlmeS5jb20vc3RvcmUvdmFudGE", "locale": "en"}


def test_a_document_with_its_token_is_a_page_inside_the_admin(
    client: FlaskClient, shop: int, at_noon: datetime
) -> None:
    answer = client.get("/", query_string=FIRST_LOAD | {"id_token": session_token(at_noon)}, headers=DOCUMENT)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    head = page[page.index("<head>") :]
    assert head.index("app-bridge.js") < head.index("panel.js"), "App Bridge must be the first script"
    assert '<meta name="shopify-api-key" content="client-id">' in head
    assert "<s-app-nav" in page
    assert 'class="nav"' not in page
    policy = answer.headers["Content-Security-Policy"]
    assert policy.endswith(f"frame-ancestors https://{SHOP} https://admin.shopify.com")


def test_a_fetch_with_a_bearer_token_is_answered(client: FlaskClient, shop: int, bearer: Headers) -> None:
    assert client.get("/segments", headers=bearer()).status_code == 200
    assert client.post("/campaigns", headers=bearer()).status_code == 303


def test_a_saved_segment_says_which_member_of_the_staff_did_it(client: FlaskClient, shop: int, bearer: Headers) -> None:
    ann, bob = bearer(sub="42"), bearer(sub="43")
    here = client.post(
        "/segments", data={"name": "VIPs", "query": "customer_tags CONTAINS 'vip'"}, headers=ann
    ).location
    client.post(here, data={"name": "Dear ones", "query": "number_of_orders > 2"}, headers=bob)
    client.post(f"{here}/versions/1", headers=bob)

    page = client.get(f"{here}/versions", headers=ann).get_data(as_text=True)

    assert re.findall(r"staff member \d+(?: \(you\))?", page) == [
        "staff member 43",
        "staff member 43",
        "staff member 42 (you)",
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"exp": 1},
        {"nbf": 4_102_444_800, "exp": 4_102_444_860},
        {"iat": 4_102_444_800, "exp": 4_102_444_860},
        {"aud": "another-app"},
        {"iss": "https://evil.myshopify.com/admin"},
        {"dest": "https://vanta.example.com", "iss": "https://vanta.example.com/admin"},
        {"secret": "guessed-" * 5},
    ],
    ids=[
        "expired",
        "not yet valid",
        "issued in the future",
        "for another app",
        "two shops",
        "no shop",
        "wrong signature",
    ],
)
def test_a_token_that_does_not_hold_is_refused(
    client: FlaskClient, shop: int, bearer: Headers, at_noon: datetime, wrong: dict[str, Any]
) -> None:
    fetched = client.get("/segments", headers=bearer(**wrong))
    assert fetched.status_code == 401
    assert fetched.headers["X-Shopify-Retry-Invalid-Session-Request"] == "1"

    query = FIRST_LOAD | {"id_token": session_token(at_noon, **wrong)}
    opened = client.get("/segments", query_string=query, headers=DOCUMENT)
    assert opened.status_code == 302
    assert opened.location.startswith("/auth/bounce?")


def test_ten_seconds_of_a_clock_that_is_slow_are_forgiven(
    client: FlaskClient, shop: int, bearer: Headers, at_noon: datetime
) -> None:
    now = int(at_noon.timestamp())

    assert client.get("/", headers=bearer(exp=now - 9)).status_code == 200
    assert client.get("/", headers=bearer(exp=now - 11)).status_code == 401


def test_a_document_without_a_token_bounces_and_comes_back(client: FlaskClient, shop: int) -> None:
    answer = client.get("/segments", query_string=FIRST_LOAD | {"q": "loyal"}, headers=DOCUMENT)

    bounced = parse_qs(urlsplit(answer.location).query)
    assert answer.status_code == 302
    assert bounced["shop"] == [SHOP]
    back = urlsplit(bounced["shopify-reload"][0])
    assert back.path == "/segments"
    assert parse_qs(back.query)["q"] == ["loyal"]
    assert "id_token" not in parse_qs(back.query)

    page = client.get(answer.location)
    assert page.status_code == 200
    assert "app-bridge.js" in page.get_data(as_text=True)
    assert page.headers["Content-Security-Policy"].endswith(f"frame-ancestors https://{SHOP} https://admin.shopify.com")


def test_a_frame_that_is_reloaded_without_its_query_bounces_too(client: FlaskClient, shop: int) -> None:
    answer = client.get("/campaigns", headers=DOCUMENT)

    assert answer.location == "/auth/bounce?shopify-reload=%2Fcampaigns"
    policy = client.get(answer.location).headers["Content-Security-Policy"]
    assert "frame-ancestors https://*.myshopify.com https://admin.shopify.com" in policy


@pytest.mark.parametrize(
    "evil",
    [
        "evil.com; script-src *",
        "evil.com",
        "vanta.myshopify.com.evil.com",
        "a.myshopify.com evil.com",
        "-.myshopify.com",
    ],
)
def test_a_shop_that_is_none_enters_no_header(client: FlaskClient, shop: int, evil: str) -> None:
    for path in ("/auth/bounce", "/segments"):
        answer = client.get(path, query_string={"shop": evil, "embedded": "1"}, headers=DOCUMENT)
        policy = answer.headers["Content-Security-Policy"]
        assert "evil" not in policy
        assert "script-src 'self' https://cdn.shopify.com;" in policy


def test_opened_outside_it_leads_into_the_admin(client: FlaskClient, shop: int) -> None:
    host = base64.b64encode(b"admin.shopify.com/store/vanta").decode().rstrip("=")

    answer = client.get("/", query_string={"host": host}, headers={"Accept": "text/html", "Sec-Fetch-Mode": "navigate"})

    assert answer.location == "https://admin.shopify.com/store/vanta/apps/client-id"


@pytest.mark.parametrize(
    "place", [b"evil.com/store/vanta", b"admin.shopify.com@evil.com", b"admin.shopify.com\\.evil.com", b"\xff", b""]
)
def test_it_leads_nowhere_else(client: FlaskClient, shop: int, place: bytes) -> None:
    host = base64.b64encode(place).decode()

    answer = client.get("/", query_string={"host": host}, headers={"Accept": "text/html", "Sec-Fetch-Mode": "navigate"})

    assert answer.status_code == 401
    assert "You are signed out" in answer.get_data(as_text=True)


def test_a_token_in_the_address_sends_no_form(client: FlaskClient, shop: int, at_noon: datetime) -> None:
    answer = client.post("/campaigns", query_string={"id_token": session_token(at_noon)})

    assert answer.status_code in {401, 403}


def test_turbos_request_for_a_page_is_a_fetch(client: FlaskClient, shop: int) -> None:
    answer = client.get("/segments", headers={"Accept": "text/html, application/xhtml+xml", "X-Turbo-Request-Id": "1"})

    assert answer.status_code == 401
    assert answer.headers["X-Shopify-Retry-Invalid-Session-Request"] == "1"


def test_a_document_says_early_what_the_browser_will_need(client: FlaskClient, shop: int, at_noon: datetime) -> None:
    bridge = "https://cdn.shopify.com/shopifycloud/app-bridge.js"
    early = f'<https://cdn.shopify.com>; rel="preconnect", <{bridge}>; rel="preload"; as="script"'
    for path, query in (("/", FIRST_LOAD | {"id_token": session_token(at_noon)}), ("/auth/bounce", FIRST_LOAD)):
        assert client.get(path, query_string=query, headers=DOCUMENT).headers["Link"] == early
    assert "Link" not in client.get("/login?key=x", headers={"Accept": "text/html"}).headers


@pytest.mark.parametrize("path", ["/", "/auth/bounce", "/no-such-page", "/campaigns/17"])
def test_app_bridge_comes_before_any_other_script(client: FlaskClient, shop: int, at_noon: datetime, path: str) -> None:
    page = client.get(path, query_string=FIRST_LOAD | {"id_token": session_token(at_noon)}, headers=DOCUMENT)

    scripts = re.findall(r"<script[^>]*>", page.get_data(as_text=True))
    assert scripts[0] == '<script src="https://cdn.shopify.com/shopifycloud/app-bridge.js">'


def test_the_bounce_page_holds_app_bridge_and_nothing_else(client: FlaskClient, shop: int) -> None:
    page = client.get("/auth/bounce", query_string=FIRST_LOAD | {"shopify-reload": "/?x=<script>"}).get_data(
        as_text=True
    )

    assert page.count("<script") == 1
    assert "x=" not in page


def test_no_page_sets_a_cookie_inside_the_admin(client: FlaskClient, shop: int, at_noon: datetime) -> None:
    for path in ("/", "/settings", "/auth/bounce"):
        answer = client.get(path, query_string=FIRST_LOAD | {"id_token": session_token(at_noon)}, headers=DOCUMENT)
        assert "Set-Cookie" not in answer.headers


OUTSIDE = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


def test_the_frames_address_opened_in_a_tab_leads_into_the_admin(
    client: FlaskClient, shop: int, at_noon: datetime
) -> None:
    query = FIRST_LOAD | {"id_token": session_token(at_noon), "embedded": "0"}

    assert client.get("/", query_string=query, headers=OUTSIDE).location == (
        "https://admin.shopify.com/store/vanta/apps/client-id"
    )


def test_a_shop_without_its_host_leads_there_too(client: FlaskClient, shop: int) -> None:
    answer = client.get("/campaigns", query_string={"shop": SHOP}, headers=OUTSIDE)

    assert answer.location == f"https://{SHOP}/admin/apps/client-id"


@pytest.mark.parametrize(
    "query",
    [
        {"shop": "evil.com"},
        {"shop": "vanta.myshopify.com.evil.com"},
        {"shop": "vanta.myshopify.com/../evil"},
        {"shop": "vanta.myshopify.com\r\nSet-Cookie: a=b"},
        {"host": base64.b64encode(b"evil.com/admin.shopify.com").decode()},
        {"host": base64.b64encode(b"admin.shopify.com.evil.com/store/vanta").decode()},
        {"host": base64.b64encode(b"admin.shopify.com/store/vanta\r\nSet-Cookie: a=b").decode()},
        {"host": base64.b64encode(b"admin.shopify.com/store/../../evil").decode()},
        {"host": "%%%", "shop": "javascript:alert(1)"},
    ],
)
def test_hostile_shops_and_hosts_lead_nowhere(client: FlaskClient, shop: int, query: dict[str, str]) -> None:
    answer = client.get("/", query_string=query, headers=OUTSIDE)

    assert answer.status_code == 401
    assert "Location" not in answer.headers
    assert "evil" not in str(answer.headers)
    assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")


def test_each_shop_is_framed_by_its_own_admin_alone(client: FlaskClient, shop: int, at_noon: datetime) -> None:
    with transaction() as tx:
        make_shop(tx, "aurora.myshopify.com")
    for mine in (SHOP, "aurora.myshopify.com"):
        query = {"embedded": "1", "shop": SHOP, "id_token": session_token(at_noon, shop=mine)}
        policy = client.get("/", query_string=query, headers=DOCUMENT).headers["Content-Security-Policy"]
        assert policy.endswith(f"frame-ancestors https://{mine} https://admin.shopify.com"), (
            "the token's, not the query's"
        )


def test_when_the_first_load_fails_the_admin_shows_why(client: FlaskClient, store: str, at_noon: datetime) -> None:
    settings.use(replace(settings.current(), shopify_url="http://127.0.0.1:1/{shop}"))

    answer = client.get("/", query_string=FIRST_LOAD | {"id_token": session_token(at_noon)}, headers=DOCUMENT)

    assert answer.status_code == 503
    assert "gave no tokens" in answer.get_data(as_text=True)
    assert answer.headers["Content-Security-Policy"].endswith(
        f"frame-ancestors https://{SHOP} https://admin.shopify.com"
    )
