"""Is it Shopify's? The signature over the raw body, and the headers that say what it is."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Protocol

from plugin.base import settings
from plugin.base.errors import Refused, Unreadable
from plugin.ingest.inbox import Arrival
from plugin.shopify.session import sanitize_shop


class Headers(Protocol):
    """Header names are read in whatever case they come."""

    def get(self, key: str) -> str | None: ...


def opened(headers: Headers, body: bytes) -> Arrival:
    """Raises Refused when the signature does not hold, Unreadable when a header that we need is missing.

    Both spellings are read, `X-Shopify-Topic` and the newer `shopify-topic`; both client secrets while they rotate.
    """
    signature = _header(headers, "Hmac-Sha256") or ""
    secrets = filter(None, settings.current().client_secrets)  # an empty one signs nothing
    if not any(hmac.compare_digest(_sign(secret, body), signature.encode()) for secret in secrets):
        raise Refused("The webhook's signature does not hold.")
    shop_domain = sanitize_shop(_header(headers, "Shop-Domain"))
    if shop_domain is None:
        raise Unreadable('The webhook\'s header "X-Shopify-Shop-Domain" names no shop.')
    version = _header(headers, "API-Version")
    return Arrival(
        shop_domain=shop_domain,
        webhook_id=_needed(headers, "Webhook-Id"),
        topic=_needed(headers, "Topic"),
        api_version=version[:20] if version else None,
        triggered_at=_instant(_header(headers, "Triggered-At")),
        body=body,
    )


def _sign(secret: str, body: bytes) -> bytes:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())


def _header(headers: Headers, name: str) -> str | None:
    return headers.get(f"X-Shopify-{name}") or headers.get(f"shopify-{name}")


def _needed(headers: Headers, name: str) -> str:
    value = _header(headers, name)
    if not value or len(value) > 100 or not value.isprintable():
        raise Unreadable(f'The webhook\'s header "X-Shopify-{name}" is missing or too long.')
    return value


def _instant(text: str | None) -> datetime | None:
    """Shopify writes nanoseconds; we keep microseconds. What cannot be read is as good as missing."""
    try:
        moment = datetime.fromisoformat(text or "")
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
