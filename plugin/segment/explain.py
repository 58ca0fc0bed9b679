"""Why somebody is in a segment, or is not: each clause, its answer, and the value that decided it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plugin.profile.load import Profile
from plugin.store.types import major_units

from .checked import Asked, Checked, Clause, Inside, Predicate, Rows, clauses
from .dates import Calendar
from .evaluate import holds, matching
from .format import canonical
from .kinds import Kind, Takes


@dataclass(frozen=True, slots=True)
class Verdict:
    """`clause` as a query says it, whether it `holds`, and the person's `value`: "number_of_orders is 3"."""

    clause: str
    holds: bool
    value: str


def explain(checked: Checked, profile: Profile) -> list[Verdict]:
    """A verdict on each clause, in the order in which they are written."""
    return [
        Verdict(canonical(clause.clause), holds(clause, profile), _value(clause, profile, checked.dates))
        for clause in clauses(checked.condition)
    ]


def _value(clause: Clause, profile: Profile, dates: Calendar) -> str:
    match clause:
        case Predicate():
            value = clause.subject.read(profile)
            return f"{clause.subject.name} is {_said(clause.subject.kind, value, profile, dates)}"
        case Rows():
            return _rows(clause, profile, dates)
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
        case _, bool():
            return "true" if value else "false"
        case _, int() if kind.takes is Takes.MONEY:
            return f"{major_units(value, profile.currency):,f} {profile.currency}"
        case _, datetime():
            local = value.astimezone(dates.zone)
            return f"{dates.words(local.date())} at {local:%H:%M:%S}"
        case _, str():
            return value
        case _, frozenset():
            return ", ".join(sorted(value)) or "empty"
        case _:
            return f"{value:,}"
