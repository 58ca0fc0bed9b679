"""A segment was saved: its members are settled, and what that did stands in its row of versions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, insert, select

from plugin.profile.memberships import EDIT, Cause
from plugin.store.engine import Tx
from plugin.store.tables import segment_versions

from . import benches
from .reading import size
from .settling import Settled, settle


def saved(
    tx: Tx,
    shop_id: int,
    segment_id: int,
    *,
    name: str,
    query: str,
    by: str,
    now: datetime,
    asks_anew: bool = True,
    restores: int | None = None,
) -> Settled:
    """Settles the members, unless only the name is another, and keeps the version."""
    of = segment_versions.c
    last = tx.execute(select(func.coalesce(func.max(of.number), 0)).where(of.segment_id == segment_id)).scalar_one()
    cause = Cause(EDIT, f"version {last + 1}")
    settled = settle(tx, shop_id, segment_id, cause, now) if asks_anew else Settled(size(tx, shop_id, segment_id), 0, 0)
    for outer in benches.containing(tx, shop_id, name) if asks_anew else ():
        settle(tx, shop_id, outer, Cause(EDIT, f"“{name}”, which it asks for, is another"), now)
    tx.execute(
        insert(segment_versions).values(
            shop_id=shop_id,
            segment_id=segment_id,
            number=last + 1,
            name=name,
            query=query,
            saved_at=now,
            saved_by=by,
            restores=restores,
            members=settled.members,
            joined=settled.joined,
            left=settled.left,
        )
    )
    return settled
