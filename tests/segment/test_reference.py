"""Every form that Shopify's reference of the segment query language documents is read, in both spellings.

Source: shopify.dev, "Segment query language reference" and "ShopifyQL" (November 2026), and its changelog of 1 October
2026 for what changed with API version 2026-10. Left: as Shopify or its merchants write it; right: the one way to write
it here. A form whose filter is not in the catalogue yet is held to the grammar alone.
"""

from __future__ import annotations

import re

import pytest

from plugin.segment.attributes import Function, find
from plugin.segment.checked import clauses
from plugin.segment.compile import compile_segment
from plugin.segment.errors import SegmentError
from plugin.segment.format import canonical, sentence
from plugin.segment.kinds import Kind
from plugin.segment.parser import parse
from plugin.segment.warnings import for_shopify
from tests.conftest import NOON

SAME = None
UNTOLD = {"category", "next_expiry_date", "last_credit_date"}
"""Parameters of Shopify's that our rows cannot answer yet."""
FORMS = [
    # one clause, AND before OR, parentheses
    ("email_subscription_status = 'SUBSCRIBED'", SAME),
    (
        "number_of_orders > 1 or amount_spent > 2 and customer_tags contains 'a'",
        "number_of_orders > 1 OR amount_spent > 2 AND customer_tags CONTAINS 'a'",
    ),
    ("(number_of_orders > 1 OR amount_spent > 2) AND customer_tags CONTAINS 'a'", SAME),
    # dates
    ("last_order_date >= 2020-05-30", SAME),
    ("last_order_date = 2020-05-30", SAME),
    ("last_order_date != 2020-05-30", SAME),
    ("last_order_date < 2020-05-30T13:05:09", SAME),
    ("last_order_date BETWEEN 2021-01-01 AND today", SAME),
    ("last_order_date BETWEEN 2020-01-01 AND -7d", SAME),
    ("last_order_date > -7d", SAME),
    ("last_order_date > -2w", SAME),
    ("last_order_date > -1m", SAME),
    ("last_order_date > -1y", SAME),
    ("last_order_date < +30d", SAME),
    ("last_order_date = yesterday", SAME),
    ("last_order_date = today", SAME),
    ("last_order_date > 7_days_ago", "last_order_date > -7d"),
    ("last_order_date > 30_days_ago", "last_order_date > -30d"),
    ("last_order_date > 90_days_ago", "last_order_date > -90d"),
    ("last_order_date > 12_months_ago", "last_order_date > -12m"),
    ("customer_added_date >= -90d", SAME),
    ("first_order_date IS NULL", SAME),
    ("abandoned_checkout_date IS NOT NULL", SAME),
    # enums
    ("customer_account_status != 'DISABLED'", SAME),
    ("sms_subscription_status = 'PENDING'", SAME),
    ("predicted_spend_tier = 'HIGH'", SAME),
    ("product_subscription_status = 'NEVER_SUBSCRIBED'", SAME),
    ("rfm_group = 'CHAMPIONS'", SAME),
    # numbers
    ("amount_spent BETWEEN 100 AND 1000.99", SAME),
    ("amount_spent > 99", SAME),
    ("amount_spent = 99.0", "amount_spent = 99"),
    ("number_of_orders BETWEEN 100 AND 1000", SAME),
    ("number_of_orders <= 3", SAME),
    ("companies IS NOT NULL", SAME),
    ("created_by_app_id = 1354745", SAME),
    # lists
    ("customer_tags NOT CONTAINS 'vip'", SAME),
    ("customer_tags CONTAINS '\\'VIP\\''", SAME),
    ("customer_tags CONTAINS ''", SAME),
    ("customer_countries CONTAINS 'CA'", SAME),
    ("customer_regions CONTAINS 'US-NY'", SAME),
    ("customer_cities CONTAINS 'US-NY-NewYorkCity'", SAME),
    ("customer_cities IS NULL", SAME),
    # texts
    ("customer_email_domain = 'example.com'", SAME),
    ("customer_language = 'en'", SAME),
    # products_purchased
    ("products_purchased MATCHES ()", SAME),
    ("products_purchased NOT MATCHES ()", SAME),
    ("products_purchased MATCHES (id = 1234)", SAME),
    ("products_purchased (id: 1234) = true", "products_purchased MATCHES (id = 1234)"),
    ("products_purchased(id: 1234) = false", "products_purchased NOT MATCHES (id = 1234)"),
    ("products_purchased(id: 1234) != true", "products_purchased NOT MATCHES (id = 1234)"),
    ("products_purchased MATCHES (id IN (1012132033639, 2012162031638))", SAME),
    ("products_purchased MATCHES (id NOT IN (1, 2))", SAME),
    ("products_purchased(id: (1, 2)) = true", "products_purchased MATCHES (id IN (1, 2))"),
    ("products_purchased MATCHES (tag = 'Sports wear', date >= -12m)", SAME),
    (
        "products_purchased(tag: 'Sports wear', date: 12_months_ago) = true",
        "products_purchased MATCHES (tag = 'Sports wear', date >= -12m)",
    ),
    ("products_purchased MATCHES (id = 1234, count > 1)", SAME),
    ("products_purchased MATCHES (quantity > 5)", SAME),
    ("products_purchased MATCHES (quantity != 5)", SAME),
    ("products_purchased(quantity: 5) = true", "products_purchased MATCHES (quantity = 5)"),
    ("products_purchased MATCHES (sum_quantity > 5)", SAME),
    ("products_purchased MATCHES (category = 'Apparel')", SAME),
    (
        "products_purchased(id: 1, since: 2026-01-01, until: 2026-02-01) = true",
        "products_purchased MATCHES (id = 1, date BETWEEN 2026-01-01 AND 2026-02-01)",
    ),
    (
        "products_purchased(id: 1, date: BETWEEN -12m AND today) = true",
        "products_purchased MATCHES (id = 1, date BETWEEN -12m AND today)",
    ),
    # orders_placed
    ("orders_placed MATCHES (date > 2025-01-01)", SAME),
    ("orders_placed MATCHES (amount > 10.5, location_id = 3, app_id = 4, count >= 2, sum_amount < 100)", SAME),
    ("orders_placed() = true", "orders_placed MATCHES ()"),
    # what people do
    ("storefront_event.product_viewed MATCHES (id = 1, date >= -7d, count > 2)", SAME),
    ("storefront_event.product_viewed(id: 1) = true", "storefront_event.product_viewed MATCHES (id = 1)"),
    ("storefront_event.collection_viewed NOT MATCHES (id IN (1, 2))", SAME),
    ("store_credit_accounts MATCHES (balance > 0)", SAME),
    ("store_credit_accounts MATCHES (currency = 'CAD', next_expiry_date < +30d, last_credit_date > -30d)", SAME),
    # anniversaries
    ("anniversary ('metafields.facts.birth_date') = today", "anniversary('metafields.facts.birth_date') = today"),
    (
        "anniversary(date: 'metafields.facts.birth_date') BETWEEN today AND +30d",
        "anniversary('metafields.facts.birth_date') BETWEEN today AND +30d",
    ),
    ("anniversary('metafields.facts.birth_date') = +4w", SAME),
    ("anniversary('metafields.facts.birth_date') = 1980-05-30", SAME),
    # distances
    (
        "customer_within_distance(coordinates: (45.5, -75.7), distance_mi: 6.2) = true",
        "customer_within_distance MATCHES (coordinates = '45.5,-75.7', distance_mi = 6.2)",
    ),
    ("customer_within_distance MATCHES (coordinates = '49.2827,-123.1207', distance_km = 25)", SAME),
    ("customer_within_distance NOT MATCHES (coordinates = '49.2827,-123.1207', distance_km = 25)", SAME),
    # metafields
    ("customer.metafields.custom.membership_level = 'gold'", SAME),
    ("customer.metafields.custom.points >= 100", SAME),
    ("customer.metafields.custom.member = true", SAME),
    ("customer.metafields.custom.sizes CONTAINS 'M'", SAME),
    ("customer.metafields.custom.since IS NULL", SAME),
]


@pytest.mark.parametrize(("written", "canon"), FORMS)
def test_what_shopify_documents_is_read(written: str, canon: str | None) -> None:
    tree = parse(written)
    assert canonical(tree) == (canon or written)
    assert parse(canonical(tree)) == tree
    assert for_shopify(tree) == [], "Shopify takes its own forms"
    if not _waits(written):
        checked = compile_segment(written, now=NOON, timezone="America/New_York")
        assert clauses(checked.condition)
        assert sentence(checked).startswith("People who ")


def _waits(written: str) -> bool:
    """Does the form ask for what the catalogue does not hold yet?"""
    name = re.split(r"[ (]", written.lstrip("("))[0]
    if name == "anniversary":
        return find("customer.metafields.facts.birth_date", Kind.DATE) is None
    entry = find(name)
    asked = {one for one in UNTOLD if one in written}
    return entry is None or (isinstance(entry, Function) and not asked <= set(entry.parameters))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("last_order_date BETWEEN 1pm AND 3pm", "neither a number"),
        ("last_order_date >= '2020-05-30'", "without quotes"),
        ("last_order_date >= -7dT10:00:00", "neither a number"),
        ("orders_placed MATCHES (date > 2025-01-01, date < 2025-06-01)", "stands here twice"),
        ("number_of_orders > 1.5", "whole numbers"),
        ("email_subscription_status = 'subscribed'", "Did you mean 'SUBSCRIBED'?"),
        ("email_subscription_status = 'SUBSCRIBED '", "Did you mean 'SUBSCRIBED'?"),
        ("COUNT(number_of_orders) > 1", "Texts stand in single quotes"),
        ("LOWER(customer_tags) CONTAINS 'a'", "Texts stand in single quotes"),
        ("customer_tags CONTAINS 'a', 'b'", "stands where AND, OR or the end"),
        ("amount_spent > 1,000.00", "stands where AND, OR or the end"),
    ],
)
def test_what_shopify_refuses_is_refused_here_too(written: str, said: str) -> None:
    with pytest.raises(SegmentError) as caught:
        compile_segment(written, now=NOON, timezone="America/New_York")
    assert said in caught.value.message
