"""Two queries side by side: what a merchant is told has changed."""

from __future__ import annotations

from plugin.segment.difference import compare
from tests.conftest import NOON


def changes(before: str, after: str) -> list[tuple[str, str, str]]:
    found = compare(before, after, now=NOON, timezone="Europe/London")
    return [(one.kind, one.before, one.after) for one in found]


def test_a_difference_names_clauses_that_came_went_and_changed() -> None:
    before = "number_of_orders > 2 AND customer_tags CONTAINS 'vip' AND push_subscribed = true"
    after = "number_of_orders > 3 AND push_subscribed = true AND amount_spent > 50"

    assert changes(before, after) == [
        ("changed", "number_of_orders > 2", "number_of_orders > 3"),
        ("removed", "customer_tags CONTAINS 'vip'", ""),
        ("added", "", "amount_spent > 50"),
    ]


def test_the_same_in_other_words_is_no_difference() -> None:
    assert changes("number_of_orders>2 and amount_spent > 50.0", "number_of_orders > 2 AND amount_spent > 50") == []


def test_other_parentheses_are_a_difference() -> None:
    one, two = (
        "amount_spent > 1 AND (number_of_orders > 1 OR push_subscribed = true)",
        "amount_spent > 1 AND number_of_orders > 1 OR push_subscribed = true",
    )

    assert [kind for kind, _, _ in changes(one, two)] == ["joined"]


def test_a_query_that_cannot_be_read_is_one_clause() -> None:
    assert changes("number_of_orders >", "number_of_orders > 2")[0][0] == "changed"


def test_the_same_clauses_joined_by_another_word_are_a_difference() -> None:
    one, two = "number_of_orders > 1 AND push_subscribed = true", "push_subscribed = true OR number_of_orders > 1"

    assert changes(one, two) == [("joined", one, two)]


def test_not_turns_a_clause_into_another_one_and_its_words_say_so() -> None:
    (found,) = compare("number_of_orders > 2", "NOT (number_of_orders > 2)", now=NOON, timezone="Europe/London")

    assert (found.kind, found.after) == ("changed", "NOT (number_of_orders > 2)")
    assert "not" in found.words


def test_not_around_several_is_one_clause() -> None:
    inside = "push_subscribed = true AND amount_spent > 50"

    assert changes(inside, f"number_of_orders > 2 AND NOT ({inside})") == [
        ("removed", "push_subscribed = true", ""),
        ("removed", "amount_spent > 50", ""),
        ("added", "", "number_of_orders > 2"),
        ("added", "", f"NOT ({inside})"),
    ]
