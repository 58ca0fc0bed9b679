"""From when to when somebody was in a segment: as the ledger tells it, and as a replay does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from plugin.segment import membership

Interval = tuple[datetime, datetime | None]
"""None: until now."""


def intervals(changes: Sequence[membership.Change]) -> list[Interval]:
    """Of one person and one segment, in the order of time: from when to when they were in, None for until now.

    Somebody who was two persons may have been in twice at a time; the interval lasts as long as either did."""
    found: list[Interval] = []
    depth = 0
    for one in changes:
        depth += 1 if one.kind == "entered" else -1
        if depth == 1 and one.kind == "entered":
            found.append((one.at, None))
        elif depth == 0 and found:
            found[-1] = (found[-1][0], one.at)
    return [one for one in found if one[0] != one[1]]


def union(mine: Sequence[Interval]) -> list[Interval]:
    """Of somebody who was two persons: as long as either was in. Instants without duration are none."""
    end = datetime.max.replace(tzinfo=UTC)
    found: list[list[datetime]] = []
    for start, stop in sorted((start, stop or end) for start, stop in mine if start != stop):
        if found and start <= found[-1][1]:
            found[-1][1] = max(found[-1][1], stop)
        else:
            found.append([start, stop])
    return [(start, None if stop == end else stop) for start, stop in found]


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
