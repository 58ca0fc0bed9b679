"""What Shopify's own editor would refuse is said, and hinders nobody."""

from __future__ import annotations

import pytest

from plugin.segment.parser import parse
from plugin.segment.warnings import for_shopify


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("number_of_orders > 2 AND customer_tags CONTAINS 'vip'", []),
        ("customer.metafields.custom.level = 'gold' OR anniversary('metafields.facts.birth_date') = today", []),
        ("customer_within_distance MATCHES (coordinates = '51.5,-0.1', distance_km = 25)", []),
        ("products_purchased(id: 12, date: -30d) = true", []),
        ("push_subscribed = true", [("push_subscribed", "Shopify does not know push_subscribed.")]),
        ("in_segment('VIPs')", [("in_segment", "Shopify does not know in_segment.")]),
        ("last_order_date > -3h", [("-3h", "Shopify counts days, weeks, months and years, not hours.")]),
        (
            "orders_placed MATCHES (date > -3h, hour = 9)",
            [
                ("-3h", "Shopify counts days, weeks, months and years, not hours."),
                ("hour", "Shopify's orders_placed has no parameter hour."),
            ],
        ),
        ("site_visited MATCHES (id = 3)", [("site_visited", "Shopify does not know site_visited.")]),
        (
            "customer_cities STARTS WITH 'US'",
            [("STARTS WITH", "Shopify's segments do not know STARTS WITH.")],
        ),
        ("rfm_group IN ('NEW', 'LOYAL')", [("IN", "Shopify takes IN only inside MATCHES ( … ).")]),
        (
            "NOT (number_of_orders > 2)",
            [("NOT (number_of_orders > 2)", "Shopify does not know NOT before a clause or parentheses.")],
        ),
    ],
)
def test_what_shopify_would_refuse_is_said_at_its_place(query: str, said: list[tuple[str, str]]) -> None:
    found = [(query[one.span.start : one.span.end], one.message) for one in for_shopify(parse(query))]
    assert found == said


def test_the_eleventh_clause_is_one_too_many_for_shopify() -> None:
    query = " OR ".join(f"number_of_orders = {n}" for n in range(12))
    (caution,) = for_shopify(parse(query))
    assert caution.message == "Shopify's editor takes 10 clauses at most; this query has 12."
    assert query[caution.span.start : caution.span.end] == "number_of_orders = 10 OR number_of_orders = 11"
    assert for_shopify(parse(query.rsplit(" OR ", 2)[0])) == []
