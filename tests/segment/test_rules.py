"""Builder and query are two views of one tree; what no builder made is refused."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.base.errors import BeckonError
from plugin.segment.ast import Node
from plugin.segment.format import canonical
from plugin.segment.parser import MAX_CLAUSES, parse
from plugin.segment.rules import leaves, rules, tree
from tests.segment.strategies import trees

DAYS = [date(2026, 11, 18), date(2024, 2, 29)]


@given(found=trees(DAYS))
@settings(max_examples=200, deadline=None)
def test_what_the_builder_shows_is_what_was_written(found: Node) -> None:
    told = json.loads(json.dumps(rules(found)))
    assert tree(told) == found
    assert parse(canonical(tree(told))) == found


def test_everybody_is_a_group_of_nothing() -> None:
    assert rules(parse("")) == {"all": []}
    assert tree({"all": [{"any": []}, {"all": [{"all": []}]}]}) == parse("")


def test_groups_in_groups_become_what_a_query_would_say() -> None:
    many = {"filter": "number_of_orders", "operator": ">", "values": [{"number": "2"}]}
    vip = {"filter": "customer_tags", "operator": "CONTAINS", "values": [{"text": "vip"}]}
    said = canonical(tree({"all": [{"all": [many, {"any": [many, vip]}]}, {"any": [vip]}]}))
    one, other = "number_of_orders > 2", "customer_tags CONTAINS 'vip'"
    assert said == f"{one} AND ({one} OR {other}) AND {other}"


def test_each_row_says_how_it_is_written() -> None:
    told = rules(parse("NOT (number_of_orders > 2 OR in_segment('VIPs'))"))
    assert [one["written"] for one in told["not"]["any"]] == ["number_of_orders > 2", "in_segment('VIPs')"]
    assert [type(leaf).__name__ for leaf in leaves(tree(told))] == ["Comparison", "Call"]
    assert tree({"not": {"all": []}}) == tree({"not": {"query": ""}}) == parse("")


def test_a_row_of_text_is_read_as_text() -> None:
    assert tree({"all": [{"query": "number_of_orders > 2 OR amount_spent > 9"}]}) == parse(
        "number_of_orders > 2 OR amount_spent > 9"
    )


@pytest.mark.parametrize(
    "told",
    [
        None,
        7,
        [],
        {},
        {"all": {}},
        {"all": [None]},
        {"filter": "number_of_orders > 2 OR number_of_orders", "operator": "<", "values": [{"number": "2"}]},
        {"filter": "number_of_orders", "operator": "> 1 AND amount_spent >", "values": [{"number": "2"}]},
        {"filter": "number_of_orders", "operator": ">", "values": []},
        {"filter": "number_of_orders", "operator": ">", "values": [{"number": "2"}, {"number": "3"}]},
        {"filter": "number_of_orders", "operator": ">", "values": [{"number": "NaN"}]},
        {"filter": "number_of_orders", "operator": ">", "values": [{"number": "1e999999999"}]},
        {"filter": "number_of_orders", "operator": ">", "values": [{"number": "9" * 41}]},
        {"filter": "last_order_date", "operator": ">", "values": [{"day": "2026-02-30"}]},
        {"filter": "last_order_date", "operator": ">", "values": [{"moment": "2026-02-03T10:00:00+01:00"}]},
        {"filter": "last_order_date", "operator": ">", "values": [{"offset": -3, "unit": "fortnight"}]},
        {"filter": "last_order_date", "operator": ">", "values": [{"offset": 10**30, "unit": "d"}]},
        {"filter": "customer_tags", "operator": "CONTAINS", "values": [{"text": "a\0b"}]},
        {"filter": "orders_placed", "negated": "no", "conditions": []},
        {
            "filter": "orders_placed",
            "negated": False,
            "conditions": [{"parameter": ") OR (", "operator": "=", "values": []}],
        },
        {"query": "number_of_orders >"},
        {"all": [{"query": "number_of_orders > 1"}] * (MAX_CLAUSES + 1)},
    ],
)
def test_what_no_builder_made_is_refused_in_words(told: object) -> None:
    with pytest.raises(BeckonError, match=r"\.$"):
        tree(told)


def test_a_thousand_groups_in_each_other_are_refused() -> None:
    deep: object = {"all": []}
    for _ in range(900):
        deep = {"any": [deep]}
    with pytest.raises(BeckonError, match="nested too deeply"):
        tree(deep)


HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "all any filter operator values negated conditions parameter query number text truth day offset".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(told=HOSTILE)
@settings(max_examples=200, deadline=None)
def test_hostile_json_ends_in_a_sentence_or_in_a_tree_that_can_be_written(told: object) -> None:
    try:
        found = tree(told)
    except BeckonError:
        return
    assert parse(canonical(found)) == found
