"""How a segment's people take to push: who can be reached, and what came of the messages of the last ninety days."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import Select, exists, func, select

from plugin.store.engine import Tx
from plugin.store.tables import deliveries, facts, people, subscriptions

from .insight import Counting, Push, count_people

LATELY: Final = timedelta(days=90)


def push(tx: Tx, asked: Counting) -> None:
    """Of the segment's people and of everybody."""
    reachable = exists().where(subscriptions.c.person_id == people.c.id, subscriptions.c.state == "active")
    for name, where, ids in (("push", asked.here, asked.mine), ("all_push", asked.alive, asked.all)):
        sent, shown, clicked = _messages(tx, asked, ids)
        reached = count_people(tx, where & reachable)
        asked.found[name] = Push(count_people(tx, where), reached, sent, shown, clicked)


def _messages(tx: Tx, asked: Counting, ids: Select[tuple[int]]) -> tuple[int, int, int]:
    """Sent, and of these shown and clicked at least once."""
    sent = (
        deliveries.c.shop_id == asked.shop_id,
        deliveries.c.state == "sent",
        deliveries.c.finished_at >= asked.now - LATELY,
        deliveries.c.person_id.in_(ids),
    )
    rows = tx.execute(
        select(facts.c.kind, func.count(facts.c.delivery_id.distinct()))
        .join(deliveries, deliveries.c.id == facts.c.delivery_id)
        .where(*sent, facts.c.shop_id == asked.shop_id, facts.c.kind.in_(("shown", "clicked")))
        .group_by(facts.c.kind)
    )
    told = {row.kind: int(row[1]) for row in rows}
    count = tx.execute(select(func.count()).select_from(deliveries).where(*sent)).scalar_one()
    return count, told.get("shown", 0), told.get("clicked", 0)
