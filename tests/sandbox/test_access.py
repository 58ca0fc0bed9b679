"""Tokens and secrets, as strict as Shopify: what ended is refused, what was replaced ends with its first use."""

from __future__ import annotations

from datetime import timedelta

import jwt
import pytest

from sandbox import instants, secrets, signing
from sandbox.world import World
from tests.sandbox.conftest import SECRET, TestClient, exchange_of
from tests.sandbox.test_adminapi import GRAPHQL, TOKENS, refresh

NEW = "another secret of at least thirty-two bytes"


def id_token(browser: TestClient) -> str:
    return str(browser.get("/store/demo/id_token").json()["id_token"])


def exchange(browser: TestClient, **changes: str) -> dict[str, str]:
    told: dict[str, str] = browser.post(TOKENS, json=exchange_of(id_token(browser)) | changes).json()
    return told


def status(browser: TestClient, access: str) -> int:
    query = {"query": "{ shop { name } }", "variables": {}}
    return browser.post(GRAPHQL, json=query, headers={"X-Shopify-Access-Token": access}).status_code


def test_an_access_token_lives_an_hour_even_after_it_was_replaced(browser: TestClient, world: World) -> None:
    first = exchange(browser)
    second = refresh(browser, first["refresh_token"]).json()
    assert (status(browser, first["access_token"]), status(browser, second["access_token"])) == (200, 200)
    past = instants.text(instants.now() - timedelta(seconds=1))
    world.db.execute("UPDATE tokens SET expires_at = ? WHERE access = ?", (past, first["access_token"]))
    assert status(browser, first["access_token"]) == 401


@pytest.mark.parametrize("use", ["its access token", "its refresh token"])
def test_the_former_refresh_token_works_until_its_replacement_is_used(browser: TestClient, use: str) -> None:
    first = exchange(browser)
    second = refresh(browser, first["refresh_token"]).json()
    if use == "its access token":
        status(browser, second["access_token"])
    else:
        refresh(browser, second["refresh_token"])
    assert refresh(browser, first["refresh_token"]).json() == {"error": "invalid_grant"}


def test_another_exchange_ends_the_refresh_tokens_of_the_one_before(browser: TestClient) -> None:
    first = exchange(browser)
    exchange(browser)
    assert refresh(browser, first["refresh_token"]).json() == {"error": "invalid_grant"}
    assert status(browser, first["access_token"]) == 200, "until its own end"


def test_tokens_end_when_the_hand_says_so(browser: TestClient) -> None:
    first = exchange(browser)
    browser.post("/_sandbox/tokens", json={"end": "access"})
    assert status(browser, first["access_token"]) == 401
    assert refresh(browser, first["refresh_token"]).status_code == 200
    second = refresh(browser, first["refresh_token"]).json()
    browser.post("/_sandbox/tokens", json={"end": "refresh"})
    assert refresh(browser, second["refresh_token"]).json() == {"error": "invalid_grant"}


def test_an_app_that_was_removed_is_given_nothing_until_it_is_opened_again(browser: TestClient) -> None:
    kept, first = id_token(browser), exchange(browser)
    browser.post("/_sandbox/uninstall")
    assert status(browser, first["access_token"]) == 401
    assert refresh(browser, first["refresh_token"]).json() == {"error": "invalid_grant"}
    assert browser.get("/store/demo/id_token").status_code == 403
    assert browser.post(TOKENS, json=exchange_of(kept)).json() == {"error": "invalid_subject_token"}
    browser.get("/store/demo/apps/beckon")
    assert "access_token" in exchange(browser)


def test_stale_session_tokens_are_handed_out_on_demand(browser: TestClient) -> None:
    browser.post("/_sandbox/session-tokens", json={"stale": 1})
    assert exchange(browser) == {"error": "invalid_subject_token"}
    assert "access_token" in exchange(browser)


def test_while_the_secret_is_rotated_both_are_taken_and_the_old_one_signs(browser: TestClient, world: World) -> None:
    assert browser.post("/_sandbox/secret", json={"secret": NEW}).json() == {
        "old_is_accepted": True,
        "sign_with": "old",
    }
    assert secrets.signing(world) == SECRET
    for each in (SECRET, NEW):
        assert "access_token" in exchange(browser, client_secret=each)

    browser.post("/_sandbox/secret", json={"sign_with": "new"})
    jwt.decode(id_token(browser), NEW, algorithms=["HS256"], audience="beckon-demo")

    browser.post("/_sandbox/secret", json={"revoke_old": True})
    assert exchange(browser, client_secret=SECRET) == {"error": "invalid_client"}
    assert "access_token" in exchange(browser, client_secret=NEW)
    old = signing.id_token("beckon-demo", SECRET, instants.now())
    assert browser.post(TOKENS, json=exchange_of(old) | {"client_secret": NEW}).json() == {
        "error": "invalid_subject_token"
    }


def test_who_was_sent_to_the_shop_s_admin_ends_in_the_admin(browser: TestClient) -> None:
    answer = browser.get("/shops/demo.myshopify.com/admin/apps/beckon-demo")
    assert answer.headers["location"] == "http://127.0.0.1:8200/store/demo/apps/beckon-demo"
