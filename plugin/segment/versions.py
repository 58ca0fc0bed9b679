"""A segment's versions: each save with who did it, what it did to the members, and what is different in the query."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from plugin.base.errors import NotFound
from plugin.store.engine import Tx
from plugin.store.tables import segment_versions

from . import saved
from .ast import And, Node, Or
from .errors import SegmentError
from .format import canonical
from .parser import parse


@dataclass(frozen=True, slots=True)
class Difference:
    """Clauses, in canonical form, that one query has and the other has not. `regrouped`: the same clauses, put together
    in another way."""

    removed: tuple[str, ...]
    added: tuple[str, ...]
    regrouped: bool


@dataclass(frozen=True, slots=True)
class Version:
    """One save. `members` right after it; `joined` and `left` by it; `difference` from the version before, None for the
    first. `restores`: the number of the version that it took back."""

    number: int
    name: str
    query: str
    saved_at: datetime
    saved_by: str
    members: int
    joined: int
    left: int
    restores: int | None
    renamed: bool
    difference: Difference | None


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
            renamed=before is not None and before.name != row.name,
            difference=difference(before.query, row.query) if before is not None else None,
        )
        for before, row in zip([None, *rows], rows, strict=False)
    ]
    return found[::-1]


def restore(tx: Tx, shop_id: int, segment_id: int, number: int, now: datetime, *, by: str = "") -> None:
    """Name and query become those of an earlier version; that is a new version. Raises NotFound, and SegmentError when
    Beckon does not understand the query any more."""
    for version in every(tx, shop_id, segment_id):
        if version.number == number:
            saved.save(tx, shop_id, segment_id, version.name, version.query, now, by=by, restores=number)
            return
    raise NotFound(f"Segment {segment_id} has no version {number}.")


def difference(before: str, after: str) -> Difference:
    """What is different between two queries; of one that cannot be read, all of it."""
    was, becomes = _clauses(before), _clauses(after)
    removed, added = was - becomes, becomes - was
    same = not removed and not added
    return Difference(tuple(removed.elements()), tuple(added.elements()), same and _form(before) != _form(after))


def _clauses(query: str) -> Counter[str]:
    try:
        return Counter(_flat(parse(query)))
    except SegmentError:
        return Counter([query])


def _flat(node: Node) -> list[str]:
    if isinstance(node, And | Or):
        return [clause for part in node.parts for clause in _flat(part)]
    return [canonical(node)]


def _form(query: str) -> str:
    try:
        return canonical(parse(query))
    except SegmentError:
        return query
