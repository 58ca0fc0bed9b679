"""Where a click leads: absolute addresses that carry which delivery was clicked."""

from __future__ import annotations

import functools
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from plugin.base.errors import BeckonError


class BadLink(BeckonError):
    """An address that no click should open."""


@functools.lru_cache(maxsize=1_024)
def absolute(url: str, storefront_url: str | None) -> str:
    """A whole http(s) address; a path ("/collections/new") becomes one of the shop's. Raises BadLink."""
    url = url.strip()
    if url.startswith("/") and not url.startswith("//"):
        if not storefront_url:
            raise BadLink(f"{url!r} is a path, and the shop's own address is not known yet. Write the whole address.")
        url = storefront_url.rstrip("/") + url
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  reading it checks it
    except ValueError:
        raise BadLink(f"{url!r} is no address.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadLink(f"{url!r} is no link. Write a whole address (https://…) or a path of your shop (/…).")
    return url


def tracked(url: str, token: str, campaign_name: str) -> str:
    """`url` with `bk=<token>`, which names the delivery, and with UTM parameters where it has none of its own."""
    before, after = _around_token(url, campaign_name)
    return f"{before}{quote(token, safe='')}{after}"


@functools.lru_cache(maxsize=1_024)  # a campaign has one link and a million tokens
def _around_token(url: str, campaign_name: str) -> tuple[str, str]:
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "bk"]
    present = {name for name, _ in query}
    utm = {"utm_source": "beckon", "utm_medium": "push", "utm_campaign": campaign_name}
    query += [(name, value) for name, value in utm.items() if name not in present]
    whole = urlunsplit(parts._replace(query=urlencode([*query, ("bk", "")]), fragment=""))
    return whole, f"#{parts.fragment}" if parts.fragment else ""
