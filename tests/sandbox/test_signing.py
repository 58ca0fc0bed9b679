"""Signatures against vectors that Shopify publishes, and the session token against its rules."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta
from urllib.parse import parse_qsl

import jwt
import pytest

from sandbox import instants, signing
from tests.sandbox.conftest import SECRET


@pytest.mark.parametrize(
    ("customer", "signature"),
    [
        ("1", "4c68c8624d737112c91818c11017d24d334b524cb5c2b8ba08daa056f7395ddb"),
        ("", "e072b6d7e6622d85912a5214b860d3100dc1e73d9bc29f43796ac8c9ff8093cb"),
    ],
)
def test_the_app_proxy_is_signed_as_in_shopify_s_example(customer, signature):
    query = (
        f"extra=1&extra=2&shop=shop-name.myshopify.com&logged_in_customer_id={customer}"
        "&path_prefix=%2Fapps%2Fawesome_reviews&timestamp=1317327555"
    )

    assert signing.proxy(parse_qsl(query, keep_blank_values=True), "hush") == signature


def test_a_webhook_is_signed_over_its_raw_body():
    body = '{"name":"Café"}'.encode()

    assert base64.b64decode(signing.webhook(body, "hush")) == hmac.new(b"hush", body, hashlib.sha256).digest()


def test_a_session_token_names_the_shop_and_lives_a_minute():
    token = signing.id_token("client", SECRET, instants.now())

    claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience="client")
    assert claims["dest"] == "https://demo.myshopify.com"
    assert claims["iss"] == claims["dest"] + "/admin"
    assert claims["exp"] - claims["iat"] == 60


def test_an_old_or_a_foreign_session_token_is_not_ours():
    old = signing.id_token("client", SECRET, instants.now() - timedelta(minutes=5))
    foreign = signing.id_token("client", "another secret of at least 32 bytes", instants.now())

    assert signing.reads_id_token(signing.id_token("client", SECRET, instants.now()), "client", SECRET)
    assert not any(signing.reads_id_token(token, "client", SECRET) for token in (old, foreign, "nonsense"))
