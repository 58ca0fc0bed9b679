"""Texts by how they begin: the same letters on both databases and in Python, case and all."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func


class Beginning(str):
    """What one of several texts is to begin with, where a whole text could stand."""

    __slots__ = ()


def begins(column: ColumnElement[Any], beginning: str) -> ColumnElement[bool]:
    """Compared letter by letter: LIKE does not tell case apart on SQLite, and a range follows the database's own order
    of letters."""
    return func.substr(column, 1, len(beginning)) == str(beginning)


def fits(column: ColumnElement[Any], key: Any) -> ColumnElement[bool]:
    """The key itself, or a text that has this beginning."""
    return begins(column, key) if isinstance(key, Beginning) else column == key
