"""Query text → checked segment: the one call that everybody else makes."""

from __future__ import annotations

from datetime import datetime

from .check import check
from .checked import Checked
from .parser import parse


def compile_segment(query: str, *, now: datetime, timezone: str) -> Checked:
    """Reads `query` (empty: everybody) as it is meant at `now` in a shop of `timezone` (IANA). Raises SegmentError."""
    return check(parse(query), query, now=now, timezone=timezone)
