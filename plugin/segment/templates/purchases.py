"""What people buy, how much and how."""

from __future__ import annotations

from .shape import Template

TEMPLATES = (
    Template(
        "bought-twice", "Bought twice or more", "number_of_orders >= 2", "They know you: show new things to them first."
    ),
    Template(
        "spent-200",
        "Spent 200 or more",
        "amount_spent >= 200",
        "Give previews and first choice to those who spend most.",
    ),
    Template(
        "three-orders-in-90-days",
        "Three orders in 90 days",
        "orders_placed MATCHES (date >= -90d, count >= 3)",
        "They buy often just now: ask for a review, or to bring a friend.",
    ),
    Template(
        "one-big-order",
        "One order of 100 or more",
        "orders_placed MATCHES (amount >= 100)",
        "Show the dearer things to people who have once paid for one.",
    ),
    Template(
        "bought-on-sale-tag",
        "Bought something tagged sale",
        "products_purchased MATCHES (tag = 'sale')",
        "Announce a sale to those who like one, and spare the others.",
    ),
    Template(
        "several-at-once",
        "Bought five or more in 90 days",
        "products_purchased MATCHES (date >= -90d, quantity >= 5)",
        "Offer a case, a set or a refill to those who need a lot.",
    ),
    Template(
        "season-after-season",
        "Order season after season",
        "orders_placed MATCHES (date >= -6m) AND orders_placed MATCHES (date BETWEEN -12m AND -6m)",
        "They come back by themselves: tell them when the new season is here.",
    ),
    Template(
        "average-order-100",
        "Average order of 100 or more",
        "average_order_value >= 100 AND number_of_orders >= 2",
        "Offer sets and the better version: they do not count every coin.",
    ),
    Template(
        "bought-with-a-code",
        "Bought with a discount code",
        "orders_placed MATCHES (date >= -180d, discount_kind = 'code')",
        "Codes move them: give theirs an end date, and keep them from the others.",
    ),
    Template(
        "never-a-discount",
        "Never needed a discount",
        "number_of_orders >= 2 AND orders_placed NOT MATCHES (discount_kind = 'any')",
        "Do not teach them to wait for one: give early access instead.",
    ),
    Template(
        "evening-buyers",
        "Order in the evening",
        "orders_placed MATCHES (hour BETWEEN 18 AND 23, count >= 2)",
        "Send when they are on the sofa.",
    ),
    Template(
        "weekend-buyers",
        "Order at the weekend",
        "orders_placed MATCHES (weekday >= 6, count >= 2)",
        "Let them have the message on Friday evening, before they begin.",
    ),
)
