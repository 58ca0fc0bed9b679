"""What `orders_placed` can ask of an order besides when and how much: the channel, the hour, the discounts used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import ColumnElement, select

from plugin.profile.load_orders import Order
from plugin.segment.kinds import Family, Kind, choice, label
from plugin.store.tables import order_discounts, orders

from .shape import Parameter, column

ANY = "any"
KINDS = (ANY, "code", "automatic", "manual")


def _discount(column_: ColumnElement[str]) -> Callable[[int], Callable[[str], ColumnElement[bool]]]:
    def asked(shop_id: int) -> Callable[[str], ColumnElement[bool]]:
        used = select(order_discounts.c.order_id).where(order_discounts.c.shop_id == shop_id)
        return lambda key: orders.c.order_id.in_(used if key == ANY else used.where(column_ == key))

    return asked


def _named(shop_id: int) -> Callable[[str], ColumnElement[bool]]:
    named = order_discounts.c.shop_id == shop_id, order_discounts.c.kind != "manual"
    used = select(order_discounts.c.order_id).where(*named)
    return lambda key: orders.c.order_id.in_(used.where(order_discounts.c.key == key))


def _names(order: Order) -> frozenset[str]:
    return frozenset(name for kind, name in order.discounts if kind != "manual")


def _kinds(order: Order) -> frozenset[str]:
    kinds = frozenset(kind for kind, _ in order.discounts)
    return kinds | {ANY} if kinds else kinds


PARAMETERS = (
    Parameter(
        "channel",
        Kind.TEXT,
        column(orders.c.source_name),
        lambda order: order.channel,
        says=" through the channel {words}",
    ),
    Parameter("hour", Kind.INTEGER, column(orders.c.hour), lambda order: order.hour, says=" at the hour of {words}"),
    Parameter(
        "weekday", Kind.INTEGER, column(orders.c.weekday), lambda order: order.weekday, says=" on weekday {words}"
    ),
    Parameter(
        "discount",
        label("a code, or an automatic discount's title, such as 'WELCOME10'", fold=True, name="discount"),
        _named,
        _names,
        says=" with the discount {words}",
    ),
    Parameter(
        "discount_kind",
        replace(choice("a kind of discount", KINDS, name="discount kind"), family=Family.LABEL),
        _discount(order_discounts.c.kind),
        _kinds,
        says=" with a discount of the kind {words}",
    ),
)
SAYS = "".join(f"{{{parameter.name}}}" for parameter in PARAMETERS)
