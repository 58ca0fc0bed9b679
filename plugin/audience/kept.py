"""How many are in each segment and can be reached, by the memberships that are kept: no query is asked for it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ScalarSelect, and_, exists, func, select

from plugin.segment import membership
from plugin.store.engine import Tx
from plugin.store.tables import memberships, segment_versions, segments, subscriptions
from plugin.store.upsert import among

from .select import Reach


def reach_of_each(tx: Tx, shop_id: int) -> dict[int, Reach | None]:
    """The shop's segments by id, those without anybody left out; None while the members of one are still counted."""
    sizes, reachable = membership.size_of_each(tx, shop_id), _reachable(tx, shop_id)
    known = {segment_id: Reach(size, reachable.get(segment_id, 0)) for segment_id, size in sizes.items()}
    return known | dict.fromkeys(membership.counting(tx, shop_id))


def members(
    tx: Tx, shop_id: int, segment_id: int, query: ScalarSelect[Any], person_ids: Collection[int]
) -> set[int] | None:
    """Those of `person_ids` who are in the segment, as long as `query` is what is kept of it; None when it has another
    query now, was deleted, or is being settled. One statement, by an index."""
    among_them = and_(memberships.c.segment_id == segments.c.id, among(memberships.c.person_id, person_ids))
    kept = segments.c.deleted_at.is_(None), segments.c.settling_from.is_(None), segments.c.query == query
    versioned = exists().where(segment_versions.c.segment_id == segments.c.id)
    rows = tx.execute(
        select(memberships.c.person_id)
        .select_from(segments)
        .outerjoin(memberships, among_them)
        .where(segments.c.id == segment_id, segments.c.shop_id == shop_id, *kept, versioned)
    ).all()
    return {row.person_id for row in rows if row.person_id is not None} if rows else None


def _reachable(tx: Tx, shop_id: int) -> dict[int, int]:
    agreed = exists().where(subscriptions.c.person_id == memberships.c.person_id, subscriptions.c.state == "active")
    each = select(memberships.c.segment_id, func.count()).where(memberships.c.shop_id == shop_id, agreed)
    return dict(tx.execute(each.group_by(memberships.c.segment_id)).all())
