"""Orders, what was bought in them, and the sums."""

from __future__ import annotations

from datetime import datetime

from tests.oracle.almanac import instant
from tests.oracle.kinds import DATE, ID, MONEY, WHOLE
from tests.oracle.rows import Row, Rows
from tests.oracle.subjects import Filter, Function, Parameter
from tests.oracle.subjects.goods import OF_PRODUCT
from tests.oracle.subjects.standing import OF_ORDER


def counting(person: Row, rows: Rows) -> list[Row]:
    return [order for order in rows.of(person["id"], "orders") if not order["test"] and order["deleted_at"] is None]


def purchases(person: Row, rows: Rows) -> list[Row]:
    """Lines with a product, of orders that count."""
    numbers = {order["order_id"] for order in counting(person, rows)}
    lines = rows.of(person["id"], "order_lines")
    return [line for line in lines if line["order_id"] in numbers and line["product_id"] is not None]


def net(order: Row) -> int:
    return int(order["total"] - order["refunded"])


def placed(row: Row) -> datetime | None:
    return instant(row["placed_at"])


ENTRIES = {
    "number_of_orders": Filter(WHOLE, lambda person, _: person["number_of_orders"], "counts"),
    "amount_spent": Filter(MONEY, lambda person, _: person["amount_spent"], "money"),
    "first_order_date": Filter(DATE, lambda person, _: instant(person["first_order_at"])),
    "last_order_date": Filter(DATE, lambda person, _: instant(person["last_order_at"])),
    "products_purchased": Function(
        purchases,
        {
            **OF_PRODUCT,
            "date": Parameter(DATE, lambda line, _: placed(line)),
            "count": Parameter(WHOLE, lambda lines, _: len({line["order_id"] for line in lines}), "counts", total=True),
            "quantity": Parameter(
                WHOLE, lambda lines, _: sum(line["quantity"] for line in lines), "counts", total=True
            ),
            "sum_quantity": Parameter(
                WHOLE, lambda lines, _: sum(line["quantity"] for line in lines), "counts", total=True
            ),
        },
    ),
    "orders_placed": Function(
        counting,
        {
            "date": Parameter(DATE, lambda order, _: placed(order)),
            "amount": Parameter(MONEY, lambda order, _: net(order), "money"),
            "count": Parameter(WHOLE, lambda orders, _: len(orders), "counts", total=True),
            "sum_amount": Parameter(MONEY, lambda orders, _: sum(map(net, orders)), "money", total=True),
            "location_id": Parameter(ID, lambda order, _: order["location_id"], "locations"),
            "app_id": Parameter(ID, lambda order, _: order["app_id"], "apps"),
            **OF_ORDER,
        },
    ),
}
