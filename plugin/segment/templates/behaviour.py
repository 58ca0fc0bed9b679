"""What people look at, search for and leave behind."""

from __future__ import annotations

from .shape import Template

TEMPLATES = (
    Template(
        "looked-but-not-bought",
        "Looked, but did not buy",
        "product_viewed MATCHES (date >= -14d) AND orders_placed NOT MATCHES (date >= -14d)",
        "They were here for something: show it again, with what others say of it.",
    ),
    Template(
        "left-a-cart-today",
        "Left a cart some hours ago",
        "cart_updated MATCHES (date BETWEEN -24h AND -1h) AND orders_placed NOT MATCHES (date >= -24h)",
        "Remind them while they still know what they wanted.",
    ),
    Template(
        "same-thing-three-times",
        "Looked three times this week",
        "product_viewed MATCHES (date >= -7d, count >= 3)",
        "They are deciding: answer questions on size, delivery and returns.",
    ),
    Template(
        "searched-this-week",
        "Searched this week",
        "searched MATCHES (date >= -7d) AND orders_placed NOT MATCHES (date >= -7d)",
        "Who searches knows what they want: help them to find it.",
    ),
    Template(
        "long-visits",
        "Spent ten minutes this week",
        "site_visited MATCHES (date >= -7d, sum_seconds >= 600)",
        "They take their time: offer advice instead of a discount.",
    ),
    Template(
        "favourites-not-bought",
        "Have favourites, did not order lately",
        "favourited MATCHES () AND orders_placed NOT MATCHES (date >= -30d)",
        "Tell them when something on their list is nearly gone or costs less.",
    ),
    Template(
        "read-then-left",
        "Read an article, never ordered",
        "article_read MATCHES (date >= -30d) AND number_of_orders = 0",
        "They like what you write: lead from the story to the thing.",
    ),
    Template(
        "began-a-checkout",
        "Began a checkout, did not finish",
        "checkout_started MATCHES (date >= -3d) AND orders_placed NOT MATCHES (date >= -3d)",
        "Ask what stopped them: delivery, payment, or a question.",
    ),
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
