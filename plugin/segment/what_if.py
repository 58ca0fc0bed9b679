"""What another query would do to a segment's members, before it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from plugin.store.engine import Tx
from plugin.store.tables import memberships, people, shops

from . import saved
from .compile import compile_segment
from .sql import condition


@dataclass(frozen=True, slots=True)
class WhatIf:
    """How many are in it now, how many would be, and who moves for that."""

    now: int
    then: int
    joined: int
    left: int


def what_if(tx: Tx, shop_id: int, segment_id: int, query: str, now: datetime) -> WhatIf:
    """Beside the members that are kept. Raises SegmentError when the query cannot be read."""
    timezone = tx.execute(select(shops.c.timezone).where(shops.c.id == shop_id)).scalar_one()
    named = saved.queries(tx, shop_id)
    then = condition(compile_segment(query, now=now, timezone=timezone, segments=named), shop_id)
    mine = memberships.c.shop_id == shop_id, memberships.c.segment_id == segment_id
    inside = people.c.id.in_(select(memberships.c.person_id).where(*mine))
    size = tx.execute(select(func.count()).select_from(memberships).where(*mine)).scalar_one()
    would = tx.execute(select(func.count()).select_from(people).where(then)).scalar_one()
    stay = tx.execute(select(func.count()).select_from(people).where(then, inside)).scalar_one()
    return WhatIf(size, would, would - stay, size - stay)
