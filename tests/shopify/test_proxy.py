"""The app proxy's signature, with Shopify's official vectors."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import pytest

from plugin.base import settings
from plugin.base.errors import Refused
from plugin.shopify import proxy
from plugin.shopify.proxy import ProxyRequest

THEN = datetime.fromtimestamp(1317327555, UTC)
TAIL = "path_prefix=%2Fapps%2Fawesome_reviews&timestamp=1317327555"
LOGGED_IN = f"extra=1&extra=2&shop=shop-name.myshopify.com&logged_in_customer_id=1&{TAIL}"
VISITING = f"extra=1&extra=2&shop=shop-name.myshopify.com&logged_in_customer_id=&{TAIL}"


def pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


def signed(query: str, secret: str = "hush") -> list[tuple[str, str]]:
    values: dict[str, list[str]] = {}
    for name, value in pairs(query):
        values.setdefault(name, []).append(value)
    message = "".join(sorted(f"{name}={','.join(of)}" for name, of in values.items()))
    return [*pairs(query), ("signature", hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest())]


@pytest.mark.parametrize(
    ("query", "signature", "customer"),
    [
        (LOGGED_IN, "4c68c8624d737112c91818c11017d24d334b524cb5c2b8ba08daa056f7395ddb", 1),
        (VISITING, "e072b6d7e6622d85912a5214b860d3100dc1e73d9bc29f43796ac8c9ff8093cb", None),
    ],
)
def test_the_official_vectors_hold(query: str, signature: str, customer: int | None) -> None:
    found = proxy.verify(pairs(f"{query}&signature={signature}"), THEN)
    assert found == ProxyRequest("shop-name.myshopify.com", customer, "/apps/awesome_reviews")


def test_both_secrets_hold_while_they_rotate() -> None:
    settings.use(dataclasses.replace(settings.current(), client_secret="new", old_client_secret="hush"))
    assert proxy.verify(signed(LOGGED_IN), THEN).customer_id == 1
    assert proxy.verify(signed(LOGGED_IN, "new"), THEN).customer_id == 1


@pytest.mark.parametrize("seconds", [-90, 90])
def test_a_request_lives_for_ninety_seconds(seconds: int) -> None:
    proxy.verify(signed(LOGGED_IN), THEN + timedelta(seconds=seconds))
    with pytest.raises(Refused, match="too old"):
        proxy.verify(signed(LOGGED_IN), THEN + timedelta(seconds=seconds * 2))


@pytest.mark.parametrize(
    "query",
    [
        [],
        pairs(LOGGED_IN),
        signed(LOGGED_IN, "guessed"),
        [*signed(LOGGED_IN), ("signature", "0" * 64)],
        [*signed(LOGGED_IN), ("extra", "3")],
        signed(f"{LOGGED_IN}&shop=other.myshopify.com"),
        signed(LOGGED_IN.replace("shop-name.myshopify.com", "evil.test")),
        signed(LOGGED_IN.replace("timestamp=1317327555", "timestamp=soon")),
        [*pairs(LOGGED_IN), ("signature", "\u00e9")],
    ],
)
def test_anything_else_is_refused(query: list[tuple[str, str]]) -> None:
    with pytest.raises(Refused):
        proxy.verify(query, THEN)


def test_without_a_secret_nothing_is_signed() -> None:
    settings.use(dataclasses.replace(settings.current(), client_secret=""))
    with pytest.raises(Refused):
        proxy.verify(signed(LOGGED_IN, ""), THEN)
