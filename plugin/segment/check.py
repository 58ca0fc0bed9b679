"""Tree → checked tree: every filter known, every operator and value of the right kind, every date absolute.

What is not understood is refused here, with a sentence at its place; behind this door nothing can go wrong any more.
Unknown is never "true": in messaging that is spam.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from difflib import get_close_matches
from typing import Final, NoReturn

from .ast import And, Comparison, Matches, Node, Or, Span, Value, Word
from .attributes import ATTRIBUTES, Attribute, Function, Parameter, find
from .checked import All, AnyOf, Checked, Condition, Predicate, Rows, Subject
from .dates import Calendar
from .errors import SegmentError
from .kinds import Kind, Operand, Unfit
from .operators import OPERATORS, symbols
from .values import guessed, meaning, words

MAX_LIST: Final = 500


def check(tree: Node, query: str, *, now: datetime, timezone: str) -> Checked:
    """Gives `tree` its meaning at `now` in a shop of `timezone`. Raises SegmentError."""
    dates = Calendar.at(now, timezone)
    return Checked(query, tree, _Check(query, dates).node(tree), dates)


class _Check:
    def __init__(self, query: str, dates: Calendar) -> None:
        self.query = query
        self.dates = dates

    def node(self, node: Node) -> Condition:
        match node:
            case And(parts):
                return All(tuple(self.node(part) for part in parts))
            case Or(parts):
                return AnyOf(tuple(self.node(part) for part in parts))
            case Matches():
                return self.matches(node)
            case Comparison():
                return self.comparison(node)

    def matches(self, clause: Matches) -> Rows:
        function = self.attribute(clause.name)
        if not isinstance(function, Function):
            self.refuse(f"{function.name} has no parameters; write {_usage(function)}.", clause.name.span)
        names: set[str] = set()
        for parameter in clause.parameters:
            name = parameter.name.text
            if name in names:
                self.refuse(f"{name} stands here twice. For two bounds write {name} BETWEEN … AND ….", parameter.span)
            names.add(name)
        tests = tuple(self.parameter(function, parameter) for parameter in clause.parameters)
        return Rows(function, clause.negated, tests, clause)

    def parameter(self, function: Function, clause: Comparison) -> Predicate[Parameter]:
        found = function.parameters.get(clause.name.text)
        if found is None:
            self.unknown(f"{function.name} has no parameter", clause.name, function.parameters)
        if clause.operator.text.startswith("IS "):
            self.refuse(f"Leave {found.name} out instead: a missing parameter means all.", clause.operator.span)
        return self.predicate(found, clause)

    def comparison(self, clause: Comparison) -> Predicate[Attribute]:
        attribute = self.attribute(clause.name, guessed(clause.operator.text, clause.values))
        if isinstance(attribute, Function):
            self.refuse(f"{attribute.name} is a function; write {_usage(attribute)}.", clause.operator.span)
        return self.predicate(attribute, clause)

    def attribute(self, name: Word, kind: Kind = Kind.TEXT) -> Attribute | Function:
        found = find(name.text, kind)
        if found is None:
            self.unknown("There is no filter", name, ATTRIBUTES)
        return found

    def predicate(self, subject: Subject, clause: Comparison) -> Predicate[Subject]:
        operator = OPERATORS.get((subject.kind.family, clause.operator.text))
        if operator is None:
            takes = ", ".join(symbols(subject.kind.family))
            self.refuse(f"{subject.name} takes {takes}, not {clause.operator.text}.", clause.operator.span)
        if len(clause.values) > MAX_LIST:
            self.refuse(f"The list is too long: {len(clause.values)} values, {MAX_LIST} at most.", clause.span)
        operands = tuple(self.operand(subject, value) for value in clause.values)
        return Predicate(subject, operator, operands, clause)

    def operand(self, subject: Attribute | Parameter, value: Value) -> Operand:
        try:
            return Operand(meaning(subject.kind, value, self.dates), words(subject.kind, value, self.dates))
        except Unfit as unfit:
            self.refuse(f"{subject.name} {unfit}", value.span)

    def unknown(self, complaint: str, name: Word, known: Iterable[str]) -> NoReturn:
        near = get_close_matches(name.text.lower()[:60], list(known), n=1)
        shown = name.text if len(name.text) <= 60 else name.text[:60] + "…"
        hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}."
        self.refuse(f"{complaint} {shown}. {hint}", name.span)

    def refuse(self, message: str, span: Span) -> NoReturn:
        raise SegmentError(message, self.query, span.start, span.end)


def _usage(attribute: Attribute | Function) -> str:
    if isinstance(attribute, Function):
        return f"{attribute.name} MATCHES ( … ) or {attribute.name} NOT MATCHES ( … )"
    return f"{attribute.name} {symbols(attribute.kind.family)[0]} …"
