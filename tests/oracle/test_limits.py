"""Both readers take as much as docs/segments.md says, and not one more."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from plugin.segment.compile import compile_segment
from plugin.segment.errors import SegmentError
from tests.oracle import judge
from tests.oracle.scanning import Refused

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
SHOP = {"id": 1, "timezone": "Europe/London", "currency": "GBP"}
CLAUSE = "number_of_orders > 2"


def clauses(count: int) -> str:
    return " OR ".join([CLAUSE] * count)


def characters(count: int) -> str:
    return CLAUSE.ljust(count)


def levels(count: int) -> str:
    return "(" * count + CLAUSE + ")" * count


def one_list(count: int) -> str:
    return f"products_purchased MATCHES (id IN ({', '.join(map(str, range(count)))}))"


def lists(count: int) -> str:
    """Of 250 values, the last one of what is over."""
    whole, over = divmod(count, 250)
    return " AND ".join([*[one_list(250)] * whole, *([one_list(over)] if over else [])])


@pytest.mark.parametrize(
    ("written", "most"), [(clauses, 500), (characters, 50_000), (levels, 30), (one_list, 500), (lists, 5_000)]
)
def test_the_limits_are_those_of_the_reference(written: object, most: int) -> None:
    assert callable(written)
    assert both_take(written(most))
    assert not both_take(written(most + 1))


def test_clauses_of_segments_that_are_asked_for_count_too() -> None:
    segments = {"inner": clauses(200)}
    assert both_take(f"in_segment('inner') OR {clauses(299)}", segments)
    assert not both_take(f"in_segment('inner') OR {clauses(300)}", segments)


def both_take(query: str, segments: dict[str, str] | None = None) -> bool:
    """Whether the product takes the query; fails where the oracle says otherwise."""
    try:
        compile_segment(query, now=NOW, timezone="Europe/London", segments=segments or {})
        taken = True
    except SegmentError:
        taken = False
    try:
        judge.understood(query, judge.shop_of(SHOP, NOW), segments or {})
        assert taken, "the oracle takes what the product refuses"
    except Refused:
        assert not taken, "the oracle refuses what the product takes"
    return taken
