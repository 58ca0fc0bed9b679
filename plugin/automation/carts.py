"""Carts that were left alone, judged: is a reminder still wanted, and of which product?

Asked twice: when the reminder is due, and once more at the moment of sending.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, exists, or_, select

from plugin.profile.offers import NOT_SOLD, SOLD_OUT
from plugin.store.engine import Tx
from plugin.store.tables import automations, carts, enrollments, orders, products, variants

from .reasons import BOUGHT, EMPTIED, SWITCHED_OFF


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
    automation_id: int
    paused: bool
    """The automation paused itself: it waits."""


def left_carts(tx: Tx, shop_id: int, enrollment_ids: Collection[int]) -> dict[int, LeftCart]:
    """Enrollment id → its cart as it is now."""
    rows = tx.execute(
        select(
            enrollments.c.id,
            automations.c.enabled,
            automations.c.title,
            automations.c.body,
            automations.c.id.label("automation_id"),
            automations.c.paused_at,
            carts.c.lines,
            carts.c.updated_at,
            _recovery_url().label("recovery_url"),
            is_bought().label("bought"),
        )
        .join(automations, automations.c.id == enrollments.c.automation_id)
        .join(carts, and_(carts.c.shop_id == enrollments.c.shop_id, carts.c.token == enrollments.c.subject))
        .where(enrollments.c.shop_id == shop_id, enrollments.c.id.in_(enrollment_ids))
    ).all()
    goods = _goods(tx, shop_id, {line["product_id"] for row in rows for line in row.lines if line["product_id"]})
    return {row.id: _judged(row, goods) for row in rows}


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


@dataclass(frozen=True, slots=True)
class Goods:
    """A product that is sold, and its variants by what a cart's line calls them (Shopify's ids): price in minor units,
    and whether it is in stock."""

    title: str
    handle: str
    image_url: str | None
    updated_at: datetime
    variants: dict[Any, tuple[int, bool]]


def _goods(tx: Tx, shop_id: int, product_ids: Collection[int]) -> dict[int, Goods]:
    """The products that are still sold. One statement."""
    its = and_(variants.c.shop_id == products.c.shop_id, variants.c.product_id == products.c.product_id)
    told = (products.c.product_id, products.c.title, products.c.handle, products.c.image_url, products.c.updated_at)
    found = (
        select(*told, variants.c.variant_id, variants.c.price, variants.c.in_stock)
        .outerjoin(variants, its)
        .where(
            products.c.shop_id == shop_id,
            products.c.product_id.in_(product_ids),
            products.c.deleted_at.is_(None),
            products.c.status == "active",
        )
    )
    goods: dict[int, Goods] = {}
    for row in tx.execute(found):
        product = goods.setdefault(row.product_id, Goods(row.title, row.handle, row.image_url, row.updated_at, {}))
        if row.variant_id is not None:
            product.variants[row.variant_id] = (row.price, row.in_stock)
    return goods


def _judged(row: Row[*tuple[Any, ...]], goods: dict[int, Goods]) -> LeftCart:
    lines = [line | {"price": _price(line, goods, row.updated_at)} for line in row.lines if line["quantity"] > 0]
    sold = [line for line in lines if line["product_id"] in goods]
    line = _dearest([line for line in sold if _is_in_stock(line, goods)])
    product = goods[line["product_id"]] if line else None
    why_not = None
    if row.bought:
        why_not = BOUGHT
    elif not lines:
        why_not = EMPTIED
    elif not row.enabled:
        why_not = SWITCHED_OFF
    elif product is None:
        why_not = SOLD_OUT if sold else NOT_SOLD
    return LeftCart(
        enrollment_id=row.id,
        why_not=why_not,
        title=row.title,
        body=row.body,
        product=product.title if product else "",
        price=line["price"] if line else 0,
        image=product.image_url if product else None,
        url=row.recovery_url or (f"/products/{product.handle}" if product else "/cart"),
        total=sum(each["price"] * each["quantity"] for each in lines),
        items=sum(each["quantity"] for each in lines),
        automation_id=row.automation_id,
        paused=row.paused_at is not None,
    )


def _is_in_stock(line: dict[str, Any], goods: dict[int, Goods]) -> bool:
    """A variant that nobody told can be bought."""
    _, in_stock = goods[line["product_id"]].variants.get(line.get("variant_id"), (0, True))
    return in_stock


def _price(line: dict[str, Any], goods: dict[int, Goods], told_at: datetime) -> int:
    """Of one piece, now. As long as the product is as it was, what the cart told is the price, of this customer's
    market and subscription too; after that, what the shop asks for the variant."""
    product = goods.get(line["product_id"])
    if product is None or product.updated_at <= told_at or line.get("variant_id") not in product.variants:
        return int(line["price"])
    price, _ = product.variants[line.get("variant_id")]
    return price


def _dearest(lines: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The line worth most is what the person came for; of equals, the first."""
    return max(lines, key=lambda line: line["price"] * line["quantity"], default=None)
