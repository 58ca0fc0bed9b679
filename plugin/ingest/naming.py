"""Does a raw webhook name this person? Looked for in the payload as it is, whatever the topic.

A webhook that waits must only be given up when it is surely about the person: a number counts where it stands as a
customer's or an order's. One that was applied, or that is no JSON, needs no such care: there any mention counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

SHORTEST = 5
"""A token or an address shorter than this could stand in any payload."""


@dataclass(frozen=True, slots=True)
class Naming:
    """What finds one person: Shopify's ids, tokens of carts, checkouts and browsers, addresses and numbers."""

    customer_ids: tuple[int, ...] = ()
    order_ids: tuple[int, ...] = ()
    texts: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, told: dict[str, Any]) -> Naming:
        return cls(**{name: tuple(values) for name, values in told.items() if name in cls.__slots__})

    def needles(self) -> list[bytes]:
        """One of these stands in every body that names the person, as JSON writes it."""
        words = {text for text in self.texts if len(text) >= SHORTEST}
        written = words | {json.dumps(text)[1:-1] for text in words}
        return [str(number).encode() for number in (*self.customer_ids, *self.order_ids)] + [
            text.encode() for text in sorted(written)
        ]


def names(topic: str, body: bytes, who: Naming, *, surely: bool) -> bool:
    """Is `who` in `body`? `surely`: only where a number is a customer's or an order's."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return _mentions(body, who)
    if not surely and _mentions(body, who):
        return True
    texts = {text.casefold() for text in who.texts if len(text) >= SHORTEST}
    for path, value in _leaves(payload, (topic.partition("/")[0].removesuffix("s"),)):
        if isinstance(value, str) and _text_names(value, texts):
            return True
        if _number(value) in who.customer_ids and _is_of("customer", path, value):
            return True
        if _number(value) in who.order_ids and _is_of("order", path, value):
            return True
    return False


def _mentions(body: bytes, who: Naming) -> bool:
    folded = body.lower()
    if any(re.search(rb"(?<!\d)%d(?!\d)" % number, folded) for number in (*who.customer_ids, *who.order_ids)):
        return True
    return any(needle.lower() in folded for needle in who.needles() if not needle.isdigit())


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """(path, value) of everything that is neither an object nor a list; a list adds nothing to the path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, path)
    else:
        yield path, value


def _text_names(value: str, texts: set[str]) -> bool:
    folded = value.casefold()
    return any(text in folded for text in texts)


def _number(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        digits = value.rpartition("/")[2].partition("?")[0]
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 20 else None
    return value if isinstance(value, int) else None


def _is_of(noun: str, path: tuple[str, ...], value: Any) -> bool:
    """`customer.id`, `customer_id`, `customerId`, `customers/update`'s own `id`, `gid://shopify/Customer/…`."""
    if isinstance(value, str) and value.startswith("gid://"):
        return f"/{noun}/" in value.lower()
    last = path[-1].lower()
    if last in ("id", "admin_graphql_api_id"):
        return len(path) > 1 and noun in path[-2].lower()
    return noun in last
