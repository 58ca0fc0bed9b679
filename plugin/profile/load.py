"""One person as a frozen `Profile`: what a segment's in-memory reading, a message and an explanation look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Select, not_, select

from plugin.base.errors import NotFound
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import people, person_countries, person_tags, shops, subscriptions

from . import (
    load_behaviour,
    load_elsewhere,
    load_engagement,
    load_located,
    load_orders,
    load_points,
    load_told,
    shopper_facts,
)
from .load_behaviour import Behaviour, CartLine, Deed, Visited
from .load_elsewhere import Answer, CustomEvent
from .load_engagement import Browser, Push
from .load_habits import NOTHING, PROSPECT, Cycle, Habits, cycle_of, habits_of, lists_of
from .load_located import Whereabouts
from .load_orders import Order
from .load_points import Point
from .load_told import Credit, Field, Spot, Standing, Told
from .shopper_facts import Path


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
    """Birthday, gender… as they said themselves, or as a metafield tells (profile/shopper_facts.py)."""
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


@dataclass(frozen=True, slots=True)
class _Parts:
    """What some people's profiles are made of besides their own rows: by person, but the shop's currency and `paths`,
    where the shop's metafields tell facts."""

    currency: str
    paths: Mapping[str, Path]
    countries: Mapping[int, Sequence[str]]
    tags: Mapping[int, Sequence[str]]
    subscribed: Mapping[int, Sequence[int]]
    orders: Mapping[int, Sequence[Order]]
    points: Mapping[int, Sequence[Point]]
    told: Mapping[int, Told]
    behaviour: Mapping[int, Behaviour]
    pushes: Mapping[int, Sequence[Push]]
    browsers: Mapping[int, Sequence[Browser]]
    events: Mapping[int, Sequence[CustomEvent]]
    answers: Mapping[int, Sequence[Answer]]
    located: Mapping[int, Sequence[Whereabouts]]
    habits: Mapping[int, Habits]
    lists: Mapping[int, frozenset[str]]


def _load(tx: Tx, shop_id: int, ids: list[int]) -> list[Profile]:
    rows = tx.execute(select(people).where(people.c.shop_id == shop_id, people.c.id.in_(ids)).order_by(people.c.id))
    parts = _parts(tx, shop_id, ids)
    return [_profile(row, parts) for row in rows]


def _parts(tx: Tx, shop_id: int, ids: list[int]) -> _Parts:
    return _Parts(
        currency=tx.execute(select(shops.c.currency).where(shops.c.id == shop_id)).scalar_one(),
        paths=shopper_facts.paths(tx, shop_id),
        countries=_lists(tx, _of(person_countries.c.country, shop_id, ids)),
        tags=_lists(tx, _of(person_tags.c.tag, shop_id, ids, not_(person_tags.c.removed))),
        subscribed=_lists(tx, _of(subscriptions.c.id, shop_id, ids, subscriptions.c.state == "active")),
        orders=load_orders.load(tx, shop_id, ids),
        points=load_points.points(tx, shop_id, ids),
        told=load_told.load(tx, shop_id, ids),
        behaviour=load_behaviour.load(tx, shop_id, ids),
        pushes=load_engagement.pushes(tx, shop_id, ids),
        browsers=load_engagement.browsers(tx, shop_id, ids),
        events=load_elsewhere.events(tx, shop_id, ids),
        answers=load_elsewhere.declared(tx, shop_id, ids),
        located=load_located.load(tx, shop_id, ids),
        habits=habits_of(tx, shop_id, ids),
        lists=lists_of(tx, shop_id, ids),
    )


def _of(value: Column[Any], shop_id: int, ids: list[int], *conditions: ColumnElement[bool]) -> Select[tuple[int, Any]]:
    """(person, value) of these people."""
    table = value.table.c
    return select(table.person_id, value).where(table.shop_id == shop_id, table.person_id.in_(ids), *conditions)


def _lists(tx: Tx, found: Select[tuple[int, Any]]) -> defaultdict[int, list[Any]]:
    lists: defaultdict[int, list[Any]] = defaultdict(list)
    for key, value in tx.execute(found):
        lists[key].append(value)
    return lists


def _profile(row: Row[Any], parts: _Parts) -> Profile:
    one: int = row.id
    told, behaviour = parts.told[one], parts.behaviour[one]
    return Profile(
        shop_id=row.shop_id,
        person_id=one,
        customer_id=row.customer_id,
        deleted=row.customer_deleted_at is not None,
        locale=row.locale,
        currency=parts.currency,
        customer_added_at=row.customer_added_at,
        number_of_orders=row.number_of_orders,
        amount_spent=row.amount_spent,
        first_order_at=row.first_order_at,
        last_order_at=row.last_order_at,
        push_subscribed=one in parts.subscribed,
        countries=frozenset(parts.countries[one]),
        tags=frozenset(parts.tags[one]),
        orders=tuple(parts.orders[one]),
        email_status=row.email_status,
        sms_status=row.sms_status,
        points=tuple(parts.points[one]),
        standing=load_told.standing(row),
        spots=told.spots,
        credits=told.credits,
        companies=told.companies,
        metafields=told.metafields,
        facts=shopper_facts.known(parts.paths, told.metafields, parts.answers[one]),
        views=behaviour.deeds,
        visits=behaviour.visits,
        cart_lines=behaviour.cart_lines,
        pushes=tuple(parts.pushes[one]),
        browsers=tuple(parts.browsers[one]),
        push_subscribed_at=row.push_subscribed_at,
        custom_events=tuple(parts.events[one]),
        answers=tuple(parts.answers[one]),
        located=tuple(parts.located[one]),
        cycle=cycle_of(row),
        habits=parts.habits.get(one, NOTHING),
        lists=parts.lists[one],
    )
