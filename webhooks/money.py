"""Money of a payload in the shop's own currency, whichever way this API version writes it.

`price` beside `price_set: {shop_money, presentment_money}`: the first is older, the second names its currency.
"""

from __future__ import annotations

from plugin.ingest.payload import Part, currency


def in_shop_currency(part: Part, key: str, unit: str) -> int:
    """In minor units of `unit`: the plain amount, or where there is none the set's shop money. Raises Unreadable."""
    told = None if part.has(key) else of_set(part, f"{key}_set", unit)
    return part.money(key, unit) if told is None else told


def of_set(part: Part, key: str, unit: str) -> int | None:
    """The shop money of a set; None where it is not told."""
    money = _shop_money(part, key)
    return money.money("amount", unit) if money and money.has("amount") else None


def unit_of_set(part: Part, key: str) -> str | None:
    """The currency of a set's shop money."""
    money = _shop_money(part, key)
    return currency(money, "currency_code") if money and money.has("currency_code") else None


def _shop_money(part: Part, key: str) -> Part | None:
    told = part.part_if_any(key)
    return told.part_if_any("shop_money") if told else None
