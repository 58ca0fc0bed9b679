"""What is kept of an applied webhook that is about people: its bones. Ids, counts, yes and no, and instants.

A body holds names, addresses, e-mails and phone numbers, whether we want them or not, and keys come and go. So this
lists what may stay and not what must go: a text stays only where it is an id of Shopify's or an instant.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

_NOBODY: Final = (
    "app/scopes_update",
    "app_subscriptions/",
    "bulk_operations/",
    "collections/",
    "discounts/",
    "inventory_levels/",
    "products/",
    "segments/",
    "themes/",
    "variants/",
)
"""Topics that name no person; their bodies stay as they came. A topic that is not here is taken to name one."""

_GLOBAL_ID = re.compile(r"gid://shopify/[A-Za-z]+/\d+")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]+(Z|[+-]\d\d:?\d\d)?")


def without_people(topic: str, body: bytes) -> bytes:
    """The body of an applied webhook as it may be kept; empty where it is not JSON."""
    if topic.startswith(_NOBODY):
        return body
    try:
        return json.dumps(_bones(json.loads(body)), separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        return b""


def _bones(value: Any) -> Any:
    """What may stay of `value`; None when nothing may. It stands in the way of every webhook: the usual come first."""
    kind = type(value)
    if kind is str:
        return value if _says_nothing_of_people(value) else None
    if kind is dict:
        return {key: kept for key, one in value.items() if (kept := _bones(one)) is not None}
    if kind is list:
        return [kept for one in value if (kept := _bones(one)) is not None]
    return value if kind in (int, bool) else None


def _says_nothing_of_people(text: str) -> bool:
    if text[:6] == "gid://":
        return _GLOBAL_ID.fullmatch(text) is not None
    return text[4:5] == "-" and _INSTANT.fullmatch(text) is not None
