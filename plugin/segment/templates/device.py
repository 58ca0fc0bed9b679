"""With what, and from where, people come."""

from __future__ import annotations

from .shape import Template

TEMPLATES = (
    Template(
        "on-the-phone",
        "Come on the phone",
        "device CONTAINS 'mobile'",
        "Short words, one picture, one tap: tell of what is easy to buy on a phone.",
    ),
    Template(
        "from-the-newsletter",
        "Came from a newsletter",
        "site_visited MATCHES (date >= -30d, utm_medium = 'email')",
        "They read you already: do not tell them the same again by push.",
    ),
    Template(
        "from-google",
        "Came from Google, never ordered",
        "referrer CONTAINS 'google.com' AND number_of_orders = 0",
        "They looked for something and do not know you yet: say who you are.",
    ),
    Template(
        "from-an-advertisement",
        "Came from an advertisement",
        "utm_medium CONTAINS 'cpc'",
        "You paid for this visit: welcome them, and let them stay.",
    ),
)
