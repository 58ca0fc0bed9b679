"""Trees ↔ the JSON of the builder: `tree(rules(x)) == x` for every tree.

A group is {"all": […]} or {"any": […]}, the contrary of anything {"not": …}. A clause is {"filter", "operator",
"values"}, with "arguments" where the filter takes any; of a function {"filter", "negated", "conditions"}, each
condition {"parameter", "operator", "values"}; of a question {"filter", "negated", "arguments"}. Each says how it is
"written", for whoever has no control for it; that is not read. A value is {"number": "3"},
{"text": "vip"}, {"truth": true}, {"day": "2026-11-18"}, {"moment": "2026-11-18T09:30:00"} or {"offset": -30,
"unit": "d"}. What has no such shape is its own text, {"query": "…"}; so whatever can be written can be shown, kept
and removed.

The JSON comes from a browser, so nothing in it is believed: a tree is made of it only where the parser could have
made the same.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias, get_args

from plugin.base.errors import Unreadable

from .ast import (
    And,
    Call,
    Clause,
    Comparison,
    Day,
    Matches,
    Moment,
    Node,
    Not,
    Number,
    Offset,
    Or,
    Span,
    Text,
    Truth,
    Unit,
    Value,
    Word,
    negated,
)
from .format import canonical
from .parser import MAX_CLAUSES, MAX_DEPTH, parse

Json: TypeAlias = dict[str, Any]


def rules(node: Node) -> Json:
    """The builder's JSON of a tree."""
    match node:
        case And(parts):
            return {"all": [rules(part) for part in parts]}
        case Or(parts):
            return {"any": [rules(part) for part in parts]}
        case Not(part):
            return {"not": rules(part)}
        case _:
            return _clause(node) | {"written": canonical(node)}


def tree(told: object) -> Node:
    """The tree of the builder's JSON; groups without anything in them are left out. Raises Unreadable, SegmentError."""
    found = _Reader().node(told, 0)
    return And(()) if found is None else found


def _clause(node: Clause) -> Json:
    match node:
        case Comparison():
            arguments = {"arguments": _all(node.arguments)} if node.arguments else {}
            return {"filter": node.name.text, **arguments, "operator": node.operator.text, "values": _all(node.values)}
        case Call():
            return {"filter": node.name.text, "negated": node.negated, "arguments": _all(node.arguments)}
        case Matches():
            conditions = [
                {"parameter": test.name.text, "operator": test.operator.text, "values": _all(test.values)}
                for test in node.parameters
            ]
            return {"filter": node.name.text, "negated": node.negated, "conditions": conditions}


def leaves(node: Node) -> list[Clause]:
    """The clauses of a tree, in the order in which the builder shows its rows."""
    match node:
        case And(parts) | Or(parts):
            return [leaf for part in parts for leaf in leaves(part)]
        case Not(part):
            return leaves(part)
        case _:
            return [node]


def _all(values: tuple[Value, ...]) -> list[Json]:
    return [_json(value) for value in values]


def _json(value: Value) -> Json:
    match value:
        case Number():
            return {"number": f"{value.value:f}"}
        case Text():
            return {"text": value.value}
        case Truth():
            return {"truth": value.value}
        case Day():
            return {"day": value.on.isoformat()}
        case Moment():
            return {"moment": value.at.isoformat(timespec="seconds")}
        case Offset():
            return {"offset": value.count, "unit": value.unit}


class _Reader:
    def __init__(self) -> None:
        self.clauses = 0

    def node(self, told: object, depth: int) -> Node | None:
        if depth > MAX_DEPTH:
            raise Unreadable(f"Groups are nested too deeply, {MAX_DEPTH} at most.")
        match told:
            case {"all": list(parts)}:
                return _group(And, [self.node(part, depth + 1) for part in parts])
            case {"any": list(parts)}:
                return _group(Or, [self.node(part, depth + 1) for part in parts])
            case {"not": part}:
                found = self.node(part, depth + 1)
                return None if found in (None, And(())) else negated(found, Span(0, 0))
            case _:
                pass
        self.clauses += 1
        if self.clauses > MAX_CLAUSES:
            raise Unreadable(f"There are too many conditions, {MAX_CLAUSES} at most.")
        return self.clause(told)

    def clause(self, told: object) -> Node:
        match told:
            case {"filter": str(name), "negated": bool(negates), "conditions": list(conditions)}:
                return _as_written(Matches(Word(name), negates, tuple(map(self.condition, conditions))))
            case {"filter": str(name), "arguments": list(asked), "operator": str(operator), "values": list(values)}:
                return _as_written(Comparison(Word(name), Word(operator), _values(values), _values(asked)))
            case {"filter": str(name), "operator": str(operator), "values": list(values)}:
                return _as_written(Comparison(Word(name), Word(operator), _values(values)))
            case {"filter": str(name), "negated": bool(negates), "arguments": list(arguments)}:
                return _as_written(Call(Word(name), negates, _values(arguments)))
            case {"query": str(query)}:
                return parse(query)
            case _:
                raise Unreadable("This is no condition.")

    def condition(self, told: object) -> Comparison:
        match told:
            case {"parameter": str(name), "operator": str(operator), "values": list(values)}:
                return Comparison(Word(name), Word(operator), _values(values))
            case _:
                raise Unreadable("This is no condition of a function.")


def _as_written(clause: Clause) -> Node:
    """A clause that reads back as itself: names and operators hold no more than names and operators."""
    if parse(canonical(clause)) != clause:
        raise Unreadable("This is no condition.")
    return clause


def _group(kind: type[And] | type[Or], parts: list[Node | None]) -> Node | None:
    """As the parser makes it: nothing empty, nothing alone, no And in an And."""
    flat: list[Node] = []
    for part in parts:
        if part is not None and part != And(()):
            flat.extend(part.parts if isinstance(part, kind) else [part])
    if len(flat) < 2:
        return flat[0] if flat else None
    return kind(tuple(flat))


_NUMBER: Final = re.compile(r"[+-]?\d{1,25}(\.\d{1,25})?", re.ASCII)
"""Without an exponent, which would make a short text a long number."""


def _values(told: list[object]) -> tuple[Value, ...]:
    return tuple(map(_value, told))


def _value(told: object) -> Value:
    try:
        match told:
            case {"number": str(digits)} if _NUMBER.fullmatch(digits):
                return Number(Decimal(digits))
            case {"text": str(words)}:
                return Text(words)
            case {"truth": bool(answer)}:
                return Truth(answer)
            case {"day": str(day)}:
                return Day(date.fromisoformat(day))
            case {"moment": str(moment)}:
                return Moment(datetime.fromisoformat(moment))
            case {"offset": int(count), "unit": str(unit)} if unit in get_args(Unit):
                return Offset(count, unit)  # type: ignore[arg-type]  # it is one of them
    except ValueError:
        pass
    raise Unreadable("This is no value.")
