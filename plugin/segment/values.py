"""A value as it was written → what it means for a kind, and how a sentence says it."""

from __future__ import annotations

import math
from difflib import get_close_matches
from typing import Final

from .ast import Day, Moment, Number, Offset, Text, Truth, Unit, Value
from .dates import FIRST_YEAR, LAST_YEAR, Calendar
from .kinds import Aged, Kind, Meaning, Money, Operand, Range, Takes, Unfit

MAX_WHOLE: Final = 2**63 - 1
MAX_AMOUNT: Final = 10**15
OLDEST: Final = 150
"""Years of age."""
SPARE_YEARS: Final = 100
"""Relative dates stay so far from the end of our years, for time goes by."""


def operand(kind: Kind, value: Value, dates: Calendar) -> Operand:
    """`value` as an operand. Raises Unfit."""
    date = dated(kind, value)
    moving = date if isinstance(date, Offset | Aged) else None
    meant = meaning(kind, value, dates)
    if moving and dates.range(moving).start.year > LAST_YEAR - SPARE_YEARS:
        raise Unfit(_DISTANT)
    return Operand(meant, words(kind, value, dates), moving)


def anniversary(kind: Kind, days: tuple[Value, ...], dates: Calendar) -> Operand:
    """The one or two days that an anniversary is compared with, as one operand. Raises Unfit."""
    said = [_whole_day(kind, day) for day in days]
    try:
        words = [_day_of_year(day, dates) for day in said]
        on = f"between {words[0]} and {words[1]}" if words[1:] else f"on {words[0]}"
        return Operand(dates.years(said[0], said[-1]), on)
    except ValueError:
        raise Unfit(_DISTANT) from None


def meaning(kind: Kind, value: Value, dates: Calendar) -> Meaning:
    """What `value` means. Raises Unfit."""
    match kind.takes, value:
        case Takes.WHOLE, Number():
            whole = _whole(value, least=-MAX_WHOLE)
            return Range(whole, whole + 1)
        case Takes.DECIMAL, Number():
            number = float(value.value)
            return Range(number, math.nextafter(number, math.inf))
        case Takes.ID, Number():
            return _whole(value, least=0)
        case Takes.MONEY, Number():
            if abs(value.value) > MAX_AMOUNT:
                raise Unfit(f"takes amounts up to {MAX_AMOUNT:,}.")
            return Money(value.value)
        case ((Takes.DATE | Takes.DAYS | Takes.YEARS), _) if (date := dated(kind, value)) is not None:
            try:
                return dates.range(date)
            except ValueError:
                raise Unfit(_DISTANT) from None
        case Takes.TEXT, Text():
            meant: Meaning = kind.key(_choice(kind, value.value) if kind.choices else value.value)
            return meant
        case Takes.TRUTH, Truth():
            return value.value
        case _:
            raise Unfit(f"takes {kind.example}{_hint(kind, value)}.")


def dated(kind: Kind, value: Value) -> Day | Moment | Offset | Aged | None:
    """The date that `value` names, None if it names none. Days since it are an offset too, years of age birthdays.
    Raises Unfit."""
    match kind.takes, value:
        case Takes.DATE, Day() | Moment() | Offset():
            return value
        case Takes.DAYS, Number():
            return Offset(-_whole(value, least=-MAX_WHOLE), "d")
        case Takes.YEARS, Number():
            return Aged(_whole(value, least=0, most=OLDEST))
        case _:
            return None


def guessed(operator: str, values: tuple[Value, ...]) -> Kind:
    """The kind that a comparison takes its attribute to be: by it the attributes that no list holds are made."""
    match operator, values:
        case (("CONTAINS" | "NOT CONTAINS"), _):
            return Kind.LABELS
        case _, (Number(), *_):
            return Kind.FLOAT
        case _, (Day() | Moment() | Offset(), *_):
            return Kind.DATE
        case _, (Truth(), *_):
            return Kind.BOOLEAN
        case _:
            return Kind.TEXT


def words(kind: Kind, value: Value, dates: Calendar) -> str:
    """How a sentence says a value that has a meaning."""
    match value:
        case Number():
            return f"{value.value:f}" if kind.takes is Takes.ID else f"{value.value:,f}"
        case Text():
            return f"“{value.value}”" if kind.quoted else value.value
        case Truth():
            return "" if value.value else "do not "
        case Day():
            return dates.words(value.on)
        case Offset(count, unit) if unit != "h":
            return f"{dates.words(dates.day(value))} ({_distance(count, unit)})"
        case Moment() | Offset():
            clock = dates.clock(value)
            said = f"{dates.words(clock.date())} at {clock:%H:%M:%S}"
            return said if isinstance(value, Moment) else f"{said} ({_distance(value.count, 'h')})"


def _whole_day(kind: Kind, value: Value) -> Day | Offset:
    if isinstance(value, Day) or (isinstance(value, Offset) and value.unit != "h"):
        return value
    raise Unfit(f"takes {kind.example}{_hint(kind, value)}.")


def _day_of_year(value: Day | Offset, dates: Calendar) -> str:
    said = dates.day_of_year(dates.day(value))
    return f"{said} ({_distance(value.count, value.unit)})" if isinstance(value, Offset) else said


def _whole(value: Number, least: int, most: int = MAX_WHOLE) -> int:
    if value.value != value.value.to_integral_value():
        raise Unfit("takes whole numbers.")
    if not least <= value.value <= most:
        raise Unfit(f"takes numbers from {least} to {most}.")
    return int(value.value)


def _choice(kind: Kind, word: str) -> str:
    if word in kind.choices:
        return word
    near = get_close_matches(word[:60].upper().replace(" ", "_"), kind.choices, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    raise Unfit(f"takes one of {', '.join(kind.choices)}, in single quotes.{hint}")


def _hint(kind: Kind, value: Value) -> str:
    if isinstance(value, Text):
        return ", without quotes"
    if kind.takes is Takes.DATE and isinstance(value, Number):
        return "; for 30 days ago write -30d"
    return ""


def _distance(count: int, unit: Unit) -> str:
    if unit == "d" and count in _NEAR:
        return _NEAR[count]
    far = f"{abs(count):,} {_UNITS[unit]}{'s' if abs(count) != 1 else ''}"
    return f"{far} ago" if count <= 0 else f"in {far}"


_DISTANT = f"takes dates from {FIRST_YEAR} to {LAST_YEAR}; this one is too far away."
_NEAR = {0: "today", -1: "yesterday", 1: "tomorrow"}
_UNITS = {"h": "hour", "d": "day", "w": "week", "m": "month", "y": "year"}
