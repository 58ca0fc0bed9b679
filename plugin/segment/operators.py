"""The operators: one row each, with its SQL, its Python and its words. To add one, add a row.

Rows speak of values that are there. `missing` is the answer for a value that is not, so that every operator is total:
True or False, never NULL. `!=` keeps people whose value is missing, as Shopify does.

An operator's SQL and Python take the subject, then the operands. The subject is, by family:
ORDERED, IDENTITY   SQL: a column; Python: its value. Operands of the ordered are ranges.
SINCE, AGED, YEARLY SQL: a column of an instant; Python: the instant. The operands are a day each; the birthdays of a
                    year; days of many years.
LABEL, LIST         SQL: a function `some(key)`, true where the list holds `key`, `some()` where it holds anything;
                    Python: a frozenset of keys.
FLAG                SQL: a condition; Python: a bool.
"""

from __future__ import annotations

import operator as python
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, false, not_, or_, true

from plugin.store.upsert import begins

from .balance import any_of
from .beginning import Beginning
from .kinds import Family, Kind

PLAIN: Final = "{verb} {words}"


@dataclass(frozen=True, slots=True)
class Operator:
    """`words` is said of numbers and ids, `dated` of dates; `says` is the phrase around them. `begins`: it is for kinds
    whose beginnings can be asked, and its operand is one."""

    symbol: str
    family: Family
    sql: Callable[..., ColumnElement[bool]]
    python: Callable[..., bool]
    words: str = "{0}"
    dated: str = ""
    says: str = PLAIN
    missing: bool = False
    begins: bool = False


ORDERED, SINCE, AGED, YEARLY, IDENTITY, LABEL, LIST, FLAG = Family

_COMPARISONS = (
    Operator(
        "=",
        ORDERED,
        lambda column, at: and_(column >= at.start, column < at.end),
        lambda value, at: at.start <= value < at.end,
        words="exactly {0}",
        dated="on {0}",
    ),
    Operator(
        "!=",
        ORDERED,
        lambda column, at: or_(column < at.start, column >= at.end),
        lambda value, at: not at.start <= value < at.end,
        words="not exactly {0}",
        dated="on another day than {0} (or never)",
        missing=True,
    ),
    Operator(
        ">",
        ORDERED,
        lambda column, at: column >= at.end,
        lambda value, at: value >= at.end,
        words="more than {0}",
        dated="after {0}",
    ),
    Operator(
        ">=",
        ORDERED,
        lambda column, at: column >= at.start,
        lambda value, at: value >= at.start,
        words="at least {0}",
        dated="on or after {0}",
    ),
    Operator(
        "<",
        ORDERED,
        lambda column, at: column < at.start,
        lambda value, at: value < at.start,
        words="less than {0}",
        dated="before {0}",
    ),
    Operator(
        "<=",
        ORDERED,
        lambda column, at: column < at.end,
        lambda value, at: value < at.end,
        words="at most {0}",
        dated="on or before {0}",
    ),
    Operator(
        "BETWEEN",
        ORDERED,
        lambda column, low, high: and_(column >= low.start, column < high.end),
        lambda value, low, high: low.start <= value < high.end,
        words="between {0} and {1}",
        dated="between {0} and {1}",
    ),
)
"""Of what has an order."""

_ROWS = (
    *_COMPARISONS,
    *(
        replace(row, family=family, symbol=symbol, words=words, dated="")
        for family, symbol, means, words in (
            (SINCE, "=", "=", "exactly {0} ago"),
            (SINCE, "!=", "!=", "not exactly {0} ago (or never)"),
            (SINCE, ">", "<", "more than {0} ago"),
            (SINCE, ">=", "<=", "at least {0} ago"),
            (SINCE, "<", ">", "less than {0} ago"),
            (SINCE, "<=", ">=", "at most {0} ago"),
            (SINCE, "BETWEEN", "BETWEEN", "between {1} and {0} ago"),
            (AGED, "=", "=", "exactly {0}"),
            (AGED, "!=", "!=", "not exactly {0} (or nobody knows)"),
            (AGED, ">", "<", "more than {0}"),
            (AGED, ">=", "<=", "at least {0}"),
            (AGED, "<", ">", "less than {0}"),
            (AGED, "<=", ">=", "at most {0}"),
            (AGED, "BETWEEN", "BETWEEN", "between {1} and {0}"),
        )
        for row in _COMPARISONS
        if row.symbol == means
    ),
    *(
        Operator(
            symbol,
            YEARLY,
            lambda column, years: any_of([and_(column >= one.start, column < one.end) for one in years.ranges]),
            lambda value, years: any(one.start <= value < one.end for one in years.ranges),
            dated="{0}",
        )
        for symbol in ("=", "BETWEEN")
    ),
    Operator("=", IDENTITY, python.eq, python.eq),
    Operator("!=", IDENTITY, python.ne, python.ne, words="other than {0}", missing=True),
    Operator(
        "IN",
        IDENTITY,
        lambda column, *ids: column.in_(ids),
        lambda value, *ids: value in ids,
    ),
    Operator(
        "NOT IN",
        IDENTITY,
        lambda column, *ids: column.not_in(ids),
        lambda value, *ids: value not in ids,
        words="other than {0}",
        missing=True,
    ),
    Operator("STARTS WITH", IDENTITY, begins, str.startswith, words="beginning with {0}", begins=True),
    Operator(
        "NOT STARTS WITH",
        IDENTITY,
        lambda column, beginning: not_(begins(column, beginning)),
        lambda value, beginning: not value.startswith(beginning),
        words="not beginning with {0}",
        missing=True,
        begins=True,
    ),
    Operator("=", LABEL, lambda some, key: some(key), lambda held, key: key in held),
    Operator("!=", LABEL, lambda some, key: not_(some(key)), lambda held, key: key not in held, words="other than {0}"),
    Operator("CONTAINS", LIST, lambda some, key: some(key), lambda held, key: key in held),
    Operator(
        "NOT CONTAINS",
        LIST,
        lambda some, key: not_(some(key)),
        lambda held, key: key not in held,
        says="do not {verb} {words}",
    ),
    Operator(
        "STARTS WITH",
        LIST,
        lambda some, beginning: some(Beginning(beginning)),
        lambda held, beginning: any(one.startswith(beginning) for one in held),
        words="beginning with {0}",
        begins=True,
    ),
    Operator(
        "NOT STARTS WITH",
        LIST,
        lambda some, beginning: not_(some(Beginning(beginning))),
        lambda held, beginning: not any(one.startswith(beginning) for one in held),
        words="beginning with {0}",
        says="do not {verb} {words}",
        begins=True,
    ),
    *(
        row
        for family in (LABEL, LIST)
        for row in (
            Operator("IS NULL", family, lambda some: not_(some()), lambda held: not held, says="do not have {noun}"),
            Operator("IS NOT NULL", family, lambda some: some(), bool, says="have {noun}"),
        )
    ),
    *(
        row
        for family in (ORDERED, SINCE, AGED, IDENTITY)
        for row in (
            Operator("IS NULL", family, lambda _: false(), lambda _: False, says="do not have {noun}", missing=True),
            Operator("IS NOT NULL", family, lambda _: true(), lambda _: True, says="have {noun}"),
        )
    ),
    Operator(
        "=",
        FLAG,
        lambda condition, wanted: condition if wanted else not_(condition),
        lambda value, wanted: value is wanted,
        says="{words}{verb}",
    ),
    Operator(
        "!=",
        FLAG,
        lambda condition, wanted: not_(condition) if wanted else condition,
        lambda value, wanted: value is not wanted,
        says="are not among those who {words}{verb}",
        missing=True,
    ),
)

OPERATORS: Final[dict[tuple[Family, str], Operator]] = {(row.family, row.symbol): row for row in _ROWS}


def operator_of(kind: Kind, symbol: str) -> Operator | None:
    """The operator of a kind that is written so."""
    row = OPERATORS.get((kind.family, symbol))
    return None if row is None or (row.begins and kind.begins is None) else row


def symbols(kind: Kind) -> list[str]:
    """The operators of a kind, as they are written."""
    return [row.symbol for row in _ROWS if row.family is kind.family and operator_of(kind, row.symbol)]


def judge(row: Operator, value: Any, operands: tuple[Any, ...]) -> bool:
    """The answer of `row` in Python; None is a missing value."""
    return row.missing if value is None else row.python(value, *operands)
