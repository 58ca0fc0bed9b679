"""Which delivery an order is owed to: the last click of the same person, not too long before it.

An order counts once. What it is worth is read from the order itself, so a refund takes it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, update

from plugin.base import settings
from plugin.store.engine import Tx
from plugin.store.tables import deliveries, facts, orders
from plugin.store.upsert import insert_new

DEFINITION = (
    "An order counts for the last notification that the same person clicked, at most {days} days before they ordered. "
    "It counts once."
)

_CLICKS = (  # built once: every webhook of an order asks it
    select(orders.c.order_id, orders.c.placed_at, facts.c.delivery_id, facts.c.at)
    .join(deliveries, deliveries.c.person_id == orders.c.person_id)
    .join(facts, facts.c.delivery_id == deliveries.c.id)
    .where(
        orders.c.shop_id == bindparam("its_shop"),
        orders.c.order_id.in_(bindparam("its_orders", expanding=True)),
        orders.c.test.is_(False),
        orders.c.deleted_at.is_(None),
        deliveries.c.shop_id == orders.c.shop_id,
        facts.c.shop_id == orders.c.shop_id,
        facts.c.kind == "clicked",
        facts.c.at <= orders.c.placed_at,
    )
    .order_by(facts.c.at, facts.c.id)
)


def credit(tx: Tx, shop_id: int, order_ids: Sequence[int], now: datetime) -> int:
    """Credits `order_ids` (Shopify's) to the clicks before them; returns how many have one.

    A click that is reported late, but was later than the one credited so far, takes the order over.
    """
    owed = _last_clicks(tx, shop_id, order_ids) if order_ids else {}
    if not owed:
        return 0
    before = _credited(tx, shop_id, list(owed))
    new = [
        {"shop_id": shop_id, "delivery_id": delivery_id, "kind": "converted", "at": placed_at, "order_id": order_id}
        for order_id, (delivery_id, placed_at) in owed.items()
        if order_id not in before
    ]
    insert_new(tx, facts, new)
    for order_id, (delivery_id, _) in owed.items():
        if before.get(order_id, delivery_id) != delivery_id:
            tx.execute(
                update(facts)
                .where(facts.c.shop_id == shop_id, facts.c.kind == "converted", facts.c.order_id == order_id)
                .values(delivery_id=delivery_id)
            )
    return len(owed)


def _last_clicks(tx: Tx, shop_id: int, order_ids: Sequence[int]) -> dict[int, tuple[int, datetime]]:
    """Order id → (delivery clicked last before it, when the order was placed)."""
    window = settings.current().attribution
    return {
        row.order_id: (row.delivery_id, row.placed_at)
        for row in tx.execute(_CLICKS, {"its_shop": shop_id, "its_orders": list(order_ids)})
        if row.placed_at - row.at <= window  # the last one of each order stays
    }


def _credited(tx: Tx, shop_id: int, order_ids: Sequence[int]) -> dict[int, int]:
    found = select(facts.c.order_id, facts.c.delivery_id).where(
        facts.c.shop_id == shop_id, facts.c.kind == "converted", facts.c.order_id.in_(order_ids)
    )
    return dict(tx.execute(found).all())
