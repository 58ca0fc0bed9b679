"""What an entry of the catalogue is made of, and what the subjects' files share.

`sql` gives what operators of the kind's family expect (plugin/segment/operators.py) for a shop; `read` gives the same
of a profile, of a row, or, for a parameter that is a total, of all matching rows. None is a missing value. `reads`
names the fields of Profile that `read` looks at: who belongs can only change when one of them does, or by the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Column, ColumnElement, Select, Table, select

from plugin.profile.load import Profile
from plugin.segment.beginning import fits
from plugin.segment.kinds import Kind
from plugin.store.tables import people


@dataclass(frozen=True, slots=True)
class Attribute:
    """`number_of_orders > 2`. "People who {verb} more than 2 {unit}s"; "… do not have {noun}".

    A value that stands in another table than `people`, at most once a person, has `rows`: the ids of the people who
    have one. `sql` then gives a column of that table, and a comparison reads `people.id IN (rows WHERE …)`.

    A choice that follows from other filters has `stages`: each of its words with the query that means it, no two of
    which one person fits at once. `sql` and `read` then only say what it hangs on."""

    name: str
    kind: Kind
    sql: Callable[[int], Any]
    read: Callable[[Profile], Any]
    _: KW_ONLY
    reads: frozenset[str]
    verb: str
    noun: str = ""
    unit: str = ""
    rows: Callable[[int], Select[tuple[int]]] | None = None
    stages: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """One condition inside MATCHES: on each row, or on the total of the rows that the others leave.

    `says` is its place in the function's sentence, `absent` stands there without it. `highest` is a column of the
    person that no row of theirs is above: whom it leaves out, no row needs to be read for. `sql` may give a column of
    the table `beside` the row's own."""

    name: str
    kind: Kind
    sql: Callable[[int], Any]
    read: Callable[[Any], Any]
    says: str
    absent: str = ""
    unit: str = ""
    total: bool = False
    highest: Callable[[int], Any] | None = None
    beside: Beside | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """Another table, in which each row of the function has one row `on` which some parameters ask."""

    table: Table
    on: ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Function:
    """`orders_placed MATCHES (count > 2)`: is there a row that matches, or do the totals of those that do?

    `rows` selects the person of each row, `person`; `read` gives a profile's rows and `at` the time of one; `says` is
    the sentence with a place for each parameter, `row` the word for a row, `says_row` names one: "order 1001"."""

    name: str
    rows: Callable[[int], Select[tuple[int]]]
    person: ColumnElement[int]
    read: Callable[[Profile], Sequence[Any]]
    at: Callable[[Any], datetime]
    _: KW_ONLY
    reads: frozenset[str]
    says: str
    row: str
    says_row: Callable[[Any], str]
    parameters: Mapping[str, Parameter]


@dataclass(frozen=True, slots=True)
class Argument:
    """One value of a question. `says` is its place in the question's sentence, nothing stands there without it."""

    name: str
    kind: Kind
    required: bool = True
    says: str = "{words}"


@dataclass(frozen=True, slots=True)
class Question:
    """`in_list('Fair 2026')`: true or false of a person, by arguments in their order, None for one that is left out;
    `named`, and they stand with their names: `customer_within_distance MATCHES (coordinates = …, distance_km = 25)`.

    `sql` takes the shop and the meanings of the arguments, and gives a condition that is never NULL; `read` a profile
    and the same meanings. `settle`, if given, makes of the meanings by name what both are given; raises Unfit. `says`
    begins with "are" or "have" and has a place for each argument."""

    name: str
    arguments: tuple[Argument, ...]
    sql: Callable[..., ColumnElement[bool]]
    read: Callable[..., bool]
    _: KW_ONLY
    reads: frozenset[str]
    says: str
    named: bool = False
    settle: Callable[[Mapping[str, Any]], tuple[Any, ...]] | None = None


Entry: TypeAlias = Attribute | Function | Question

Finder: TypeAlias = Callable[[str, Kind], Attribute | None]
"""Makes the attribute of a name that no list holds (`customer.metafields.custom.level`); None if it is not its own.
The kind is what the query compares it with: TEXT, FLOAT, DATE, BOOLEAN, LABELS (with CONTAINS); TEXT for IS NULL."""


def column(of: ColumnElement[Any]) -> Callable[[int], ColumnElement[Any]]:
    """The same column for every shop."""
    return lambda _shop_id: of


def some(key: Column[str], *alive: ColumnElement[bool]) -> Callable[[int], Callable[..., ColumnElement[bool]]]:
    """People who have a row in the table of `key`, whose key is so, or begins so; or who have any key. Who is asked
    for a key has one: IS NOT NULL beside it would lead SQLite to read all that are there."""
    table = key.table.c

    def asked(shop_id: int) -> Callable[..., ColumnElement[bool]]:
        held = select(table.person_id).where(table.shop_id == shop_id, *alive)
        any_at_all = held.where(key.is_not(None)) if key.nullable else held
        return lambda *keys: people.c.id.in_(held.where(*(fits(key, one) for one in keys)) if keys else any_at_all)

    return asked


def reads(*parts: str) -> frozenset[str]:
    """Fields of Profile."""
    return frozenset(parts)


def by_name(entries: Iterable[Parameter]) -> dict[str, Parameter]:
    return {entry.name: entry for entry in entries}
