"""Shopify's segments read here: whole, in part with what is left out and to which side that goes, or not at all."""

from __future__ import annotations

import pytest

from plugin.segment.translation import Effect, Translation, translate
from tests.conftest import NOON

ALIEN = "shopify_email.opened MATCHES ()"
SPENT, MORE = "amount_spent > 5", "number_of_orders > 2"


def read(query: str) -> Translation:
    return translate(query, now=NOON, timezone="Europe/London")


def test_an_older_spelling_is_read_as_a_whole_and_shown_in_the_newer_one() -> None:
    told = read("products_purchased(tag: 'Sale', date: -30d) = true")

    assert told.is_whole
    assert told.canonical == "products_purchased MATCHES (tag = 'Sale', date >= -30d)"
    assert told.sentence.startswith("People who have bought")


def test_an_empty_query_is_everybody_and_whole() -> None:
    assert (read("").canonical, read("").is_whole) == ("", True)


def test_what_only_shopify_can_answer_is_named_with_the_reason() -> None:
    told = read(f"number_of_orders > 2 AND {ALIEN}")

    (refused,) = told.refused
    assert refused.clause == ALIEN
    assert "Shopify tells no app" in refused.why
    assert told.canonical == "number_of_orders > 2"


@pytest.mark.parametrize(
    ("query", "left", "effect"),
    [
        (f"number_of_orders > 2 AND {ALIEN}", "number_of_orders > 2", Effect.WIDER),
        (f"number_of_orders > 2 OR {ALIEN}", "number_of_orders > 2", Effect.NARROWER),
        (f"{SPENT} AND (number_of_orders > 2 OR {ALIEN})", f"{SPENT} AND number_of_orders > 2", Effect.NARROWER),
        (f"{SPENT} OR (number_of_orders > 2 AND {ALIEN})", f"{SPENT} OR number_of_orders > 2", Effect.WIDER),
        (f"{SPENT} AND {ALIEN} AND ({MORE} OR {ALIEN})", f"{SPENT} AND {MORE}", Effect.OTHER),
        (f"{SPENT} AND NOT ({MORE} AND {ALIEN})", f"{SPENT} AND NOT ({MORE})", Effect.NARROWER),
        (f"{SPENT} AND NOT ({MORE} OR {ALIEN})", f"{SPENT} AND NOT ({MORE})", Effect.WIDER),
        (ALIEN, None, None),
        (f"{ALIEN} AND {ALIEN}", None, None),
    ],
)  # fmt: skip
def test_leaving_a_clause_out_goes_to_a_side_that_is_said(query: str, left: str | None, effect: Effect | None) -> None:
    told = read(query)

    assert not told.is_whole
    assert (told.canonical, told.effect) == (left, effect)


def test_each_of_two_equal_clauses_is_named() -> None:
    assert len(read(f"{ALIEN} AND {ALIEN} AND number_of_orders > 1").refused) == 2


def test_what_is_no_query_at_all_is_refused_in_one_piece() -> None:
    told = read("number_of_orders >" + " (" * 2_000)

    assert told.canonical is None
    assert len(told.refused) == 1
    assert len(told.refused[0].clause) < 400
