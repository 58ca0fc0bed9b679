"""Sorting out a batch of events: those of one kind, and of each thing the newest."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, case, or_

E = TypeVar("E")
K = TypeVar("K", bound=Hashable)

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""The version of a row that we made before Shopify told us of the thing: any news is newer."""


def of_kind(events: Iterable[object], kind: type[E]) -> list[E]:
    """Those events that are a `kind`, in order."""
    return [event for event in events if isinstance(event, kind)]


def newest(events: Iterable[E], key: Callable[[E], K], at: Callable[[E], datetime]) -> dict[K, E]:
    """Of each thing (`key`) the event with the latest `at`; of two at the same instant the later told."""
    found: dict[K, E] = {}
    for event in events:
        thing = key(event)
        if thing not in found or at(found[thing]) <= at(event):
            found[thing] = event
    return found


def earliest(column: ColumnElement[Any], at: datetime) -> ColumnElement[Any]:
    """What `column` becomes when something that happens once is told to have happened at `at`."""
    return case((or_(column.is_(None), column > at), at), else_=column)
