"""What people seem to like."""

from __future__ import annotations

from .shape import Template

TEMPLATES = (
    Template(
        "look-at-one-vendor",
        "Keep looking at one vendor",
        "product_viewed MATCHES (vendor = 'Acme', date >= -60d, count >= 3)",
        "Their favourite maker has something new: tell these people first; put in one of yours.",
    ),
    Template(
        "look-at-one-kind",
        "Keep looking at one kind of thing",
        "product_viewed MATCHES (type = 'Jackets', date >= -60d, count >= 3)",
        "Interest shows before an order does: write about that kind of thing and no other.",
    ),
    Template(
        "like-a-bargain",
        "Like a bargain",
        "discount_buyer = true",
        "Half of their orders had a discount: sales are news to them.",
    ),
    Template(
        "like-the-best",
        "Like the best",
        "favourite_price_band = 'HIGH'",
        "Show them what is dear and good, and no clearance.",
    ),
    Template(
        "like-a-category",
        "Love one category",
        "favourite_category = 'Jackets'",
        "New things of their category go to them first; put in one of yours.",
    ),
    Template(
        "evening-people", "Shop in the evening", "favourite_hour BETWEEN 18 AND 23", "Send when they usually order."
    ),
)
