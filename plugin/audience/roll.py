"""The roll of a campaign: who was in its audience when sending began, person by person, until each has a delivery.

What happens between the beginning and somebody's turn changes their outcome, and not who is counted. The page's row
goes in the transaction that writes its deliveries: a crash repeats nothing and leaves nobody out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import bindparam, delete, exists, select, update

from plugin.base.outcomes import Outcome
from plugin.store.engine import Tx
from plugin.store.tables import audience_pages, deliveries, people, subscriptions
from plugin.store.upsert import among

from .ledger import WITHDRAWN
from .select import everybody

PAGE = 500
"""People a row; also the most a transaction of the fan-out takes."""


_OF_CAMPAIGN: Final = audience_pages.c.campaign_id == bindparam("campaign_id")
_NEXT_PAGE: Final = (
    select(audience_pages.c.id, audience_pages.c.places).where(_OF_CAMPAIGN).order_by(audience_pages.c.id).limit(1)
)
_IS_THERE: Final = select(exists().where(_OF_CAMPAIGN))
_ALIVE: Final = select(people.c.id).where(among(people.c.id, "ids"), people.c.customer_deleted_at.is_(None))
_BROWSERS: Final = (
    select(subscriptions.c.person_id, subscriptions.c.id)
    .where(among(subscriptions.c.person_id, "ids"), subscriptions.c.state == "active")
    .order_by(subscriptions.c.last_seen_at, subscriptions.c.id)
)
_REACHED: Final = select(deliveries.c.person_id).where(
    deliveries.c.campaign_id == bindparam("campaign_id"), among(deliveries.c.person_id, "ids")
)


class Place(NamedTuple):
    """One person on the roll. The browser tells who they are now, should they have become somebody else since."""

    person_id: int
    subscription_id: int


class Recipient(NamedTuple):
    """Whom a place is now, and where to send. `left_out`: the outcome they have already; then there may be nobody."""

    person_id: int | None
    subscription_id: int | None
    left_out: Outcome | None = None


def write(tx: Tx, shop_id: int, campaign_id: int, query: str, now: datetime) -> int:
    """Writes down everybody in `query` who can be reached, less those with a delivery of this campaign; returns how
    many. Memory stays constant. Raises SegmentError."""
    audience = everybody(tx, shop_id, query, now)
    its = deliveries.c.campaign_id == campaign_id
    if tx.execute(select(exists().where(its))).scalar():  # it was begun before
        audience = audience.where(~exists().where(its, deliveries.c.person_id == people.c.id))
    count = 0
    stream = tx.execute(audience.execution_options(stream_results=True, yield_per=PAGE))
    for some in stream.partitions(PAGE):
        places = [list(row) for row in some]
        tx.execute(audience_pages.insert().values(shop_id=shop_id, campaign_id=campaign_id, places=places))
        count += len(places)
    return count


def take(tx: Tx, campaign_id: int, limit: int) -> list[Place]:
    """The next places, off the roll; empty at its end. The caller holds the campaign's row."""
    page = tx.execute(_NEXT_PAGE, {"campaign_id": campaign_id}).one_or_none()
    if page is None:
        return []
    taken, left = page.places[:limit], page.places[limit:]
    here = audience_pages.c.id == page.id
    tx.execute(update(audience_pages).where(here).values(places=left) if left else delete(audience_pages).where(here))
    return [Place(*each) for each in taken]


def is_empty(tx: Tx, campaign_id: int) -> bool:
    """Has everybody on it been taken?"""
    return not tx.execute(_IS_THERE, {"campaign_id": campaign_id}).scalar()


def recipients(tx: Tx, campaign_id: int, places: Sequence[Place]) -> list[Recipient]:
    """Who stands at `places` now, in their order: one for each. Of several browsers the one last seen."""
    persons = _persons(tx, places)
    ids = {person_id for person_id in persons if person_id is not None}
    browsers, reached = _browsers(tx, ids), _reached(tx, campaign_id, ids)
    lost = [one.subscription_id for one, person in zip(places, persons, strict=True) if person not in browsers]
    ended = _ended(tx, lost) if lost else {}
    found: list[Recipient] = []
    for place, person_id in zip(places, persons, strict=True):
        if person_id is None:
            found.append(Recipient(None, None, Outcome.DELETED))
        elif person_id in reached:
            found.append(Recipient(None, None, Outcome.DUPLICATE_PERSON))
        elif person_id in browsers:
            found.append(Recipient(person_id, browsers[person_id]))
        else:
            found.append(Recipient(person_id, None, ended.get(place.subscription_id, Outcome.UNSUBSCRIBED)))
        if person_id is not None:
            reached.add(person_id)
    return found


def _persons(tx: Tx, places: Sequence[Place]) -> list[int | None]:
    """The person at each place: the one on the roll; who that became; or nobody, when they were deleted."""
    there = _alive(tx, {place.person_id for place in places})
    lost = [place.subscription_id for place in places if place.person_id not in there]
    owners = select(subscriptions.c.id, subscriptions.c.person_id).where(among(subscriptions.c.id, lost))
    owner_of = {row.id: row.person_id for row in tx.execute(owners)} if lost else {}
    there |= _alive(tx, set(owner_of.values()))
    now_of = [place.person_id if place.person_id in there else owner_of.get(place.subscription_id) for place in places]
    return [person_id if person_id in there else None for person_id in now_of]


def _alive(tx: Tx, ids: Collection[int]) -> set[int]:
    return set(tx.execute(_ALIVE, {"ids": list(ids)}).scalars().all()) if ids else set()


def _browsers(tx: Tx, ids: Collection[int]) -> dict[int, int]:
    """Person → the browser that was seen last, of those that agree."""
    return dict(tx.execute(_BROWSERS, {"ids": list(ids)}).all())  # the last one stays


def _reached(tx: Tx, campaign_id: int, ids: Collection[int]) -> set[int]:
    """Those who have a delivery of this campaign."""
    return set(tx.execute(_REACHED, {"campaign_id": campaign_id, "ids": list(ids)}).scalars().all())


def _ended(tx: Tx, subscription_ids: Collection[int]) -> dict[int, Outcome]:
    """Subscription → how it ended."""
    of = subscriptions.c
    over = select(of.id, of.state).where(among(of.id, subscription_ids), of.state != "active")
    return {row.id: Outcome.UNSUBSCRIBED if row.state == WITHDRAWN[0] else Outcome.GONE for row in tx.execute(over)}
