"""Why somebody is in a segment, or is not: each clause, its answer, the value that decided it and what is behind it,
and when time alone will change it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from plugin.profile.load import Profile
from plugin.store.types import major_units

from .checked import Asked, Checked, Clause, Inside, Predicate, Rows, clauses
from .dates import Calendar, local
from .evaluate import holds, matching
from .format import canonical
from .judge import Bench, bench
from .kinds import Kind, Takes
from .moving import NEVER
from .values import SPARE_YEARS

NEWEST: Final = 10
"""So many of the rows behind a clause are named."""
MOST_STEPS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Happened:
    """A row that a clause counts: "order 1001"; `order_id` where it is one, or part of one."""

    said: str
    at: datetime
    order_id: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """If nothing happens to the person, the answer is `holds` from `at` on."""

    at: datetime
    holds: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """`clause` as a query says it, whether it `holds`, and the person's `value`: "number_of_orders is 3".

    `rows` are the newest behind it, `turn` is when time alone changes it."""

    clause: str
    holds: bool
    value: str
    rows: tuple[Happened, ...] = ()
    turn: Turn | None = None


def explain(checked: Checked, profile: Profile, now: datetime | None = None) -> list[Verdict]:
    """A verdict on each clause, in the order in which they are written; with what is behind it, and when it turns, as
    seen from `now`, if given."""
    found = clauses(checked.condition)
    plain = [
        Verdict(canonical(clause.clause), holds(clause, profile), _value(clause, profile, checked.dates))
        for clause in found
    ]
    if now is None:
        return plain
    alone = bench(
        {at: replace(checked, condition=clause) for at, clause in enumerate(found)},
        profile.currency,
        checked.dates.zone.key,
    )
    return [
        replace(verdict, rows=_behind(clause, profile), turn=_turn(alone.only(at), at, profile, now))
        for at, (verdict, clause) in enumerate(zip(plain, found, strict=True))
    ]


def turn(checked: Checked, profile: Profile, now: datetime) -> Turn | None:
    """When time alone makes the person enter or leave."""
    return _turn(bench({0: checked}, profile.currency, checked.dates.zone.key), 0, profile, now)


def _turn(judge: Bench, key: int, profile: Profile, now: datetime) -> Turn | None:
    """Instants at which it might change are asked one by one until it does, within a lifetime."""
    answer = judge.judge(profile, now)[key]
    at = answer.until
    for _ in range(MOST_STEPS):
        if at is NEVER or at.year >= now.year + SPARE_YEARS:
            return None
        following = judge.judge(profile, at)[key]
        if following.holds is not answer.holds:
            return Turn(at, following.holds)
        at = following.until
    return None


def _behind(clause: Clause, profile: Profile) -> tuple[Happened, ...]:
    if not isinstance(clause, Rows):
        return ()
    function = clause.function
    rows = sorted(matching(clause, profile), key=function.at, reverse=True)[:NEWEST]
    return tuple(Happened(function.says_row(row), function.at(row), getattr(row, "order_id", None)) for row in rows)


def _value(clause: Clause, profile: Profile, dates: Calendar) -> str:
    match clause:
        case Predicate():
            value = clause.subject.read(profile)
            return f"{clause.subject.name} is {_said(clause.subject.kind, value, profile, dates)}"
        case Rows():
            return _rows(clause, profile, dates)
        case Inside(stages=((_, _), *_)):
            name = next((name for name, stage in clause.stages if holds(stage, profile)), "missing")
            return f"{clause.clause.name.text} is {name}"
        case Asked() | Inside():
            return f"{clause.clause.name.text} is {'true' if holds(clause, profile) is not clause.negated else 'false'}"


def _rows(clause: Rows, profile: Profile, dates: Calendar) -> str:
    rows = matching(clause, profile)
    noun = clause.function.row if len(rows) == 1 else f"{clause.function.row}s"
    parts = [f"{len(rows):,} {noun} match" + ("es" if len(rows) == 1 else "")]
    if rows:
        last = max(clause.function.at(row) for row in rows)
        parts.append(f"the last on {_said(Kind.DATE, last, profile, dates)}")
    for test in clause.totals:
        value = test.subject.read(rows)
        parts.append(f"{test.subject.name} is {_said(test.subject.kind, value, profile, dates)}")
    return ", ".join(parts)


def _said(kind: Kind, value: Any, profile: Profile, dates: Calendar) -> str:
    match kind, value:
        case _, None:
            return "missing"
        case Kind(takes=Takes.YEARS), datetime():
            return f"{dates.age(value)}, born on {dates.words(local(value, dates.zone).date())}"
        case _, bool():
            return "true" if value else "false"
        case _, int() if kind.takes is Takes.MONEY:
            return f"{major_units(value, profile.currency):,f} {profile.currency}"
        case _, datetime():
            clock = local(value, dates.zone)
            return f"{dates.words(clock.date())} at {clock:%H:%M:%S}"
        case _, str():
            return value
        case _, frozenset():
            return ", ".join(map(str, sorted(value))) or "empty"
        case _:
            return f"{value:,}"
