"""The app proxy's signature: proves that a storefront's request came through Shopify, and names the customer logged in.

It proves nothing about who the visitor is otherwise, and it does not cover the body.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from plugin.base import settings
from plugin.base.errors import Refused

from .session import sanitize_shop

LIFE = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class ProxyRequest:
    """What a signed request says of itself."""

    shop: str
    customer_id: int | None
    path_prefix: str


def verify(query: Iterable[tuple[str, str]], now: datetime) -> ProxyRequest:
    """Checks the decoded pairs of a query string. Raises Refused."""
    values: dict[str, list[str]] = defaultdict(list)
    for name, value in query:
        values[name].append(value)
    signature = _single(values, "signature")
    message = "".join(sorted(f"{name}={','.join(of)}" for name, of in values.items() if name != "signature"))
    if not any(hmac.compare_digest(_digest(secret, message), signature.encode()) for secret in _secrets()):
        raise Refused("The app proxy's signature does not hold.")
    shop = sanitize_shop(_single(values, "shop"))
    if shop is None:
        raise Refused("The app proxy's request names no shop.")
    timestamp = _single(values, "timestamp")
    if not _is_number(timestamp) or abs(now.timestamp() - int(timestamp)) > LIFE.total_seconds():
        raise Refused("The app proxy's request is too old.")
    customer = "".join(values.get("logged_in_customer_id", [])[:1])
    path = "".join(values.get("path_prefix", [])[:1])
    return ProxyRequest(shop=shop, customer_id=int(customer) if _is_number(customer) else None, path_prefix=path)


def _single(values: dict[str, list[str]], name: str) -> str:
    if len(values.get(name, [])) != 1:
        raise Refused(f"The app proxy's request has no single {name}.")
    return values[name][0]


def _digest(secret: str, message: str) -> bytes:
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest().encode()


def _secrets() -> tuple[str, ...]:
    return tuple(secret for secret in settings.current().client_secrets if secret)  # an empty one signs nothing


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 19
