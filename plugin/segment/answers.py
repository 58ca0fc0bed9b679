"""Answers about one person, each with the instant until which it is certain, and how they are put together.

Closures, made once for a query (judge.py) and asked of many people: a test of a value, of a row, of all rows; all of
some, any of them, the contrary.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from plugin.profile.load import Profile

from .dates import Calendar
from .kinds import Aged, Moving, Range
from .moving import NEVER, Passer, first_day_after
from .yearly import EPOCH, Yearly, years


class Answer(NamedTuple):
    """Whether it holds, and the first instant at which time alone can change that; NEVER for none."""

    holds: bool
    until: datetime


YES: Final = Answer(holds=True, until=NEVER)
NO: Final = Answer(holds=False, until=NEVER)
UNREAD: Final = object()


class Seen:
    """One profile at one instant, and what was read of it so far."""

    __slots__ = ("answers", "days", "profile", "ranges", "today", "values", "years", "zone")

    def __init__(
        self, profile: Profile, dates: Calendar, offsets: tuple[Moving, ...], spans: tuple[Yearly, ...], sizes: Sizes
    ) -> None:
        self.profile = profile
        self.zone = dates.zone
        self.today = dates.today
        self.ranges = _ranges(offsets, dates)
        self.years = years(spans, dates.today, dates.zone)
        self.values: list[Any] = [UNREAD] * sizes.values
        self.answers: list[Answer | None] = [None] * sizes.answers
        self.days: dict[datetime, int] = {}

    def day_after(self, value: datetime) -> int:
        """The first day that begins after `value`: many comparisons ask it of the same few."""
        day = self.days.get(value)
        if day is None:
            day = self.days[value] = first_day_after(value, self.zone)
        return day


class Sizes(NamedTuple):
    values: int
    answers: int


Judge = Callable[[Seen], Answer]
"""A condition, a clause or, with a row beside the profile, one test of it."""
RowJudge = Callable[[Seen, Any], Answer]


def _ranges(offsets: tuple[Moving, ...], dates: Calendar) -> tuple[Range[datetime], ...]:
    """What each offset covers: days reckoned once a day, hours each time."""
    days = _days(offsets, dates.today, dates.zone)
    if None not in days:
        return days  # type: ignore[return-value]
    return tuple(day or dates.range(offset) for day, offset in zip(days, offsets, strict=True))


@lru_cache(maxsize=1_000)
def _days(offsets: tuple[Moving, ...], today: date, zone: ZoneInfo) -> tuple[Range[datetime] | None, ...]:
    dates = Calendar(EPOCH, today, zone)
    return tuple(dates.range(one) if isinstance(one, Aged) or one.unit != "h" else None for one in offsets)


def fixed_test(holds: Callable[..., bool], operands: tuple[Any, ...], missing: Answer) -> RowJudge:
    def judge(_: Seen, value: Any) -> Answer:
        if value is None:
            return missing
        return YES if holds(value, *operands) else NO

    return judge


def moved_test(
    holds: Callable[..., bool],
    operands: tuple[Any, ...],
    places: Mapping[int, int],
    watched: Sequence[tuple[int, bool, Passer]],
    missing: Answer,
) -> RowJudge:
    """A comparison with dates of which some move: `places` among the ranges, `watched` the edges that count."""
    if len(operands) == len(watched) == 1:
        return moved_by_one(holds, *watched[0], missing)

    def judge(seen: Seen, value: Any) -> Answer:
        if value is None:
            return missing
        ranges = seen.ranges
        found = holds(value, *(ranges[places[at]] if at in places else one for at, one in enumerate(operands)))
        until = NEVER
        for place, is_end, passes in watched:
            if (ranges[place].end if is_end else ranges[place].start) <= value:
                until = min(until, passes(value, seen.day_after(value), seen.zone))
        return Answer(found, until)

    return judge


def moved_by_one(holds: Callable[..., bool], place: int, is_end: bool, passes: Passer, missing: Answer) -> RowJudge:
    """As `moved_test`, with one edge of one date: nearly all comparisons are such."""

    def judge(seen: Seen, value: Any) -> Answer:
        if value is None:
            return missing
        date = seen.ranges[place]
        if (date.end if is_end else date.start) <= value:
            return Answer(holds(value, date), passes(value, seen.day_after(value), seen.zone))
        return YES if holds(value, date) else NO

    return judge


@lru_cache(maxsize=100)
def edges_asked(holds: Callable[..., bool], operands: int) -> tuple[tuple[int, bool], ...]:
    """Which edges of its operands an operator looks at: where its answer differs on their two sides."""
    ranges = [Range(20 * at + 10, 20 * at + 20) for at in range(operands)]
    return tuple(
        (at, is_end)
        for at, one in enumerate(ranges)
        for is_end, edge in ((False, one.start), (True, one.end))
        if holds(edge - 1, *ranges) is not holds(edge, *ranges)
    )


def both(parts: Sequence[Judge], *, wanted: bool) -> Judge:
    """All of `parts` (`wanted`), or any of them (not `wanted`): a disjunction fails where all its parts fail."""
    if len(parts) == 1:
        return parts[0]
    agreed, decided = (YES, NO) if wanted else (NO, YES)

    def judge(seen: Seen) -> Answer:
        until, waits = NEVER, None
        for part in parts:
            answer = part(seen)
            if answer.holds is wanted:
                if answer.until is not NEVER and answer.until < until:
                    until = answer.until
            elif answer.until is NEVER:
                return decided
            elif waits is None or answer.until > waits:
                waits = answer.until
        if waits is not None:
            return Answer(not wanted, waits)
        return agreed if until is NEVER else Answer(wanted, until)

    return judge


Sieves = Sequence[Callable[[Any], bool]]


def any_row(read: Callable[[Seen], Sequence[Any]], fixed: Sieves, moving: RowJudge | None) -> Judge:
    """Is there a row for which all tests hold? `fixed` ones never change by time."""
    if moving is None:
        return lambda seen: YES if sieved(read(seen), fixed) else NO

    def judge(seen: Seen) -> Answer:
        first, last = NEVER, None
        for row in sieved(read(seen), fixed):
            holds, until = moving(seen, row)
            if not holds:
                if until is not NEVER and until < first:
                    first = until
            elif until is NEVER:
                return YES
            elif last is None or until > last:
                last = until
        if last is not None:
            return Answer(holds=True, until=last)
        return NO if first is NEVER else Answer(holds=False, until=first)

    return judge


def totals_of(
    read: Callable[[Seen], Sequence[Any]], fixed: Sieves, moving: RowJudge | None, totals: Sequence[RowJudge]
) -> Judge:
    """Do the totals of all rows for which the tests hold, hold?"""

    def judge(seen: Seen) -> Answer:
        rows, until = sieved(read(seen), fixed), NEVER
        if moving is not None:
            answers = [moving(seen, row) for row in rows]
            until = min((answer.until for answer in answers), default=NEVER)
            rows = [row for row, answer in zip(rows, answers, strict=True) if answer.holds]
        said = [test(seen, rows) for test in totals]
        return Answer(all(one.holds for one in said), min(until, *(one.until for one in said)))

    return judge


def sieved(rows: Sequence[Any], fixed: Sieves) -> Sequence[Any]:
    for lets_through in fixed:
        rows = [row for row in rows if lets_through(row)]
    return rows


def all_tests(tests: Sequence[RowJudge]) -> RowJudge | None:
    """All tests of a row, as `both`; None for no tests."""
    if len(tests) < 2:
        return tests[0] if tests else None

    def judge(seen: Seen, row: Any) -> Answer:
        until, waits = NEVER, None
        for test in tests:
            answer = test(seen, row)
            if answer.holds:
                until = min(until, answer.until)
            elif waits is None or answer.until > waits:
                waits = answer.until
        return Answer(holds=True, until=until) if waits is None else Answer(holds=False, until=waits)

    return judge


def negated(judge: Judge) -> Judge:
    def turned(seen: Seen) -> Answer:
        answer = judge(seen)
        return Answer(not answer.holds, answer.until)

    return turned


def remembered(judge: Judge, at: int) -> Judge:
    """Asked once a person, whoever asks."""

    def remembered(seen: Seen) -> Answer:
        answer = seen.answers[at]
        if answer is None:
            answer = seen.answers[at] = judge(seen)
        return answer

    return remembered
