"""Customers' metafields, of the types that segments can ask: numbers, dates, yes and no, lines, and lists of them.

Longer texts, rich texts, files, references and JSON are not kept: no segment could compare them.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from .payload import Part

LONGEST: Final = 255
MOST_IN_LIST: Final = 128
"""Shopify's own limit of a list."""
FIRST: Final = datetime(1, 1, 3, tzinfo=UTC)
LAST: Final = datetime(9999, 12, 29, tzinfo=UTC)
"""Between these every shop's clocks can show an instant. What is beyond ("never", written 9999-12-31) is moved there:
no segment can name the one day or the other."""
KINDS: Final = {
    "single_line_text_field": "text",
    "string": "text",  # the name until 2021
    "id": "text",
    "number_integer": "number",
    "integer": "number",
    "number_decimal": "number",
    "boolean": "truth",
    "date": "date",
    "date_time": "instant",
}
"""Shopify's type → how it is compared. `list.` before it: several texts."""


@dataclass(frozen=True, slots=True)
class Metafield:
    """`customer.metafields.{namespace}.{key}`. `texts` as written, one unless it is a list; `number`, `truth`, `day`
    or `at` where the type has one: of a list that of its first."""

    namespace: str
    key: str
    type: str
    texts: tuple[str, ...]
    number: float | None = None
    truth: bool | None = None
    day: date | None = None
    at: datetime | None = None


def of_api(told: Part) -> Metafield | None:
    """None where segments could not ask for it, or its value is not of its type: that is the merchant's, not ours."""
    type_ = told.text("type", LONGEST)
    plain = type_.removeprefix("list.")
    names = told.text("namespace", LONGEST), told.text("key", LONGEST)
    value = told.text_if_any("value", 1_000_000)
    if plain not in KINDS or value is None:
        return None
    texts = _listed(value) if plain != type_ else (value,)
    if not texts or not 0 < len(texts[0]) <= LONGEST:
        return None
    try:
        return Metafield(*names, type_, texts, **_meaning(KINDS[plain], texts[0]))
    except ValueError:
        return None


def _meaning(kind: str, value: str) -> dict[str, Any]:
    """Raises ValueError."""
    match kind:
        case "number":
            number = float(value)
            if not math.isfinite(number):
                raise ValueError(value)
            return {"number": number}
        case "truth":
            return {"truth": {"true": True, "false": False}.get(value)}
        case "date":
            return {"day": min(max(date.fromisoformat(value), FIRST.date()), LAST.date())}
        case "instant":
            return {"at": _instant(value)}
        case _:
            return {}


def _instant(value: str) -> datetime:
    at = datetime.fromisoformat(value)
    if at.tzinfo is None or at.year in (1, 9999):
        at = at.replace(tzinfo=UTC)  # Shopify's have no zone: UTC
    return min(max(at, FIRST), LAST)


def _listed(value: str) -> tuple[str, ...]:
    try:
        found = json.loads(value, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return ()
    if not isinstance(found, list):
        return ()
    texts = ({True: "true", False: "false"}.get(one) if isinstance(one, bool) else one for one in found[:MOST_IN_LIST])
    kept = (one for one in texts if isinstance(one, str) and 0 < len(one) <= LONGEST)
    return tuple(dict.fromkeys(one.replace("\0", "").encode("utf-8", "replace").decode() for one in kept))
