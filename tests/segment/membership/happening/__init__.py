"""What can happen to a small shop, by subject, and the segments that ask for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tests.segment.membership.happening import browsers, customers, merchant, messages, trade
from tests.segment.membership.world import World

Step = Callable[[World], None]


@dataclass(frozen=True)
class Subject:
    """`anytime`: whom it concerns is caught up before. `punctual`: some are left to the clock, which has to come. Each
    with how often it happens."""

    anytime: Mapping[Step, int]
    punctual: Mapping[Step, int]
    queries: Sequence[str]


SUBJECTS: Final = {
    "trade": Subject(
        {trade.order: 4, trade.fill_cart: 3, trade.order_again: 1, trade.refund: 1, trade.delete_order: 1}
        | {trade.check_out: 2, browsers.leave_cart: 1},
        {trade.product: 2, trade.lose_product: 1, trade.history_comes: 1},
        (
            "last_order_date >= -30d",
            "number_of_orders = 0",
            "orders_placed MATCHES (date >= -7d, count > 1)",
            "products_purchased NOT MATCHES (date >= -2m)",
            "products_purchased MATCHES (tag = 'vip', date BETWEEN -30d AND -1d)",
            "products_purchased MATCHES (type = 'Lamps') OR cart_updated MATCHES (vendor = 'Hygge')",
            "first_order_date <= -1m AND amount_spent > 1",
            "orders_placed MATCHES (date >= -3h) AND NOT last_order_date > -1h",
            "anniversary('first_order_date') BETWEEN today AND +7d",
            "cart_updated MATCHES (tag = 'vip', date >= -5d)",
            "abandoned_checkout_date >= -5d",
            "checkout_started MATCHES (date >= -7d, count > 1)",
        ),
    ),
    "customers": Subject(
        {customers.tag: 2, customers.tell_from_elsewhere: 4, browsers.log_in: 2, trade.order: 2, customers.customer: 1}
        | {customers.agree_to_mails: 1, customers.lose_customer: 1, customers.merge: 1, customers.erase: 1},
        {},
        (
            "customer_added_date > -1w OR (customer_tags CONTAINS 'VIP' AND last_order_date < -5d)",
            "email_subscription_status = 'SUBSCRIBED' AND number_of_orders = 0",
            "event('points', value > 100)",
            "event MATCHES (name = 'points', value >= 100, date >= -5d) AND customer_added_date IS NULL",
            "event NOT MATCHES (name = 'points', date >= -30d)",
        ),
    ),
    "browsers": Subject(
        {browsers.look: 4, browsers.open_page: 4, browsers.log_in: 4, browsers.answer: 2, browsers.stay: 1}
        | {
            browsers.look_at_collection: 1,
            browsers.search: 1,
            browsers.subscribe: 1,
            browsers.unsubscribe: 1,
            customers.merge: 1,
        },
        {browsers.locate: 2, trade.product: 1, trade.name_collection: 1},
        (
            "product_viewed MATCHES (tag = 'vip', date >= -30d) OR favourited MATCHES (type = 'Lamps')",
            "product_viewed MATCHES (date >= -3h) AND number_of_orders = 0",
            "added_to_cart NOT MATCHES (date >= -5d)",
            "collection_viewed MATCHES (title = 'Winter', date >= -5d)",
            "collection_viewed MATCHES (handle != 'sale', count < 3)",
            "searched MATCHES (words CONTAINS 'rain coat', date >= -7d)",
            "site_visited MATCHES (device = 'mobile', date >= -5d)",
            "site_visited MATCHES (utm_source = 'newsletter', date >= -30d, count >= 2)",
            "site_visited MATCHES (seconds >= 600) OR utm_campaign CONTAINS 'spring'",
            "device CONTAINS 'mobile' AND site_visited NOT MATCHES (date >= -1d)",
            "located_cities CONTAINS 'Leeds'",
            "gender = 'female' OR birthday > -1m",
            "age >= 1",
            "answered MATCHES (question = 'size', answer = '42', date >= -5d)",
        ),
    ),
    "messages": Subject(
        {browsers.subscribe: 6, browsers.log_in: 3, browsers.unsubscribe: 1, customers.merge: 1, customers.erase: 1},
        {messages.send: 6, messages.tell_of_message: 6, messages.lose_browser: 1},
        (
            "push_subscribed = true",
            "push_subscribed = true AND last_order_date = yesterday",
            "push_subscribed_date >= -5d AND device CONTAINS 'mobile'",
            "push_sent MATCHES (date >= -3h)",
            "push_sent MATCHES (campaign = 'Winter coats', date >= -30d)",
            "push_shown MATCHES (date >= -5d)",
            "push_shown NOT MATCHES (date >= -30d) AND push_subscribed = true",
            "push_clicked MATCHES (date >= -30d, count >= 2)",
            "push_dismissed MATCHES (date >= -7d)",
        ),
    ),
    "merchant": Subject(
        {trade.order: 2, browsers.look: 1, browsers.log_in: 2, customers.merge: 1},
        {merchant.import_list: 3, merchant.put_on_list: 2, merchant.take_off_list: 2, merchant.save: 1}
        | {merchant.create: 1, merchant.delete: 1, merchant.move: 2},
        (
            "in_list('Fair 2026')",
            "NOT in_list('fair 2026') AND last_order_date >= -30d",
            "in_list('Gold') OR product_viewed MATCHES (date >= -1d)",
            "NOT in_segment('Segment 0') AND number_of_orders > 0",
            "",
        ),
    ),
}
EVERY_QUERY: Final = [query for one in SUBJECTS.values() for query in one.queries]
_ANYTIME: Final = sum((Counter(one.anytime) for one in SUBJECTS.values()), Counter[Step]())
_PUNCTUAL: Final = sum((Counter(one.punctual) for one in SUBJECTS.values()), Counter[Step]())


def next_step(world: World, subject: Subject, *, punctual: bool) -> Step:
    """Two of three times one of the subject's own."""
    own = world.dice.random() < 2 / 3
    anytime, left = (subject.anytime, subject.punctual) if own else (_ANYTIME, _PUNCTUAL)
    steps = Counter(anytime) + Counter(left) if punctual else Counter(anytime)
    return world.dice.choices(list(steps), weights=list(steps.values()))[0]
