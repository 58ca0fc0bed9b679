"""Where Shopify's own library has an opinion, ours agrees: session tokens and shop domains (docs/decisions/0009)."""

from __future__ import annotations

import dataclasses
from typing import Any

import jwt
import pytest
from shopify import session_token
from shopify.utils import shop_url

from plugin.base import clock, settings
from plugin.base.errors import Refused
from plugin.shopify.session import sanitize_shop, verify

SHOP = "vanta.myshopify.com"
SECRET = "hush" * 16

CHANGES: list[dict[str, Any]] = [
    {},
    {"exp": -5},
    {"exp": -60},
    {"nbf": 60},
    {"aud": "another-app"},
    {"iss": "https://other.myshopify.com/admin"},
    {"iss": "https://vanta.example.com/admin", "dest": "https://vanta.example.com"},
    {"dest": None},
    {"iss": None},
    {"sub": None},
]


@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_a_session_token_is_good_for_both_or_for_neither(changes: dict[str, Any], own_settings: object) -> None:
    settings.use(dataclasses.replace(settings.current(), client_secret=SECRET))
    told = _token(changes)

    def ours() -> bool:
        try:
            return verify(told, clock.now()).shop == SHOP
        except Refused:
            return False

    def theirs() -> bool:
        try:
            return bool(session_token.decode_from_header(f"Bearer {told}", "client-id", SECRET))
        except session_token.SessionTokenError:
            return False

    assert ours() == theirs()


def test_a_token_of_another_secret_is_good_for_neither() -> None:
    settings.use(dataclasses.replace(settings.current(), client_secret=SECRET))
    forged = _token({}, secret="other" * 16)
    with pytest.raises(Refused):
        verify(forged, clock.now())
    with pytest.raises(session_token.SessionTokenError):
        session_token.decode_from_header(f"Bearer {forged}", "client-id", SECRET)


@pytest.mark.parametrize(
    "domain", [SHOP, "VANTA.myshopify.com", "evil.com", "vanta.myshopify.com.evil.com", "vanta..myshopify.com", ""]
)
def test_a_shops_domain_is_one_for_both_or_for_neither(domain: str) -> None:
    theirs = shop_url.sanitize_shop_domain(domain) if domain.endswith(".myshopify.com") else None
    assert sanitize_shop(domain) == (theirs.lower() if theirs else None)


def _token(changes: dict[str, Any], secret: str = SECRET) -> str:
    now = clock.now().timestamp()
    claims = {
        "iss": f"https://{SHOP}/admin",
        "dest": f"https://{SHOP}",
        "aud": "client-id",
        "sub": "42",
        "jti": "j",
        "sid": "s",
    }
    times = {"exp": 60.0, "nbf": 0.0, "iat": 0.0}
    moments = {name: now + changes.get(name, offset) for name, offset in times.items()}
    told = claims | {name: value for name, value in changes.items() if name not in times} | moments
    return jwt.encode({name: value for name, value in told.items() if value is not None}, secret, algorithm="HS256")
