"""Checked tree → SQL, in SQLAlchemy Core and in what SQLite and PostgreSQL both speak.

Conditions on behaviour start from the selective side: `people.id IN (SELECT person_id FROM order_lines WHERE …)` reads
the buyers of a product from an index instead of asking every person. Missing values are told apart by
`NOT (column IS NULL) AND …`: COALESCE would mean the same and throw the index away, and SQLite takes `IS NOT NULL` for
the start of a range that finds few. No condition is ever NULL.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import BigInteger, Column, ColumnElement, Select, and_, case, literal, not_, or_, select
from sqlalchemy.sql.operators import inv

from plugin.store.tables import people, shops
from plugin.store.types import THREE_DECIMALS, WITHOUT_MINOR_UNITS
from plugin.store.upsert import in_none_of

from .attributes import Attribute
from .balance import all_of, any_of
from .checked import All, AnyOf, Asked, Checked, Clause, Condition, Inside, Inverse, Predicate, Rows, Subject, depth
from .evaluate import holds_for_none
from .kinds import Family, Meaning, Money, Range

DEEP: Final = 4
"""Levels that make a condition stand before others."""


def members(checked: Checked, shop_id: int) -> Select[int]:
    """Selects the ids of the people who belong to the segment."""
    return select(people.c.id).where(condition(checked, shop_id))


def condition(checked: Checked, shop_id: int) -> ColumnElement[bool]:
    """True for the rows of `people` that belong to the segment: of this shop, and not deleted in Shopify."""
    return and_(
        people.c.shop_id == shop_id, people.c.customer_deleted_at.is_(None), _condition(checked.condition, shop_id)
    )


def clause_condition(clause: Clause, shop_id: int) -> ColumnElement[bool]:
    """As `condition`, of one clause."""
    return and_(people.c.shop_id == shop_id, people.c.customer_deleted_at.is_(None), _condition(clause, shop_id))


def _condition(node: Condition, shop_id: int) -> ColumnElement[bool]:
    match node:
        case All(parts):
            return all_of([_condition(part, shop_id) for part in _deep_first(parts)])
        case AnyOf(parts):
            return any_of([_condition(part, shop_id) for part in _deep_first(parts)])
        case Inverse(part):
            return not_(_condition(part, shop_id))
        case Inside():
            return _turned(_condition(node.condition, shop_id), node.negated)
        case Asked():
            return _turned(node.question.sql(shop_id, *node.arguments), node.negated)
        case Predicate():
            return _attribute(node, shop_id)
        case Rows():
            return _rows(node, shop_id)


def _deep_first(parts: Sequence[Condition]) -> list[Condition]:
    """SQLite's parser keeps what stands before parentheses in mind until they close, and has room for a hundred."""
    return sorted(parts, key=lambda part: -(depth(part) // DEEP))


def _turned(answer: ColumnElement[bool], negated: bool) -> ColumnElement[bool]:
    return not_(answer) if negated else answer


def _attribute(test: Predicate[Attribute], shop_id: int) -> ColumnElement[bool]:
    if test.subject.rows is None:
        return _test(test, shop_id)
    having = test.subject.rows(shop_id)
    found = people.c.id.in_(having.where(_test(test, shop_id)))
    return or_(in_none_of(people.c.id, having), found) if test.operator.missing else found


def _test(test: Predicate[Subject], shop_id: int) -> ColumnElement[bool]:
    subject = test.subject.sql(shop_id)
    answer = test.operator.sql(subject, *(_operand(operand.meaning, shop_id) for operand in test.operands))
    if test.subject.kind.family in (Family.LABEL, Family.LIST, Family.FLAG) or not _may_be_missing(subject):
        return answer
    absent = subject.is_(None)
    return or_(absent, answer) if test.operator.missing else and_(not_(absent.self_group(against=inv)), answer)


def _may_be_missing(subject: ColumnElement[Any]) -> bool:
    return isinstance(subject, Column) and bool(subject.nullable)


def _rows(node: Rows, shop_id: int) -> ColumnElement[bool]:
    """People with matching rows, or without. Totals of no rows are 0: where 0 is good enough, those who fall out are
    sought."""
    rows = _joined(node, node.function.rows(shop_id)).where(*(_test(test, shop_id) for test in node.each))
    if not node.totals:
        return (
            in_none_of(people.c.id, rows) if node.negated else and_(*_of_people(node, shop_id), people.c.id.in_(rows))
        )
    totals = and_(*(_test(test, shop_id) for test in node.totals))
    inverted = holds_for_none(node)
    grouped = rows.group_by(node.function.person).having(not_(totals) if inverted else totals)
    return people.c.id.in_(grouped) if node.negated is inverted else in_none_of(people.c.id, grouped)


def _joined(node: Rows, rows: Select[tuple[int]]) -> Select[tuple[int]]:
    """With the tables beside the function's own that its tests ask."""
    for beside in dict.fromkeys(test.subject.beside for test in node.each):
        if beside is not None:
            rows = rows.join(beside.table, beside.on)
    return rows


def _of_people(node: Rows, shop_id: int) -> list[ColumnElement[bool]]:
    """What rows of a time alone make true of their person: an index of people has it, and most fall out before any
    row is read. Not where something else is asked too: whoever bought one product is found by its index."""
    found: list[ColumnElement[bool]] = []
    for test in node.each:
        if test.subject.highest is None:
            return []
        if test.operator.symbol in (">", ">="):
            of_person = replace(test.subject, sql=test.subject.highest)
            found.append(_test(replace(test, subject=of_person), shop_id))
    return found


def _operand(meaning: Meaning, shop_id: int) -> Any:
    match meaning:
        case Money():
            in_units = {decimals: meaning.minor(decimals) for decimals in (0, 2, 3)}
            return Range(
                _in_currency({decimals: units.start for decimals, units in in_units.items()}, shop_id),
                _in_currency({decimals: units.end for decimals, units in in_units.items()}, shop_id),
            )
        case Range(int(start), int(end)):
            return Range(_whole(start), _whole(end))
        case _:
            return meaning


def _whole(number: int) -> ColumnElement[int]:
    """64 bits, also beside a column of 32. What follows the largest such number is cut to it: no total gets there."""
    return literal(min(number, 2**63 - 1), BigInteger)


def _in_currency(amounts: dict[int, int], shop_id: int) -> ColumnElement[int]:
    """The one of `amounts` (by decimals) that counts in the shop's minor units; read once, not for each row."""
    by_currency = case(
        (shops.c.currency.in_(WITHOUT_MINOR_UNITS), _whole(amounts[0])),
        (shops.c.currency.in_(THREE_DECIMALS), _whole(amounts[3])),
        else_=_whole(amounts[2]),
    )
    return select(by_currency).where(shops.c.id == shop_id).scalar_subquery()
