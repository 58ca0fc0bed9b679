"""No filter of the product's catalogue, no parameter and no operator is left to the product alone."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from random import Random

from plugin.segment.ast import Number, Offset, Text, Truth
from plugin.segment.attributes import ATTRIBUTES, MODIFIERS, Attribute, Function, find
from plugin.segment.kinds import Kind
from plugin.segment.operators import symbols
from plugin.segment.values import guessed
from tests.oracle import directed, wording
from tests.oracle.directed import Asked
from tests.oracle.fillers import invent
from tests.oracle.kinds import DATE, NUMBER, TOLD_TRUTH
from tests.oracle.rows import Rows
from tests.oracle.subjects.person import TEXT, TEXTS

ELSEWHERE = {
    "random_share": "the reference promises its size and that it stays the same, not who is in it: test_shares.py",
}
"""Filters that no oracle can name the members of, and what judges them."""
NEVER_NULL = ("number_of_orders", "amount_spent", "lifetime_value")
"""Everybody has such a sum, nobody is without."""
METAFIELDS = {
    NUMBER: Kind.FLOAT,
    DATE: Kind.DATE,
    TOLD_TRUTH: Kind.BOOLEAN,
    TEXT: Kind.TEXT,
    TEXTS: Kind.LABELS,
}
"""The kinds that a metafield is compared as: the oracle's, the product's."""


def catalogue() -> Iterator[tuple[str, str, str]]:
    """What the product takes: a filter, the parameter if it has any, an operator."""
    for name, entry in ATTRIBUTES.items():
        match entry:
            case Attribute():
                yield from ((name, "", operator) for operator in symbols(entry.kind))
                if entry.kind is Kind.DATE:
                    yield from ((name, "anniversary", operator) for operator in symbols(Kind.ANNIVERSARY))
            case Function():
                for parameter in entry.parameters.values():
                    within = (one for one in symbols(parameter.kind) if not one.startswith("IS "))
                    yield from ((name, parameter.name, operator) for operator in within)
            case _:
                yield from ((name, "", operator) for operator in ("", "NOT"))


def judged() -> Iterator[tuple[str, str, str]]:
    """The same of what the oracle is asked."""
    for name, parameter, operator, yearly in directed.everything():
        if name != wording.METAFIELDS:
            has_parameters = isinstance(ATTRIBUTES.get(name), Function)
            yield name, "anniversary" if yearly else parameter if has_parameters else "", operator


def test_every_filter_of_the_catalogue_is_judged_by_the_oracle() -> None:
    asked = {one for one in catalogue() if one[0] not in ELSEWHERE}
    assert asked - set(judged()) == set(), "the product takes it, and nobody looks over its shoulder"
    assert set(judged()) - asked == {("in_segment", "", ""), ("in_segment", "", "NOT")}, "the product takes it no more"
    assert set(MODIFIERS) == {"in_segment", "anniversary"}
    assert ELSEWHERE.keys() <= ATTRIBUTES.keys()


def test_a_metafield_is_judged_in_every_way_that_it_can_be_asked() -> None:
    written = {NUMBER: Number(Decimal(1)), DATE: Offset(0, "d"), TOLD_TRUTH: Truth(True), TEXT: Text("gold")}
    assert METAFIELDS.keys() == set(wording.METAFIELD) == {*written, TEXTS}
    for ours, theirs in METAFIELDS.items():
        value = written.get(ours, Text("gold"))
        entry = find(f"{wording.METAFIELDS}.custom.level", theirs)
        assert isinstance(entry, Attribute)
        for operator in symbols(entry.kind):
            null = "NULL" in operator  # asks whether there is any, whatever it is
            assert guessed(operator, () if null else (value,)) is (Kind.TEXT if null else theirs), operator
            asked = Asked(wording.METAFIELDS, TEXT.name if null else ours.name, operator)
            assert asked in set(directed.everything()), asked


def test_all_of_it_parts_the_people_of_some_store() -> None:
    """A question whose answer is always nobody or everybody judges nothing."""
    left = [one for one in directed.everything() if not (one.name in NEVER_NULL and "NULL" in one.operator)]
    for seed in range(40):
        r = Random(seed)
        world = invent(r)
        wording.segments(r, world)
        for shop in world.shops:
            rows = Rows(shop, world.tables)
            left = [one for one in left if not directed.parting(r, world, shop, rows, one)[1]]
    assert left == []
