"""The one file that names a dialect: insert, or update what is there; find bytes in bytes, and how a text begins; be
among many numbers, or in none of many rows."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    Boolean,
    Column,
    ColumnElement,
    Executable,
    Select,
    String,
    Table,
    Text,
    and_,
    any_,
    bindparam,
    exists,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from .engine import Tx

Rows = Sequence[Mapping[str, Any]]


def insert_new(tx: Tx, table: Table, rows: Rows) -> int:
    """Inserts those of `rows` (same keys each) that break no unique key; returns how many went in."""
    return len(insert_new_returning(tx, table, rows, column=next(iter(rows[0])))) if rows else 0


def insert_new_returning(tx: Tx, table: Table, rows: Rows, column: str = "id") -> list[Any]:
    """As `insert_new`; returns `column` of the rows that went in."""
    if not rows:
        return []
    return list(tx.execute(_insert_new(tx.dialect.name, table, column), rows).scalars().all())


def insert_alike(tx: Tx, table: Table, alike: Mapping[str, Any], each: Mapping[str, Sequence[Any]]) -> list[int]:
    """Inserts rows that have `alike` in common and differ in the columns of `each` (as many values for each column);
    returns the ids of those that break no unique key.

    PostgreSQL gets one array a column: the same short statement however many rows there are.
    """
    values = list(zip(*each.values(), strict=True))
    if tx.dialect.name == "sqlite":
        return insert_new_returning(tx, table, [{**alike, **dict(zip(each, row, strict=True))} for row in values])
    if not values:
        return []
    given = {f"its_{name}": value for name, value in [*alike.items(), *each.items()]}
    return list(tx.execute(_insert_alike(table, tuple(alike), tuple(each)), given).scalars().all())


def insert_selected(tx: Tx, table: Table, rows: Select[Any]) -> None:
    """Inserts those rows of a SELECT with a WHERE (columns named as the table's) that break no unique key."""
    statement = _insert(tx.dialect.name, table).from_select([column.name for column in rows.selected_columns], rows)
    tx.execute(statement.on_conflict_do_nothing())


def upsert(tx: Tx, table: Table, rows: Rows, *, key: Iterable[str], newer: str | None = None) -> int:
    """Inserts `rows` (same keys each, no key twice) or updates the row with the same `key`.

    With `newer`, a column of instants, a row is only updated by one that is not older: state never goes back in
    time. Returns how many rows were inserted or updated.
    """
    if not rows:
        return 0
    statement = _upsert(tx.dialect.name, table, tuple(rows[0]), tuple(key), newer)
    return len(tx.execute(statement, rows).all())  # psycopg gives no rowcount here


def upsert_by(
    tx: Tx, table: Table, rows: Rows | Select[Any], *, key: Iterable[str], update: Callable[[Any], Mapping[str, Any]]
) -> None:
    """Inserts `rows` (or what a SELECT with a WHERE gives, columns named as the table's); where the row is there, sets
    what `update` makes of the row that would have come: `lambda new: {"due_at": new.due_at}`."""
    if isinstance(rows, Select):
        statement = _insert(tx.dialect.name, table).from_select([column.name for column in rows.selected_columns], rows)
        tx.execute(statement.on_conflict_do_update(index_elements=list(key), set_=update(statement.excluded)))
    elif rows:
        statement = _insert(tx.dialect.name, table)
        tx.execute(statement.on_conflict_do_update(index_elements=list(key), set_=update(statement.excluded)), rows)


def containing(tx: Tx, column: Column[bytes], needle: bytes) -> ColumnElement[bool]:
    """Do the bytes of `column` contain `needle`? (LIKE finds nothing in SQLite's blobs.)"""
    if tx.dialect.name == "sqlite":
        return func.instr(column, needle) > 0
    return func.pg_catalog.position(column, needle) > 0


def among(column: ColumnElement[int], numbers: Iterable[int] | str) -> ColumnElement[bool]:
    """Is `column` one of `numbers`? As IN, but as one parameter: for lists whose statement would be thousands of words
    long, different for each length, and dearer to write and read than the question.

    In a statement that is written once, `numbers` is the name under which a list of them comes when it is executed.
    """
    if isinstance(numbers, str):
        given: BindParameter[list[int]] = bindparam(numbers, type_=_Numbers())
    else:
        given = bindparam(None, list(numbers), _Numbers())
    listed = column.in_(select(func.json_each(given).table_valued("value").c.value))
    return _ByDialect(sqlite=listed, postgresql=column == any_(given))


def begins(column: ColumnElement[str], beginning: str) -> ColumnElement[bool]:
    """Does the text of `column` begin so, letter by letter, case and all?

    Neither LIKE, which takes case for nothing in SQLite, nor, in PostgreSQL, a range, which follows the collation. In
    SQLite texts stand in the order of their code points, and a range is exact and finds its place in an index.
    """
    ranged = [column >= beginning]
    if (end := _after(beginning)) is not None:
        ranged.append(column < end)
    return _ByDialect(sqlite=and_(*ranged), postgresql=func.starts_with(column, beginning))


def _after(beginning: str) -> str | None:
    """The first text behind all that begin so; None when there is none. Half surrogate pairs are no texts."""
    kept = beginning.rstrip(chr(sys.maxunicode))
    if not kept:
        return None
    last = ord(kept[-1]) + 1
    return kept[:-1] + chr(0xE000 if last == 0xD800 else last)


class _Numbers(TypeDecorator[list[int]]):
    """A parameter of many numbers: an array, or JSON in SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return Text() if dialect.name == "sqlite" else _Written("BIGINT[]")

    def process_bind_param(self, value: list[int] | None, dialect: Dialect) -> Any:
        return json.dumps(value) if dialect.name == "sqlite" else value


class _Written(UserDefinedType[Sequence[int | str | None]]):
    """PostgreSQL's array of numbers or texts, written out here: psycopg takes ten times as long for a list."""

    cache_ok = True
    render_bind_cast = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_told: Any) -> str:
        return self.name

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str]:
        return _texts if self.name == "TEXT[]" else _numbers


def _numbers(values: Sequence[int | None]) -> str:
    """As in JSON, whose null PostgreSQL takes for its own: all at once, in C."""
    return "{" + json.dumps(values)[1:-1] + "}"


def _texts(values: Sequence[str | None]) -> str:
    return "{" + ",".join(map(_text, values)) + "}"


def _text(value: str | None) -> str:
    if value is None:
        return "NULL"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _array_of(each: TypeEngine[Any]) -> TypeEngine[Any]:
    if isinstance(each, BigInteger):
        return _Written("BIGINT[]")
    return _Written("TEXT[]") if type(each) in (String, Text) else ARRAY(each)


def in_none_of(column: ColumnElement[int], rows: Select[tuple[int]]) -> ColumnElement[bool]:
    """Is `column` none of the numbers that `rows` selects (none of them NULL)?

    SQLite looks each up in the list, once made. PostgreSQL would search a list that is too long for its memory anew for
    each row; written as NOT EXISTS it joins.
    """
    joined = ~exists().where(next(iter(rows.subquery().c)) == column)
    return _ByDialect(sqlite=column.not_in(rows), postgresql=joined)


class _ByDialect(ColumnElement[bool]):
    """One condition, written in two ways. SQLAlchemy would compare it with 1 in SQLite, which then finds no index for
    what is compared."""

    inherit_cache = True
    type = Boolean()
    _is_implicitly_boolean = True
    _traverse_internals = [  # noqa: RUF012  SQLAlchemy's way: what makes two of them equal
        ("sqlite", InternalTraversal.dp_clauseelement),
        ("postgresql", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, *, sqlite: ColumnElement[bool], postgresql: ColumnElement[bool]) -> None:
        self.sqlite, self.postgresql = sqlite, postgresql

    @property
    def _from_objects(self) -> list[Any]:
        return self.sqlite._from_objects  # noqa: SLF001


@compiles(_ByDialect)
def _of_postgresql(element: _ByDialect, compiler: Any, **told: Any) -> str:
    return str(compiler.process(element.postgresql, **told))


@compiles(_ByDialect, "sqlite")
def _of_sqlite(element: _ByDialect, compiler: Any, **told: Any) -> str:
    return f"({compiler.process(element.sqlite, **told)})"


@lru_cache(maxsize=256)
def _insert_new(dialect: str, table: Table, column: str) -> Executable:
    return _insert(dialect, table).on_conflict_do_nothing().returning(table.c[column])  # type: ignore[no-any-return]


@lru_cache(maxsize=256)
def _upsert(
    dialect: str, table: Table, columns: tuple[str, ...], key: tuple[str, ...], newer: str | None
) -> Executable:
    statement = _insert(dialect, table)
    updates = {name: statement.excluded[name] for name in columns if name not in key}
    guard: ColumnElement[bool] | None = None
    if newer:
        guard = table.c[newer].is_(None) | (table.c[newer] <= statement.excluded[newer])
    statement = statement.on_conflict_do_update(index_elements=key, set_=updates, where=guard)
    return statement.returning(table.c[key[0]])  # type: ignore[no-any-return]


@lru_cache(maxsize=256)
def _insert_alike(table: Table, alike: tuple[str, ...], each: tuple[str, ...]) -> Executable:
    """PostgreSQL's; a value for a column is its parameter `its_` and the column's name."""
    arrays = [bindparam(f"its_{name}", type_=_array_of(table.c[name].type)) for name in each]
    rows = func.unnest(*arrays).table_valued(*each).render_derived()
    common = [bindparam(f"its_{name}", type_=table.c[name].type) for name in alike]
    statement = postgresql.insert(table).from_select([*alike, *each], select(*common, *rows.c))
    return statement.on_conflict_do_nothing().returning(table.c.id)


def _insert(dialect: str, table: Table) -> Any:
    """Rows go in as parameters beside it, which SQLAlchemy packs into few statements and compiles once."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
