"""What the web pixel tells: one standard event of a shopper, from anybody who can read the pixel's address."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from plugin.base.errors import Unreadable
from plugin.ingest.events import Viewed
from plugin.ingest.payload import Part, read

LONGEST = 8 * 1024
"""Bytes of a body. The longest honest one has six hundred."""
OLDEST = timedelta(hours=1)
"""A pixel tells at once; what claims to be older is brought here."""
LONGEST_WORDS = 100

_VISITOR = re.compile(r"[A-Za-z0-9_-]{16,64}")
_EVENT = re.compile(r"[A-Za-z0-9_-]{8,64}")


@dataclass(frozen=True, slots=True)
class Told:
    """One event. `view` is None for what is only a sign of life."""

    visitor: str
    is_allowed: bool
    """Whether the shopper allowed analytics at that moment."""
    view: Viewed | None


@dataclass(frozen=True, slots=True)
class About:
    product_id: int | None = None
    collection_id: int | None = None
    words: str | None = None


def _product(event: Part) -> About:
    return About(product_id=event.id("product"))


def _collection(event: Part) -> About:
    return About(collection_id=event.id("collection"))


def _words(event: Part) -> About:
    return About(words=event.text_if_any("words", LONGEST_WORDS))


def _nothing(_: Part) -> About:
    return About()


EVENTS: Mapping[str, tuple[str, Callable[[Part], About]] | None] = {
    "page_viewed": None,
    "product_viewed": ("product_viewed", _product),
    "collection_viewed": ("collection_viewed", _collection),
    "search_submitted": ("searched", _words),
    "cart_viewed": ("cart_viewed", _nothing),
    "product_added_to_cart": ("added_to_cart", _product),
    "product_removed_from_cart": ("removed_from_cart", _product),
    "checkout_started": ("checkout_started", _nothing),
    "checkout_completed": ("checkout_completed", _nothing),
}
"""Shopify's name of a standard event → our kind of view, and what it is about."""


def told(body: bytes, now: datetime) -> Told:
    """Raises Unreadable, naming what is wrong."""
    event = read("pixel", body)
    name = event.text("name", 40)
    if name not in EVENTS:
        raise Unreadable(f"pixel: {name!r} is not an event that Beckon takes.")
    visitor = _matching(event, "visitor", _VISITOR)
    event_id, at = _matching(event, "id", _EVENT), event.instant("at")
    view = _view(event, name, visitor, event_id, min(max(at, now - OLDEST), now))
    return Told(visitor, _is_allowed(event), view)


def _view(event: Part, name: str, visitor: str, event_id: str, at: datetime) -> Viewed | None:
    kept = EVENTS[name]
    if kept is None:
        return None
    kind, about = kept[0], kept[1](event)
    return Viewed(event_id, visitor, about.product_id, at, kind, about.collection_id, about.words)


def _is_allowed(event: Part) -> bool:
    consent = event.part_if_any("consent")
    return consent is not None and consent.value.get("analytics") is True


def _matching(event: Part, key: str, pattern: re.Pattern[str]) -> str:
    text = event.text(key, 100)
    if not pattern.fullmatch(text):
        raise Unreadable(f'pixel: "{key}" does not look like one of ours.')
    return text
