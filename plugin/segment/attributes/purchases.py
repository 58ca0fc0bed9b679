"""What a person bought: lines of orders, and orders."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import BigInteger, ColumnElement, Select, and_, cast, func, not_, select

from plugin.profile.load import Profile
from plugin.profile.load_orders import Order, OrderLine
from plugin.segment.kinds import Kind, label
from plugin.store.tables import order_lines, orders, people, variants

from .of_order import OF_LINE, OF_ORDER
from .of_order import SAYS as ORDER
from .of_product import SAYS as PRODUCT
from .of_product import of_product
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


def _numbered(shop_id: int) -> Callable[[str], ColumnElement[bool]]:
    """Lines of variants with this stock number, by their product first: an index has it."""
    known = select(variants.c.product_id).where(variants.c.shop_id == shop_id)
    line = order_lines.c

    def asked(sku: str) -> ColumnElement[bool]:
        these = known.where(variants.c.sku == sku)
        own = these.with_only_columns(variants.c.variant_id)
        return and_(line.product_id.in_(these), line.variant_id.is_not(None), line.variant_id.in_(own))

    return asked


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


SKU = label("a stock number in single quotes such as 'LAMP-BLUE'", name="stock number")
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
        says=f"have bought {{quantity}}{{sum_quantity}}{PRODUCT}{{variant_id}}{{sku}}{{price}}{{date}}{ORDER}{{count}}",
        row="purchase",
        says_row=lambda line: f"product {line.product_id} in order {line.order_id}",
        parameters=by_name(
            (
                *of_product(order_lines.c.product_id, absent="any product"),
                Parameter(
                    "variant_id",
                    Kind.ID,
                    column(order_lines.c.variant_id),
                    lambda line: line.variant_id,
                    says=" in the variant {words}",
                ),
                Parameter(
                    "sku",
                    SKU,
                    _numbered,
                    lambda line: frozenset({line.sku} - {None}),
                    says=" with the stock number {words}",
                ),
                Parameter(
                    "price",
                    Kind.AMOUNT,
                    column(order_lines.c.price),
                    lambda line: line.price,
                    says=" for {words} a piece",
                ),
                Parameter(
                    "date",
                    Kind.DATE,
                    column(order_lines.c.placed_at),
                    lambda line: line.placed_at,
                    says=" {words}",
                    highest=column(people.c.last_order_at),
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
                *OF_LINE,
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
        says=f"have placed {{count}}{{amount}}{{date}}{ORDER}{{sum_amount}}{{average}}",
        row="order",
        says_row=lambda order: f"order {order.name or order.order_id}",
        parameters=by_name(
            (
                Parameter(
                    "date",
                    Kind.DATE,
                    column(orders.c.placed_at),
                    lambda order: order.placed_at,
                    says=" {words}",
                    highest=column(people.c.last_order_at),
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
                *OF_ORDER,
            )
        ),
    ),
)
