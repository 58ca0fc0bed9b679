"""Query text → checked segment: the one call that everybody else makes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from .check import check
from .checked import Checked
from .parser import parse


def compile_segment(query: str, *, now: datetime, timezone: str, segments: Mapping[str, str] | None = None) -> Checked:
    """Reads `query` (empty: everybody) as it is meant at `now` in a shop of `timezone` (IANA). `segments` are the
    shop's queries by name, for `in_segment`. Raises SegmentError."""
    return check(parse(query), query, now=now, timezone=timezone, segments=segments)
