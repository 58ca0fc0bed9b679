"""The sums of a person's orders, and when the customer came."""

from __future__ import annotations

from plugin.segment.kinds import Kind
from plugin.store.tables import people

from .shape import Attribute, column, reads

ENTRIES = (
    Attribute(
        "number_of_orders",
        Kind.INTEGER,
        column(people.c.number_of_orders),
        lambda profile: profile.number_of_orders,
        reads=reads("number_of_orders"),
        verb="have placed",
        noun="a number of orders",
        unit="order",
    ),
    Attribute(
        "amount_spent",
        Kind.AMOUNT,
        column(people.c.amount_spent),
        lambda profile: profile.amount_spent,
        reads=reads("amount_spent"),
        verb="have spent",
        noun="an amount spent",
    ),
    Attribute(
        "first_order_date",
        Kind.DATE,
        column(people.c.first_order_at),
        lambda profile: profile.first_order_at,
        reads=reads("first_order_at"),
        verb="placed their first order",
        noun="a first order",
    ),
    Attribute(
        "last_order_date",
        Kind.DATE,
        column(people.c.last_order_at),
        lambda profile: profile.last_order_at,
        reads=reads("last_order_at"),
        verb="placed their last order",
        noun="a last order",
    ),
    Attribute(
        "customer_added_date",
        Kind.DATE,
        column(people.c.customer_added_at),
        lambda profile: profile.customer_added_at,
        reads=reads("customer_added_at"),
        verb="became a customer",
        noun="a date on which they became a customer",
    ),
    Attribute(
        "abandoned_checkout_date",
        Kind.DATE,
        column(people.c.abandoned_checkout_at),
        lambda profile: profile.standing.abandoned_checkout_at,
        reads=reads("standing"),
        verb="left a checkout",
        noun="a checkout that they left",
    ),
)
