"""Ready segments: what stores begin with, for every kind of question that a segment can ask.

Each one runs as it is; who takes one changes the numbers and names to fit the shop. To add one, add a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from plugin.base.errors import NotFound

SUBJECTS: Final[Mapping[str, str]] = {
    "place": "Place",
    "person": "About the person",
    "behaviour": "What they look at",
    "purchases": "What they buy",
    "cycle": "Life cycle",
    "taste": "Tastes",
    "device": "Device and source",
    "contact": "Consent, credit and other tools",
}
"""The kinds of questions, by key, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Template:
    """`query` under `name`, and `when` to use it; `key` names it in an address and on the command line."""

    key: str
    name: str
    query: str
    when: str
    subject: str


TEMPLATES: Final = (
    Template(
        "bought-twice",
        "Bought twice or more",
        "number_of_orders >= 2",
        "They know you: show new things to them first.",
        "purchases",
    ),
    Template(
        "ordered-lately",
        "Ordered in the last 30 days",
        "last_order_date >= -30d",
        "Say thank you, and leave them out of discounts.",
        "cycle",
    ),
    Template(
        "not-for-90-days",
        "Have not ordered for 90 days",
        "number_of_orders >= 1 AND last_order_date < -90d",
        "They are worth one good reason to come back.",
        "cycle",
    ),
    Template(
        "spent-200",
        "Spent 200 or more",
        "amount_spent >= 200",
        "Give previews and first choice to those who spend most.",
        "purchases",
    ),
    Template(
        "subscribed-never-ordered",
        "Subscribed, never ordered",
        "push_subscribed = true AND number_of_orders = 0",
        "They are curious but not convinced yet: answer the question that holds them back.",
        "contact",
    ),
    Template(
        "in-britain-or-ireland",
        "Live in Britain or Ireland",
        "customer_countries CONTAINS 'GB' OR customer_countries CONTAINS 'IE'",
        "Tell of a local holiday, a delivery date or an event only where it matters.",
        "place",
    ),
    Template(
        "never-told-where",
        "Live nobody knows where",
        "customer_countries IS NULL",
        "Ask before you promise a delivery date: these people have told no address yet.",
        "place",
    ),
    Template(
        "tagged-vip",
        "Tagged VIP",
        "customer_tags CONTAINS 'VIP'",
        "Whoever you or your staff tagged by hand gets the personal word.",
        "contact",
    ),
    Template(
        "three-orders-in-90-days",
        "Three orders in 90 days",
        "orders_placed MATCHES (date >= -90d, count >= 3)",
        "They buy often just now: ask for a review, or to bring a friend.",
        "purchases",
    ),
    Template(
        "one-big-order",
        "One order of 100 or more",
        "orders_placed MATCHES (amount >= 100)",
        "Show the dearer things to people who have once paid for one.",
        "purchases",
    ),
    Template(
        "bought-on-sale-tag",
        "Bought something tagged sale",
        "products_purchased MATCHES (tag = 'sale')",
        "Announce a sale to those who like one, and spare the others.",
        "purchases",
    ),
    Template(
        "second-order-due",
        "One order, a month ago",
        "number_of_orders = 1 AND last_order_date BETWEEN -45d AND -21d",
        "The second order makes a regular: offer what goes with the first.",
        "cycle",
    ),
    Template(
        "first-order-this-week",
        "First order this week",
        "first_order_date >= -7d",
        "Welcome them, and tell how to use and care for what is on its way.",
        "cycle",
    ),
    Template(
        "a-year-with-us",
        "Customers for a year or more",
        "customer_added_date <= -1y AND number_of_orders >= 1",
        "Thank them for their time with you, on the day or once a season.",
        "cycle",
    ),
    Template(
        "asleep-for-a-year",
        "Asleep for a year",
        "number_of_orders >= 1 AND last_order_date < -12m",
        "Write once, honestly, and let those go who do not answer.",
        "cycle",
    ),
    Template(
        "push-but-no-e-mail",
        "Push, but no newsletter",
        "push_subscribed = true AND email_subscription_status != 'SUBSCRIBED'",
        "Push is the only way to these people: put the news of your newsletter here, too.",
        "contact",
    ),
    Template(
        "newsletter-but-no-push",
        "Newsletter, but no push",
        "email_subscription_status = 'SUBSCRIBED' AND push_subscribed = false",
        "Invite them, by your newsletter, to switch the bell on.",
        "contact",
    ),
)

FIRST_FIVE: Final = TEMPLATES[:5]
"""What a shop without any segment is shown."""


def find(key: str) -> Template:
    """The template of that key. Raises NotFound."""
    for template in TEMPLATES:
        if template.key == key:
            return template
    raise NotFound(f"There is no template {key[:60]!r}. `beckon segment templates` lists them.")


def matching(search: str, subject: str = "") -> list[Template]:
    """Those of a subject (empty: of any) that have each word of `search` in name, query or sentence."""
    words = search.casefold().split()
    return [
        template
        for template in TEMPLATES
        if subject in ("", template.subject)
        if all(word in f"{template.name} {template.query} {template.when}".casefold() for word in words)
    ]
