"""Why Ann is a member: clauses, values, sentences."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from plugin.base.errors import NotFound
from plugin.profile.load import load, load_many
from plugin.segment.compile import compile_segment
from plugin.segment.explain import Verdict, explain
from plugin.segment.format import sentence
from plugin.store.engine import Tx
from tests.conftest import NOON
from tests.factories import make_person, make_shop
from tests.segment.population import Bought, Someone, settle

ANN = Someone(
    customer_id=101,
    countries=("GB", "IE"),
    tags=("VIP",),
    subscriptions=("active",),
    orders=(
        Bought(at=datetime(2026, 11, 3, 9, 30, tzinfo=UTC), total=4_050, lines=((1234, 2), (None, 1))),
        Bought(at=datetime(2026, 8, 1, 9, 30, tzinfo=UTC), total=1_000, lines=((1234, 1),)),
        Bought(at=datetime(2026, 11, 4, 9, 30, tzinfo=UTC), total=99_900, test=True, lines=((1234, 9),)),
    ),
)


def test_each_clause_is_explained_by_the_value_that_decided_it(tx: Tx, shop_id: int) -> None:
    (ann,) = settle(tx, shop_id, [ANN])
    query = """
        number_of_orders > 2 OR amount_spent >= 50.5 AND customer_tags NOT CONTAINS 'vip' AND push_subscribed = true
        AND customer_added_date IS NULL AND products_purchased(id: 1234, quantity: 3) = true
        AND orders_placed NOT MATCHES (date >= -30d, sum_amount > 40) AND customer_countries CONTAINS 'FR'
        AND last_order_date = 2026-11-03 AND orders_placed MATCHES (app_id = 5)
    """
    checked = compile_segment(query, now=NOON, timezone="America/New_York")

    assert explain(checked, load(tx, shop_id, ann)) == [
        Verdict("number_of_orders > 2", False, "number_of_orders is 2"),
        Verdict("amount_spent >= 50.5", True, "amount_spent is 50.50 GBP"),
        Verdict("customer_tags NOT CONTAINS 'vip'", False, "customer_tags is vip"),
        Verdict("push_subscribed = true", True, "push_subscribed is true"),
        Verdict("customer_added_date IS NULL", True, "customer_added_date is missing"),
        Verdict(
            "products_purchased MATCHES (id = 1234, quantity = 3)",
            True,
            "2 purchases match, the last on 3 November 2026 at 04:30:00, quantity is 3",
        ),
        Verdict(
            "orders_placed NOT MATCHES (date >= -30d, sum_amount > 40)",
            False,
            "1 order matches, the last on 3 November 2026 at 04:30:00, sum_amount is 40.50 GBP",
        ),
        Verdict("customer_countries CONTAINS 'FR'", False, "customer_countries is GB, IE"),
        Verdict("last_order_date = 2026-11-03", True, "last_order_date is 3 November 2026 at 04:30:00"),
        Verdict("orders_placed MATCHES (app_id = 5)", False, "0 orders match"),
    ]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "Everybody."),
        ("number_of_orders = 1", "People who have placed exactly 1 order."),
        ("number_of_orders BETWEEN 2 AND 1000", "People who have placed between 2 and 1,000 orders."),
        ("amount_spent > 100.50", "People who have spent more than 100.50."),
        (
            "last_order_date >= -30d AND customer_tags NOT CONTAINS 'vip'",
            "People who placed their last order on or after 19 October 2026 (30 days ago) "
            "and do not have the tag “vip”.",
        ),
        (
            "last_order_date != yesterday",
            "People who placed their last order on another day than 17 November 2026 (yesterday) (or never).",
        ),
        ("first_order_date IS NULL", "People who do not have a first order."),
        ("push_subscribed = false", "People who do not get push notifications."),
        (
            "customer_countries CONTAINS 'GB' AND (push_subscribed = true OR customer_tags IS NOT NULL)",
            "People who have an address in GB and (get push notifications or have any tag).",
        ),
        ("products_purchased NOT MATCHES ()", "People who have not bought any product."),
        (
            "products_purchased MATCHES (id IN (1, 2, 3), tag = 'Sale', date < 2026-01-01, count > 1)",
            "People who have bought product 1, 2 or 3 tagged “Sale” before 1 January 2026 in more than 1 order.",
        ),
        (
            "orders_placed MATCHES (count >= 2, date >= -90d, sum_amount > 100)",
            "People who have placed at least 2 orders on or after 20 August 2026 (90 days ago), "
            "worth more than 100 altogether.",
        ),
    ],
)
def test_a_segment_is_said_in_plain_words(query: str, said: str) -> None:
    assert sentence(compile_segment(query, now=NOON, timezone="Europe/London")) == said


def test_a_profile_holds_what_counts(tx: Tx, shop_id: int) -> None:
    ann, bob = settle(tx, shop_id, [ANN, Someone(removed_tags=("old",), subscriptions=("gone",))], {1234: ["Coats"]})
    profile = load(tx, shop_id, ann)
    assert [order.total for order in profile.orders] == [1_000, 4_050]
    assert [(line.product_id, line.quantity) for line in profile.orders[1].lines] == [(1234, 2), (None, 1)]
    assert profile.orders[0].lines[0].product.tags == {"coats"}
    assert (profile.currency, profile.customer_id, profile.push_subscribed) == ("GBP", 101, True)
    assert [(one.person_id, one.tags, one.push_subscribed) for one in load_many(tx, shop_id, [bob, ann])] == [
        (ann, {"VIP"}, True),
        (bob, set(), False),
    ]


def test_nobody_elses_profile_is_loaded(tx: Tx, shop_id: int) -> None:
    theirs = make_person(tx, make_shop(tx, domain="elsewhere.myshopify.com"))
    with pytest.raises(NotFound, match="no person"):
        load(tx, shop_id, theirs)
