"""Parameters that ask of an order where, when and how it was placed: of the order itself, or of one of its lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter
from typing import Final

from sqlalchemy import ColumnElement, and_, select

from plugin.profile.load_orders import Order, OrderLine
from plugin.segment.kinds import Family, Kind, choice, label
from plugin.store.tables import order_discounts, order_lines, orders

from .shape import Beside, Parameter, column

ANY: Final = "any"
KINDS: Final = (ANY, "code", "automatic", "manual")
_DISCOUNT = label("a code, or an automatic discount's title, such as 'WELCOME10'", fold=True, name="discount")
_DISCOUNT_KIND = replace(choice("a kind of discount", KINDS, name="discount kind"), family=Family.LABEL)
_ORDER_OF_LINE = Beside(
    orders, and_(orders.c.shop_id == order_lines.c.shop_id, orders.c.order_id == order_lines.c.order_id)
)


_COLUMNS: Final = (
    ("location_id", Kind.ID, orders.c.location_id, " at location {words}"),
    ("app_id", Kind.ID, orders.c.app_id, " through app {words}"),
    ("channel", Kind.TEXT, orders.c.source_name, " through the channel {words}"),
    ("hour", Kind.INTEGER, orders.c.hour, " at the hour of {words}"),
    ("weekday", Kind.INTEGER, orders.c.weekday, " on weekday {words}"),
)
"""What stands in a column: name, kind, the column, its place in a sentence. A loaded `Sale` has it by the name."""


def _of_order(order_id: ColumnElement[int], beside: Beside | None) -> tuple[Parameter, ...]:
    """A loaded row has `sale`; `order_id` is its column, and `beside` leads to its order where it is none itself."""
    used = Parameter("discount", _DISCOUNT, _named(order_id), _names, says=" with the discount {words}")
    used_kind = Parameter(
        "discount_kind", _DISCOUNT_KIND, _of_kind(order_id), _kinds, says=" with a discount of the kind {words}"
    )
    return (
        *(
            Parameter(name, kind, column(of), attrgetter(f"sale.{name}"), says=says, beside=beside)
            for name, kind, of, says in _COLUMNS
        ),
        used,
        used_kind,
    )


def _of_kind(order_id: ColumnElement[int]) -> Callable[[int], Callable[[str], ColumnElement[bool]]]:
    def asked(shop_id: int) -> Callable[[str], ColumnElement[bool]]:
        used = select(order_discounts.c.order_id).where(order_discounts.c.shop_id == shop_id)
        return lambda key: order_id.in_(used if key == ANY else used.where(order_discounts.c.kind == key))

    return asked


def _named(order_id: ColumnElement[int]) -> Callable[[int], Callable[[str], ColumnElement[bool]]]:
    def asked(shop_id: int) -> Callable[[str], ColumnElement[bool]]:
        named = order_discounts.c.shop_id == shop_id, order_discounts.c.kind != "manual"
        used = select(order_discounts.c.order_id).where(*named)
        return lambda key: order_id.in_(used.where(order_discounts.c.key == key))

    return asked


def _names(row: Order | OrderLine) -> frozenset[str]:
    return frozenset(name for kind, name in row.sale.discounts if kind != "manual")


def _kinds(row: Order | OrderLine) -> frozenset[str]:
    kinds = frozenset(kind for kind, _ in row.sale.discounts)
    return kinds | {ANY} if kinds else kinds


OF_ORDER: Final = _of_order(orders.c.order_id, None)
OF_LINE: Final = _of_order(order_lines.c.order_id, _ORDER_OF_LINE)
SAYS: Final = "".join(f"{{{parameter.name}}}" for parameter in OF_ORDER)
"""Their places in a sentence."""
