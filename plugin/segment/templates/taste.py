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
)
