"""The pretend Shopify's segments: listed, and asked who is in them, by a reading of the language of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sandbox import customers, merchant
from sandbox.segments.dates import Days
from sandbox.segments.grammar import Invalid, parse
from sandbox.segments.members import find
from sandbox.shop import gid
from tests.sandbox.conftest import NOW, install
from tests.sandbox.test_adminapi import DOCUMENTS, ask

ANN, BEN = 17850, 12583
"""Ann (GB) bought twelve pieces for £35.64, and postage; Ben (FR) two for £25.50."""
MEMBERS = (
    "query($first: Int, $after: String, $query: String, $queryId: ID, $segmentId: ID, $timezone: String) {"
    " customerSegmentMembers(first: $first, after: $after, query: $query, queryId: $queryId, segmentId: $segmentId,"
    " timezone: $timezone) { totalCount edges { cursor node { id } } pageInfo { hasNextPage } } }"
)


def members(world, query, timezone="UTC"):
    return [one.number for one in find(world, query, NOW, timezone).every]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [BEN, ANN]),
        ("number_of_orders = 1", [BEN, ANN]),
        ("number_of_orders > 1 OR amount_spent > 30", [ANN]),
        ("amount_spent BETWEEN 25.5 AND 25.50", [BEN]),
        ("customer_countries CONTAINS 'FR'", [BEN]),
        ("customer_countries NOT CONTAINS 'FR' AND number_of_orders >= 1", [ANN]),
        ("customer_tags IS NULL AND number_of_orders > 99", []),
        ("email_subscription_status = 'SUBSCRIBED'", []),
        ("email_subscription_status != 'SUBSCRIBED'", [BEN, ANN]),
        ("products_purchased MATCHES ()", [BEN, ANN]),
        ("products_purchased NOT MATCHES (quantity > 5)", [BEN]),
        ("products_purchased(quantity: 12) = true", [ANN]),
        ("orders_placed MATCHES (count >= 1, amount > 30)", [ANN]),
        ("orders_placed MATCHES (count < 1)", []),
        ("first_order_date IS NOT NULL AND (last_order_date < today OR amount_spent = 1)", [BEN, ANN]),
        ("last_order_date >= today", []),
    ],
)
def test_who_is_in_it(world, query, expected):
    assert members(world, query) == expected


def test_tags_of_customers_and_of_products_know_no_case(world):
    customers.tag(world, ANN, add=["VIP"], remove=[])
    tag = world.db.execute("SELECT json_extract(tags, '$[0]') FROM products ORDER BY id").fetchone()[0]

    assert members(world, "customer_tags CONTAINS 'vip'") == [ANN]
    assert members(world, f"products_purchased MATCHES (tag = '{tag.upper()}')") == members(
        world, f"products_purchased MATCHES (tag = '{tag}')"
    )


@pytest.mark.parametrize(
    "query",
    [
        "shoe_size > 40",
        "push_subscribed = true",
        "number_of_orders > many",
        "number_of_orders",
        "(number_of_orders > 1",
        "number_of_orders > 1 number_of_orders > 2",
        "orders_placed MATCHES (date > 2025-01-01, date < 2025-06-01)",
        "orders_placed MATCHES (weather = 'fine')",
        "last_order_date > 2026-02-31",
        " AND ".join(["number_of_orders > 1"] * 11),
        "(" * 60 + "number_of_orders > 1" + ")" * 60,
        "customer_tags CONTAINS \"vip\"",
    ],
)  # fmt: skip
def test_what_shopify_would_not_take_is_refused(world, query):
    with pytest.raises(Invalid):
        members(world, query)


def test_days_are_the_shops_and_relative_ones_those_of_the_time_zone_that_is_asked_in():
    late = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)  # already July in London
    london, utc = ZoneInfo("Europe/London"), ZoneInfo("UTC")

    assert Days(late, london, london).span(("word", "today"))[0] == datetime(2026, 7, 1, tzinfo=london)
    assert Days(late, london, utc).span(("word", "today"))[0] == datetime(2026, 6, 30, tzinfo=UTC)
    begin, end = Days(late, london, utc).span(("day", "2026-10-25"))
    assert (end.astimezone(UTC) - begin.astimezone(UTC)).total_seconds() == 25 * 3600
    assert Days(late, london, utc).span(("offset", "-4m"))[0].date().isoformat() == "2026-02-28"


def test_nested_and_older_forms_are_one_tree():
    assert parse("a > 1 OR b > 2 AND c > 3") == parse("a > 1 OR (b > 2 AND c > 3)")
    assert parse("f(date: -30d) = true") == parse("f MATCHES (date >= -30d)")


def test_segments_are_listed_and_their_members_come_in_pages(browser, world):
    access = install(browser)
    row = merchant.make_segment(world, "Everybody", "")
    listed = ask(browser, (DOCUMENTS / "segments.graphql").read_text(), access=access, first=250).json()
    (told,) = listed["data"]["segments"]["nodes"]
    assert (told["id"], told["name"], told["query"]) == (gid("Segment", row["id"]), "Everybody", "")

    asked = {"access": access, "segmentId": gid("Segment", row["id"]), "first": 1}
    first = ask(browser, MEMBERS, **asked).json()["data"]["customerSegmentMembers"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (2, True)
    assert first["edges"][0]["node"]["id"] == gid("CustomerSegmentMember", BEN)
    second = ask(browser, MEMBERS, **asked, after=first["edges"][0]["cursor"]).json()["data"]["customerSegmentMembers"]
    assert [edge["node"]["id"] for edge in second["edges"]] == [gid("CustomerSegmentMember", ANN)]


def test_a_query_that_it_does_not_take_is_an_error_with_a_code(browser):
    (error,) = ask(browser, MEMBERS, first=10, query="shoe_size > 40").json()["errors"]
    assert error["message"].startswith("Query is invalid: ")
    assert error["extensions"]["code"] == "INVALID"


def test_some_questions_are_only_worked_off_by_themselves(browser):
    access = install(browser)
    browser.post("/_sandbox/admin-api", json={"async_members": True})
    (error,) = ask(browser, MEMBERS, access=access, first=10, query="").json()["errors"]
    assert error["extensions"]["code"] == "USE_CUSTOMER_SEGMENT_MEMBERS_QUERY_CREATE_MUTATION"

    create = (
        "mutation($query: String) { customerSegmentMembersQueryCreate(input: {query: $query}) {"
        " customerSegmentMembersQuery { id done currentCount } userErrors { code field message } } }"
    )
    refused = ask(browser, create, access=access, query="shoe_size > 40").json()["data"]
    (problem,) = refused["customerSegmentMembersQueryCreate"]["userErrors"]
    assert problem["code"] == "INVALID"
    made = ask(browser, create, access=access, query="amount_spent > 30").json()["data"]
    query_id = made["customerSegmentMembersQueryCreate"]["customerSegmentMembersQuery"]["id"]

    look = "query($id: ID!) { customerSegmentMembersQuery(id: $id) { done currentCount } }"
    state = ask(browser, look, access=access, id=query_id).json()["data"]["customerSegmentMembersQuery"]
    assert state == {"done": True, "currentCount": 1}
    found = ask(browser, MEMBERS, access=access, first=10, queryId=query_id).json()["data"]["customerSegmentMembers"]
    assert [edge["node"]["id"] for edge in found["edges"]] == [gid("CustomerSegmentMember", ANN)]
