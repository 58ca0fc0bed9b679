"""Who of a campaign's audience is still in its segment, long after that was written down."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from plugin.audience import kept
from plugin.audience.select import matching
from plugin.store.engine import Tx
from plugin.store.tables import campaigns

FRESH: Final = timedelta(minutes=15)
"""So long what was answered when sending began is not asked again."""


def still_in(
    tx: Tx, shop_id: int, campaign_id: int, segment_id: int, person_ids: Collection[int], now: datetime
) -> set[int]:
    """Those of `person_ids` who match the segment as it was when sending began: by its kept members, or, where those
    answer another question by now, by its query. Raises SegmentError."""
    query = select(campaigns.c.query).where(campaigns.c.id == campaign_id, campaigns.c.shop_id == shop_id)
    found = kept.members(tx, shop_id, segment_id, query.scalar_subquery(), person_ids)
    return matching(tx, shop_id, tx.execute(query).scalar() or "", person_ids, now) if found is None else found
