"""What the Subscribers pages read: the list with its search, and all about one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, FromClause, Row, Select, func, or_, select

from plugin.base.errors import NotFound
from plugin.store.engine import Tx
from plugin.store.tables import (
    automations,
    campaigns,
    consents,
    deliveries,
    enrollments,
    facts,
    orders,
    people,
    person_countries,
    person_tags,
    subscriptions,
)

from .browsers import browser_of

STATES = ("active", "unsubscribed", "gone")


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One browser that agreed once, as the list shows it."""

    person_id: int
    customer_id: int | None
    state: str
    ended_why: str | None
    created_at: datetime
    last_seen_at: datetime
    browser: str
    place: str
    number_of_orders: int


def matching(
    tx: Tx, shop_id: int, state: str | None, search: str, *, limit: int, offset: int
) -> tuple[int, list[Subscriber]]:
    """How many browsers match, and one page of them, the newest first. Of a million, only the page's are read whole."""
    of = subscriptions.c
    joined = subscriptions.join(people, people.c.id == of.person_id)
    found = select(of.id, of.created_at).where(of.shop_id == shop_id)
    if state in STATES:
        found = found.where(of.state == state)
    if words := search.strip().lstrip("#"):
        hits: FromClause = _all_at_once(found.select_from(joined).where(_fits(shop_id, words)))
    else:
        hits = found.subquery()
    total = tx.execute(select(func.count()).select_from(hits)).scalar_one()
    ids = select(hits.c.id).order_by(hits.c.created_at.desc(), hits.c.id.desc()).limit(limit).offset(offset).subquery()
    country = (
        select(func.min(person_countries.c.country))
        .where(person_countries.c.person_id == people.c.id)
        .scalar_subquery()
    )
    rows = tx.execute(
        select(subscriptions, people.c.customer_id, people.c.number_of_orders, country.label("country"))
        .select_from(joined.join(ids, ids.c.id == of.id))
        .order_by(of.created_at.desc(), of.id.desc())
    )
    return total, [_subscriber(row) for row in rows]


def _all_at_once(found: Select[Any]) -> CTE:
    """Hits that are looked for together and sorted afterwards: PostgreSQL would go from the newest browser to the
    oldest and look each person up, which takes ten times as long where few fit."""
    return found.cte("hits").prefix_with("MATERIALIZED", dialect="postgresql")


def counts(tx: Tx, shop_id: int) -> dict[str, int]:
    """Browsers by state."""
    state = subscriptions.c.state
    found = tx.execute(select(state, func.count()).where(subscriptions.c.shop_id == shop_id).group_by(state))
    return {name: number for name, number in found}  # noqa: C416  rows are tuples, dict() does not know it


@dataclass(frozen=True, slots=True)
class Person:
    """All that the page of one person shows besides segments."""

    row: Row[Any]
    countries: list[str]
    tags: list[str]
    browsers: list[tuple[str, Row[Any]]]
    orders: list[Row[Any]]
    messages: list[Row[Any]]

    @property
    def label(self) -> str:
        name = " ".join(part for part in (self.row.first_name, self.row.last_name) if part)
        if name:
            return name
        return f"Customer {self.row.customer_id}" if self.row.customer_id else f"Visitor {self.row.id}"


def find(tx: Tx, shop_id: int, person_id: int) -> Person:
    """One person of this shop. Raises NotFound."""
    row = tx.execute(select(people).where(people.c.shop_id == shop_id, people.c.id == person_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such person in this shop.")
    mine = person_id
    lands = select(person_countries.c.country).where(person_countries.c.person_id == mine)
    countries = lands.distinct().order_by(person_countries.c.country)
    tags = select(person_tags.c.tag).where(person_tags.c.person_id == mine, ~person_tags.c.removed).order_by("key")
    bought = (
        select(orders)
        .where(orders.c.person_id == mine, orders.c.deleted_at.is_(None))
        .order_by(orders.c.placed_at.desc())
        .limit(20)
    )
    return Person(
        row=row,
        countries=list(tx.execute(countries).scalars()),
        tags=list({tag.casefold(): tag for tag in tx.execute(tags).scalars()}.values()),
        browsers=[(browser_of(found.user_agent, found.service), found) for found in tx.execute(_agreements(mine))],
        orders=list(tx.execute(bought)),
        messages=list(tx.execute(_messages(mine))),
    )


def _fits(shop_id: int, search: str) -> ColumnElement[bool]:
    tagged, lives, ordered = person_tags.c, person_countries.c, orders.c
    hits = [
        people.c.id.in_(
            select(tagged.person_id).where(tagged.shop_id == shop_id, tagged.key == search.casefold(), ~tagged.removed)
        ),
        people.c.id.in_(select(lives.person_id).where(lives.shop_id == shop_id, lives.country == search.upper())),
        people.c.id.in_(
            select(ordered.person_id).where(ordered.shop_id == shop_id, ordered.name.in_([search, f"#{search}"]))
        ),
        subscriptions.c.user_agent.contains(search, autoescape=True),
        *(func.lower(people.c[name]) == search.lower() for name in ("first_name", "last_name", "email", "phone")),
    ]
    if search.isascii() and search.isdigit() and len(search) < 19:
        hits.append(people.c.customer_id == int(search))
    return or_(*hits)


def _subscriber(row: Row[Any]) -> Subscriber:
    return Subscriber(
        person_id=row.person_id,
        customer_id=row.customer_id,
        state=row.state,
        ended_why=row.ended_why,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        browser=browser_of(row.user_agent, row.service),
        place=row.country or (row.timezone or "").rpartition("/")[2].replace("_", " "),
        number_of_orders=row.number_of_orders,
    )


def _agreements(person_id: int) -> Any:
    """Subscriptions with what the person read and where when they agreed last."""
    ledger = consents.alias()
    granted = [ledger.c.subscription_id == subscriptions.c.id, ledger.c.kind == "granted"]
    last = select(func.max(ledger.c.id)).where(*granted).correlate(subscriptions).scalar_subquery()
    return (
        select(subscriptions, consents.c.page, consents.c.wording)
        .select_from(subscriptions)
        .outerjoin(consents, consents.c.id == last)
        .where(subscriptions.c.person_id == person_id)
        .order_by(subscriptions.c.created_at.desc())
    )


def _messages(person_id: int) -> Any:
    def came_back(kind: str) -> Any:
        here = [facts.c.delivery_id == deliveries.c.id, facts.c.kind == kind]
        return select(facts.c.id).where(*here).correlate(deliveries).exists().label(kind)

    return (
        select(deliveries, campaigns.c.name, automations.c.recipe, came_back("shown"), came_back("clicked"))
        .select_from(deliveries)
        .outerjoin(campaigns, campaigns.c.id == deliveries.c.campaign_id)
        .outerjoin(enrollments, enrollments.c.id == deliveries.c.enrollment_id)
        .outerjoin(automations, automations.c.id == enrollments.c.automation_id)
        .where(deliveries.c.person_id == person_id)
        .order_by(deliveries.c.id.desc())
        .limit(20)
    )
