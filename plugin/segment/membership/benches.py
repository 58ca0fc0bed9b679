"""The judges of a shop's segments, made once for each state of the shop and kept in the process.

What they were made of is their key: a segment that is saved, deleted or rolled back, a shop that moves, each makes
another key. So no process can judge by yesterday's segments, and asking costs one query however many there are.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Select, String, bindparam, cast, func, select

from plugin.segment.checked import Asked, Checked, Clause, Inside, Predicate, Rows, clauses
from plugin.segment.compile import compile_segment
from plugin.segment.containing import containing as containing_names
from plugin.segment.errors import SegmentError
from plugin.segment.judge import Bench, bench
from plugin.store.engine import Tx
from plugin.store.tables import segments, shops

log = logging.getLogger(__name__)

_ANY = datetime(2026, 1, 1, tzinfo=UTC)
"""Judges move their dates themselves."""


@dataclass(frozen=True, slots=True)
class ShopsBench:
    """`bench` judges all segments that can be read; `queries` are all, by id."""

    bench: Bench
    timezone: str
    queries: Mapping[int, str]
    names: Mapping[int, str]
    named: Mapping[str, str]
    """The queries by name, for those that ask for others."""
    reads: frozenset[str]
    """The parts of a profile that any of them looks at."""

    def checked(self, segment_id: int, at: datetime) -> Checked:
        """One segment as it is meant at an instant. Raises SegmentError."""
        return compile_segment(self.queries[segment_id], now=at, timezone=self.timezone, segments=self.named)


def of_shop(tx: Tx, shop_id: int) -> ShopsBench | None:
    """None for a shop without segments."""
    row: Row[Any] = tx.execute(_CONTENT, {"shop": shop_id}).one()
    return _made(row.timezone, row.currency, row.content) if row.content else None


def reads(tx: Tx, shop_id: int, parts: frozenset[str]) -> bool:
    """Does any segment of the shop look at one of these parts of a profile?"""
    every = of_shop(tx, shop_id)
    return every is not None and not parts.isdisjoint(every.reads)


def containing(tx: Tx, shop_id: int, name: str) -> list[int]:
    """The segments of the shop that ask for the segment of this name, the nearest first."""
    every = of_shop(tx, shop_id)
    if every is None:
        return []
    outer = containing_names(name, every.named)
    return [segment_id for one in outer for segment_id, of in every.names.items() if of == one]


def of_one(tx: Tx, shop_id: int, segment_id: int) -> Bench | None:
    """The judge of one segment alone; None when it cannot be read."""
    every = of_shop(tx, shop_id)
    if every is None or segment_id not in every.bench.judges:
        return None
    return every.bench.only(segment_id)


@lru_cache(maxsize=64)
def _made(timezone: str, currency: str, content: str) -> ShopsBench:
    rows = sorted(_rows(content))
    queries = {key: query for key, _, query in rows}
    names = {key: name for key, name, _ in rows}
    named = {name: query for _, name, query in reversed(rows)}  # of two of one name the older one's
    readable: dict[int, Checked] = {}
    for segment_id, query in queries.items():
        try:
            readable[segment_id] = compile_segment(query, now=_ANY, timezone=timezone, segments=named)
        except SegmentError as error:
            log.warning("segment %s keeps its members, its query cannot be read: %s", segment_id, error)
    parts = [_reads(clause) for checked in readable.values() for clause in clauses(checked.condition)]
    return ShopsBench(
        bench(readable, currency, timezone), timezone, queries, names, named, frozenset[str]().union(*parts)
    )


def _reads(clause: Clause) -> frozenset[str]:
    match clause:
        case Predicate():
            return clause.subject.reads
        case Rows():
            return clause.function.reads
        case Asked():
            return clause.question.reads
        case Inside():
            return frozenset[str]().union(*map(_reads, clauses(clause.condition)))


def _rows(content: str) -> Iterator[tuple[int, str, str]]:
    """(id, name, query) of each segment. Their lengths stand before them, so that they may hold anything."""
    at = 0
    while at < len(content):
        head = content.index(":", at)
        key, name, query = map(int, content[at:head].split(","))
        middle = head + 1 + name
        at = middle + query
        yield key, content[head + 1 : middle], content[middle:at]


def _content() -> Select[tuple[str, str, str | None]]:
    of = segments.c
    one = cast(of.id, String) + "," + _length(of.name) + "," + _length(of.query) + ":" + of.name + of.query
    alive = of.shop_id == shops.c.id, of.deleted_at.is_(None)
    every = select(func.aggregate_strings(one, "")).where(*alive).scalar_subquery()
    return select(shops.c.timezone, shops.c.currency, every.label("content")).where(shops.c.id == bindparam("shop"))


def _length(text: Column[str]) -> ColumnElement[str]:
    return cast(func.length(text), String)


_CONTENT = _content()
