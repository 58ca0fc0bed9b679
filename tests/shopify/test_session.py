"""Session tokens: Shopify's, for us, of one shop, of this minute. Tokens for tokens."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from plugin.base import settings
from plugin.base.errors import Refused, Unavailable
from plugin.shopify import session
from plugin.shopify.session import SessionToken, sanitize_shop
from tests.conftest import NOON

from .pretend import Answer, Pretend

SHOP = "vanta.myshopify.com"
SECRET = "hush" * 16  # as long as Shopify's


@pytest.fixture(autouse=True)
def long_secret(own_settings: settings.Settings) -> None:
    settings.use(dataclasses.replace(settings.current(), client_secret=SECRET))


def token(secret: str = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    claims = {
        "iss": f"https://{SHOP}/admin",
        "dest": f"https://{SHOP}",
        "aud": "client-id",
        "sub": "42",
        "exp": NOON.timestamp() + 60,
        "nbf": NOON.timestamp(),
        "iat": NOON.timestamp(),
    }
    told = {name: value for name, value in (claims | changes).items() if value is not None}
    return jwt.encode(told, secret, algorithm=algorithm)


def test_a_member_of_the_staff_is_recognised() -> None:
    assert session.verify(token(), NOON) == SessionToken(shop=SHOP, user="42")


def test_clocks_may_differ_by_ten_seconds() -> None:
    session.verify(token(), NOON - timedelta(seconds=10))
    session.verify(token(), NOON + timedelta(seconds=70))


def test_the_old_secret_holds_while_secrets_rotate() -> None:
    settings.use(dataclasses.replace(settings.current(), client_secret="new" * 16, old_client_secret=SECRET))
    assert session.verify(token(), NOON).shop == SHOP


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": NOON.timestamp() - 11},
        {"nbf": NOON.timestamp() + 11},
        {"exp": None},
        {"exp": "tomorrow"},
        {"nbf": None},
        {"iat": None},
        {"iat": NOON.timestamp() + 11},
        {"aud": "another-app"},
        {"aud": ["client-id", "another-app"]},
        {"iss": "https://other.myshopify.com/admin"},
        {"dest": "https://vanta.example.com", "iss": "https://vanta.example.com/admin"},
        {"dest": "https://[", "iss": "https://["},
        {"dest": 5},
    ],
)
def test_a_token_that_does_not_fit_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        session.verify(token(**changes), NOON)


@pytest.mark.parametrize("text", ["", "a.b.c", "🙈", token("guessed" * 16), token(SECRET * 2, "HS512")])
def test_a_token_that_is_not_shopifys_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="signature"):
        session.verify(text, NOON)


def test_without_a_secret_nobody_comes_in() -> None:
    settings.use(dataclasses.replace(settings.current(), client_secret=""))
    unsigned = jwt.encode({"aud": "client-id"}, None, algorithm="none")  # type: ignore[arg-type]
    with pytest.raises(Refused):
        session.verify(unsigned, NOON)


@pytest.mark.parametrize(
    ("text", "shop"),
    [
        (" Vanta.MyShopify.com ", SHOP),
        ("vanta.myshopify.com.evil.test", None),
        ("evil.test/vanta.myshopify.com", None),
        ("-vanta.myshopify.com", None),
        ("vanta.myshopify.com\n; script-src x", None),
        ("", None),
        (None, None),
    ],
)
def test_a_shops_domain_is_that_and_nothing_else(text: str | None, shop: str | None) -> None:
    assert sanitize_shop(text) == shop


def test_a_session_token_is_exchanged_for_tokens_of_our_own(shopify: Pretend, at_noon: datetime) -> None:
    told = {
        "access_token": "shpat_1",
        "scope": "read_orders,read_customers",
        "expires_in": 3600,
        "refresh_token": "shprt_1",
        "refresh_token_expires_in": 7_776_000,
    }
    shopify.will(Answer(told))
    tokens = session.exchange(SHOP, "the-session-token")
    assert (tokens.access, tokens.refresh, tokens.scopes) == ("shpat_1", "shprt_1", ("read_orders", "read_customers"))
    assert tokens.access_expires_at == datetime(2026, 11, 18, 13, tzinfo=UTC)
    (asked,) = shopify.asked
    assert asked.path == f"/shops/{SHOP}/admin/oauth/access_token"
    assert asked.body == {
        "client_id": "client-id",
        "client_secret": SECRET,
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": "the-session-token",
        "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
        "requested_token_type": "urn:shopify:params:oauth:token-type:offline-access-token",
        "expiring": 1,
    }


def test_a_refresh_replaces_both_tokens(shopify: Pretend) -> None:
    shopify.will(Answer({"access_token": "shpat_2", "refresh_token": "shprt_2", "scope": ""}))
    assert session.refresh(SHOP, "shprt_1").refresh == "shprt_2"
    assert shopify.asked[0].body["grant_type"] == "refresh_token"


@pytest.mark.parametrize("code", ["invalid_client", "application_cannot_be_found"])
def test_a_wrong_secret_is_ours_to_mend_and_says_how(
    shopify: Pretend, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    shopify.will(Answer({"error": code}, status=401))
    with pytest.raises(session.Misconfigured, match="compare SHOPIFY_API_KEY and SHOPIFY_API_SECRET"):
        session.refresh(SHOP, "shprt_1")
    assert caplog.records[-1].levelname == "ERROR"
    assert SECRET not in caplog.text


def test_while_secrets_rotate_we_ask_with_the_new_one(shopify: Pretend) -> None:
    settings.use(dataclasses.replace(settings.current(), client_secret="new" * 16, old_client_secret=SECRET))
    shopify.will(Answer({"access_token": "shpat_2", "refresh_token": "shprt_2", "scope": ""}))
    session.refresh(SHOP, "shprt_1")
    assert shopify.asked[0].body["client_secret"] == "new" * 16


def test_a_token_that_shopify_does_not_take_is_refused(shopify: Pretend) -> None:
    shopify.will(Answer({"error": "invalid_subject_token"}, status=400), Answer({"error": "invalid_grant"}, status=400))
    with pytest.raises(Refused, match="invalid_subject_token"):
        session.exchange(SHOP, "stale")
    with pytest.raises(Refused, match="invalid_grant"):
        session.refresh(SHOP, "used")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"<html>", status=502),
        Answer([], status=200),
        Answer({"error": "oops"}, status=500),
        Answer({}, status=200),
        Answer({"access_token": "x"}, status=302, headers={"Location": "https://evil.test"}),
        Answer({"access_token": "x"}, cut=3),
    ],
)
def test_any_other_answer_is_no_answer(shopify: Pretend, answer: Answer) -> None:
    shopify.will(answer)
    with pytest.raises(Unavailable):
        session.exchange(SHOP, "token")


def test_silence_is_no_answer() -> None:
    settings.use(dataclasses.replace(settings.current(), shopify_url="http://127.0.0.1:1/{shop}"))
    with pytest.raises(Unavailable, match="ConnectionError"):
        session.refresh(SHOP, "token")
