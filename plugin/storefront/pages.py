"""The page that a browser tells of, by the script or the pixel: cleaned of what may name somebody, on both sides.

An address is kept without its query, and without what follows /checkouts, /orders and /account: those carry tokens.
"""

from __future__ import annotations

import re

from plugin.ingest.agents import agent_of
from plugin.ingest.browsing import Page, Source
from plugin.ingest.payload import Part

LONGEST_PATH = 200
LONGEST_WORD = 100
_TAKEN = 2_000
"""Characters of a field that are read at all; what is longer is refused."""

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})([-_][A-Za-z0-9]{2,8}){0,3}")
_OF_SOMEBODY = re.compile(
    r"(/[a-z]{2}(-[a-z]{2})?)?/(checkouts?|orders?|account|customer|apps|tools|gift_cards)(?=/|$)", re.IGNORECASE
)
_NAMES_SOMEBODY = re.compile(r"@|%40", re.IGNORECASE)


def page_of(told: Part, user_agent: str | None) -> Page:
    """Raises Unreadable. What merely looks odd is left away: no reason to lose the page."""
    return Page(
        path=path_of(told.text("path", _TAKEN)),
        referrer=host_of(told.text_if_any("referrer", _TAKEN)),
        source=_source(told),
        agent=agent_of(
            user_agent,
            language=language_of(told.text_if_any("language", _TAKEN)),
            is_tablet=told.value.get("tablet") is True,
        ),
    )


def path_of(path: str) -> str:
    """`/products/lamp?variant=1` → `/products/lamp`; `/orders/8f3a…` → `/orders`."""
    path = "/" + re.split(r"[?#]", path, maxsplit=1)[0].strip("/")
    private = _OF_SOMEBODY.match(path)
    if private:
        path = private[0]
    return "/" if _NAMES_SOMEBODY.search(path) else path[:LONGEST_PATH]


def host_of(referrer: str | None) -> str | None:
    """`www.Google.com` → `google.com`; None for what is no host."""
    host = (referrer or "").lower().partition(":")[0].removeprefix("www.")
    return host if _HOST.fullmatch(host) else None


def language_of(told: str | None) -> str | None:
    """`de-CH` → `de`; None for what is no language."""
    found = _LANGUAGE.fullmatch(told or "")
    return found[1].lower() if found else None


def _source(told: Part) -> Source | None:
    words = [_word(told.text_if_any(f"utm_{name}", _TAKEN)) for name in ("source", "medium", "campaign")]
    return Source(*words) if any(words) else None


def _word(text: str | None) -> str | None:
    """Casefolded: `Facebook` and `facebook` are one source. An address of somebody's is no word."""
    word = " ".join((text or "").casefold().split())[:LONGEST_WORD]
    return None if not word or _NAMES_SOMEBODY.search(word) else word
