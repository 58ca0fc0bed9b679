"""Where somebody stands in their life as a customer. docs/decisions/0039-life-cycle.md.

Stages are conditions on dates: who is in which moves with the clock, to the second, like any other date.
"""

from __future__ import annotations

from plugin.profile.cycle import GROUPS
from plugin.segment.kinds import Kind, choice
from plugin.store.tables import people

from .shape import Attribute, column, reads

STAGES = {
    "NEW": "number_of_orders = 1 AND last_order_date >= -30d",
    "ACTIVE": "number_of_orders = 1 AND last_order_date BETWEEN -180d AND -31d",
    "REPEAT": "number_of_orders BETWEEN 2 AND 4 AND last_order_date >= -180d",
    "POWER": "number_of_orders >= 5 AND last_order_date >= -180d",
    "DORMANT": "number_of_orders >= 1 AND last_order_date BETWEEN -365d AND -181d",
    "LAPSED": "number_of_orders >= 1 AND last_order_date < -365d",
    "NEVER_ORDERED": "number_of_orders <= 0",
}
RISKS = {
    "LOW": "expected_next_order_date >= today",
    "MEDIUM": "expected_next_order_date < today AND overdue_order_date >= today",
    "HIGH": "overdue_order_date < today",
}

ENTRIES = (
    Attribute(
        "life_cycle_stage",
        choice("a stage", tuple(STAGES), name="stage"),
        column(people.c.number_of_orders),
        lambda profile: (profile.number_of_orders, profile.last_order_at),
        reads=reads("number_of_orders", "last_order_at"),
        verb="are in the stage",
        noun="a stage",
        stages=STAGES,
    ),
    Attribute(
        "churn_risk",
        choice("a risk", tuple(RISKS), name="risk"),
        column(people.c.overdue_at),
        lambda profile: profile.cycle,
        reads=reads("cycle"),
        verb="have the churn risk",
        noun="a churn risk",
        stages=RISKS,
    ),
    Attribute(
        "days_since_first_order",
        Kind.DAYS_SINCE,
        column(people.c.first_order_at),
        lambda profile: profile.first_order_at,
        reads=reads("first_order_at"),
        verb="placed their first order",
        noun="a first order",
        unit="day",
    ),
    Attribute(
        "days_since_last_order",
        Kind.DAYS_SINCE,
        column(people.c.last_order_at),
        lambda profile: profile.last_order_at,
        reads=reads("last_order_at"),
        verb="placed their last order",
        noun="a last order",
        unit="day",
    ),
    Attribute(
        "average_order_value",
        Kind.AMOUNT,
        column(people.c.average_order),
        lambda profile: profile.cycle.average_order,
        reads=reads("cycle"),
        verb="have spent on each order, on average,",
        noun="an order",
    ),
    Attribute(
        "lifetime_value",
        Kind.AMOUNT,
        column(people.c.amount_spent),
        lambda profile: profile.amount_spent,
        reads=reads("amount_spent"),
        verb="have spent in their life as a customer",
        noun="an amount spent",
    ),
    Attribute(
        "expected_next_order_date",
        Kind.DATE,
        column(people.c.expected_order_at),
        lambda profile: profile.cycle.expected_order_at,
        reads=reads("cycle"),
        verb="are expected to order again",
        noun="a next order that could be foreseen",
    ),
    Attribute(
        "overdue_order_date",
        Kind.DATE,
        column(people.c.overdue_at),
        lambda profile: profile.cycle.overdue_at,
        reads=reads("cycle"),
        verb="are overdue with their next order from",
        noun="a next order that could be foreseen",
    ),
    Attribute(
        "rfm_group",
        choice("a group", GROUPS, name="group"),
        column(people.c.rfm_group),
        lambda profile: profile.cycle.rfm_group,
        reads=reads("cycle"),
        verb="are in the RFM group",
        noun="an RFM group",
    ),
)
