"""What the web pixel tells: one standard event of a shopper, from anybody who can read the pixel's address."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from plugin.base.errors import Unreadable
from plugin.ingest.browsing import Page
from plugin.ingest.events import Viewed
from plugin.ingest.payload import Part, read

from .pages import page_of

LONGEST = 8 * 1024
"""Bytes of a body. The longest honest one has a thousand."""
OLDEST = timedelta(hours=1)
"""A pixel tells at once; what claims to be older is brought here."""
LONGEST_WORDS = 100

_VISITOR = re.compile(r"[A-Za-z0-9_-]{16,64}")
_EVENT = re.compile(r"[A-Za-z0-9_-]{8,64}")
_CHECKOUT = re.compile(r"[A-Za-z0-9_-]{8,255}")


@dataclass(frozen=True, slots=True)
class Told:
    """One event. `view` is None for what is only a sign of life: a page from a pixel that tells none."""

    visitor: str
    is_allowed: bool
    """Whether the shopper allowed analytics at that moment."""
    view: Viewed | None


@dataclass(frozen=True, slots=True)
class About:
    product_id: int | None = None
    collection_id: int | None = None
    words: str | None = None
    page: Page | None = None
    checkout_token: str | None = None


Reader = Callable[[Part, str | None], About]
"""(event, user agent) → what it is about."""


def _product(event: Part, _: str | None) -> About:
    return About(product_id=event.id("product"))


def _collection(event: Part, _: str | None) -> About:
    return About(collection_id=event.id("collection"))


def _words(event: Part, _: str | None) -> About:
    return About(words=event.text_if_any("words", LONGEST_WORDS))


def _page(event: Part, user_agent: str | None) -> About:
    return About(page=page_of(event.part("page"), user_agent))


def _checkout(event: Part, _: str | None) -> About:
    """Without a token it is a checkout all the same."""
    token = event.text_if_any("checkout", 1_000) or ""
    return About(checkout_token=token if _CHECKOUT.fullmatch(token) else None)


def _nothing(_: Part, __: str | None) -> About:
    return About()


EVENTS: Mapping[str, tuple[str, Reader]] = {
    "page_viewed": ("page_viewed", _page),
    "product_viewed": ("product_viewed", _product),
    "collection_viewed": ("collection_viewed", _collection),
    "search_submitted": ("searched", _words),
    "cart_viewed": ("cart_viewed", _nothing),
    "product_added_to_cart": ("added_to_cart", _product),
    "product_removed_from_cart": ("removed_from_cart", _product),
    "checkout_started": ("checkout_started", _checkout),
    "checkout_completed": ("checkout_completed", _nothing),
}
"""Shopify's name of a standard event → our kind of view, and what it is about."""


def told(body: bytes, now: datetime, user_agent: str | None = None) -> Told:
    """Raises Unreadable, naming what is wrong."""
    event = read("pixel", body)
    name = event.text("name", 40)
    if name not in EVENTS:
        raise Unreadable(f"pixel: {name!r} is not an event that Beckon takes.")
    visitor = _matching(event, "visitor", _VISITOR)
    event_id, at = _matching(event, "id", _EVENT), event.instant("at")
    kind, read_about = EVENTS[name]
    if name == "page_viewed" and not event.has("page"):
        return Told(visitor, _is_allowed(event), None)
    about = read_about(event, user_agent)
    view = Viewed(
        event_id,
        visitor,
        about.product_id,
        min(max(at, now - OLDEST), now),
        kind,
        about.collection_id,
        about.words,
        page=about.page,
        checkout_token=about.checkout_token,
    )
    return Told(visitor, _is_allowed(event), view)


def _is_allowed(event: Part) -> bool:
    consent = event.part_if_any("consent")
    return consent is not None and consent.value.get("analytics") is True


def _matching(event: Part, key: str, pattern: re.Pattern[str]) -> str:
    text = event.text(key, 100)
    if not pattern.fullmatch(text):
        raise Unreadable(f'pixel: "{key}" does not look like one of ours.')
    return text
