"""A value as it was written → what it means for a kind, and how a sentence says it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from .ast import Day, Moment, Number, Offset, Text, Truth, Unit, Value
from .dates import FIRST_YEAR, LAST_YEAR, Calendar
from .kinds import Kind, Meaning, Money, Range

MAX_WHOLE: Final = 2**63 - 1
MAX_AMOUNT: Final = 10**15


class Unfit(Exception):
    """The value does not fit. `str(unfit)` goes on after the attribute's name: "takes a whole number such as 3."."""


def meaning(kind: Kind, value: Value, dates: Calendar) -> Meaning:
    """What `value` means. Raises Unfit."""
    match value:
        case Number() if kind is Kind.INTEGER:
            whole = _whole(value, least=-MAX_WHOLE)
            return Range(whole, whole + 1)
        case Number() if kind is Kind.ID:
            return _whole(value, least=0)
        case Number() if kind is Kind.AMOUNT:
            if abs(value.value) > MAX_AMOUNT:
                raise Unfit(f"takes amounts up to {MAX_AMOUNT:,}.")
            return Money(value.value)
        case Day() | Moment() | Offset() if kind is Kind.DATE:
            try:
                return dates.range(value)
            except ValueError:
                raise Unfit(f"takes dates from {FIRST_YEAR} to {LAST_YEAR}; this one is too far away.") from None
        case Text() if kind in _TEXTS:
            return _TEXTS[kind](value.value)
        case Truth() if kind is Kind.BOOLEAN:
            return value.value
    raise Unfit(f"takes {kind.example}{_hint(kind, value)}.")


def words(kind: Kind, value: Value, dates: Calendar) -> str:
    """How a sentence says a value that has a meaning."""
    match value:
        case Number():
            return f"{value.value:f}" if kind is Kind.ID else f"{value.value:,f}"
        case Text():
            return value.value if kind is Kind.COUNTRIES or kind.choices else f"“{value.value}”"
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


def _country(code: str) -> str:
    meant = _MISTAKEN.get(code.upper(), code.upper())
    if code == meant and re.fullmatch("[A-Z]{2}", code):
        return code
    hint = f" Did you mean '{meant}'?" if re.fullmatch("[A-Z]{2}", meant) else ""
    raise Unfit(f"takes {Kind.COUNTRIES.example}.{hint}")


def _choice(kind: Kind, word: str) -> str:
    meant = word.upper().replace(" ", "_")
    if word in kind.choices:
        return word
    hint = f" Did you mean '{meant}'?" if meant in kind.choices else ""
    raise Unfit(f"takes one of {', '.join(kind.choices)}, in single quotes.{hint}")


def _hint(kind: Kind, value: Value) -> str:
    if isinstance(value, Text):
        return ", without quotes"
    if kind is Kind.DATE and isinstance(value, Number):
        return "; for 30 days ago write -30d"
    return ""


def _distance(count: int, unit: Unit) -> str:
    if unit == "d" and count in _NEAR:
        return _NEAR[count]
    far = f"{abs(count):,} {_UNITS[unit]}{'s' if abs(count) != 1 else ''}"
    return f"{far} ago" if count <= 0 else f"in {far}"


_MISTAKEN = {"UK": "GB"}
_TEXTS: Final[dict[Kind, Callable[[str], str]]] = {
    Kind.COUNTRIES: _country,
    Kind.TAG: str.casefold,
    Kind.TAGS: str.casefold,
    **{kind: partial(_choice, kind) for kind in Kind if kind.choices},
}
_NEAR = {0: "today", -1: "yesterday", 1: "tomorrow"}
_UNITS = {"d": "day", "w": "week", "m": "month", "y": "year"}
