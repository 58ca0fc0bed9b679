"""What a message is about, as far as its words tell: the product that a click opens, and the discount codes in it.

Read once for each message, so that asking of it costs nothing where it names neither.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from plugin.base.errors import BeckonError

from .content import Template
from .links import absolute

_CART: Final = re.compile(r"\d+:\d+(?:,\d+:\d+)*", re.ASCII)
_WORD: Final = re.compile(r"[\w-]+")
SHORTEST: Final = 3
"""Characters of what may be a code in a text."""


@dataclass(frozen=True, slots=True)
class About:
    """Empty where it names nothing. A link to another site opens no product of the shop's."""

    handle: str | None = None
    """Of the product whose page the link opens."""
    variants: tuple[int, ...] = ()
    """Shopify's ids: the one that the page opens with, or those that the link puts into a cart."""
    linked: frozenset[str] = frozenset()
    """Codes that the link applies, casefolded."""
    written: frozenset[str] = frozenset()
    """Words of title and text that may be codes, as they stand there."""

    @property
    def keys(self) -> frozenset[str]:
        """All that may be a code, casefolded."""
        return self.linked | {word.casefold() for word in self.written}


@functools.lru_cache(maxsize=256)
def about(template: Template, storefront_url: str, domain: str) -> About:
    """Of a message of the shop at `storefront_url`, which Shopify knows as `domain`."""
    written = frozenset(word for text in (template.title, template.body) for word in _words(text))
    link = _link(template.url, storefront_url, domain)
    return About(link.handle, link.variants, link.linked, written)


def _words(text: str) -> list[str]:
    """Words that look like a code: in capitals (SPRING), or letters and digits together (Winter10)."""
    plain = re.sub(r"\{\{.*?\}\}", " ", text, flags=re.DOTALL)
    return [word for word in _WORD.findall(plain) if len(word) >= SHORTEST and _is_like_a_code(word)]


def _is_like_a_code(word: str) -> bool:
    letters = any(each.isalpha() for each in word)
    return letters and (word == word.upper() or any(each.isdigit() for each in word))


def _link(url: str, storefront_url: str, domain: str) -> About:
    """What Shopify's own addresses say: /products/handle, /discount/CODE?redirect=…, /cart/variant:quantity."""
    try:
        parts = urlsplit(absolute(url, storefront_url))
        query = parse_qs(parts.query)
    except (BeckonError, ValueError):
        return About()
    if "{{" in url or _host(parts.netloc) not in {_host(urlsplit(storefront_url).netloc), domain}:
        return About()
    places = [unquote(each) for each in parts.path.split("/") if each]
    after = dict(pairwise(places))  # "products" → the handle; a language may stand before it
    codes = [code for each in query.get("discount", []) for code in each.split(",")]
    variants = query.get("variant", [])
    handle = after.get("products")
    if "discount" in after:
        codes.append(after["discount"])
        within = _link(query.get("redirect", ["/"])[0], storefront_url, domain)
        handle, variants = handle or within.handle, [*variants, *map(str, within.variants)]
        codes += within.linked
    if _CART.fullmatch(after.get("cart", "")):
        variants = [each.partition(":")[0] for each in after["cart"].split(",")]
    return About(
        handle.lower() if handle else None,
        tuple(int(each) for each in variants if each.isascii() and each.isdigit() and len(each) < 19),
        frozenset(code.strip().casefold() for code in codes if code.strip()),
    )


def _host(place: str) -> str:
    return place.lower().partition(":")[0].removeprefix("www.")
