"""The one file that names a dialect: insert, or update what is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table
from sqlalchemy.dialects import postgresql, sqlite

from .engine import Tx

Rows = Sequence[Mapping[str, Any]]


def insert_new(tx: Tx, table: Table, rows: Rows) -> int:
    """Inserts those of `rows` (same keys each) that break no unique key; returns how many went in."""
    if not rows:
        return 0
    return len(insert_new_returning(tx, table, rows, column=next(iter(rows[0]))))


def insert_new_returning(tx: Tx, table: Table, rows: Rows, column: str = "id") -> list[Any]:
    """As `insert_new`; returns `column` of the rows that went in."""
    found: list[Any] = []
    for part in _parts(rows):
        statement = _insert(tx, table).values(part).on_conflict_do_nothing().returning(table.c[column])
        found.extend(tx.execute(statement).scalars())
    return found


def upsert(tx: Tx, table: Table, rows: Rows, *, key: Iterable[str], newer: str | None = None) -> int:
    """Inserts `rows` (same keys each, no key twice) or updates the row with the same `key`.

    With `newer`, a column of instants, a row is only updated by one that is not older: state never goes back in
    time. Returns how many rows were inserted or updated.
    """
    if not rows:
        return 0
    key = tuple(key)
    changed = 0
    for part in _parts(rows):
        statement = _insert(tx, table).values(part)
        updates = {name: statement.excluded[name] for name in part[0] if name not in key}
        guard: ColumnElement[bool] | None = None
        if newer:
            guard = table.c[newer].is_(None) | (table.c[newer] <= statement.excluded[newer])
        statement = statement.on_conflict_do_update(index_elements=key, set_=updates, where=guard)
        changed += len(tx.execute(statement.returning(table.c[key[0]])).all())  # psycopg gives no rowcount here
    return changed


def _insert(tx: Tx, table: Table) -> Any:
    return sqlite.insert(table) if tx.dialect.name == "sqlite" else postgresql.insert(table)


def _parts(rows: Rows) -> Iterable[Rows]:
    """Statements stay under the databases' limit of bound parameters (32,766 on SQLite)."""
    size = max(1, 30_000 // max(1, len(rows[0]))) if rows else 1
    size = min(size, 1_000)
    return (rows[start : start + size] for start in range(0, len(rows), size))
