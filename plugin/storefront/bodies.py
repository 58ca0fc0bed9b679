"""What a shopper's browser sends: JSON from anybody becomes a frozen value, or a sentence that says what is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from plugin.base.errors import Unreadable
from plugin.ingest.browsing import Article, Page
from plugin.ingest.events import normal_cart_token
from plugin.ingest.payload import Part

from .pages import language_of, page_of

LONGEST = 16 * 1024
"""Bytes of a body. The longest honest one, twenty views, has eight thousand."""
MOST_VIEWS = 20
MOST_TAGS = 50
"""Of an article; the script leaves out what is over."""
OLDEST = timedelta(days=30)

_VISITOR = re.compile(r"[A-Za-z0-9_-]{16,64}")
_EVENT = re.compile(r"[A-Za-z0-9_-]{8,64}")
_DELIVERY = re.compile(r"[A-Za-z0-9_-]{8,32}")
_DIGITS = re.compile(r"[1-9][0-9]{0,18}")
_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}")
_TIMEZONE = re.compile(r"[A-Za-z0-9_+-]{1,30}(/[A-Za-z0-9_+-]{1,30}){0,2}")


@dataclass(frozen=True, slots=True)
class View:
    """One look or deed: `kind` is a key of KINDS, which say what it is about."""

    event_id: str
    at: datetime
    kind: str
    product_id: int | None = None
    article: Article | None = None
    page: Page | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """`POST track`: what a visitor looked at, the cart they have, and when they were still there."""

    visitor: str
    cart_token: str | None
    views: tuple[View, ...]
    stayed_at: datetime | None = None


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
    language: str | None
    is_tablet: bool
    cart_token: str | None
    replaces: str | None
    replaces_auth: str | None


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


def visit(body: bytes, now: datetime, user_agent: str | None = None) -> Visit:
    """Times of views are brought within the last thirty days and not after `now`: a browser's clock may be anything."""
    told = _told(body)
    views = told.get("views", [])
    if not isinstance(views, list) or len(views) > MOST_VIEWS:
        raise Unreadable(f"views must be a list of at most {MOST_VIEWS}.")
    return Visit(
        visitor=_matching(told, "visitor", _VISITOR),
        cart_token=_cart(told),
        views=tuple(_view(view, now, user_agent) for view in views),
        stayed_at=_instant(_text(told, "stayed_at", 40), now, "stayed_at") if told.get("stayed_at") else None,
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
        language=language_of(_optional(told, "language", 100)),
        is_tablet=told.get("tablet") is True,
        timezone=_if_like(_optional(told, "timezone", 64), _TIMEZONE),
        cart_token=_cart(told),
        replaces=_optional(told, "replaces", 2_000),
        replaces_auth=_optional(told, "replaces_auth", 40),
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


def _view(told: object, now: datetime, user_agent: str | None) -> View:
    view = _object(told, "A view")
    kind = _optional(view, "kind", 20) or "product_viewed"
    if kind not in KINDS:
        raise Unreadable(f"kind must be one of {', '.join(KINDS)}.")
    about = KINDS[kind](view, user_agent)
    return View(_matching(view, "id", _EVENT), _instant(_text(view, "at", 40), now), kind, **about)


def _product(view: dict[str, Any], _: str | None) -> dict[str, Any]:
    return {"product_id": _id(view, "product_id")}


def _article(view: dict[str, Any], _: str | None) -> dict[str, Any]:
    """Shopify writes an article's handle with its blog's: `news/how-to-wash-wool`."""
    blog, _, handle = _text(view, "handle", 500).casefold().rpartition("/")
    return {"article": Article(_id(view, "article_id"), blog, handle, _optional(view, "title", 300), _tags(view))}


def _tags(view: dict[str, Any]) -> tuple[str, ...]:
    tags = view.get("tags") or []
    if not isinstance(tags, list) or len(tags) > MOST_TAGS:
        raise Unreadable(f"tags must be a list of at most {MOST_TAGS}.")
    return tuple(tag for one in tags if (tag := _optional({"a tag": one}, "a tag", 255)))


def _page(view: dict[str, Any], user_agent: str | None) -> dict[str, Any]:
    return {"page": page_of(Part("track", "page.", _object(view.get("page"), "page")), user_agent)}


KINDS: Mapping[str, Callable[[dict[str, Any], str | None], dict[str, Any]]] = {
    "product_viewed": _product,
    "page_viewed": _page,
    "article_read": _article,
    "favourited": _product,
    "unfavourited": _product,
}
"""What the storefront script tells of, and how the thing is read that it is about."""


def _id(told: dict[str, Any], key: str) -> int:
    number = int(_matching(told, key, _DIGITS))
    if number >= 2**63:
        raise Unreadable(f"{key} is longer than an id of Shopify's.")
    return number


def _instant(text: str, now: datetime, name: str = "at") -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable(f"{name} is not an instant like 2026-11-18T12:00:00Z.") from None
    if at.tzinfo is None:
        raise Unreadable(f"{name} has no time zone.")
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
