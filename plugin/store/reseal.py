"""Key rotation: every sealed value of every table, under the newest key. The schema says which columns are sealed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Table, select

from .engine import Tx
from .sealed import CannotOpen, Sealed, SealedBytes, SealedText, seal
from .tables import metadata


@dataclass(slots=True)
class Found:
    """Sealed values, by what became of them."""

    newest: int = 0
    changed: int = 0
    older: int = 0
    closed: list[str] = field(default_factory=list)
    """Where those are that no key opens: `shops.access_token of 17`."""


def count(tx: Tx) -> Found:
    """How many values each kind of key holds; changes nothing."""
    found = Found()
    for table, column, key, value in _values(tx):
        if value.is_newest:
            found.newest += 1
        elif _opens(value):
            found.older += 1
        else:
            found.closed.append(f"{table.name}.{column.name} of {key}")
    return found


def all_secrets(tx: Tx) -> Found:
    """Seals anew what an older key holds. A value that changed meanwhile was sealed by its writer, and stays."""
    found = Found()
    for table, column, key, value in list(_values(tx)):
        if value.is_newest:
            found.newest += 1
        elif not _opens(value):
            found.closed.append(f"{table.name}.{column.name} of {key}")
        else:
            same = [table.c.id == key, column == value]
            tx.execute(table.update().where(*same).values({column.name: seal(value.open())}))
            found.changed += 1
    return found


def _values(tx: Tx) -> Iterator[tuple[Table, Column[Any], int, Sealed]]:
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, SealedText | SealedBytes):
                kept = select(table.c.id, column).where(column.is_not(None)).order_by(table.c.id)
                yield from ((table, column, key, value) for key, value in tx.execute(kept))


def _opens(value: Sealed) -> bool:
    try:
        value.open()
    except CannotOpen:
        return False
    return True
