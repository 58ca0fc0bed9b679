"""Where people stand in their life as customers."""

from __future__ import annotations

from .shape import Template

TEMPLATES = (
    Template(
        "ordered-lately",
        "Ordered in the last 30 days",
        "last_order_date >= -30d",
        "Say thank you, and leave them out of discounts.",
    ),
    Template(
        "not-for-90-days",
        "Have not ordered for 90 days",
        "number_of_orders >= 1 AND last_order_date < -90d",
        "They are worth one good reason to come back.",
    ),
    Template(
        "second-order-due",
        "One order, a month ago",
        "number_of_orders = 1 AND last_order_date BETWEEN -45d AND -21d",
        "The second order makes a regular: offer what goes with the first.",
    ),
    Template(
        "first-order-this-week",
        "First order this week",
        "first_order_date >= -7d",
        "Welcome them, and tell how to use and care for what is on its way.",
    ),
    Template(
        "a-year-with-us",
        "Customers for a year or more",
        "customer_added_date <= -1y AND number_of_orders >= 1",
        "Thank them for their time with you, on the day or once a season.",
    ),
    Template(
        "asleep-for-a-year",
        "Asleep for a year",
        "number_of_orders >= 1 AND last_order_date < -12m",
        "Write once, honestly, and let those go who do not answer.",
    ),
    Template(
        "ordered-yesterday",
        "Ordered yesterday",
        "last_order_date = yesterday",
        "Say what happens next with their parcel, and leave them in peace otherwise.",
    ),
    Template(
        "big-and-quiet",
        "Spent 200, quiet for half a year",
        "amount_spent >= 200 AND last_order_date < -6m",
        "They were worth a lot and may be again: write a personal line.",
    ),
    Template(
        "champions",
        "Champions",
        "rfm_group = 'CHAMPIONS'",
        "Your best customers: ask for their opinion, and let them in first.",
    ),
    Template(
        "slipping-away",
        "Slipping away",
        "rfm_group IN ('AT_RISK', 'ALMOST_LOST')",
        "They bought often and stopped: one personal word now costs less than a new customer.",
    ),
    Template(
        "order-due-this-week",
        "Expected to order this week",
        "expected_next_order_date BETWEEN today AND +7d",
        "Be there on the day they would buy anyway, without a discount.",
    ),
    Template(
        "overdue",
        "Overdue with their order",
        "churn_risk = 'HIGH'",
        "Later than they ever were: remind them before they have a new habit.",
    ),
    Template(
        "first-order-anniversary",
        "A year since their first order",
        "anniversary('first_order_date') = today AND first_order_date < today",
        "Say thank you on the very day.",
    ),
)
