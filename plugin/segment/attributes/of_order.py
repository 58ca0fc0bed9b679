"""Parameters that ask of an order where, when and how it was placed: of the order itself, or of one of its lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from sqlalchemy import ColumnElement, and_, select

from plugin.profile.load_orders import Sale
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


def _of_order(order_id: ColumnElement[int], beside: Beside | None) -> tuple[Parameter, ...]:
    """A loaded row has `sale`; `order_id` is its column, and `beside` leads to its order where it is none itself."""
    return (
        Parameter(
            "location_id",
            Kind.ID,
            column(orders.c.location_id),
            lambda row: row.sale.location_id,
            says=" at location {words}",
            beside=beside,
        ),
        Parameter(
            "app_id",
            Kind.ID,
            column(orders.c.app_id),
            lambda row: row.sale.app_id,
            says=" through app {words}",
            beside=beside,
        ),
        Parameter(
            "channel",
            Kind.TEXT,
            column(orders.c.source_name),
            lambda row: row.sale.channel,
            says=" through the channel {words}",
            beside=beside,
        ),
        Parameter(
            "hour",
            Kind.INTEGER,
            column(orders.c.hour),
            lambda row: row.sale.hour,
            says=" at the hour of {words}",
            beside=beside,
        ),
        Parameter(
            "weekday",
            Kind.INTEGER,
            column(orders.c.weekday),
            lambda row: row.sale.weekday,
            says=" on weekday {words}",
            beside=beside,
        ),
        Parameter(
            "discount", _DISCOUNT, _named(order_id), lambda row: _names(row.sale), says=" with the discount {words}"
        ),
        Parameter(
            "discount_kind",
            _DISCOUNT_KIND,
            _of_kind(order_id),
            lambda row: _kinds(row.sale),
            says=" with a discount of the kind {words}",
        ),
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


def _names(sale: Sale) -> frozenset[str]:
    return frozenset(name for kind, name in sale.discounts if kind != "manual")


def _kinds(sale: Sale) -> frozenset[str]:
    kinds = frozenset(kind for kind, _ in sale.discounts)
    return kinds | {ANY} if kinds else kinds


OF_ORDER: Final = _of_order(orders.c.order_id, None)
OF_LINE: Final = _of_order(order_lines.c.order_id, _ORDER_OF_LINE)
SAYS: Final = "".join(f"{{{parameter.name}}}" for parameter in OF_ORDER)
"""Their places in a sentence."""
