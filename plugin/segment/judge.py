"""All segments of a shop × one profile → who belongs where, and until when that is certain. Python closures, made once.

The same answers as `evaluate.belongs`, five hundred of them in milliseconds: clauses and attributes that several
segments share are read once a person, what cannot change is compared as it was made, and only relative dates are
reckoned anew, once a shop's day.

Beside each answer stands the first instant at which time alone can change it; until then it holds unless something
happens to the person. It may be early, never late: who is judged too early is judged again. A conjunction that does
not hold waits for the last of its parts that do not, one that holds for the first of those that do; a disjunction the
other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from plugin.profile.load import Profile
from plugin.store.types import decimals

from .answers import (
    NO,
    UNREAD,
    YES,
    Answer,
    Judge,
    RowJudge,
    Seen,
    Sizes,
    all_tests,
    any_row,
    both,
    edges_asked,
    fixed_test,
    moved_test,
    negated,
    remembered,
    totals_of,
)
from .ast import Day, Offset
from .attributes import Attribute, Function
from .checked import All, AnyOf, Asked, Checked, Condition, Inside, Inverse, Predicate, Rows, Subject
from .dates import Calendar
from .kinds import Family, Moving, in_currency
from .moving import NEVER, edges
from .yearly import Yearly


@dataclass(frozen=True, slots=True)
class Bench:
    """Judges of several segments, by their keys. Made by `bench`."""

    zone: ZoneInfo
    judges: Mapping[int, Judge]
    offsets: tuple[Moving, ...]
    years: tuple[Yearly, ...]
    sizes: Sizes

    def judge(self, profile: Profile, now: datetime) -> dict[int, Answer]:
        """Each segment's answer at `now`. Somebody deleted in Shopify is a member of nothing."""
        if profile.deleted:
            return dict.fromkeys(self.judges, NO)
        seen = Seen(profile, Calendar.at(now, self.zone.key), self.offsets, self.years, self.sizes)
        return {key: judge(seen) for key, judge in self.judges.items()}

    def only(self, key: int) -> Bench:
        """The judge of one of them."""
        return replace(self, judges={key: self.judges[key]})


def follows_time(condition: Condition) -> bool:
    """Can time alone change who belongs?"""
    return _moves(condition)


def bench(segments: Mapping[int, Checked], currency: str, timezone: str) -> Bench:
    """Judges for `segments` of one shop, whatever instant they were checked at."""
    maker = _Maker(decimals(currency))
    judges = {key: maker.condition(checked.condition) for key, checked in segments.items()}
    sizes = Sizes(len(maker.values), len(maker.clauses))
    return Bench(ZoneInfo(timezone), judges, tuple(maker.offsets), tuple(maker.years), sizes)


class _Maker:
    """Makes closures of checked trees; equal clauses become one."""

    def __init__(self, places: int) -> None:
        self.places = places
        self.values: dict[Any, int] = {}
        self.clauses: dict[Any, int] = {}
        self.made: dict[Any, Judge] = {}
        self.offsets: dict[Moving, int] = {}
        self.years: dict[Yearly, int] = {}

    def condition(self, node: Condition) -> Judge:
        match node:
            case Inverse(part):
                return negated(self.condition(part))
            case Inside():
                judge = self.condition(node.condition)
                return negated(judge) if node.negated else judge
            case All(parts):
                return both([self.condition(part) for part in sorted(parts, key=_moves)], wanted=True)
            case AnyOf(parts):
                return both([self.condition(part) for part in sorted(parts, key=_moves)], wanted=False)
            case _:
                return self.clause(node)

    def clause(self, clause: Predicate[Attribute] | Rows | Asked) -> Judge:
        key = clause.clause
        if key not in self.made:
            match clause:
                case Predicate():
                    judge = self.attribute(clause)
                case Rows():
                    judge = self.rows(clause)
                case Asked():
                    judge = _asked(clause)
            self.made[key] = remembered(judge, self.clauses.setdefault(key, len(self.clauses)))
        return self.made[key]

    def attribute(self, test: Predicate[Attribute]) -> Judge:
        read, judge = self.reader(test.subject), self.test(test)
        return lambda seen: judge(seen, read(seen))

    def rows(self, node: Rows) -> Judge:
        read = self.reader(node.function)
        fixed = [self.sieve(test) for test in node.each if not _moves(test)]
        moving = all_tests([self.row_test(test) for test in node.each if _moves(test)])
        totals = [self.row_test(test) for test in node.totals]
        judge = totals_of(read, fixed, moving, totals) if totals else any_row(read, fixed, moving)
        return negated(judge) if node.negated else judge

    def sieve(self, test: Predicate[Any]) -> Callable[[Any], bool]:
        """A test of a row that time does not change."""
        read, missing, holds = test.subject.read, test.operator.missing, test.operator.python
        operands = tuple(in_currency(operand.meaning, self.places) for operand in test.operands)

        def lets_through(row: Any) -> bool:
            value = read(row)
            return missing if value is None else holds(value, *operands)

        return lets_through

    def row_test(self, test: Predicate[Any]) -> RowJudge:
        read, judge = test.subject.read, self.test(test)
        return lambda seen, row: judge(seen, read(row))

    def reader(self, subject: Attribute | Function) -> Callable[[Seen], Any]:
        at, read = self.values.setdefault(subject.read, len(self.values)), subject.read

        def remembered(seen: Seen) -> Any:
            value = seen.values[at]
            if value is UNREAD:
                value = seen.values[at] = read(seen.profile)
            return value

        return remembered

    def test(self, test: Predicate[Subject]) -> RowJudge:
        """The test of a value."""
        if test.subject.kind.family is Family.YEARLY:
            return self.yearly(test)
        missing, judge = YES if test.operator.missing else NO, test.operator.python
        operands = tuple(in_currency(operand.meaning, self.places) for operand in test.operands)
        moving = _offsets(test)
        if not moving:
            return fixed_test(judge, operands, missing)
        places = {at: self.offsets.setdefault(offset, len(self.offsets)) for at, offset in moving.items()}
        watched = [
            (places[at], is_end, edges(moving[at])[is_end].passer())
            for at, is_end in edges_asked(judge, len(operands))
            if at in moving
        ]
        return moved_test(judge, operands, places, watched, missing)

    def yearly(self, test: Predicate[Subject]) -> RowJudge:
        """The test of an anniversary."""
        span, judge = _yearly(test), test.operator.python
        place = self.years.setdefault(span, len(self.years))

        def yearly(seen: Seen, value: datetime | None) -> Answer:
            if value is None:
                return NO
            found = judge(value, seen.years[place])
            return Answer(found, span.changes(value, seen.today, seen.zone) if span.moves else NEVER)

        return yearly


def _yearly(test: Predicate[Any]) -> Yearly:
    low, high = test.clause.values[0], test.clause.values[-1]
    if not isinstance(low, Day | Offset) or not isinstance(high, Day | Offset):
        raise TypeError(f"{test.clause} is no checked anniversary")
    return Yearly(low, high)


def _asked(node: Asked) -> Judge:
    read, arguments, negated = node.question.read, node.arguments, node.negated
    return lambda seen: YES if read(seen.profile, *arguments) is not negated else NO


def _offsets(test: Predicate[Any]) -> dict[int, Moving]:
    """Which operands of a test move with the clock: place → by what."""
    return {at: operand.offset for at, operand in enumerate(test.operands) if operand.offset is not None}


def _moves(node: Condition | Predicate[Any]) -> bool:
    match node:
        case Predicate():
            return _yearly(node).moves if node.subject.kind.family is Family.YEARLY else bool(_offsets(node))
        case Asked():
            return False
        case Inside(condition=part) | Inverse(part):
            return _moves(part)
        case Rows():
            return any(_offsets(test) for test in node.tests)
        case _:
            return any(map(_moves, node.parts))
