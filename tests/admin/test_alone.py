"""The stand-alone door: a signed link, a cookie, and forms that only our own pages may send."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from plugin.admin.auth import login_link
from plugin.base import clock, settings
from plugin.store.engine import transaction
from plugin.store.tables import shops
from tests.admin.conftest import SHOP

HTML = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}


def test_the_link_opens_the_panel(client: FlaskClient, shop: int, at_noon: datetime) -> None:
    answer = _signs_in(client)

    assert answer.status_code == 303
    cookie = answer.headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Secure"))
    page = client.get("/", base_url="https://beckon.test", headers=HTML)
    assert page.status_code == 200
    assert 'aria-label="Beckon"' in page.get_data(as_text=True)
    assert "app-bridge" not in page.get_data(as_text=True)
    assert page.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")


def test_a_link_lives_a_day(client: FlaskClient, shop: int, at_noon: datetime) -> None:
    link = _path(login_link(SHOP))

    with clock.stopped_at(at_noon + timedelta(hours=24, seconds=1)):
        answer = client.get(link, headers=HTML)

    assert answer.status_code == 401
    assert "too old" in answer.get_data(as_text=True)
    assert "Set-Cookie" not in answer.headers


def test_a_session_lives_a_week(client: FlaskClient, shop: int, at_noon: datetime) -> None:
    _signs_in(client)

    with clock.stopped_at(at_noon + timedelta(days=7, seconds=1)):
        assert client.get("/", base_url="https://beckon.test", headers=HTML).status_code == 401


@pytest.mark.parametrize("place", [0, 5, -1])
def test_a_changed_link_opens_nothing(client: FlaskClient, shop: int, at_noon: datetime, place: int) -> None:
    head, _, key = _path(login_link(SHOP)).partition("=")
    letters = list(key)
    letters[place] = "A" if letters[place] != "A" else "B"

    assert client.get(f"{head}={''.join(letters)}", headers=HTML).status_code == 401


def test_a_link_is_no_cookie_and_another_secret_no_key(client: FlaskClient, shop: int, at_noon: datetime) -> None:
    link = login_link(SHOP)
    client.set_cookie("beckon", link.partition("key=")[2])
    assert client.get("/", headers=HTML).status_code == 401

    settings.use(replace(settings.current(), secret="another"))
    assert client.get(_path(link), headers=HTML).status_code == 401


def test_a_shop_that_left_is_signed_out(client: FlaskClient, shop: int, at_noon: datetime) -> None:
    _signs_in(client)
    with transaction() as tx:
        tx.execute(shops.update().values(uninstalled_at=at_noon))

    assert client.get("/", base_url="https://beckon.test", headers=HTML).status_code == 401


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null", "https://beckon.test.evil.example"])
def test_another_sites_form_changes_nothing(
    client: FlaskClient, shop: int, at_noon: datetime, origin: str | None
) -> None:
    _signs_in(client)

    answer = client.post("/campaigns", base_url="https://beckon.test", headers={"Origin": origin} if origin else {})

    assert answer.status_code == 403
    assert "nothing was changed" in answer.get_data(as_text=True)


def test_our_own_form_is_taken(client: FlaskClient, shop: int, at_noon: datetime) -> None:
    _signs_in(client)

    answer = client.post("/campaigns", base_url="https://beckon.test", headers={"Origin": "https://beckon.test"})

    assert answer.status_code == 303


def test_nothing_is_open_to_strangers(client: FlaskClient, store: str) -> None:
    for rule in client.application.url_map.iter_rules():
        if rule.endpoint in {"static", "admin.doors.login", "admin.doors.bounce"}:
            continue
        path = client.application.url_map.bind("").build(
            rule.endpoint, {name: "entered_segment" if name == "recipe" else 1 for name in rule.arguments}
        )
        method = "POST" if "POST" in rule.methods else "GET"
        assert client.open(path, method=method).status_code in {401, 403}, rule


def _signs_in(client: FlaskClient) -> TestResponse:
    return client.get(_path(login_link(SHOP)), base_url="https://beckon.test")


def _path(link: str) -> str:
    return link.removeprefix("https://beckon.test")
