"""What starts a reminder and what ends it before it is due. Sets of carts and orders at a time; repeating does no harm.

One enrollment a cart, and at most one of a person waits: that of the cart changed last.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, exists, func, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from plugin.store.engine import Tx
from plugin.store.tables import automations, carts, enrollments, orders, subscriptions
from plugin.store.upsert import insert_new

from .reasons import BOUGHT, EMPTIED, NEWER_CART

Cart = Row[*tuple[Any, ...]]
TOO_LATE = timedelta(days=1)
"""News of a cart that comes this much after its reminder was due reminds nobody."""


def _stop_bought_statement() -> ReturningUpdate[tuple[int]]:
    same_cart = orders.c.cart_token == enrollments.c.subject
    older_cart = exists().where(
        carts.c.shop_id == enrollments.c.shop_id,
        carts.c.token == enrollments.c.subject,
        carts.c.updated_at <= orders.c.placed_at,
    )
    bought = exists().where(
        orders.c.shop_id == bindparam("its_shop"),
        orders.c.order_id.in_(bindparam("its_orders", expanding=True)),
        orders.c.deleted_at.is_(None),
        or_(same_cart, and_(orders.c.person_id == enrollments.c.person_id, older_cart)),
    )
    return (
        update(enrollments)
        .where(enrollments.c.shop_id == bindparam("its_shop"), enrollments.c.state == "waiting", bought)
        .values(state="stopped", reason=BOUGHT, finished_at=bindparam("its_end"))
        .returning(enrollments.c.id)
    )


_STOP_BOUGHT = _stop_bought_statement()
"""Built once: every webhook of an order asks it."""


def enroll(tx: Tx, shop_id: int, cart_tokens: Collection[str], now: datetime) -> int:
    """Arms the reminder of these carts, or arms it anew after a newer change; returns how many wait for them now."""
    if not cart_tokens:
        return 0
    automation = tx.execute(
        select(automations.c.id, automations.c.delay, automations.c.enabled_at).where(
            automations.c.shop_id == shop_id, automations.c.recipe == "abandoned_cart", automations.c.enabled
        )
    ).one_or_none()
    if automation is None:
        return 0
    delay = timedelta(seconds=automation.delay)
    changed = _carts(tx, shop_id, cart_tokens, since=max(automation.enabled_at, now - delay - TOO_LATE))
    _stop(tx, automation.id, [row.token for row in changed if not row.lines], EMPTIED, now)
    left = [row for row in changed if row.lines]
    insert_new(tx, enrollments, [_enrollment(automation.id, shop_id, row, delay, now) for row in left])
    for row in left:
        _arm_again(tx, automation.id, row, delay)
    _keep_newest(tx, automation.id, {row.person_id for row in left}, now)
    return _waiting(tx, automation.id, [row.token for row in left])


def stop_bought(tx: Tx, shop_id: int, order_ids: Sequence[int], now: datetime) -> int:
    """Ends the reminders of those who placed these orders (Shopify's ids); returns how many."""
    if not order_ids:
        return 0
    told = {"its_shop": shop_id, "its_orders": list(order_ids), "its_end": now}
    return len(tx.execute(_STOP_BOUGHT, told).all())


def _carts(tx: Tx, shop_id: int, tokens: Collection[str], since: datetime) -> Sequence[Cart]:
    """Carts of people whom we can reach, that changed lately and are not bought."""
    reachable = exists().where(subscriptions.c.person_id == carts.c.person_id, subscriptions.c.state == "active")
    of_shop = [orders.c.shop_id == shop_id, orders.c.deleted_at.is_(None)]
    ordered = or_(
        carts.c.ordered_at.is_not(None),
        exists().where(*of_shop, orders.c.cart_token == carts.c.token),
        exists().where(*of_shop, orders.c.person_id == carts.c.person_id, orders.c.placed_at >= carts.c.updated_at),
    )
    found = select(carts.c.token, carts.c.person_id, carts.c.updated_at, carts.c.lines).where(
        carts.c.shop_id == shop_id,
        carts.c.token.in_(tokens),
        carts.c.person_id.is_not(None),
        carts.c.updated_at >= since,
        reachable,
        ~ordered,
    )
    return tx.execute(found).all()


def _enrollment(automation_id: int, shop_id: int, cart: Cart, delay: timedelta, now: datetime) -> dict[str, Any]:
    return {
        "automation_id": automation_id,
        "shop_id": shop_id,
        "person_id": cart.person_id,
        "subject": cart.token,
        "state": "waiting",
        "due_at": cart.updated_at + delay,
        "created_at": now,
    }


def _arm_again(tx: Tx, automation_id: int, cart: Cart, delay: timedelta) -> None:
    """A newer change moves the reminder, and wakes one that was stopped; one that was sent stays sent."""
    tx.execute(
        update(enrollments)
        .where(
            enrollments.c.automation_id == automation_id,
            enrollments.c.subject == cart.token,
            enrollments.c.state.in_(("waiting", "stopped")),
            enrollments.c.due_at < cart.updated_at + delay,
        )
        .values(
            state="waiting",
            person_id=cart.person_id,
            due_at=cart.updated_at + delay,
            reason=None,
            finished_at=None,
            hinted_at=None,
        )
    )


def _keep_newest(tx: Tx, automation_id: int, person_ids: Collection[int], now: datetime) -> None:
    newest = (
        select(
            enrollments.c.id,
            func.row_number()
            .over(partition_by=enrollments.c.person_id, order_by=(enrollments.c.due_at.desc(), enrollments.c.id.desc()))
            .label("place"),
        )
        .where(
            enrollments.c.automation_id == automation_id,
            enrollments.c.person_id.in_(person_ids),
            enrollments.c.state == "waiting",
        )
        .subquery()
    )
    older = select(newest.c.id).where(newest.c.place > 1)
    tx.execute(
        update(enrollments)
        .where(enrollments.c.id.in_(older))
        .values(state="stopped", reason=NEWER_CART, finished_at=now)
    )


def _stop(tx: Tx, automation_id: int, tokens: Collection[str], reason: str, now: datetime) -> None:
    tx.execute(
        update(enrollments)
        .where(
            enrollments.c.automation_id == automation_id,
            enrollments.c.subject.in_(tokens),
            enrollments.c.state == "waiting",
        )
        .values(state="stopped", reason=reason, finished_at=now)
    )


def _waiting(tx: Tx, automation_id: int, tokens: Collection[str]) -> int:
    count = select(func.count()).where(
        enrollments.c.automation_id == automation_id,
        enrollments.c.subject.in_(tokens),
        enrollments.c.state == "waiting",
    )
    return tx.execute(count).scalar_one()
