"""How a field reads its source: a database row, or the part of one (a line, an amount)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any, TypeAlias

from sandbox.shop import gid
from sandbox.world import World

Field: TypeAlias = Callable[[World, Any], Any]
"""A field that gives a tuple is a connection: these are its nodes."""
Fields: TypeAlias = dict[str, Field]


def find(world: World, table: str, number: int | None) -> sqlite3.Row | None:
    """The row of that id, None if there is none or nothing was asked for."""
    if number is None:
        return None
    found: sqlite3.Row | None = world.db.execute(f"SELECT * FROM {table} WHERE id = ?", (number,)).fetchone()
    return found


def keys(*names: str) -> Fields:
    """Fields of what is a dict already."""
    return {name: column(name) for name in names}


class Lazy:
    """A row that is read only when more than its id is asked for: half a million order lines name a product each."""

    def __init__(self, world: World, table: str, number: int) -> None:
        self._world, self._table, self._number = world, table, number
        self._row: sqlite3.Row | None = None

    def __getitem__(self, name: str) -> Any:
        if name == "id":
            return self._number
        if self._row is None:
            self._row = find(self._world, self._table, self._number)
        assert self._row is not None
        return self._row[name]


def lazily(table: str, name: str) -> Field:
    """The row of another table whose id is in column `name`."""
    return lambda world, row: None if row[name] is None else Lazy(world, table, row[name])


def column(name: str) -> Field:
    return lambda _, row: row[name]


def listed(name: str) -> Field:
    """A column that holds a JSON list."""
    return lambda _, row: json.loads(row[name])


def global_id(kind: str) -> Field:
    return lambda _, row: gid(kind, row["id"])


def always(value: object) -> Field:
    return lambda _, __: value


def bag(of: Callable[[Any], int]) -> Field:
    """Money in a MoneyBag; its source is the amount."""
    return lambda _, row: of(row)
