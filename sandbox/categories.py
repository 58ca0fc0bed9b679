"""Product types → the names of Shopify's product taxonomy."""

from __future__ import annotations

CATEGORIES = {
    "Christmas": "Home & Garden > Decor > Seasonal & Holiday Decorations",
    "Home": "Home & Garden > Decor",
    "Kitchen & table": "Home & Garden > Kitchen & Dining",
    "Candles & light": "Home & Garden > Decor > Home Fragrances > Candles",
    "Bags": "Luggage & Bags",
    "Jewellery": "Apparel & Accessories > Jewelry",
    "Stationery": "Office Supplies",
    "Party": "Arts & Entertainment > Party & Celebration",
    "Garden": "Home & Garden > Lawn & Garden",
    "Children": "Toys & Games",
}
"""Gifts have none: not every product of a real store has one."""
