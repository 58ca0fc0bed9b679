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

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from plugin.profile.load import Profile
from plugin.store.types import decimals

from .ast import Day, Offset
from .attributes import Attribute, Function
from .checked import All, AnyOf, Asked, Checked, Condition, Inside, Inverse, Predicate, Rows, Subject
from .dates import Calendar
from .kinds import Family, Range, in_currency
from .moving import NEVER, Edge, edges
from .yearly import EPOCH, Yearly, years


class Answer(NamedTuple):
    """Whether it holds, and the first instant at which time alone can change that; NEVER for none."""

    holds: bool
    until: datetime


YES: Final = Answer(holds=True, until=NEVER)
NO: Final = Answer(holds=False, until=NEVER)
_UNREAD: Final = object()


class _Seen:
    """One profile at one instant, and what was read of it so far."""

    __slots__ = ("answers", "passing", "profile", "ranges", "today", "values", "years", "zone")

    def __init__(self, profile: Profile, dates: Calendar, asked: Bench) -> None:
        self.profile = profile
        self.zone = dates.zone
        self.today = dates.today
        self.ranges = _ranges(asked.offsets, dates)
        self.years = years(asked.years, dates.today, dates.zone)
        self.values: list[Any] = [_UNREAD] * asked.sizes.values
        self.answers: list[Answer | None] = [None] * asked.sizes.answers
        self.passing: dict[tuple[Edge, datetime], datetime] = {}

    def passes(self, edge: Edge, value: datetime) -> datetime:
        """When `edge` comes past `value`, which is behind it now."""
        key = edge, value
        found = self.passing.get(key)
        if found is None:
            found = self.passing[key] = edge.passes(value, self.zone)
        return found


class _Sizes(NamedTuple):
    values: int
    answers: int


Judge = Callable[[_Seen], Answer]
"""A condition, a clause or, with a row beside the profile, one test of it."""
RowJudge = Callable[[_Seen, Any], Answer]


@dataclass(frozen=True, slots=True)
class Bench:
    """Judges of several segments, by their keys. Made by `bench`."""

    zone: ZoneInfo
    judges: Mapping[int, Judge]
    offsets: tuple[Offset, ...]
    years: tuple[Yearly, ...]
    sizes: _Sizes

    def judge(self, profile: Profile, now: datetime) -> dict[int, Answer]:
        """Each segment's answer at `now`. Somebody deleted in Shopify is a member of nothing."""
        if profile.deleted:
            return dict.fromkeys(self.judges, NO)
        seen = _Seen(profile, Calendar.at(now, self.zone.key), self)
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
    sizes = _Sizes(len(maker.values), len(maker.clauses))
    return Bench(ZoneInfo(timezone), judges, tuple(maker.offsets), tuple(maker.years), sizes)


def _ranges(offsets: tuple[Offset, ...], dates: Calendar) -> tuple[Range[datetime], ...]:
    """What each offset covers: days reckoned once a day, hours each time."""
    days = _days(offsets, dates.today, dates.zone)
    if None not in days:
        return days  # type: ignore[return-value]
    return tuple(day or dates.range(offset) for day, offset in zip(days, offsets, strict=True))


@lru_cache(maxsize=1_000)
def _days(offsets: tuple[Offset, ...], today: date, zone: ZoneInfo) -> tuple[Range[datetime] | None, ...]:
    dates = Calendar(EPOCH, today, zone)
    return tuple(None if offset.unit == "h" else dates.range(offset) for offset in offsets)


class _Maker:
    """Makes closures of checked trees; equal clauses become one."""

    def __init__(self, places: int) -> None:
        self.places = places
        self.values: dict[Any, int] = {}
        self.clauses: dict[Any, int] = {}
        self.made: dict[Any, Judge] = {}
        self.offsets: dict[Offset, int] = {}
        self.years: dict[Yearly, int] = {}

    def condition(self, node: Condition) -> Judge:
        match node:
            case Inverse(part):
                return _negated(self.condition(part))
            case Inside():
                judge = self.condition(node.condition)
                return _negated(judge) if node.negated else judge
            case All(parts):
                return _both([self.condition(part) for part in sorted(parts, key=_moves)], wanted=True)
            case AnyOf(parts):
                return _both([self.condition(part) for part in sorted(parts, key=_moves)], wanted=False)
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
            self.made[key] = _remembered(judge, self.clauses.setdefault(key, len(self.clauses)))
        return self.made[key]

    def attribute(self, test: Predicate[Attribute]) -> Judge:
        read, judge = self.reader(test.subject), self.test(test)
        return lambda seen: judge(seen, read(seen))

    def rows(self, node: Rows) -> Judge:
        read = self.reader(node.function)
        fixed = [self.row_test(test) for test in node.each if not _moves(test)]
        moving = [self.row_test(test) for test in node.each if _moves(test)]
        totals = [self.row_test(test) for test in node.totals]
        judge = _totals(read, fixed, moving, totals) if totals else _any_row(read, fixed, moving)
        return _negated(judge) if node.negated else judge

    def row_test(self, test: Predicate[Any]) -> RowJudge:
        read, judge = test.subject.read, self.test(test)
        return lambda seen, row: judge(seen, read(row))

    def reader(self, subject: Attribute | Function) -> Callable[[_Seen], Any]:
        at, read = self.values.setdefault(subject.read, len(self.values)), subject.read

        def remembered(seen: _Seen) -> Any:
            value = seen.values[at]
            if value is _UNREAD:
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
            return _fixed(judge, operands, missing)
        places = {at: self.offsets.setdefault(offset, len(self.offsets)) for at, offset in moving.items()}
        watched = [
            (places[at], is_end, edges(moving[at])[is_end])
            for at, is_end in _edges_asked(judge, len(operands))
            if at in moving
        ]
        return _moved(judge, operands, places, watched, missing)

    def yearly(self, test: Predicate[Subject]) -> RowJudge:
        """The test of an anniversary."""
        span, judge = _yearly(test), test.operator.python
        place = self.years.setdefault(span, len(self.years))

        def yearly(seen: _Seen, value: datetime | None) -> Answer:
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


def _offsets(test: Predicate[Any]) -> dict[int, Offset]:
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


def _fixed(holds: Callable[..., bool], operands: tuple[Any, ...], missing: Answer) -> RowJudge:
    def judge(_: _Seen, value: Any) -> Answer:
        if value is None:
            return missing
        return YES if holds(value, *operands) else NO

    return judge


def _moved(
    holds: Callable[..., bool],
    operands: tuple[Any, ...],
    places: Mapping[int, int],
    watched: Sequence[tuple[int, bool, Edge]],
    missing: Answer,
) -> RowJudge:
    """A comparison with dates of which some move: `places` among the ranges, `watched` the edges that count."""
    only = places[0] if len(operands) == 1 else None

    def judge(seen: _Seen, value: Any) -> Answer:
        if value is None:
            return missing
        ranges = seen.ranges
        if only is not None:
            found = holds(value, ranges[only])
        else:
            found = holds(value, *(ranges[places[at]] if at in places else one for at, one in enumerate(operands)))
        until = NEVER
        for place, is_end, edge in watched:
            here = ranges[place].end if is_end else ranges[place].start
            if here <= value:
                passes = seen.passes(edge, value)
                until = min(until, passes)
        return Answer(found, until)

    return judge


@lru_cache(maxsize=100)
def _edges_asked(holds: Callable[..., bool], operands: int) -> tuple[tuple[int, bool], ...]:
    """Which edges of its operands an operator looks at: where its answer differs on their two sides."""
    ranges = [Range(20 * at + 10, 20 * at + 20) for at in range(operands)]
    return tuple(
        (at, is_end)
        for at, one in enumerate(ranges)
        for is_end, edge in ((False, one.start), (True, one.end))
        if holds(edge - 1, *ranges) is not holds(edge, *ranges)
    )


def _both(parts: Sequence[Judge], *, wanted: bool) -> Judge:
    """All of `parts` (`wanted`), or any of them (not `wanted`): a disjunction fails where all its parts fail."""
    if len(parts) == 1:
        return parts[0]
    agreed, decided = (YES, NO) if wanted else (NO, YES)

    def judge(seen: _Seen) -> Answer:
        until, waits = NEVER, None
        for part in parts:
            answer = part(seen)
            if answer.holds is wanted:
                until = min(until, answer.until)
            elif answer.until is NEVER:
                return decided
            elif waits is None or answer.until > waits:
                waits = answer.until
        if waits is not None:
            return Answer(not wanted, waits)
        return agreed if until is NEVER else Answer(wanted, until)

    return judge


def _any_row(read: Callable[[_Seen], Sequence[Any]], fixed: Sequence[RowJudge], moving: Sequence[RowJudge]) -> Judge:
    """Is there a row for which all tests hold? `fixed` ones never change by time."""

    def judge(seen: _Seen) -> Answer:
        first, last = NEVER, None
        for row in read(seen):
            if not all(test(seen, row).holds for test in fixed):
                continue
            holds, until = _row(seen, row, moving)
            if holds and until is NEVER:
                return YES
            if not holds:
                first = min(first, until)
            elif last is None or until > last:
                last = until
        return Answer(holds=False, until=first) if last is None else Answer(holds=True, until=last)

    return judge


def _totals(
    read: Callable[[_Seen], Sequence[Any]],
    fixed: Sequence[RowJudge],
    moving: Sequence[RowJudge],
    totals: Sequence[RowJudge],
) -> Judge:
    """Do the totals of all rows for which the tests hold, hold?"""

    def judge(seen: _Seen) -> Answer:
        rows, until = [], NEVER
        for row in read(seen):
            if not all(test(seen, row).holds for test in fixed):
                continue
            answer = _row(seen, row, moving)
            until = min(until, answer.until)
            if answer.holds:
                rows.append(row)
        answers = [test(seen, rows) for test in totals]
        return Answer(all(one.holds for one in answers), min(until, *(one.until for one in answers)))

    return judge


def _row(seen: _Seen, row: Any, tests: Sequence[RowJudge]) -> Answer:
    """All tests of a row, as `_both`."""
    until, waits = NEVER, None
    for test in tests:
        answer = test(seen, row)
        if answer.holds:
            until = min(until, answer.until)
        elif waits is None or answer.until > waits:
            waits = answer.until
    return Answer(holds=True, until=until) if waits is None else Answer(holds=False, until=waits)


def _negated(judge: Judge) -> Judge:
    def turned(seen: _Seen) -> Answer:
        answer = judge(seen)
        return Answer(not answer.holds, answer.until)

    return turned


def _remembered(judge: Judge, at: int) -> Judge:
    """Asked once a person, whoever asks."""

    def remembered(seen: _Seen) -> Answer:
        answer = seen.answers[at]
        if answer is None:
            answer = seen.answers[at] = judge(seen)
        return answer

    return remembered
