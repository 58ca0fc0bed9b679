"""One person as a frozen `Profile`: what a segment's in-memory reading, a message and an explanation look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Column, ColumnElement, Select, not_, select

from plugin.base.errors import NotFound
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import (
    order_discounts,
    order_lines,
    orders,
    people,
    person_countries,
    person_tags,
    product_tags,
    products,
    shops,
    subscriptions,
)

from . import load_behaviour, load_elsewhere, load_engagement, load_located, load_points, load_told, shopper_facts
from .load_behaviour import CartLine, Deed, Visited
from .load_elsewhere import Answer, CustomEvent
from .load_engagement import Browser, Push
from .load_habits import NOTHING, PROSPECT, Cycle, Habits, cycle_of, habits_of, lists_of
from .load_located import Whereabouts
from .load_points import Point
from .load_told import Credit, Field, Spot, Standing


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line of an order; `product_id` None for a custom line. `tags` are the product's, casefolded."""

    order_id: int
    placed_at: datetime
    product_id: int | None
    quantity: int
    tags: frozenset[str]
    price: int = 0
    """Of one piece, before discounts."""
    vendor: str | None = None
    product_type: str | None = None
    category: str | None = None
    """Shopify's, from the top: `Apparel & Accessories > Clothing`."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order that counts: neither a test nor deleted. Money in minor units."""

    order_id: int
    placed_at: datetime
    total: int
    refunded: int
    app_id: int | None
    location_id: int | None
    lines: tuple[OrderLine, ...]
    channel: str | None = None
    hour: int | None = None
    """0 to 23 by the shop's clock; `weekday` 1 (Monday) to 7."""
    weekday: int | None = None
    discounts: frozenset[tuple[str, str]] = frozenset()
    """Kind (code, automatic, manual) and casefolded name; a manual one has none."""
    name: str = ""
    """"#1001"."""


@dataclass(frozen=True, slots=True)
class Profile:
    """All we know of one person. Orders stand in the order of their time; money in minor units of `currency`."""

    shop_id: int
    person_id: int
    customer_id: int | None
    deleted: bool
    """Deleted in Shopify: a member of nothing."""
    locale: str | None
    currency: str
    customer_added_at: datetime | None
    number_of_orders: int
    amount_spent: int
    first_order_at: datetime | None
    last_order_at: datetime | None
    push_subscribed: bool
    countries: frozenset[str]
    tags: frozenset[str]
    """As Shopify wrote them; they are compared casefolded."""
    orders: tuple[Order, ...]
    email_status: str | None = None
    """SUBSCRIBED, UNSUBSCRIBED…; None where Shopify told none."""
    sms_status: str | None = None
    points: tuple[Point, ...] = ()
    """Where the person's places lie on a sphere of radius 1."""
    standing: Standing = field(default_factory=Standing)
    spots: tuple[Spot, ...] = ()
    """Where their addresses are."""
    credits: tuple[Credit, ...] = ()
    companies: frozenset[int] = frozenset()
    metafields: Mapping[tuple[str, str], Field] = field(default_factory=dict)
    """By namespace and key."""
    facts: Mapping[str, Field] = field(default_factory=dict)
    """Birthday, gender… (profile/shopper_facts.py): those of the metafields that tell them."""
    views: tuple[Deed, ...] = ()
    """What they looked at and did on the storefront, in the order of time; so too the next two."""
    visits: tuple[Visited, ...] = ()
    cart_lines: tuple[CartLine, ...] = ()
    pushes: tuple[Push, ...] = ()
    browsers: tuple[Browser, ...] = ()
    push_subscribed_at: datetime | None = None
    custom_events: tuple[CustomEvent, ...] = ()
    answers: tuple[Answer, ...] = ()
    located: tuple[Whereabouts, ...] = ()
    cycle: Cycle = PROSPECT
    habits: Habits = NOTHING
    lists: frozenset[str] = frozenset()
    """Keys of the static lists that they are on."""


def load(tx: Tx, shop_id: int, person_id: int) -> Profile:
    """The profile of one person of the shop. Raises NotFound."""
    for profile in load_many(tx, shop_id, [person_id]):
        return profile
    raise NotFound(f"There is no person {person_id} in this shop.")


def load_many(tx: Tx, shop_id: int, person_ids: Iterable[int]) -> list[Profile]:
    """The profiles of those of `person_ids` that the shop has, by id. Some dozen queries for 500 people."""
    return [profile for some in batches(sorted(set(person_ids)), 500) for profile in _load(tx, shop_id, some)]


def _load(tx: Tx, shop_id: int, ids: list[int]) -> list[Profile]:
    currency = tx.execute(select(shops.c.currency).where(shops.c.id == shop_id)).scalar_one()
    rows = tx.execute(select(people).where(people.c.shop_id == shop_id, people.c.id.in_(ids)).order_by(people.c.id))
    countries = _lists(tx, _of(person_countries.c.country, shop_id, ids))
    tags = _lists(tx, _of(person_tags.c.tag, shop_id, ids, not_(person_tags.c.removed)))
    subscribed = _lists(tx, _of(subscriptions.c.id, shop_id, ids, subscriptions.c.state == "active"))
    placed = _orders(tx, shop_id, ids)
    where = load_points.points(tx, shop_id, ids)
    told = load_told.load(tx, shop_id, ids)
    paths = shopper_facts.paths(tx, shop_id)
    behaviour = load_behaviour.load(tx, shop_id, ids)
    pushes = load_engagement.pushes(tx, shop_id, ids)
    browsers = load_engagement.browsers(tx, shop_id, ids)
    events = load_elsewhere.events(tx, shop_id, ids)
    answers = load_elsewhere.declared(tx, shop_id, ids)
    located = load_located.load(tx, shop_id, ids)
    liked, on_lists = habits_of(tx, shop_id, ids), lists_of(tx, shop_id, ids)
    return [
        Profile(
            shop_id=shop_id,
            person_id=row.id,
            customer_id=row.customer_id,
            deleted=row.customer_deleted_at is not None,
            locale=row.locale,
            currency=currency,
            customer_added_at=row.customer_added_at,
            number_of_orders=row.number_of_orders,
            amount_spent=row.amount_spent,
            first_order_at=row.first_order_at,
            last_order_at=row.last_order_at,
            push_subscribed=row.id in subscribed,
            countries=frozenset(countries[row.id]),
            tags=frozenset(tags[row.id]),
            orders=tuple(placed[row.id]),
            email_status=row.email_status,
            sms_status=row.sms_status,
            points=tuple(where[row.id]),
            standing=load_told.standing(row),
            spots=told[row.id].spots,
            credits=told[row.id].credits,
            companies=told[row.id].companies,
            metafields=told[row.id].metafields,
            facts={fact: told[row.id].metafields[at] for fact, at in paths.items() if at in told[row.id].metafields},
            views=behaviour[row.id].deeds,
            visits=behaviour[row.id].visits,
            cart_lines=behaviour[row.id].cart_lines,
            pushes=tuple(pushes[row.id]),
            browsers=tuple(browsers[row.id]),
            push_subscribed_at=row.push_subscribed_at,
            custom_events=tuple(events[row.id]),
            answers=tuple(answers[row.id]),
            located=tuple(located[row.id]),
            cycle=cycle_of(row),
            habits=liked.get(row.id, NOTHING),
            lists=on_lists[row.id],
        )
        for row in rows
    ]


def _of(value: Column[Any], shop_id: int, ids: list[int], *conditions: ColumnElement[bool]) -> Select[tuple[int, Any]]:
    """(person, value) of these people."""
    table = value.table.c
    return select(table.person_id, value).where(table.shop_id == shop_id, table.person_id.in_(ids), *conditions)


def _lists(tx: Tx, found: Select[tuple[int, Any]]) -> defaultdict[int, list[Any]]:
    lists: defaultdict[int, list[Any]] = defaultdict(list)
    for key, value in tx.execute(found):
        lists[key].append(value)
    return lists


def _orders(tx: Tx, shop_id: int, ids: list[int]) -> defaultdict[int, list[Order]]:
    lines: defaultdict[int, list[OrderLine]] = defaultdict(list)
    bought = tx.execute(
        select(order_lines)
        .where(order_lines.c.shop_id == shop_id, order_lines.c.person_id.in_(ids))
        .order_by(order_lines.c.order_id, order_lines.c.position)
    ).all()
    product_ids = {line.product_id for line in bought if line.product_id is not None}
    tags, known = _product_tags(tx, shop_id, product_ids), _products(tx, shop_id, product_ids)
    for line in bought:
        held = frozenset(tags.get(line.product_id, ()))
        found = OrderLine(line.order_id, line.placed_at, line.product_id, line.quantity, held, line.price)
        vendor, its_type, category = known.get(line.product_id, (None, None, None))
        lines[line.order_id].append(replace(found, vendor=vendor, product_type=its_type, category=category))
    used = _discounts(tx, shop_id, ids)
    placed: defaultdict[int, list[Order]] = defaultdict(list)
    counting = (orders.c.shop_id == shop_id, not_(orders.c.test), orders.c.deleted_at.is_(None))
    for row in tx.execute(
        select(orders).where(*counting, orders.c.person_id.in_(ids)).order_by(orders.c.placed_at, orders.c.order_id)
    ):
        order = Order(
            order_id=row.order_id,
            placed_at=row.placed_at,
            total=row.total,
            refunded=row.refunded,
            app_id=row.app_id,
            location_id=row.location_id,
            lines=tuple(lines[row.order_id]),
            channel=row.source_name,
            hour=row.hour,
            weekday=row.weekday,
            discounts=frozenset(used[row.order_id]),
            name=row.name,
        )
        placed[row.person_id].append(order)
    return placed


def _discounts(tx: Tx, shop_id: int, ids: list[int]) -> defaultdict[int, list[tuple[str, str]]]:
    """By order, of these people's orders."""
    theirs = (orders.c.shop_id == order_discounts.c.shop_id) & (orders.c.order_id == order_discounts.c.order_id)
    of = order_discounts.c
    query = select(of.order_id, of.kind, of.key).join(orders, theirs).where(of.shop_id == shop_id)
    found: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for order_id, kind, key in tx.execute(query.where(orders.c.person_id.in_(ids))):
        found[order_id].append((kind, key))
    return found


_Sorted: TypeAlias = tuple[str | None, str | None, str | None]


def _products(tx: Tx, shop_id: int, product_ids: set[int]) -> dict[int | None, _Sorted]:
    """Vendor, type and category of products."""
    found: dict[int | None, _Sorted] = {}
    of = products.c
    for some in batches(sorted(product_ids), 5_000):
        these = select(of.product_id, of.vendor, of.product_type, of.category).where(
            of.shop_id == shop_id, of.product_id.in_(some)
        )
        for row in tx.execute(these):
            found[row.product_id] = row.vendor, row.product_type, row.category
    return found


def _product_tags(tx: Tx, shop_id: int, product_ids: set[int]) -> defaultdict[int, list[str]]:
    tags: defaultdict[int, list[str]] = defaultdict(list)
    for some in batches(sorted(product_ids), 5_000):
        these = (product_tags.c.shop_id == shop_id, product_tags.c.product_id.in_(some))
        for product_id, key in tx.execute(select(product_tags.c.product_id, product_tags.c.key).where(*these)):
            tags[product_id].append(key)
    return tags
