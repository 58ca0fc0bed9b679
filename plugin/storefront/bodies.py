"""What a shopper's browser sends: JSON from anybody becomes a frozen value, or a sentence that says what is wrong."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from plugin.base.errors import Unreadable
from plugin.ingest.events import normal_cart_token

LONGEST = 16 * 1024
"""Bytes of a body. The longest honest one, twenty views, has three thousand."""
MOST_VIEWS = 20
OLDEST = timedelta(days=30)

_VISITOR = re.compile(r"[A-Za-z0-9_-]{16,64}")
_EVENT = re.compile(r"[A-Za-z0-9_-]{8,64}")
_DELIVERY = re.compile(r"[A-Za-z0-9_-]{8,32}")
_DIGITS = re.compile(r"[1-9][0-9]{0,18}")
_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}")
_TIMEZONE = re.compile(r"[A-Za-z0-9_+-]{1,30}(/[A-Za-z0-9_+-]{1,30}){0,2}")


@dataclass(frozen=True, slots=True)
class View:
    event_id: str
    product_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """`POST track`: what a visitor looked at, and the cart they have."""

    visitor: str
    cart_token: str | None
    views: tuple[View, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """`POST subscribe`: a browser's subscription, and what its person read when they agreed."""

    visitor: str
    endpoint: str
    p256dh: str
    auth: str
    page: str | None
    wording: str | None
    locale: str | None
    timezone: str | None
    cart_token: str | None
    replaces: str | None


@dataclass(frozen=True, slots=True)
class Goodbye:
    """`POST unsubscribe`."""

    visitor: str
    endpoint: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """`POST receipt`: what became of one delivery in the browser."""

    delivery: str
    kind: str


def visit(body: bytes, now: datetime) -> Visit:
    """Times of views are brought within the last thirty days and not after `now`: a browser's clock may be anything."""
    told = _told(body)
    views = told.get("views", [])
    if not isinstance(views, list) or len(views) > MOST_VIEWS:
        raise Unreadable(f"views must be a list of at most {MOST_VIEWS}.")
    return Visit(
        visitor=_matching(told, "visitor", _VISITOR),
        cart_token=_cart(told),
        views=tuple(_view(view, now) for view in views),
    )


def wish(body: bytes) -> Wish:
    told = _told(body)
    subscription = _object(told.get("subscription"), "subscription")
    keys = _object(subscription.get("keys"), "subscription.keys")
    return Wish(
        visitor=_matching(told, "visitor", _VISITOR),
        endpoint=_text(subscription, "endpoint", 2_000),
        p256dh=_text(keys, "p256dh", 100),
        auth=_text(keys, "auth", 40),
        page=_optional(told, "page", 2_000),
        wording=_optional(told, "wording", 2_000),
        locale=_if_like(_optional(told, "locale", 20), _LOCALE),
        timezone=_if_like(_optional(told, "timezone", 64), _TIMEZONE),
        cart_token=_cart(told),
        replaces=_optional(told, "replaces", 2_000),
    )


def goodbye(body: bytes) -> Goodbye:
    told = _told(body)
    return Goodbye(visitor=_matching(told, "visitor", _VISITOR), endpoint=_text(told, "endpoint", 2_000))


def receipt(body: bytes) -> Receipt:
    told = _told(body)
    kind = _text(told, "kind", 10)
    if kind not in ("shown", "clicked", "dismissed"):
        raise Unreadable("kind must be shown, clicked or dismissed.")
    return Receipt(delivery=_matching(told, "delivery", _DELIVERY), kind=kind)


def _told(body: bytes) -> dict[str, Any]:
    try:
        return _object(json.loads(body), "The body")
    except (ValueError, RecursionError):  # ValueError: not JSON, not UTF-8
        raise Unreadable("The body is not JSON.") from None


def _view(told: object, now: datetime) -> View:
    view = _object(told, "A view")
    product_id = int(_matching(view, "product_id", _DIGITS))
    if product_id >= 2**63:
        raise Unreadable("product_id is longer than an id of Shopify's.")
    return View(_matching(view, "id", _EVENT), product_id, _instant(_text(view, "at", 40), now))


def _instant(text: str, now: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable("at is not an instant like 2026-11-18T12:00:00Z.") from None
    if at.tzinfo is None:
        raise Unreadable("at has no time zone.")
    return min(max(at, now - OLDEST), now).astimezone(UTC)  # clamped first: UTC has no word for the ends of time


def _cart(told: dict[str, Any]) -> str | None:
    token = _optional(told, "cart_token", 255)
    return (normal_cart_token(token) or None) if token else None


def _object(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable(f"{name} must be a JSON object.")
    return value


def _text(told: dict[str, Any], key: str, longest: int) -> str:
    text = _optional(told, key, longest)
    if text is None:
        raise Unreadable(f"{key} is missing.")
    return text


def _optional(told: dict[str, Any], key: str, longest: int) -> str | None:
    """The text under `key`; None when it is missing, null or empty."""
    value = told.get(key)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise Unreadable(f"{key} must be text.")
    if len(value) > longest:
        raise Unreadable(f"{key} is longer than {longest} characters.")
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise Unreadable(f"{key} contains characters that no database takes.")
    return value


def _matching(told: dict[str, Any], key: str, pattern: re.Pattern[str]) -> str:
    text = _text(told, key, 100)
    if not pattern.fullmatch(text):
        raise Unreadable(f"{key} does not look like one of ours.")
    return text


def _if_like(text: str | None, pattern: re.Pattern[str]) -> str | None:
    """A browser's locale or zone in a form we do not know is left away: no reason to lose a subscriber."""
    return text if text and pattern.fullmatch(text) else None
