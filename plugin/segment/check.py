"""Tree → checked tree: every filter known, every operator and value of the right kind, every date absolute.

What is not understood is refused here, with a sentence at its place; behind this door nothing can go wrong any more.
Unknown is never "true": in messaging that is spam.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Final, NoReturn

from .ast import And, Call, Comparison, Matches, Node, Not, Or, Span, Text, Value, Word
from .attributes import ATTRIBUTES, MODIFIERS, Argument, Attribute, Entry, Function, Parameter, Question, find
from .checked import All, AnyOf, Asked, Checked, Condition, Inside, Inverse, Predicate, Rows, Subject, depth
from .dates import Calendar
from .errors import SegmentError
from .kinds import Family, Kind, Operand, Unfit
from .operators import OPERATORS, operator_of, symbols
from .parser import MAX_CLAUSES, MAX_DEPTH, parse
from .values import anniversary, guessed, operand

MAX_SEGMENTS: Final = 5
"""Segments that ask for segments that ask for segments …"""
MAX_NESTED: Final = 2 * MAX_DEPTH + 2
"""What one query can have by itself, with a NOT before each of its parentheses."""
_TOO_MANY = f"With the segments that it asks for, the query has over {MAX_CLAUSES} clauses."
_ABOVE = ("In the segment", "Segments ask", "With the segments")
"""How sentences begin that say themselves of which segment they speak."""
_MEANT = {
    "=": "CONTAINS",
    "!=": "NOT CONTAINS",
    "IN": "CONTAINS",
    "NOT IN": "NOT CONTAINS",
    "CONTAINS": "=",
    "NOT CONTAINS": "!=",
}


def check(
    tree: Node, query: str, *, now: datetime, timezone: str, segments: Mapping[str, str] | None = None
) -> Checked:
    """Gives `tree` its meaning at `now` in a shop of `timezone`, whose other segments are `segments` by name. Raises
    SegmentError."""
    dates = Calendar.at(now, timezone)
    checked = _Check(query, dates, segments or {})
    condition = checked.node(tree)
    if checked.clauses > MAX_CLAUSES:
        raise SegmentError(_TOO_MANY, query, 0, len(query))
    if depth(condition) > MAX_NESTED:
        said = f"With the segments that it asks for, the query is nested too deeply, {MAX_NESTED} levels at most."
        raise SegmentError(said, query, 0, len(query))
    return Checked(query, tree, condition, dates)


class _Check:
    def __init__(self, query: str, dates: Calendar, segments: Mapping[str, str], above: tuple[str, ...] = ()) -> None:
        self.query = query
        self.dates = dates
        self.segments = segments
        self.above = above
        """The segments that we are inside of."""
        self.clauses = 0

    def node(self, node: Node) -> Condition:
        self.clauses += not isinstance(node, And | Or | Not)
        match node:
            case And(parts):
                return All(tuple(self.node(part) for part in parts))
            case Or(parts):
                return AnyOf(tuple(self.node(part) for part in parts))
            case Not(part):
                return Inverse(self.node(part))
            case Matches():
                return self.matches(node)
            case Call():
                return self.call(node)
            case Comparison():
                return self.comparison(node)

    def matches(self, clause: Matches) -> Rows | Asked:
        names: set[str] = set()
        for parameter in clause.parameters:
            name = parameter.name.text
            if name in names:
                self.refuse(f"{name} stands here twice. For two bounds write {name} BETWEEN … AND ….", parameter.span)
            names.add(name)
        entry = self.entry(clause.name)
        if isinstance(entry, Function):
            tests = tuple(self.parameter(entry, parameter) for parameter in clause.parameters)
            return Rows(entry, clause.negated, tests, clause)
        if not isinstance(entry, Question) or not entry.named:
            self.refuse(f"{entry.name} has no parameters; write {_usage(entry)}.", clause.name.span)
        return self.asked(entry, clause, [self.named(entry, one) for one in clause.parameters])

    def parameter(self, function: Function, clause: Comparison) -> Predicate[Parameter]:
        found = function.parameters.get(clause.name.text)
        if found is None:
            self.unknown(f"{function.name} has no parameter", clause.name, function.parameters)
        if clause.operator.text.startswith("IS "):
            self.refuse(f"Leave {found.name} out instead: a missing parameter means all.", clause.operator.span)
        return self.predicate(found, clause)

    def named(self, question: Question, clause: Comparison) -> tuple[Argument, Value]:
        arguments = {one.name: one for one in question.arguments}
        found = arguments.get(clause.name.text)
        if found is None:
            self.unknown(f"{question.name} has no parameter", clause.name, arguments)
        if clause.operator.text != "=":
            self.refuse(f"{found.name} takes =, not {clause.operator.text}.", clause.operator.span)
        return found, clause.values[0]

    def call(self, clause: Call) -> Asked | Inside:
        if clause.name.text == "in_segment":
            return self.inside(clause)
        question = self.entry(clause.name)
        if not isinstance(question, Question) or question.named:
            self.refuse(f"{question.name} is asked as {_usage(question)}.", clause.name.span)
        if len(clause.arguments) > len(question.arguments):
            extra = clause.arguments[len(question.arguments)]
            self.refuse(f"{question.name} has no more than {len(question.arguments)} values.", extra.span)
        return self.asked(question, clause, list(zip(question.arguments, clause.arguments, strict=False)))

    def asked(self, question: Question, clause: Call | Matches, given: Sequence[tuple[Argument, Value]]) -> Asked:
        operands = {argument.name: self.operand(argument.name, argument.kind, value) for argument, value in given}
        missing = [one.name for one in question.arguments if one.required and one.name not in operands]
        if missing:
            self.refuse(f"{question.name} needs {' and '.join(missing)}: {_usage(question)}.", clause.span)
        meanings = {name: one.meaning for name, one in operands.items()}
        try:
            settled = question.settle(meanings) if question.settle else _in_order(question, meanings)
        except Unfit as unfit:
            self.refuse(f"{question.name} {unfit}", clause.span)
        return Asked(question, clause.negated, operands, settled, clause)

    def inside(self, clause: Call) -> Inside:
        name = clause.arguments[0] if len(clause.arguments) == 1 else None
        if not isinstance(name, Text):
            self.refuse("in_segment takes one segment's name in single quotes.", clause.span)
        query = self.segments.get(name.value)
        if query is None:
            self.unknown_segment(name)
        if name.value in self.above:
            circle = " → ".join((*self.above[self.above.index(name.value) :], name.value))
            self.refuse(f"Segments ask for each other in a circle: {circle}.", name.span)
        if len(self.above) >= MAX_SEGMENTS:
            self.refuse(f"Segments ask for segments too deeply, {MAX_SEGMENTS} at most.", name.span)
        below = _Check(query, self.dates, self.segments, (*self.above, name.value))
        below.clauses = self.clauses
        try:
            condition = below.node(parse(query))
        except SegmentError as error:
            where = "" if error.message.startswith(_ABOVE) else f"In the segment '{_shown(name.value)}': "
            self.refuse(where + error.message, name.span)
        self.clauses = below.clauses
        if self.clauses > MAX_CLAUSES:
            self.refuse(_TOO_MANY, name.span)
        return Inside(f"are in the segment “{name.value}”", clause.negated, condition, clause)

    def staged(self, attribute: Attribute, stages: Mapping[str, str], clause: Comparison) -> Inside:
        """A choice that is made of other filters: any of those that are asked for; all for IS NULL."""
        checked = self.predicate(attribute, clause)
        every = {name: _Check(query, self.dates, {}).node(parse(query)) for name, query in stages.items()}
        asked = [str(one.meaning) for one in checked.operands]
        parts = tuple(every[name] for name in dict.fromkeys(asked or every))
        says = f"{attribute.verb} {' or '.join(dict.fromkeys(asked))}" if asked else f"have {attribute.noun}"
        condition = parts[0] if len(parts) == 1 else AnyOf(parts)
        return Inside(says, checked.operator.missing, condition, clause, tuple(every.items()))

    def comparison(self, clause: Comparison) -> Predicate[Attribute] | Inside:
        if clause.arguments or clause.name.text == "anniversary":
            return self.anniversary(clause)
        attribute = self.entry(clause.name, guessed(clause.operator.text, clause.values))
        if not isinstance(attribute, Attribute):
            self.refuse(f"{attribute.name} is a function; write {_usage(attribute)}.", clause.operator.span)
        if attribute.stages is not None:
            return self.staged(attribute, attribute.stages, clause)
        return self.predicate(attribute, clause)

    def anniversary(self, clause: Comparison) -> Predicate[Attribute]:
        if clause.name.text != "anniversary":
            name = clause.name.text if clause.name.text in MODIFIERS else self.entry(clause.name).name
            compared = clause.values[0].span if clause.values else clause.operator.span
            self.refuse(f"{name}( … ) is compared with true or false.", compared)
        path = clause.arguments[0] if len(clause.arguments) == 1 else None
        if not isinstance(path, Text):
            self.refuse("anniversary takes a date's name: anniversary('first_order_date') = today.", clause.name.span)
        name = f"customer.{path.value}" if path.value.startswith("metafields.") else path.value
        date = self.entry(Word(name, span=path.span), Kind.DATE)
        if not isinstance(date, Attribute) or date.kind is not Kind.DATE:
            self.refuse(f"anniversary takes a date; {_shown(name)} is none.", path.span)
        verb = f"have the anniversary of {date.noun}"
        subject = replace(date, name=f"anniversary('{path.value}')", kind=Kind.ANNIVERSARY, verb=verb, unit="")
        operator = OPERATORS.get((Family.YEARLY, clause.operator.text))
        if operator is None:
            takes = ", ".join(symbols(Kind.ANNIVERSARY))
            self.refuse(f"anniversary takes {takes}, not {clause.operator.text}.", clause.operator.span)
        try:
            days = anniversary(Kind.ANNIVERSARY, clause.values, self.dates)
        except Unfit as unfit:
            self.refuse(f"anniversary {unfit}", clause.span)
        return Predicate(subject, operator, (days,), clause)

    def entry(self, name: Word, kind: Kind = Kind.TEXT) -> Entry:
        found = find(name.text, kind)
        if found is None:
            self.unknown("There is no filter", name, (*ATTRIBUTES, *MODIFIERS))
        return found

    def predicate(self, subject: Subject, clause: Comparison) -> Predicate[Subject]:
        family = subject.kind.family
        operator = operator_of(subject.kind, clause.operator.text)
        if operator is None:
            known, symbol = symbols(subject.kind), clause.operator.text
            hint = f" Did you mean {_MEANT[symbol]}?" if _MEANT.get(symbol) in known else ""
            self.refuse(f"{subject.name} takes {', '.join(known)}, not {symbol}.{hint}", clause.operator.span)
        kind = replace(subject.kind, key=subject.kind.begins or str) if operator.begins else subject.kind
        operands = tuple(self.operand(subject.name, kind, value) for value in clause.values)
        turned = family in (Family.SINCE, Family.AGED)
        return Predicate(subject, operator, operands[::-1] if turned else operands, clause)

    def operand(self, name: str, kind: Kind, value: Value) -> Operand:
        try:
            return operand(kind, value, self.dates)
        except Unfit as unfit:
            self.refuse(f"{name} {unfit}", value.span)

    def unknown_segment(self, name: Text) -> NoReturn:
        near = get_close_matches(name.value[:60], list(self.segments), n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        self.refuse(f"There is no segment '{_shown(name.value)}'.{hint}", name.span)

    def unknown(self, complaint: str, name: Word, known: Iterable[str]) -> NoReturn:
        if name.text.startswith("shopify_email."):
            self.refuse(f"Shopify tells no app of its own e-mails: {_shown(name.text)} is not known here.", name.span)
        near = get_close_matches(name.text.lower()[:60], list(known), n=1)
        hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}."
        self.refuse(f"{complaint} {_shown(name.text)}. {hint}", name.span)

    def refuse(self, message: str, span: Span) -> NoReturn:
        raise SegmentError(message, self.query, span.start, span.end)


def _shown(text: str) -> str:
    return text if len(text) <= 60 else text[:60] + "…"


def _in_order(question: Question, meanings: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(meanings.get(argument.name) for argument in question.arguments)


def _usage(entry: Entry) -> str:
    match entry:
        case Function():
            return f"{entry.name} MATCHES ( … ) or {entry.name} NOT MATCHES ( … )"
        case Question(named=True):
            return f"{entry.name} MATCHES ({', '.join(f'{one.name} = …' for one in entry.arguments)})"
        case Question():
            return f"{entry.name}({', '.join(one.name for one in entry.arguments if one.required)})"
        case Attribute():
            return f"{entry.name} {symbols(entry.kind)[0]} …"
