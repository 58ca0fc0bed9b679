"""Who is who: a visitor is a browser, a person is one human as far as we know, a customer is one whom Shopify knows.

An anonymous person who turns out to be a customer becomes it: everything of theirs moves. Two customers become one only
when Shopify says so (merges.py): the row of the lost one stays as a signpost, `merged_into` the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, exists, select

from plugin.ingest import tombstones
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import (
    answers,
    carts,
    checkouts,
    consents,
    custom_events,
    deliveries,
    enrollments,
    list_members,
    order_lines,
    orders,
    people,
    person_companies,
    person_countries,
    person_located,
    person_metafields,
    person_places,
    person_tags,
    shops,
    store_credits,
    subscriptions,
    views,
    visitors,
    visits,
)

from . import agreed, memberships, metrics
from .memberships import EVENT, Cause

_HOLD = select(shops.c.id).where(shops.c.id == bindparam("shop")).with_for_update(key_share=True)
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_CUSTOMERS = select(people.c.customer_id, people.c.id, people.c.merged_into).where(
    people.c.shop_id == bindparam("shop"), people.c.customer_id.in_(_IDS)
)
_ONWARD = select(people.c.id, people.c.merged_into).where(people.c.shop_id == bindparam("shop"), people.c.id.in_(_IDS))
_STILL_THERE = select(people.c.id).where(people.c.shop_id == bindparam("shop"), people.c.id.in_(_IDS))
_MOVING = (
    list_members,
    visitors,
    subscriptions,
    consents,
    carts,
    checkouts,
    views,
    visits,
    custom_events,
    answers,
    person_located,
    enrollments,
    orders,
    order_lines,
    person_tags,
    person_countries,
    person_places,
    person_metafields,
    person_companies,
    store_credits,
)


def hold(tx: Tx, shop_id: int) -> None:
    """One at a time per shop: until the end of `tx`, nobody else changes profiles of this shop.

    So what follows may read and write as if it were alone. (SQLite has one writer anyway; `NO KEY` lets others
    insert rows that point to the shop.)
    """
    tx.execute(_HOLD, {"shop": shop_id})


def person_of(tx: Tx, shop_id: int, *, visitor: str, customer_id: int | None, now: datetime) -> int:
    """The person behind a browser, found or made; `customer_id` when Shopify says who is logged in."""
    hold(tx, shop_id)
    if customer_id is not None and not _find_customers(tx, shop_id, {customer_id}):
        tombstones.returned(
            tx, shop_id, tombstones.CUSTOMER, customer_id, now
        )  # an erased customer, here by themselves
    known = _visitor(tx, shop_id, visitor)
    if known is None:
        person_id = new_anonymous(tx, shop_id, now) if customer_id is None else customer(tx, shop_id, customer_id, now)
        tx.execute(
            visitors.insert().values(
                shop_id=shop_id, person_id=person_id, token=visitor, created_at=now, last_seen_at=now
            )
        )
        memberships.mark(tx, shop_id, [person_id], Cause(EVENT, "the first visit"), now)
        return person_id
    tx.execute(
        visitors.update().where(visitors.c.id == known.id, visitors.c.last_seen_at < now).values(last_seen_at=now)
    )
    if customer_id is None or customer_id == known.customer_id:
        return int(known.person_id)
    return _recognise(tx, shop_id, known, customer_id, now)


def customer(tx: Tx, shop_id: int, customer_id: int, now: datetime) -> int:
    """The person who is this customer, found or made."""
    return customers(tx, shop_id, {customer_id}, now)[customer_id]


def customers(tx: Tx, shop_id: int, customer_ids: Collection[int], now: datetime) -> dict[int, int]:
    """Customer id → person id, found or made; the id of a lost customer → the person who is it now."""
    return {customer_id: one.person_id for customer_id, one in sources(tx, shop_id, customer_ids, now).items()}


@dataclass(frozen=True, slots=True)
class Source:
    """A customer's own row, and the person who they are: another one's row when the two were merged."""

    id: int
    person_id: int


def sources(tx: Tx, shop_id: int, customer_ids: Collection[int], now: datetime) -> dict[int, Source]:
    """Customer id → where news of this customer is written down, found or made."""
    found = _find_customers(tx, shop_id, customer_ids)
    missing = sorted(set(customer_ids) - found.keys())
    if missing:
        tx.execute(people.insert(), [{"shop_id": shop_id, "customer_id": one, "created_at": now} for one in missing])
        new = _find_customers(tx, shop_id, missing)
        _claim_checkouts(tx, shop_id, missing)
        memberships.mark(tx, shop_id, [one.id for one in new.values()], Cause(EVENT, "the first news of them"), now)
        found |= new
    return found


def known(tx: Tx, shop_id: int, customer_ids: Collection[int]) -> dict[int, int]:
    """Customer id → person id, of those customers whom we have; of a lost customer the person who it is now."""
    return {customer_id: one.person_id for customer_id, one in _find_customers(tx, shop_id, customer_ids).items()}


def rows_of(tx: Tx, shop_id: int, customer_id: int) -> list[int]:
    """The rows of everybody who this customer is or was: the person's own first, then those merged into it."""
    known = _find_customers(tx, shop_id, {customer_id}).get(customer_id)
    found: list[int] = []
    new = [known.person_id] if known else []
    while new:
        found += new
        below = select(people.c.id).where(people.c.shop_id == shop_id, people.c.merged_into.in_(new))
        new = list(tx.execute(below.order_by(people.c.id)).scalars())
    return found


def link(tx: Tx, shop_id: int, one: int, other: int, now: datetime) -> int:
    """Two persons seem to be one: the anonymous one becomes the other. Gives the person who stays.

    Two different customers stay two (a family's tablet); then it is `one`.
    """
    if one == other:
        return one
    known = dict(tx.execute(select(people.c.id, people.c.customer_id).where(people.c.id.in_((one, other)))).all())
    if known[one] is not None and known[other] is not None:
        return one
    kept, gone = (one, other) if known[one] is not None or (known[other] is None and one < other) else (other, one)
    merge(tx, shop_id, gone=gone, kept=kept, now=now)
    return kept


def merge(tx: Tx, shop_id: int, *, gone: int, kept: int, now: datetime) -> None:
    """Everything of `gone`, who is no customer, becomes that of `kept`."""
    move(tx, shop_id, gone=gone, kept=kept, now=now)
    if tx.execute(select(exists().where(deliveries.c.person_id == gone))).scalar():
        # A campaign reached both before we knew: its deliveries must go on adding up, so the row stays, as nobody's.
        tx.execute(people.update().where(people.c.id == gone).values(customer_deleted_at=now))
    else:
        tx.execute(people.delete().where(people.c.id == gone, people.c.shop_id == shop_id))
    metrics.recompute(tx, shop_id, {gone, kept})


def move(tx: Tx, shop_id: int, *, gone: int, kept: int, now: datetime) -> None:
    """What is `gone`'s is `kept`'s, but places on lists that have both, and deliveries of campaigns that reached both:
    one person has one of each."""
    on_it = select(list_members.c.list_id).where(list_members.c.person_id == kept)
    tx.execute(list_members.delete().where(list_members.c.person_id == gone, list_members.c.list_id.in_(on_it)))
    for table in _MOVING:
        tx.execute(table.update().where(table.c.person_id == gone).values(person_id=kept))
    twice = select(deliveries.c.campaign_id).where(
        deliveries.c.person_id == kept, deliveries.c.campaign_id.is_not(None)
    )
    once = deliveries.c.campaign_id.is_(None) | deliveries.c.campaign_id.not_in(twice)
    tx.execute(deliveries.update().where(deliveries.c.person_id == gone, once).values(person_id=kept))
    agreed.note(tx, {gone, kept})
    memberships.move(tx, shop_id, gone=gone, kept=kept, now=now)


def still_there(tx: Tx, shop_id: int, person_ids: Collection[int]) -> frozenset[int]:
    """Those of the persons who have not become somebody else meanwhile."""
    found: set[int] = set()
    for some in batches(person_ids, 1_000):
        found.update(tx.execute(_STILL_THERE, {"shop": shop_id, "ids": some}).scalars())
    return frozenset(found)


def _recognise(tx: Tx, shop_id: int, visitor: Row[*tuple[Any, ...]], customer_id: int, now: datetime) -> int:
    mine = int(visitor.person_id)
    known = _find_customers(tx, shop_id, {customer_id}).get(customer_id)
    theirs = known.person_id if known else None
    if theirs == mine:
        return mine
    if visitor.customer_id is None and theirs is None:
        tx.execute(people.update().where(people.c.id == mine).values(customer_id=customer_id))
        _claim_checkouts(tx, shop_id, [customer_id])
        memberships.mark(tx, shop_id, [mine], Cause(EVENT, "became a customer"), now)
        return mine
    if visitor.customer_id is None and theirs is not None:
        merge(tx, shop_id, gone=mine, kept=theirs, now=now)
        return theirs
    theirs = theirs or customer(tx, shop_id, customer_id, now)  # somebody else logged in on this browser
    tx.execute(visitors.update().where(visitors.c.id == visitor.id).values(person_id=theirs))
    return theirs


def _claim_checkouts(tx: Tx, shop_id: int, customer_ids: Sequence[int]) -> None:
    """Checkouts that named these customers before we knew them."""
    theirs = people.c.shop_id == shop_id, people.c.customer_id == checkouts.c.customer_id
    whose = select(people.c.id).where(*theirs).scalar_subquery()
    for some in batches(customer_ids, 1_000):
        mine = checkouts.c.shop_id == shop_id, checkouts.c.customer_id.in_(some)
        tx.execute(checkouts.update().where(*mine).values(person_id=whose))


def _visitor(tx: Tx, shop_id: int, token: str) -> Row[*tuple[Any, ...]] | None:
    return tx.execute(
        select(visitors.c.id, visitors.c.person_id, people.c.customer_id)
        .join(people, people.c.id == visitors.c.person_id)
        .where(visitors.c.shop_id == shop_id, visitors.c.token == token)
    ).one_or_none()


def new_anonymous(tx: Tx, shop_id: int, now: datetime) -> int:
    """Somebody of whom nothing is known yet."""
    return int(tx.execute(people.insert().values(shop_id=shop_id, created_at=now).returning(people.c.id)).scalar_one())


def _find_customers(tx: Tx, shop_id: int, customer_ids: Collection[int]) -> dict[int, Source]:
    found: dict[int, Source] = {}
    onward: dict[int, int] = {}
    for some in batches(customer_ids, 1_000):
        for customer_id, row_id, merged_into in tx.execute(_CUSTOMERS, {"shop": shop_id, "ids": some}):
            found[customer_id] = Source(row_id, row_id)
            if merged_into is not None:
                onward[customer_id] = merged_into
    ends = _ends(tx, shop_id, onward.values()) if onward else {}
    return found | {customer_id: Source(found[customer_id].id, ends[into]) for customer_id, into in onward.items()}


def _ends(tx: Tx, shop_id: int, row_ids: Iterable[int]) -> dict[int, int]:
    """Where the signposts from these rows lead in the end."""
    ends = {row_id: row_id for row_id in row_ids}
    while True:
        rows = tx.execute(_ONWARD, {"shop": shop_id, "ids": sorted(set(ends.values()))})
        onward = {row_id: into for row_id, into in rows if into is not None}
        if not onward:
            return ends
        ends = {row_id: onward.get(end, end) for row_id, end in ends.items()}
