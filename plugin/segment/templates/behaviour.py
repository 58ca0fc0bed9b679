"""What people look at, search for and leave behind."""

from __future__ import annotations

from .shape import Template

TEMPLATES = (
    Template(
        "left-a-checkout",
        "Left a checkout this week",
        "abandoned_checkout_date >= -7d AND orders_placed NOT MATCHES (date >= -7d)",
        "Ask what stopped them: delivery, payment, or a question.",
    ),
    Template(
        "left-a-checkout-long-ago",
        "Left a checkout weeks ago",
        "abandoned_checkout_date BETWEEN -30d AND -8d AND orders_placed NOT MATCHES (date >= -30d)",
        "That basket is cold: speak of the thing itself, or of what came in since.",
    ),
)
