"""A segment's versions: each save with who did it, and what it did to the members and to the query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from plugin.base.errors import NotFound
from plugin.profile.memberships import zone_of
from plugin.store.engine import Tx
from plugin.store.tables import segment_versions

from . import saved
from .difference import Difference, compare


@dataclass(frozen=True, slots=True)
class Version:
    """One save. `members` right after it; `joined` and `left` by it. `restores`: the number of the version that it took
    back. `former_name` and `former_query` are those of the version before, None for the first."""

    number: int
    name: str
    query: str
    saved_at: datetime
    saved_by: str
    members: int
    joined: int
    left: int
    restores: int | None
    former_name: str | None
    former_query: str | None


def every(tx: Tx, shop_id: int, segment_id: int) -> list[Version]:
    """All versions, the latest first. Raises NotFound for a segment that is not this shop's."""
    saved.find(tx, shop_id, segment_id)
    of = segment_versions.c
    mine = of.shop_id == shop_id, of.segment_id == segment_id
    rows = tx.execute(select(segment_versions).where(*mine).order_by(of.number)).all()
    found = [
        Version(
            row.number,
            row.name,
            row.query,
            row.saved_at,
            row.saved_by,
            row.members,
            row.joined,
            row.left,
            row.restores,
            former_name=former.name if former is not None else None,
            former_query=former.query if former is not None else None,
        )
        for former, row in zip([None, *rows], rows, strict=False)
    ]
    return found[::-1]


def find(tx: Tx, shop_id: int, segment_id: int, number: int) -> Version:
    """One of them. Raises NotFound."""
    for version in every(tx, shop_id, segment_id):
        if version.number == number:
            return version
    raise NotFound(f"Segment {segment_id} has no version {number}.")


def differences(tx: Tx, shop_id: int, some: Sequence[Version], now: datetime) -> list[tuple[Difference, ...]]:
    """What each of these versions changed in the query before it; of the first nothing."""
    timezone, named = zone_of(tx, shop_id).key, saved.queries(tx, shop_id)
    return [
        compare(one.former_query, one.query, now=now, timezone=timezone, segments=named)
        if one.former_query is not None
        else ()
        for one in some
    ]


def restore(tx: Tx, shop_id: int, segment_id: int, number: int, now: datetime, *, by: str = "") -> None:
    """Name and query become those of an earlier version; that is a new version. Raises NotFound, and SegmentError when
    Beckon does not understand the query any more."""
    version = find(tx, shop_id, segment_id, number)
    saved.save(tx, shop_id, segment_id, version.name, version.query, now, by=by, restores=number)
