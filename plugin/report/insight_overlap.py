"""Who is in two segments at once."""

from __future__ import annotations

from typing import Final

from sqlalchemy import case, func, select

from plugin.segment import saved
from plugin.segment.compile import compile_segment
from plugin.segment.errors import SegmentError
from plugin.segment.sql import condition
from plugin.store.engine import Tx
from plugin.store.tables import people

from .insight import Counting, Overlap

MOST: Final = 60
"""Segments that are compared with."""


def overlaps(tx: Tx, asked: Counting) -> None:
    """With each other saved segment that can be read; those that share most first."""
    found: list[Overlap] = []
    others = [one for one in saved.every(tx, asked.shop_id) if one.id != asked.segment_id]
    named = saved.queries(tx, asked.shop_id)
    for segment in others[:MOST]:
        try:
            checked = compile_segment(segment.query, now=asked.now, timezone=asked.timezone, segments=named)
        except SegmentError:
            continue  # its own page says what is wrong with it
        both = func.coalesce(func.sum(case((people.c.id.in_(asked.mine), 1), else_=0)), 0)
        size, shared = tx.execute(
            select(func.count(), both).select_from(people).where(condition(checked, asked.shop_id))
        ).one()
        found.append(Overlap(segment.id, segment.name, int(size), int(shared)))
    asked.found["overlaps"] = sorted(found, key=lambda one: (-one.both, one.name.casefold()))
