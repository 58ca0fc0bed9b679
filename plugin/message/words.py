"""The merge tags that each kind of message has, what they mean, and an example for previews."""

from __future__ import annotations

from plugin.store.types import decimals, major_units

CAMPAIGN = {
    "shop.name": ("Your shop's name", "Vanta Outdoor"),
    "customer.first_name": ("Their first name; needs a default, and Names switched on in Settings", "Ann"),
    "customer.number_of_orders": ("How often they ordered; empty for people who never did", "3"),
    "customer.amount_spent": ("What they spent in all; empty for people who never ordered", "£182.50"),
}
ABANDONED_CART = {
    "shop.name": ("Your shop's name", "Vanta Outdoor"),
    "customer.first_name": ("Their first name; needs a default, and Names switched on in Settings", "Ann"),
    "product.title": ("The product that they left in the cart", "Harbour Parka"),
    "product.price": ("Its price", "£129.00"),
    "cart.total": ("What the cart costs in all", "£158.00"),
    "cart.items": ("How many pieces are in it", "2"),
}
FIRST_NAME = "customer.first_name"
NEEDING_A_DEFAULT = frozenset({FIRST_NAME})
"""Tags that many people have no value for: without a default a message that uses one is not ready."""
_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$", "CAD": "$", "AUD": "$", "NZD": "$", "JPY": "¥", "INR": "₹"}


def money(minor: int, currency: str) -> str:
    """1250, `"GBP"` → `"£12.50"`; a currency without a sign of its own is named: `"12.50 SEK"`."""
    amount = f"{major_units(abs(minor), currency):,.{decimals(currency)}f}"
    sign = "-" if minor < 0 else ""
    if currency in _SIGNS:
        return f"{sign}{_SIGNS[currency]}{amount}"
    return f"{sign}{amount} {currency}"
