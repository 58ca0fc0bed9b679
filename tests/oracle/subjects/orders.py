"""Orders, what was bought in them, and the sums."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from tests.oracle.almanac import instant
from tests.oracle.kinds import DATE, ID, MONEY, WHOLE
from tests.oracle.rows import Row, Rows
from tests.oracle.subjects import Filter, Function, Parameter
from tests.oracle.subjects.goods import LABEL, OF_PRODUCT
from tests.oracle.subjects.history import counting, goods, instants, net, sums
from tests.oracle.subjects.standing import OF_ORDER


def placed(row: Row) -> datetime | None:
    return instant(row["placed_at"])


def pieces(lines: list[Row]) -> int:
    return sum(line["quantity"] for line in lines)


def skus(line: Row, rows: Rows) -> set[str]:
    """What the variant is numbered today."""
    those = rows.of(line["variant_id"], "variants", "variant_id")
    return {one["sku"] for one in those if one["sku"] is not None}


def of_the_order(parameter: Parameter) -> Parameter:
    """The same asked of a line: what is true of its order."""

    def value(line: Row, rows: Rows) -> Any:
        [order] = rows.of(line["order_id"], "orders", "order_id")
        return parameter.value(order, rows)

    return replace(parameter, value=value)


OF_SALE = {
    "location_id": Parameter(ID, lambda order, _: order["location_id"], "locations"),
    "app_id": Parameter(ID, lambda order, _: order["app_id"], "apps"),
    **OF_ORDER,
}
ENTRIES = {
    "number_of_orders": Filter(WHOLE, lambda person, rows: sums(person, rows).number, "counts"),
    "amount_spent": Filter(MONEY, lambda person, rows: sums(person, rows).spent, "money"),
    "first_order_date": Filter(DATE, lambda person, rows: min(instants(person, rows), default=None)),
    "last_order_date": Filter(DATE, lambda person, rows: max(instants(person, rows), default=None)),
    "products_purchased": Function(
        goods,
        {
            **OF_PRODUCT,
            "variant_id": Parameter(ID, lambda line, _: line["variant_id"], "variants"),
            "sku": Parameter(LABEL, skus, "skus"),
            "price": Parameter(MONEY, lambda line, _: line["price"], "money"),
            "date": Parameter(DATE, lambda line, _: placed(line)),
            **{name: of_the_order(parameter) for name, parameter in OF_SALE.items()},
            "count": Parameter(WHOLE, lambda lines, _: len({line["order_id"] for line in lines}), "counts", total=True),
            "quantity": Parameter(WHOLE, lambda lines, _: pieces(lines), "counts", total=True),
            "sum_quantity": Parameter(WHOLE, lambda lines, _: pieces(lines), "counts", total=True),
        },
    ),
    "orders_placed": Function(
        counting,
        {
            "date": Parameter(DATE, lambda order, _: placed(order)),
            "amount": Parameter(MONEY, lambda order, _: net(order), "money"),
            "count": Parameter(WHOLE, lambda orders, _: len(orders), "counts", total=True),
            "sum_amount": Parameter(MONEY, lambda orders, _: sum(map(net, orders)), "money", total=True),
            "average": Parameter(
                MONEY, lambda orders, _: int(Fraction(sum(map(net, orders)), len(orders) or 1)), "money", total=True
            ),
            **OF_SALE,
            **OF_ORDER,
        },
    ),
}
