"""What a segment can ask: one entry per attribute, with its SQL, its Python and its words. To add one, add an entry
(and its line in docs/segments.md; a test asks for it).

`sql` gives what operators of the kind's family expect (plugin/segment/operators.py) for a shop; `read` gives the same
of a profile, of a row, or, for a parameter that is a total, of all matching rows. None is a missing value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Select, func, not_, or_, select

from plugin.profile.load import Order, OrderLine, Profile
from plugin.store.tables import (
    order_lines,
    orders,
    people,
    person_countries,
    person_tags,
    product_tags,
    subscriptions,
)

from .kinds import Kind


@dataclass(frozen=True, slots=True)
class Attribute:
    """`number_of_orders > 2`. "People who {verb} more than 2 {unit}s"; "… do not have {noun}"."""

    name: str
    kind: Kind
    sql: Callable[[int], Any]
    read: Callable[[Profile], Any]
    verb: str
    noun: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One condition inside MATCHES: on each row, or on the total of the rows that the others leave.

    `says` is its place in the function's sentence, `absent` stands there without it."""

    name: str
    kind: Kind
    sql: Callable[[int], Any]
    read: Callable[[Any], Any]
    says: str
    absent: str = ""
    unit: str = ""
    total: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """`orders_placed MATCHES (count > 2)`: is there a row that matches, or do the totals of those that do?

    `rows` selects the person of each row, `person`; `read` gives a profile's rows and `at` the time of one; `says` is
    the sentence with a place for each parameter, `row` the word for a row."""

    name: str
    rows: Callable[[int], Select[tuple[int]]]
    person: Column[int]
    read: Callable[[Profile], Sequence[Any]]
    at: Callable[[Any], datetime]
    says: str
    row: str
    parameters: Mapping[str, Parameter]


def _column(column: ColumnElement[Any]) -> Callable[[int], ColumnElement[Any]]:
    return lambda _shop_id: column


def _some(key: Column[str], *alive: ColumnElement[bool]) -> Callable[[int], Callable[..., ColumnElement[bool]]]:
    """People who have a row in the table of `key`."""
    table = key.table.c

    def some(shop_id: int) -> Callable[..., ColumnElement[bool]]:
        held = select(table.person_id).where(table.shop_id == shop_id, *alive)
        return lambda *keys: people.c.id.in_(held.where(*(key == one for one in keys)))

    return some


def _by_name(entries: Iterable[Parameter]) -> dict[str, Parameter]:
    return {entry.name: entry for entry in entries}


# --- rows of the functions ----------------------------------------------------------------------


def _orders_that_count(shop_id: int) -> Select[tuple[int]]:
    return select(orders.c.person_id).where(
        orders.c.shop_id == shop_id,
        orders.c.person_id.is_not(None),
        not_(orders.c.test),
        orders.c.deleted_at.is_(None),
    )


def _purchases(shop_id: int) -> Select[tuple[int]]:
    """Lines of products in orders that count. Those that do not are few: leaving them out is cheaper than a join."""
    not_counting = select(orders.c.order_id).where(
        orders.c.shop_id == shop_id, or_(orders.c.test, orders.c.deleted_at.is_not(None))
    )
    return select(order_lines.c.person_id).where(
        order_lines.c.shop_id == shop_id,
        order_lines.c.person_id.is_not(None),
        order_lines.c.product_id.is_not(None),
        order_lines.c.order_id.not_in(not_counting),
    )


def _tagged_product(shop_id: int) -> Callable[[str], ColumnElement[bool]]:
    tagged = select(product_tags.c.product_id).where(product_tags.c.shop_id == shop_id)
    return lambda key: order_lines.c.product_id.in_(tagged.where(product_tags.c.key == key))


def _read_purchases(profile: Profile) -> Sequence[OrderLine]:
    return [line for order in profile.orders for line in order.lines if line.product_id is not None]


def _pieces(lines: Sequence[OrderLine]) -> int:
    return sum(line.quantity for line in lines)


def _net(order: Order) -> int:
    return order.total - order.refunded


_PIECES = _column(func.sum(order_lines.c.quantity))
_NET = orders.c.total - orders.c.refunded

# --- the table ----------------------------------------------------------------------------------

_ENTRIES: tuple[Attribute | Function, ...] = (
    Attribute(
        "number_of_orders",
        Kind.INTEGER,
        _column(people.c.number_of_orders),
        lambda profile: profile.number_of_orders,
        verb="have placed",
        noun="a number of orders",
        unit="order",
    ),
    Attribute(
        "amount_spent",
        Kind.AMOUNT,
        _column(people.c.amount_spent),
        lambda profile: profile.amount_spent,
        verb="have spent",
        noun="an amount spent",
    ),
    Attribute(
        "first_order_date",
        Kind.DATE,
        _column(people.c.first_order_at),
        lambda profile: profile.first_order_at,
        verb="placed their first order",
        noun="a first order",
    ),
    Attribute(
        "last_order_date",
        Kind.DATE,
        _column(people.c.last_order_at),
        lambda profile: profile.last_order_at,
        verb="placed their last order",
        noun="a last order",
    ),
    Attribute(
        "customer_added_date",
        Kind.DATE,
        _column(people.c.customer_added_at),
        lambda profile: profile.customer_added_at,
        verb="became a customer",
        noun="a date on which they became a customer",
    ),
    Attribute(
        "customer_countries",
        Kind.COUNTRIES,
        _some(person_countries.c.country),
        lambda profile: profile.countries,
        verb="have an address in",
        noun="an address in any country",
    ),
    Attribute(
        "customer_tags",
        Kind.TAGS,
        _some(person_tags.c.key, not_(person_tags.c.removed)),
        lambda profile: frozenset(tag.casefold() for tag in profile.tags),
        verb="have the tag",
        noun="any tag",
    ),
    Attribute(
        "push_subscribed",
        Kind.BOOLEAN,
        lambda shop_id: _some(subscriptions.c.endpoint, subscriptions.c.state == "active")(shop_id)(),
        lambda profile: profile.push_subscribed,
        verb="get push notifications",
    ),
    Attribute(
        "email_subscription_status",
        Kind.EMAIL_STATUS,
        _column(people.c.email_status),
        lambda profile: profile.email_status,
        verb="have the e-mail subscription status",
        noun="an e-mail subscription status",
    ),
    Attribute(
        "sms_subscription_status",
        Kind.SMS_STATUS,
        _column(people.c.sms_status),
        lambda profile: profile.sms_status,
        verb="have the SMS subscription status",
        noun="an SMS subscription status",
    ),
    Function(
        "products_purchased",
        rows=_purchases,
        person=order_lines.c.person_id,
        read=_read_purchases,
        at=lambda line: line.placed_at,
        says="have bought {quantity}{sum_quantity}{id}{tag}{date}{count}",
        row="purchase",
        parameters=_by_name(
            (
                Parameter(
                    "id",
                    Kind.ID,
                    _column(order_lines.c.product_id),
                    lambda line: line.product_id,
                    says="product {words}",
                    absent="any product",
                ),
                Parameter("tag", Kind.TAG, _tagged_product, lambda line: line.tags, says=" tagged {words}"),
                Parameter(
                    "date", Kind.DATE, _column(order_lines.c.placed_at), lambda line: line.placed_at, says=" {words}"
                ),
                Parameter(
                    "count",
                    Kind.INTEGER,
                    _column(func.count(order_lines.c.order_id.distinct())),
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
        says="have placed {count}{amount}{date}{location_id}{app_id}{sum_amount}",
        row="order",
        parameters=_by_name(
            (
                Parameter(
                    "date", Kind.DATE, _column(orders.c.placed_at), lambda order: order.placed_at, says=" {words}"
                ),
                Parameter("amount", Kind.AMOUNT, _column(_NET), _net, says=" of {words}"),
                Parameter(
                    "count",
                    Kind.INTEGER,
                    _column(func.count()),
                    len,
                    says="{words}",
                    absent="an order",
                    unit="order",
                    total=True,
                ),
                Parameter(
                    "sum_amount",
                    Kind.AMOUNT,
                    _column(func.sum(_NET)),
                    lambda placed: sum(map(_net, placed)),
                    says=", worth {words} altogether",
                    total=True,
                ),
                Parameter(
                    "location_id",
                    Kind.ID,
                    _column(orders.c.location_id),
                    lambda order: order.location_id,
                    says=" at location {words}",
                ),
                Parameter(
                    "app_id", Kind.ID, _column(orders.c.app_id), lambda order: order.app_id, says=" through app {words}"
                ),
            )
        ),
    ),
)

ATTRIBUTES: Final[Mapping[str, Attribute | Function]] = {entry.name: entry for entry in _ENTRIES}
