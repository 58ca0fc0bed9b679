"""What can be asked, a module a subject, as docs/segments.md says it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.oracle.kinds import Kind, Shop
from tests.oracle.rows import Row, Rows

Verdict = Callable[[Row, Rows], bool]


@dataclass(frozen=True)
class Filter:
    """`value` of a row of `people`. `pool` names the values of the store that a generator asks for."""

    kind: Kind
    value: Callable[[Row, Rows], Any]
    pool: str = ""


@dataclass(frozen=True)
class Parameter:
    """`value` of one row of a function or, if `total`, of the list of those that are left."""

    kind: Kind
    value: Callable[[Any, Rows], Any]
    pool: str = ""
    total: bool = False


@dataclass(frozen=True)
class Function:
    rows: Callable[[Row, Rows], Sequence[Any]]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """`name(values)`: `asked` turns the values into a question, or raises Refused; `pools` name values to ask with."""

    asked: Callable[[tuple[Any, ...], Shop], Verdict]
    pools: tuple[str, ...] = ()
    named: bool = False
    """Its values have names: `asked` gets (name, value) pairs."""
