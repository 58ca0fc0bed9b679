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
