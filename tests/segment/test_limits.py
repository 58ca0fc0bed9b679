"""What is within the limits runs, on both databases: the limits are what a database can bear, not what it can not."""

from __future__ import annotations

import itertools

import pytest

from plugin.segment.compile import compile_segment
from plugin.segment.cursor import MAX_LIST, MAX_LISTED
from plugin.segment.errors import SegmentError
from plugin.segment.format import canonical, sentence
from plugin.segment.lexer import MAX_LENGTH
from plugin.segment.parser import MAX_CLAUSES, MAX_DEPTH, parse
from plugin.segment.sql import members
from plugin.store.engine import Tx
from tests.conftest import NOON
from tests.segment.population import Bought, Someone, settle

KINDS = itertools.cycle(
    (
        "number_of_orders != {n}",
        "amount_spent < {n}.5",
        "customer_tags NOT CONTAINS 't{n}'",
        "products_purchased NOT MATCHES (id = {n}, date >= -{n}d)",
        "orders_placed MATCHES (amount < {n}, count < 5)",
        "email_subscription_status IS NULL",
    )
)
CLAUSES = [next(KINDS).format(n=n + 100) for n in range(MAX_CLAUSES)]


def found(tx: Tx, shop_id: int, query: str, **segments: str) -> list[int]:
    checked = compile_segment(query, now=NOON, timezone="Europe/London", segments=segments)
    assert sentence(checked)
    written = canonical(checked.tree)
    assert len(written) > MAX_LENGTH or parse(written) == checked.tree
    return list(tx.execute(members(checked, shop_id)).scalars())


def test_as_many_clauses_as_may_be(tx: Tx, shop_id: int) -> None:
    (ann,) = settle(tx, shop_id, [Someone(orders=(Bought(NOON, lines=((7, 1),)),))])
    assert found(tx, shop_id, " AND ".join(CLAUSES)) == [ann]
    assert found(tx, shop_id, " OR ".join(f"NOT ({clause})" for clause in CLAUSES)) == []


def test_as_deep_as_may_be(tx: Tx, shop_id: int) -> None:
    (ann,) = settle(tx, shop_id, [Someone()])
    wide = [" AND ".join(["push_subscribed = false"] * 9), " OR ".join(["push_subscribed = true"] * 9)]
    inner = turned = "number_of_orders = 0"
    for level in range(MAX_DEPTH):
        inner = f"({wide[level % 2]} {('AND', 'OR')[level % 2]} {inner})"
        turned = f"NOT (number_of_orders = 0 AND {turned})"
    assert found(tx, shop_id, inner) == [ann]
    assert found(tx, shop_id, turned) == [ann]


def test_segments_inside_segments_may_not_be_deeper_than_one_may(tx: Tx, shop_id: int) -> None:
    (ann,) = settle(tx, shop_id, [Someone()])
    inner = "number_of_orders = 0"
    for _ in range(13):
        inner = f"(push_subscribed = false AND (push_subscribed = true OR {inner}))"
    assert found(tx, shop_id, "in_segment('one')", one="in_segment('two')", two=inner) == [ann]
    segments = {f"s{n}": inner.replace("number_of_orders = 0", f"in_segment('s{n + 1}')") for n in range(3)}
    with pytest.raises(SegmentError, match="nested too deeply, 62 levels at most"):
        found(tx, shop_id, "in_segment('s0')", s3="number_of_orders = 0", **segments)


def test_as_many_values_as_may_be(tx: Tx, shop_id: int) -> None:
    bought = Bought(NOON, lines=((499, 1),))
    _, bob = settle(tx, shop_id, [Someone(), Someone(orders=(bought,))])
    one = f"products_purchased MATCHES (id IN ({','.join(map(str, range(MAX_LIST)))}))"
    query = " AND ".join([one] * (MAX_LISTED // MAX_LIST))
    assert found(tx, shop_id, query) == [bob]
    with pytest.raises(SegmentError, match="All lists together are too long, 5,000 values at most"):
        parse(f"{query} AND {one}")
