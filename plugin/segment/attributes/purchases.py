"""What a person bought: lines of orders, and orders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Select, cast, func, not_, or_, select

from plugin.profile.load import Order, OrderLine, Profile
from plugin.segment.kinds import Kind, label
from plugin.store.tables import order_lines, orders, product_tags, products

from . import order_extras
from .shape import Function, Parameter, by_name, column, reads


def _orders_that_count(shop_id: int) -> Select[tuple[int]]:
    return select(orders.c.person_id).where(
        orders.c.shop_id == shop_id,
        orders.c.person_id.is_not(None),
        not_(orders.c.test),
        orders.c.deleted_at.is_(None),
    )


def _purchases(shop_id: int) -> Select[tuple[int]]:
    """Lines of products; orders that do not count have none (plugin/profile/order_lines.py)."""
    return select(order_lines.c.person_id).where(
        order_lines.c.shop_id == shop_id,
        order_lines.c.person_id.is_not(None),
        order_lines.c.product_id.is_not(None),
    )


def _tagged_product(shop_id: int) -> Callable[[str], ColumnElement[bool]]:
    tagged = select(product_tags.c.product_id).where(product_tags.c.shop_id == shop_id)
    return lambda key: order_lines.c.product_id.in_(tagged.where(product_tags.c.key == key))


def _product(what: Column[Any]) -> Callable[[int], Callable[[str], ColumnElement[bool]]]:
    def asked(shop_id: int) -> Callable[[str], ColumnElement[bool]]:
        known = select(products.c.product_id).where(products.c.shop_id == shop_id)
        return lambda text: order_lines.c.product_id.in_(known.where(what == text))

    return asked


def _category(shop_id: int) -> Callable[[str], ColumnElement[bool]]:
    """The category itself, or one below it."""
    known = select(products.c.product_id).where(products.c.shop_id == shop_id)

    def within(path: str) -> ColumnElement[bool]:
        above = path + _BELOW
        below = func.substr(products.c.category, 1, len(above)) == above
        return order_lines.c.product_id.in_(known.where(or_(products.c.category == path, below)))

    return within


def _categories(line: OrderLine) -> frozenset[str]:
    """The line's category, and all above it."""
    steps = line.category.split(_BELOW) if line.category is not None else []
    return frozenset(_BELOW.join(steps[: at + 1]) for at in range(len(steps)))


def _held(text: str | None) -> frozenset[str]:
    return frozenset() if text is None else frozenset((text,))


def _read_purchases(profile: Profile) -> Sequence[OrderLine]:
    return [line for order in profile.orders for line in order.lines if line.product_id is not None]


def _pieces(lines: Sequence[OrderLine]) -> int:
    return sum(line.quantity for line in lines)


def _net(order: Order) -> int:
    return order.total - order.refunded


def _average(placed: Sequence[Order]) -> int:
    """Whole minor units, as both databases divide: what is over is cut off. 0 of none."""
    total = sum(map(_net, placed))
    return (abs(total) // len(placed) if placed else 0) * (1 if total >= 0 else -1)


_BELOW = " > "
_PIECES = column(func.sum(order_lines.c.quantity))
_NET = orders.c.total - orders.c.refunded

ENTRIES = (
    Function(
        "products_purchased",
        rows=_purchases,
        person=order_lines.c.person_id,
        read=_read_purchases,
        at=lambda line: line.placed_at,
        reads=reads("orders"),
        says="have bought {quantity}{sum_quantity}{id}{tag}{vendor}{type}{category}{price}{date}{count}",
        row="purchase",
        says_row=lambda line: f"product {line.product_id} in order {line.order_id}",
        parameters=by_name(
            (
                Parameter(
                    "id",
                    Kind.ID,
                    column(order_lines.c.product_id),
                    lambda line: line.product_id,
                    says="product {words}",
                    absent="any product",
                ),
                Parameter("tag", Kind.TAG, _tagged_product, lambda line: line.tags, says=" tagged {words}"),
                Parameter(
                    "vendor",
                    label("a vendor in single quotes such as 'Acme'", name="vendor"),
                    _product(products.c.vendor),
                    lambda line: _held(line.vendor),
                    says=" of the vendor {words}",
                ),
                Parameter(
                    "type",
                    label("a product type in single quotes such as 'Shoes'", name="product type"),
                    _product(products.c.product_type),
                    lambda line: _held(line.product_type),
                    says=" of the type {words}",
                ),
                Parameter(
                    "category",
                    label("a category in single quotes such as 'Apparel & Accessories'", name="category"),
                    _category,
                    _categories,
                    says=" in the category {words}",
                ),
                Parameter(
                    "price",
                    Kind.AMOUNT,
                    column(order_lines.c.price),
                    lambda line: line.price,
                    says=" for {words} a piece",
                ),
                Parameter(
                    "date", Kind.DATE, column(order_lines.c.placed_at), lambda line: line.placed_at, says=" {words}"
                ),
                Parameter(
                    "count",
                    Kind.INTEGER,
                    column(func.count(order_lines.c.order_id.distinct())),
                    lambda lines: len({line.order_id for line in lines}),
                    says=" in {words}",
                    unit="order",
                    total=True,
                ),
                *(
                    Parameter(
                        name, Kind.INTEGER, _PIECES, _pieces, says="{words} altogether of ", unit="piece", total=True
                    )
                    for name in ("quantity", "sum_quantity")
                ),
            )
        ),
    ),
    Function(
        "orders_placed",
        rows=_orders_that_count,
        person=orders.c.person_id,
        read=lambda profile: profile.orders,
        at=lambda order: order.placed_at,
        reads=reads("orders"),
        says=f"have placed {{count}}{{amount}}{{date}}{{location_id}}{{app_id}}{order_extras.SAYS}{{sum_amount}}"
        "{average}",
        row="order",
        says_row=lambda order: f"order {order.name or order.order_id}",
        parameters=by_name(
            (
                Parameter(
                    "date", Kind.DATE, column(orders.c.placed_at), lambda order: order.placed_at, says=" {words}"
                ),
                Parameter("amount", Kind.AMOUNT, column(_NET), _net, says=" of {words}"),
                Parameter(
                    "count",
                    Kind.INTEGER,
                    column(func.count()),
                    len,
                    says="{words}",
                    absent="an order",
                    unit="order",
                    total=True,
                ),
                Parameter(
                    "sum_amount",
                    Kind.AMOUNT,
                    column(func.sum(_NET)),
                    lambda placed: sum(map(_net, placed)),
                    says=", worth {words} altogether",
                    total=True,
                ),
                Parameter(
                    "average",
                    Kind.AMOUNT,
                    column(cast(func.sum(_NET), BigInteger) // func.count()),
                    _average,
                    says=", worth {words} on average",
                    total=True,
                ),
                Parameter(
                    "location_id",
                    Kind.ID,
                    column(orders.c.location_id),
                    lambda order: order.location_id,
                    says=" at location {words}",
                ),
                Parameter(
                    "app_id", Kind.ID, column(orders.c.app_id), lambda order: order.app_id, says=" through app {words}"
                ),
                *order_extras.PARAMETERS,
            )
        ),
    ),
)
