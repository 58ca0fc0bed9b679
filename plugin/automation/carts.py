"""Carts that were left alone, judged: is a reminder still wanted, and of which product?

Asked twice: when the reminder is due, and once more at the moment of sending.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, exists, or_, select

from plugin.store.engine import Tx
from plugin.store.tables import automations, carts, enrollments, orders, products

from .reasons import BOUGHT, EMPTIED, NOT_SOLD, SWITCHED_OFF


@dataclass(frozen=True, slots=True)
class LeftCart:
    """What a reminder is about. `why_not`: the reason for which it is not wanted any more."""

    enrollment_id: int
    why_not: str | None
    title: str
    """The automation's words, with merge tags."""
    body: str
    product: str
    price: int
    image: str | None
    url: str
    total: int
    items: int


def left_carts(tx: Tx, shop_id: int, enrollment_ids: Collection[int]) -> dict[int, LeftCart]:
    """Enrollment id → its cart as it is now."""
    rows = tx.execute(
        select(
            enrollments.c.id,
            automations.c.enabled,
            automations.c.title,
            automations.c.body,
            carts.c.lines,
            carts.c.total,
            _recovery_url().label("recovery_url"),
            is_bought().label("bought"),
        )
        .join(automations, automations.c.id == enrollments.c.automation_id)
        .join(carts, and_(carts.c.shop_id == enrollments.c.shop_id, carts.c.token == enrollments.c.subject))
        .where(enrollments.c.shop_id == shop_id, enrollments.c.id.in_(enrollment_ids))
    ).all()
    sold = _sold(tx, shop_id, {line["product_id"] for row in rows for line in row.lines if line["product_id"]})
    return {row.id: _judged(row, sold) for row in rows}


def is_bought() -> ColumnElement[bool]:
    """Of a row of carts joined to its enrollment: it was ordered, or the person ordered after its last change."""
    same_cart = orders.c.cart_token == carts.c.token
    same_person = and_(orders.c.person_id == enrollments.c.person_id, orders.c.placed_at >= carts.c.updated_at)
    of_shop = [orders.c.shop_id == carts.c.shop_id, orders.c.deleted_at.is_(None)]
    return or_(
        carts.c.ordered_at.is_not(None), exists().where(*of_shop, same_cart), exists().where(*of_shop, same_person)
    )


def _recovery_url() -> ColumnElement[str | None]:
    """The link to the checkout, unless the checkout was deleted since."""
    deleted, told = carts.c.checkout_deleted_at, carts.c.checkout_updated_at
    return case((or_(deleted.is_(None), deleted < told), carts.c.recovery_url), else_=None)


def _sold(tx: Tx, shop_id: int, product_ids: Collection[int]) -> dict[int, Row[*tuple[Any, ...]]]:
    """The products that can still be bought."""
    found = select(products.c.product_id, products.c.title, products.c.handle, products.c.image_url).where(
        products.c.shop_id == shop_id,
        products.c.product_id.in_(product_ids),
        products.c.deleted_at.is_(None),
        products.c.status == "active",
    )
    return {row.product_id: row for row in tx.execute(found)}


def _judged(row: Row[*tuple[Any, ...]], sold: dict[int, Row[*tuple[Any, ...]]]) -> LeftCart:
    lines = [line for line in row.lines if line["quantity"] > 0]
    line = _dearest([line for line in lines if line["product_id"] in sold])
    product = sold[line["product_id"]] if line else None
    why_not = None
    if row.bought:
        why_not = BOUGHT
    elif not lines:
        why_not = EMPTIED
    elif not row.enabled:
        why_not = SWITCHED_OFF
    elif product is None:
        why_not = NOT_SOLD
    return LeftCart(
        enrollment_id=row.id,
        why_not=why_not,
        title=row.title,
        body=row.body,
        product=product.title if product else "",
        price=line["price"] if line else 0,
        image=product.image_url if product else None,
        url=row.recovery_url or (f"/products/{product.handle}" if product else "/cart"),
        total=row.total,
        items=sum(each["quantity"] for each in lines),
    )


def _dearest(lines: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The line worth most is what the person came for; of equals, the first."""
    return max(lines, key=lambda line: line["price"] * line["quantity"], default=None)
