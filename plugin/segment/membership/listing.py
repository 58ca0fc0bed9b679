"""Members as a merchant reads them: page by page, each with since when and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, func, select

from plugin.profile.memberships import ENTERED, Cause
from plugin.store.engine import Tx
from plugin.store.tables import membership_changes, memberships, people, subscriptions


@dataclass(frozen=True, slots=True)
class Listed:
    """One member. `cause` None: they were in it before causes were kept. Money in minor units."""

    person_id: int
    customer_id: int | None
    entered_at: datetime
    number_of_orders: int
    amount_spent: int
    reachable: bool
    cause: Cause | None


def listing(
    tx: Tx, shop_id: int, segment_id: int, *, after_person: int = 0, limit: int = 50, customer_id: int | None = None
) -> list[Listed]:
    """The next members by our number of them; only the customer of Shopify's number, when that is asked for."""
    reachable = exists().where(subscriptions.c.person_id == people.c.id, subscriptions.c.state == "active")
    page = (
        select(
            people.c.id,
            people.c.customer_id,
            memberships.c.entered_at,
            people.c.number_of_orders,
            people.c.amount_spent,
            reachable.label("reachable"),
        )
        .join(people, people.c.id == memberships.c.person_id)
        .where(
            memberships.c.shop_id == shop_id,
            memberships.c.segment_id == segment_id,
            memberships.c.person_id > after_person,
        )
        .order_by(memberships.c.person_id)
        .limit(limit)
    )
    if customer_id is not None:
        page = page.where(people.c.customer_id == customer_id)
    rows = tx.execute(page).all()
    causes = _causes(tx, shop_id, segment_id, [row.id for row in rows])
    return [
        Listed(
            row.id,
            row.customer_id,
            row.entered_at,
            row.number_of_orders,
            row.amount_spent,
            row.reachable,
            causes.get(row.id),
        )
        for row in rows
    ]


def everybody(tx: Tx, shop_id: int, segment_id: int, page: int = 1_000) -> Iterator[list[Listed]]:
    """All of them, page by page."""
    after = 0
    while some := listing(tx, shop_id, segment_id, after_person=after, limit=page):
        yield some
        after = some[-1].person_id


def _causes(tx: Tx, shop_id: int, segment_id: int, person_ids: list[int]) -> dict[int, Cause]:
    """Why each of them entered last."""
    of = membership_changes.c
    mine = and_(of.shop_id == shop_id, of.segment_id == segment_id, of.kind == ENTERED, of.person_id.in_(person_ids))
    last = select(func.max(of.id)).where(mine).group_by(of.person_id)
    rows = tx.execute(select(of.person_id, of.cause, of.detail).where(mine, of.id.in_(last)))
    return {row.person_id: Cause(row.cause, row.detail) for row in rows}
