"""A value as it was written → what it means for a kind, and how a sentence says it."""

from __future__ import annotations

import math
from typing import Final

from .ast import Day, Moment, Number, Offset, Text, Truth, Unit, Value
from .dates import FIRST_YEAR, LAST_YEAR, Calendar
from .kinds import Kind, Meaning, Money, Range, Takes, Unfit

MAX_WHOLE: Final = 2**63 - 1
MAX_AMOUNT: Final = 10**15


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
        case Takes.DATE, Day() | Moment() | Offset():
            try:
                return dates.range(value)
            except ValueError:
                raise Unfit(f"takes dates from {FIRST_YEAR} to {LAST_YEAR}; this one is too far away.") from None
        case Takes.TEXT, Text():
            return _choice(kind, value.value) if kind.choices else kind.key(value.value)
        case Takes.TRUTH, Truth():
            return value.value
        case _:
            raise Unfit(f"takes {kind.example}{_hint(kind, value)}.")


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
        case Moment():
            return f"{dates.words(value.at.date())} at {value.at:%H:%M:%S}"
        case Day():
            return dates.words(value.on)
        case Offset():
            return f"{dates.words(dates.day(value))} ({_distance(value.count, value.unit)})"


def _whole(value: Number, least: int) -> int:
    if value.value != value.value.to_integral_value():
        raise Unfit("takes whole numbers.")
    if not least <= value.value <= MAX_WHOLE:
        raise Unfit(f"takes numbers from {least} to {MAX_WHOLE}.")
    return int(value.value)


def _choice(kind: Kind, word: str) -> str:
    meant = word.upper().replace(" ", "_")
    if word in kind.choices:
        return word
    hint = f" Did you mean '{meant}'?" if meant in kind.choices else ""
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


_NEAR = {0: "today", -1: "yesterday", 1: "tomorrow"}
_UNITS = {"d": "day", "w": "week", "m": "month", "y": "year"}
