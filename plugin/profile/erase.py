"""What the law asks us to forget: a customer with everything of theirs, or a whole shop."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from plugin.ingest import inbox
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import order_lines, orders, people, refunds, shops


def customer(tx: Tx, shop_id: int, customer_id: int, order_ids: Sequence[int] = ()) -> None:
    """Deletes the person and the orders named; with the person go subscriptions, deliveries, views and the ledger."""
    mine = select(people.c.id).where(people.c.shop_id == shop_id, people.c.customer_id == customer_id)
    theirs = tx.execute(select(orders.c.order_id).where(orders.c.person_id.in_(mine))).scalars().all()
    for some in batches(sorted({*theirs, *order_ids}), 1_000):
        for table in (order_lines, refunds, orders):
            tx.execute(table.delete().where(table.c.shop_id == shop_id, table.c.order_id.in_(some)))
    tx.execute(people.delete().where(people.c.shop_id == shop_id, people.c.customer_id == customer_id))
    inbox.forget_customer(tx, _domain(tx, shop_id), customer_id)


def shop(tx: Tx, shop_id: int) -> None:
    """Deletes a shop that left, with every row of it. One that came back meanwhile stays."""
    domain = _domain(tx, shop_id)
    left = shops.delete().where(shops.c.id == shop_id, shops.c.uninstalled_at.is_not(None))
    if tx.execute(left.returning(shops.c.id)).scalar() is not None:
        inbox.forget_shop(tx, domain)


def _domain(tx: Tx, shop_id: int) -> str:
    return str(tx.execute(select(shops.c.domain).where(shops.c.id == shop_id)).scalar_one())
