"""The one store that the sandbox pretends: its names and numbers, and how its ids are written."""

from __future__ import annotations

from zoneinfo import ZoneInfo

HANDLE = "demo"
DOMAIN = "demo.myshopify.com"
NAME = "Hanging Heart"
TAGLINE = "Gifts with a story, from London"
EMAIL = "hello@hangingheart.example"
CURRENCY = "GBP"
SHOP_ID = 61_352_000
LOCATION_ID = 70_352_000
STAFF_ID = 42
TIMEZONE = ZoneInfo("Europe/London")
LOCALE = "en"
PROXY_PREFIX = "apps"
PROXY_SUBPATH = "beckon"
PROXY_PATH = f"/{PROXY_PREFIX}/{PROXY_SUBPATH}"


def gid(kind: str, number: int) -> str:
    """A global id, `gid://shopify/Order/536365`."""
    return f"gid://shopify/{kind}/{number}"


def number_of(gid_text: str) -> int:
    """The number in a global id. Raises ValueError if there is none."""
    return int(gid_text.rpartition("/")[2].partition("?")[0])
