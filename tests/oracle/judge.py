"""A tree → who belongs, one person after another, one row after another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.almanac import Almanac
from tests.oracle.catalogue import entry_of
from tests.oracle.kinds import ANNIVERSARY, DATE, Shop, text
from tests.oracle.reading import MOST_CLAUSES, Tree, read
from tests.oracle.rows import Row, Rows
from tests.oracle.scanning import Piece, Refused
from tests.oracle.subjects import Filter, Function, Parameter, Question, Verdict

COINS = {"JPY": 1, "KRW": 1, "ISK": 1, "KWD": 1000, "BHD": 1000}
"""The currencies of the generated shops that do not have 100 coins to the unit."""


def shop_of(row: Row, now: datetime) -> Shop:
    return Shop(Almanac(now, ZoneInfo(row["timezone"])), COINS.get(row["currency"], 100))


def members(query: str, rows: Rows, now: datetime, segments: Mapping[str, str] = {}) -> set[int]:
    """Ids of the people of the shop who belong at `now`; `segments` are its others, by name. Raises Refused."""
    verdict = understood(query, shop_of(rows.shop, now), segments)
    return {
        person["id"]
        for person in rows.tables.get("people", ())
        if person["customer_deleted_at"] is None and verdict(person, rows)
    }


def understood(query: str, shop: Shop, segments: Mapping[str, str] = {}) -> Verdict:
    """The question that `query` asks of a person. Raises Refused."""
    return Understanding(shop, segments, []).of(read(query), ())


@dataclass
class Understanding:
    """Turns trees into questions; `clauses` counts them, those of segments that are asked for too."""

    shop: Shop
    segments: Mapping[str, str]
    clauses: list[str]

    def of(self, tree: Tree, above: tuple[str, ...]) -> Verdict:
        """`above` are the names of the segments that we are inside of."""
        match tree:
            case ("everybody",):
                return lambda person, rows: True
            case ("not", inner):
                asked = self.of(inner, above)
                return lambda person, rows: not asked(person, rows)
            case ("and", left, right):
                one, other = self.of(left, above), self.of(right, above)
                return lambda person, rows: one(person, rows) and other(person, rows)
            case ("or", left, right):
                one, other = self.of(left, above), self.of(right, above)
                return lambda person, rows: one(person, rows) or other(person, rows)
        self.clauses.append(tree[1])
        if len(self.clauses) > MOST_CLAUSES:
            raise Refused("too many clauses")
        return self.inside(tree[2], above) if tree[:2] == ("question", "in_segment") else _clause(tree, self.shop)

    def inside(self, arguments: tuple[Piece, ...], above: tuple[str, ...]) -> Verdict:
        if len(arguments) != 1 or text(arguments[0]) not in self.segments:
            raise Refused("no such segment")
        name = text(arguments[0])
        if name in above:
            raise Refused("a circle")
        return self.of(read(self.segments[name]), (*above, name))


def _clause(tree: Tree, shop: Shop) -> Verdict:
    entry = entry_of(tree[1], *(tree[2:4] if tree[0] == "compare" else ("", ())))
    match tree, entry:
        case ("compare", _, operator, values), Filter():
            return _compare(entry, operator, values, shop)
        case ("compare call", "anniversary", arguments, operator, values), _:
            return _anniversary(arguments, operator, values, shop)
        case ("question", _, values), Question() if not entry.named:
            return entry.asked(values, shop)
        case ("rows", _, tests), Question() if entry.named:
            if len({name for name, _, _ in tests}) < len(tests) or any(sign != "=" for _, sign, _ in tests):
                raise Refused("each once, with =")
            return entry.asked(tuple((name, values[0]) for name, _, values in tests), shop)
        case ("rows", _, tests), Function():
            return _rows(entry, tests, shop)
    raise Refused(f"{tree[1]} is not asked so")


def _compare(entry: Filter, operator: str, values: Any, shop: Shop) -> Verdict:
    question = entry.kind.question(operator, values, shop)
    return lambda person, rows: question(entry.value(person, rows))


def _anniversary(arguments: Any, operator: str, values: Any, shop: Shop) -> Verdict:
    name = text(arguments[0]) if len(arguments) == 1 else ""
    name = f"customer.{name}" if name.startswith("metafields.") else name
    entry = entry_of(name, "=", (("day", None),))
    if not isinstance(entry, Filter) or entry.kind is not DATE:
        raise Refused("no date of that name")
    return _compare(replace(entry, kind=ANNIVERSARY), operator, values, shop)


def _rows(entry: Function, tests: Any, shop: Shop) -> Verdict:
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
