"""How many are in each segment and can be reached, by the memberships that are kept: no query is asked for it."""

from __future__ import annotations

from sqlalchemy import exists, func, select

from plugin.segment import membership
from plugin.store.engine import Tx
from plugin.store.tables import memberships, subscriptions

from .select import Reach


def reach_of_each(tx: Tx, shop_id: int) -> dict[int, Reach | None]:
    """The shop's segments by id, those without anybody left out; None while the members of one are still counted."""
    sizes, reachable = membership.size_of_each(tx, shop_id), _reachable(tx, shop_id)
    known = {segment_id: Reach(size, reachable.get(segment_id, 0)) for segment_id, size in sizes.items()}
    return known | dict.fromkeys(membership.counting(tx, shop_id))


def _reachable(tx: Tx, shop_id: int) -> dict[int, int]:
    agreed = exists().where(subscriptions.c.person_id == memberships.c.person_id, subscriptions.c.state == "active")
    each = select(memberships.c.segment_id, func.count()).where(memberships.c.shop_id == shop_id, agreed)
    return dict(tx.execute(each.group_by(memberships.c.segment_id)).all())
