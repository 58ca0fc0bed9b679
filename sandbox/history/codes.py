"""What a StockCode is, and the ids that follow from the store's own codes: the same file always gives the same ids."""

from __future__ import annotations

import functools
import hashlib
from typing import Literal

Kind = Literal["product", "custom", "shipping"]

SHIPPING = frozenset({"POST", "DOT", "C2"})
"""Postage, DOTCOM postage, carriage."""


@functools.lru_cache(20_000)
def kind_of(code: str) -> Kind:
    """Codes without a digit (manual entries, fees, discounts) are custom lines without a product."""
    if code in SHIPPING:
        return "shipping"
    return "product" if any(character.isdigit() for character in code) else "custom"


@functools.lru_cache(20_000)
def product_id(code: str) -> int:
    """From the exact StockCode: `85123A` and `85123a` are two products."""
    return 7_000_000_000_000 + int.from_bytes(hashlib.sha256(code.encode()).digest()[:5])


def variant_id(product: int) -> int:
    """Each product has one variant."""
    return product + 40_000_000_000_000


def order_id(invoice: str) -> int:
    """The invoice's number itself; one with a letter (`A563185`) is moved out of the way of its plain namesake."""
    digits = "".join(character for character in invoice if character.isdigit())
    number = int(digits) if digits else int.from_bytes(hashlib.sha256(invoice.encode()).digest()[:4])
    return number if invoice.isdigit() else 1_000_000_000 + number
