"""Shopify's signatures: session tokens, webhooks, app proxy, and the query of the first document."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from collections.abc import Sequence
from datetime import datetime

import jwt

from sandbox.shop import DOMAIN, STAFF_ID

LIFE = 60
"""Seconds that a session token lives."""


def id_token(api_key: str, secret: str, now: datetime, shop: str = DOMAIN) -> str:
    """The session token that the admin gives to the app's page: it says which shop and which member of staff."""
    issued = int(now.timestamp())
    claims = {
        "iss": f"https://{shop}/admin",
        "dest": f"https://{shop}",
        "aud": api_key,
        "sub": str(STAFF_ID),
        "exp": issued + LIFE,
        "nbf": issued,
        "iat": issued,
        "jti": str(uuid.uuid4()),
        "sid": uuid.uuid4().hex,
    }
    return jwt.encode(claims, secret, algorithm="HS256")


def reads_id_token(token: str, api_key: str, secret: str) -> bool:
    """Whether `token` is one of ours that still lives."""
    try:
        claims = jwt.decode(token, secret, algorithms=["HS256"], audience=api_key, leeway=10)
    except jwt.InvalidTokenError:
        return False
    return bool(claims.get("dest") == f"https://{DOMAIN}")


def webhook(body: bytes, secret: str) -> str:
    """X-Shopify-Hmac-Sha256."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def proxy(parameters: Sequence[tuple[str, str]], secret: str) -> str:
    """The app proxy's `signature`: sorted `key=value`, values of one key joined by commas, nothing between pairs."""
    values: dict[str, list[str]] = {}
    for key, value in parameters:
        values.setdefault(key, []).append(value)
    message = "".join(sorted(f"{key}={','.join(found)}" for key, found in values.items()))
    return hmac.digest(secret.encode(), message.encode(), hashlib.sha256).hex()


def document(parameters: Sequence[tuple[str, str]], secret: str) -> str:
    """The `hmac` of the query with which the admin opens the app: sorted `key=value` joined by `&`."""
    message = "&".join(sorted(f"{key}={value}" for key, value in parameters))
    return hmac.digest(secret.encode(), message.encode(), hashlib.sha256).hex()
