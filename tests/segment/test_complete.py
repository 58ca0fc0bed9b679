"""What can stand at a place of a query that is being written."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.segment.ast import Node
from plugin.segment.complete import Expected, expected
from plugin.segment.format import canonical
from plugin.segment.lexer import tokens
from tests.segment.strategies import trees


def at_the_end(query: str) -> Expected:
    found = expected(query, len(query))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("query", "what", "written"),
    [
        ("", "filter", ""),
        ("number_of", "filter", "number_of"),
        ("(", "filter", ""),
        ("number_of_orders > 2 AND NOT (", "filter", ""),
        ("number_of_orders ", "operator", ""),
        ("customer_tags NOT ", "operator", ""),
        ("customer_postcodes NOT STARTS ", "operator", ""),
        ("customer_postcodes STARTS WITH ", "value", ""),
        ("customer_postcodes STARTS WITH 'SW1' ", "joiner", ""),
        ("number_of_orders >", "value", ""),
        ("customer_tags CONTAINS 'Kids\\' cl", "value", "'Kids\\' cl"),
        ("customer_tags CONTAINS '", "value", "'"),
        ("last_order_date >= -3", "value", "-3"),
        ("last_order_date BETWEEN -90d ", "joiner", ""),
        ("last_order_date BETWEEN -90d AND ", "value", ""),
        ("last_order_date IS NULL ", "joiner", ""),
        ("email_subscription_status IN ('PENDING', ", "value", ""),
        ("number_of_orders > 2 a", "joiner", "a"),
        ("number_of_orders > 2 OR ", "filter", ""),
        ("orders_placed ", "operator", ""),
        ("orders_placed MATCHES (", "parameter", ""),
        ("orders_placed MATCHES (date >= -90d, c", "parameter", "c"),
        ("orders_placed MATCHES (date ", "operator", ""),
        ("orders_placed MATCHES (date >= ", "value", ""),
        ("products_purchased MATCHES (id IN (1, ", "value", ""),
        ("products_purchased MATCHES (id IN (1, 2) ", "joiner", ""),
        ("orders_placed MATCHES (count > 2) AND ", "filter", ""),
        ("NOT in_segment", "filter", "in_segment"),
        ("in_segment ", "operator", ""),
        ("in_segment(", "value", ""),
        ("in_segment('Reg", "value", "'Reg"),
        ("in_segment('Regulars') ", "joiner", ""),
        ("random_share(10, ", "value", ""),
        ("random_share(10) AND NOT ", "filter", ""),
        ("anniversary(", "value", ""),
        ("anniversary('first_order_date') ", "operator", ""),
        ("anniversary('first_order_date') BETWEEN today AND ", "value", ""),
        ("anniversary('first_order_date') = today ", "joiner", ""),
    ],
)
def test_it_is_known_what_comes_next(query: str, what: str, written: str) -> None:
    found = at_the_end(query)
    assert (found.what, found.written) == (what, written)
    assert query[found.start : found.end] == written


def test_parameters_that_stand_there_are_not_offered_again() -> None:
    found = at_the_end("orders_placed MATCHES (date >= -90d, count > 2, ")
    assert found.function is not None
    assert (found.function.name, found.taken) == ("orders_placed", {"date", "count"})


def test_after_what_no_query_has_nothing_is_offered() -> None:
    for query in ("shoe_size ", "number_of_orders > 2 )", "orders_placed MATCHES (size ", "£ "):
        assert expected(query, len(query)) is None


@given(tree=trees([date(2026, 11, 18)]), share=st.floats(0, 1))
@settings(max_examples=200, deadline=None)
def test_at_every_word_of_every_query_it_is_known_what_may_stand_there(tree: Node, share: float) -> None:
    query = canonical(tree)
    words = tokens(query)
    word = words[round(share * (len(words) - 1))]
    found = expected(query, word.span.start)
    assert found is not None, query[: word.span.start]
    if word.kind in ("text", "number", "day", "moment", "offset"):
        assert found.what == "value"


@given(query=st.text(max_size=40), at=st.integers(-5, 50))
@settings(max_examples=200, deadline=None)
def test_no_text_makes_it_stumble(query: str, at: int) -> None:
    found = expected(query, at)
    assert found is None or 0 <= found.start <= found.end <= len(query)
