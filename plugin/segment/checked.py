"""A segment that can be read: what check.py makes of a tree, and what the readings (SQL, Python, words) start from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from .ast import Comparison, Matches, Node
from .attributes import Attribute, Function, Parameter
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
class All:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Condition, ...]


Clause: TypeAlias = Predicate[Attribute] | Rows
Condition: TypeAlias = Clause | All | AnyOf


@dataclass(frozen=True, slots=True)
class Checked:
    """`tree` as it was written in `query`, `condition` as it is meant by the shop's calendar."""

    query: str
    tree: Node
    condition: Condition
    dates: Calendar


def clauses(condition: Condition) -> list[Clause]:
    """The clauses of a segment in the order in which they are written."""
    if isinstance(condition, Predicate | Rows):
        return [condition]
    return [clause for part in condition.parts for clause in clauses(part)]
