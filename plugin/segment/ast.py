"""A segment as a tree: what was written, before anybody asks whether it makes sense.

A span says where in the query a thing was written. Spans do not count in equality, so a tree that a builder made and
one that was parsed are equal when they mean the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
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


Unit: TypeAlias = Literal["h", "d", "w", "m", "y"]


@dataclass(frozen=True, slots=True)
class Offset(Written):
    """`-30d`: a whole day, so many days, weeks, months or years from today. Today itself is 0d, yesterday -1d.
    `-3h`: a second, so many hours from now."""

    count: int
    unit: Unit


Value: TypeAlias = Number | Text | Truth | Day | Moment | Offset


@dataclass(frozen=True, slots=True)
class Comparison(Written):
    """`number_of_orders > 2`; also one parameter inside `MATCHES ( … )`. `anniversary('first_order_date') = today` has
    `arguments` too."""

    name: Word
    operator: Word
    values: tuple[Value, ...]
    arguments: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Matches(Written):
    """`orders_placed MATCHES (count > 2)`."""

    name: Word
    negated: bool
    parameters: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class Call(Written):
    """`in_list('Fair 2026')`: true or false by itself."""

    name: Word
    negated: bool
    arguments: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Not(Written):
    """`NOT ( … )` of a comparison, an And or an Or: what else there is carries its `negated` itself."""

    part: Comparison | And | Or


@dataclass(frozen=True, slots=True)
class And:
    """All of `parts`, none of which is an And. Without parts: everybody."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of two or more `parts`, none of which is an Or."""

    parts: tuple[Node, ...]


Clause: TypeAlias = Comparison | Matches | Call
Node: TypeAlias = Clause | Not | And | Or


def negated(node: Node, span: Span) -> Node:
    """The contrary, in the one shape that it has; `span` is its place."""
    match node:
        case Not(part):
            return part
        case Matches() | Call():
            return replace(node, negated=not node.negated, span=span)
        case _:
            return Not(node, span=span)
