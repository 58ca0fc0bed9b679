"""What a text of several is to be, or to begin with."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from plugin.store.upsert import begins


class Beginning(str):
    """A beginning, where a whole text could stand."""

    __slots__ = ()


def fits(column: ColumnElement[str], key: str) -> ColumnElement[bool]:
    """The key itself, or a text that has this beginning."""
    return begins(column, str(key)) if isinstance(key, Beginning) else column == key
