"""A segment as a tree: what was written, before anybody asks whether it makes sense.

A span says where in the query a thing was written. Spans do not count in equality, so a tree that a builder made and
one that was parsed are equal when they mean the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Span:
    """`query[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Something that was written somewhere."""

    span: Span = field(default=Span(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Word(Written):
    """A name or an operator."""

    text: str


@dataclass(frozen=True, slots=True)
class Number(Written):
    value: Decimal


@dataclass(frozen=True, slots=True)
class Text(Written):
    value: str


@dataclass(frozen=True, slots=True)
class Truth(Written):
    value: bool


@dataclass(frozen=True, slots=True)
class Day(Written):
    """`2026-11-18`: a whole day in the shop's zone."""

    on: date


@dataclass(frozen=True, slots=True)
class Moment(Written):
    """`2026-11-18T09:30:00`: a second on the shop's clocks (naive)."""

    at: datetime


Unit: TypeAlias = Literal["d", "w", "m", "y"]


@dataclass(frozen=True, slots=True)
class Offset(Written):
    """`-30d`: a whole day, so many days, weeks, months or years from today. Today itself is 0d, yesterday -1d."""

    count: int
    unit: Unit


Value: TypeAlias = Number | Text | Truth | Day | Moment | Offset


@dataclass(frozen=True, slots=True)
class Comparison(Written):
    """`number_of_orders > 2`; also one parameter inside `MATCHES ( … )`."""

    name: Word
    operator: Word
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Matches(Written):
    """`orders_placed MATCHES (count > 2)`."""

    name: Word
    negated: bool
    parameters: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class And:
    """All of `parts`, none of which is an And. Without parts: everybody."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of two or more `parts`, none of which is an Or."""

    parts: tuple[Node, ...]


Clause: TypeAlias = Comparison | Matches
Node: TypeAlias = Clause | And | Or
