"""Segments that stores begin with: shown where there is none yet, and as examples beside the editor."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Starter:
    name: str
    query: str
    why: str


STARTERS = (
    Starter("Bought twice or more", "number_of_orders >= 2", "They know you. New things first to them."),
    Starter("Ordered in the last 30 days", "last_order_date >= -30d", "Say thank you; leave out of discounts."),
    Starter(
        "Have not ordered for 90 days",
        "number_of_orders >= 1 AND last_order_date < -90d",
        "Worth one good reason to come back.",
    ),
    Starter("Spent 200 or more", "amount_spent >= 200", "Previews and first choice."),
    Starter(
        "Subscribed, never ordered",
        "push_subscribed = true AND number_of_orders = 0",
        "Curious, but not convinced yet.",
    ),
)
EXAMPLES = (
    *STARTERS,
    Starter("Live in the United Kingdom", "customer_countries CONTAINS 'GB'", ""),
    Starter("Tagged VIP", "customer_tags CONTAINS 'VIP'", ""),
    Starter(
        "Three orders since 90 days", "orders_placed MATCHES (date >= -90d, count >= 3)", "Counts only those orders."
    ),
)
