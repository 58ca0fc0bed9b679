"""A segment less those whom we may not reach: counts for the editor, everybody for a campaign that begins."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, select

from plugin.base.errors import NotFound
from plugin.segment.compile import compile_segment
from plugin.segment.saved import queries
from plugin.segment.sql import condition
from plugin.store.engine import Tx
from plugin.store.tables import people, shops, subscriptions
from plugin.store.upsert import among


@dataclass(frozen=True, slots=True)
class Reach:
    """People in a segment, and how many of them can be sent a push."""

    members: int
    reachable: int


@dataclass(frozen=True, slots=True)
class Member:
    """A person of a segment, to show a merchant whom it means."""

    person_id: int
    customer_id: int | None
    number_of_orders: int
    amount_spent: int
    last_order_at: datetime | None
    reachable: bool
    first_name: str | None = None


def reach(tx: Tx, shop_id: int, query: str, now: datetime) -> Reach:
    """Counts the members of `query` (empty: everybody). Raises SegmentError for a query that cannot be used."""
    return Reach(count(tx, shop_id, query, now), count_reachable(tx, shop_id, query, now))


def count(tx: Tx, shop_id: int, query: str, now: datetime) -> int:
    """How many belong to `query`. Raises SegmentError."""
    here = _members(tx, shop_id, query, now)
    return tx.execute(select(func.count()).select_from(people).where(here)).scalar_one()


def count_reachable(tx: Tx, shop_id: int, query: str, now: datetime) -> int:
    """How many of them can be sent a push. Raises SegmentError."""
    here = _members(tx, shop_id, query, now)
    return tx.execute(select(func.count()).select_from(people).where(here, _reachable())).scalar_one()


def sample(tx: Tx, shop_id: int, query: str, now: datetime, limit: int = 10) -> list[Member]:
    """Some members, those who can be reached and ordered last first."""
    rows = tx.execute(
        select(
            people.c.id,
            people.c.customer_id,
            people.c.number_of_orders,
            people.c.amount_spent,
            people.c.last_order_at,
            _reachable().label("reachable"),
            people.c.first_name,
        )
        .where(_members(tx, shop_id, query, now))
        .order_by(_reachable().desc(), people.c.last_order_at.is_(None), people.c.last_order_at.desc(), people.c.id)
        .limit(limit)
    )
    return [Member(*row) for row in rows]


def everybody(tx: Tx, shop_id: int, query: str, now: datetime) -> Select[tuple[int, int]]:
    """All recipients of `query` by id: the person, and one of the browsers that agreed. Raises SegmentError."""
    agreed = subscriptions.c.person_id == people.c.id, subscriptions.c.state == "active"
    return (
        select(people.c.id, func.max(subscriptions.c.id))
        .join(subscriptions, and_(*agreed))
        .where(_members(tx, shop_id, query, now))
        .group_by(people.c.id)
        .order_by(people.c.id)
    )


def matching(tx: Tx, shop_id: int, query: str, person_ids: Collection[int], now: datetime) -> set[int]:
    """Those of `person_ids` who belong to `query`. Raises SegmentError."""
    found = select(people.c.id).where(among(people.c.id, person_ids), _members(tx, shop_id, query, now))
    return set(tx.execute(found).scalars())


def _members(tx: Tx, shop_id: int, query: str, now: datetime) -> ColumnElement[bool]:
    timezone = tx.execute(select(shops.c.timezone).where(shops.c.id == shop_id)).scalar_one_or_none()
    if timezone is None:
        raise NotFound(f"There is no shop {shop_id}.")
    return condition(compile_segment(query, now=now, timezone=timezone, segments=queries(tx, shop_id)), shop_id)


def _reachable() -> ColumnElement[bool]:
    return exists().where(subscriptions.c.person_id == people.c.id, subscriptions.c.state == "active")
