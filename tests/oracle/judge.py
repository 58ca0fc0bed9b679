"""A tree → who belongs, one person after another, one row after another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.almanac import Almanac
from tests.oracle.catalogue import CATALOGUE
from tests.oracle.kinds import Shop
from tests.oracle.reading import Tree, read
from tests.oracle.rows import Row, Rows
from tests.oracle.scanning import Refused
from tests.oracle.subjects import Filter, Function, Parameter

COINS = {"JPY": 1, "KRW": 1, "ISK": 1, "KWD": 1000, "BHD": 1000}
"""The currencies of the generated shops that do not have 100 coins to the unit."""

Verdict = Callable[[Row, Rows], bool]


def shop_of(row: Row, now: datetime) -> Shop:
    return Shop(Almanac(now, ZoneInfo(row["timezone"])), COINS.get(row["currency"], 100))


def members(query: str, rows: Rows, now: datetime) -> set[int]:
    """Ids of the people of the shop who belong at `now`. Raises Refused."""
    verdict = understood(query, shop_of(rows.shop, now))
    return {
        person["id"]
        for person in rows.tables.get("people", ())
        if person["customer_deleted_at"] is None and verdict(person, rows)
    }


def understood(query: str, shop: Shop) -> Verdict:
    """The question that `query` asks of a person. Raises Refused."""
    return _tree(read(query), shop)


def _tree(tree: Tree, shop: Shop) -> Verdict:
    match tree:
        case ("everybody",):
            return lambda person, rows: True
        case ("and", left, right):
            one, other = _tree(left, shop), _tree(right, shop)
            return lambda person, rows: one(person, rows) and other(person, rows)
        case ("or", left, right):
            one, other = _tree(left, shop), _tree(right, shop)
            return lambda person, rows: one(person, rows) or other(person, rows)
        case ("compare", name, operator, values):
            return _compare(name, operator, values, shop)
        case ("rows", name, negated, tests):
            found = _rows(name, tests, shop)
            return lambda person, rows: found(person, rows) is not negated
    raise AssertionError(tree)


def _compare(name: str, operator: str, values: Any, shop: Shop) -> Verdict:
    entry = CATALOGUE.get(name)
    if not isinstance(entry, Filter):
        raise Refused(f"{name} is no filter")
    question = entry.kind.question(operator, values, shop)
    return lambda person, rows: question(entry.value(person, rows))


def _rows(name: str, tests: Any, shop: Shop) -> Verdict:
    entry = CATALOGUE.get(name)
    if not isinstance(entry, Function):
        raise Refused(f"{name} is no function")
    if len({parameter for parameter, _, _ in tests}) < len(tests):
        raise Refused("a parameter stands twice")
    asked = [_parameter(entry, *test, shop) for test in tests]

    def found(person: Row, rows: Rows) -> bool:
        left = [
            row
            for row in entry.rows(person, rows)
            if all(question(parameter.value(row, rows)) for parameter, question in asked if not parameter.total)
        ]
        totals = [question(parameter.value(left, rows)) for parameter, question in asked if parameter.total]
        return all(totals) if totals else bool(left)

    return found


def _parameter(entry: Function, name: str, operator: str, values: Any, shop: Shop) -> tuple[Parameter, Any]:
    parameter = entry.parameters.get(name)
    if parameter is None or operator.startswith("IS "):
        raise Refused(f"{name} {operator} is not asked here")
    return parameter, parameter.kind.question(operator, values, shop)
