"""A segment that can be read: what check.py makes of a tree, and what the readings (SQL, Python, words) start from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from .ast import Call, Comparison, Matches, Node
from .attributes import Attribute, Function, Parameter, Question
from .dates import Calendar
from .kinds import Operand
from .operators import Operator

Subject = TypeVar("Subject", Attribute, Parameter)


@dataclass(frozen=True, slots=True)
class Predicate(Generic[Subject]):
    """An attribute or a parameter, an operator, its operands."""

    subject: Subject
    operator: Operator
    operands: tuple[Operand, ...]
    clause: Comparison


@dataclass(frozen=True, slots=True)
class Rows:
    """A function: are there rows (`negated`: none) for which all tests hold?"""

    function: Function
    negated: bool
    tests: tuple[Predicate[Parameter], ...]
    clause: Matches

    @property
    def each(self) -> tuple[Predicate[Parameter], ...]:
        """The tests of each row."""
        return tuple(test for test in self.tests if not test.subject.total)

    @property
    def totals(self) -> tuple[Predicate[Parameter], ...]:
        """The tests of all rows together."""
        return tuple(test for test in self.tests if test.subject.total)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what it was asked with: `operands` in words by name, `arguments` for its SQL and its Python."""

    question: Question
    negated: bool
    operands: Mapping[str, Operand]
    arguments: tuple[Any, ...]
    clause: Call | Matches


@dataclass(frozen=True, slots=True)
class Inside:
    """Is the person a member (`negated`: none) of another segment, or in one of the stages, that `condition` means?
    `says` is the phrase of it; `stages` are all stages that there are."""

    says: str
    negated: bool
    condition: Condition
    clause: Call | Comparison
    stages: tuple[tuple[str, Condition], ...] = ()


@dataclass(frozen=True, slots=True)
class Inverse:
    part: Condition


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Condition, ...]


Clause: TypeAlias = Predicate[Attribute] | Rows | Asked | Inside
Condition: TypeAlias = Clause | Inverse | All | AnyOf


@dataclass(frozen=True, slots=True)
class Checked:
    """`tree` as it was written in `query`, `condition` as it is meant by the shop's calendar."""

    query: str
    tree: Node
    condition: Condition
    dates: Calendar


def depth(condition: Condition) -> int:
    """The levels of parentheses that a condition has at most."""
    match condition:
        case All(parts) | AnyOf(parts):
            return 1 + max(map(depth, parts), default=0)
        case Inverse(part) | Inside(condition=part):
            return 1 + depth(part)
        case _:
            return 0


def clauses(condition: Condition) -> list[Clause]:
    """The clauses of a segment in the order in which they are written."""
    match condition:
        case All(parts) | AnyOf(parts):
            return [clause for part in parts for clause in clauses(part)]
        case Inverse(part):
            return clauses(part)
        case _:
            return [condition]
