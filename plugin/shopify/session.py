"""Who asks, and with which tokens we ask: session tokens of the admin, token exchange, refresh.

The checks are those of Shopify's own libraries: signature, life, audience, and one shop in `iss` and `dest`.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests

from plugin.base import clock, settings
from plugin.base.errors import Refused, Unavailable

LEEWAY = timedelta(seconds=10)
TIMEOUT = (5, 15)
_SHOP = re.compile(r"[a-z0-9][a-z0-9-]{0,60}\.myshopify\.com")
_GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
_ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105  the name of a kind of token
_OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"


_UNKNOWN_APP = (
    "Shopify does not know this app by its client id and secret. Whoever runs Beckon: compare SHOPIFY_API_KEY and"
    " SHOPIFY_API_SECRET with the app's page in the Partner Dashboard (was the secret rotated?) and start it again."
    " Nothing is lost: what needs Shopify waits."
)
log = logging.getLogger(__name__)


class Misconfigured(Unavailable):
    """Our own client id or secret is wrong: no merchant can mend that, and no shop is to blame."""


@dataclass(frozen=True, slots=True)
class SessionToken:
    """A member of the staff of `shop` is looking at the panel."""

    shop: str
    user: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """What opens a shop's Admin API: an hour's access, ninety days' refresh."""

    access: str
    access_expires_at: datetime | None
    refresh: str | None
    refresh_expires_at: datetime | None
    scopes: tuple[str, ...]


def sanitize_shop(text: str | None) -> str | None:
    """`Name.myshopify.com` in lower case; None for anything else, however much it looks like one."""
    domain = (text or "").strip().lower()
    return domain if _SHOP.fullmatch(domain) else None


def verify(token: str, now: datetime) -> SessionToken:
    """Reads a session token. Raises Refused when it isn't Shopify's, isn't ours, or its minute is over."""
    claims = _signed_claims(token)
    for name, sign in (("exp", 1), ("nbf", -1), ("iat", -1)):
        moment = claims.get(name)
        if not isinstance(moment, int | float) or isinstance(moment, bool):
            raise Refused(f"The session token has no {name}.")
        if sign * (moment - now.timestamp()) < -LEEWAY.total_seconds():
            raise Refused(
                "The session token is not valid any more." if sign > 0 else "The session token is not valid yet."
            )
    if claims.get("aud") != settings.current().client_id:
        raise Refused("The session token is for another app.")
    shop = sanitize_shop(_host(claims.get("dest")))
    if shop is None or _host(claims.get("iss")).lower() != shop:
        raise Refused("The session token names no shop, or two.")
    if not claims.get("sub"):
        raise Refused("The session token names nobody.")
    return SessionToken(shop=shop, user=str(claims["sub"]))


def exchange(shop: str, id_token: str) -> Tokens:
    """A session token for tokens of our own.

    Raises Refused when Shopify does not take it, Misconfigured when our secret is wrong, Unavailable otherwise.
    """
    return _ask(
        shop,
        {
            "grant_type": _GRANT,
            "subject_token": id_token,
            "subject_token_type": _ID_TOKEN,
            "requested_token_type": _OFFLINE,
            "expiring": 1,
        },
    )


def refresh(shop: str, refresh_token: str) -> Tokens:
    """New tokens for old. Raises Refused when the merchant must open the app again; else as `exchange`."""
    return _ask(shop, {"grant_type": "refresh_token", "refresh_token": refresh_token})


def _signed_claims(token: str) -> dict[str, Any]:
    for secret in filter(None, settings.current().client_secrets):  # an empty one signs nothing
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                secret,
                algorithms=["HS256"],
                options={"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False},
            )
        except jwt.InvalidSignatureError:
            continue
        except (jwt.InvalidTokenError, ValueError):
            break
        return claims
    raise Refused("The session token's signature does not hold.")


def _host(url: object) -> str:
    try:
        return urlsplit(url).netloc if isinstance(url, str) else ""
    except ValueError:
        return ""


def _ask(shop: str, body: dict[str, Any]) -> Tokens:
    mine = settings.current()
    sent_at = clock.now()
    try:
        answer = requests.post(
            f"{mine.shop_url(shop)}/admin/oauth/access_token",
            json={"client_id": mine.client_id, "client_secret": mine.client_secret} | body,
            headers={"Accept": "application/json"},
            timeout=TIMEOUT,
            allow_redirects=False,
        )
        told = answer.json()
    except requests.RequestException as error:  # its JSON errors are of this kind too
        raise Unavailable(f"{shop} gave no tokens: {type(error).__name__}.") from error
    if not isinstance(told, dict):
        raise Unavailable(f"{shop} gave no tokens: HTTP {answer.status_code}.")
    if told.get("error") in {"invalid_client", "application_cannot_be_found"}:  # our fault, not the shop's
        log.error("%s", _UNKNOWN_APP)
        raise Misconfigured(_UNKNOWN_APP)
    if told.get("error") in {"invalid_subject_token", "invalid_grant"}:
        raise Refused(f"{shop} does not take this token: {told['error']}.")
    if answer.status_code != 200 or not isinstance(told.get("access_token"), str):
        raise Unavailable(f"{shop} gave no tokens: HTTP {answer.status_code} {str(told.get('error', ''))[:100]}.")
    return _tokens(told, sent_at)


def _tokens(told: dict[str, Any], sent_at: datetime) -> Tokens:
    def until(seconds: object) -> datetime | None:
        return (sent_at + timedelta(seconds=seconds)).astimezone(UTC) if isinstance(seconds, int) else None

    return Tokens(
        access=told["access_token"],
        access_expires_at=until(told.get("expires_in")),
        refresh=told.get("refresh_token"),
        refresh_expires_at=until(told.get("refresh_token_expires_in")),
        scopes=tuple(scope.strip() for scope in str(told.get("scope", "")).split(",") if scope.strip()),
    )
