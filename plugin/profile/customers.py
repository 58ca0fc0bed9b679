"""Customers: when they came, their language, countries and tags. Each of these has a version of its own,
since not every payload tells all of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, func, or_, select

from plugin.ingest.events import CountriesFound, CustomerChanged, CustomerDeleted, CustomerTagged, Event
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import people, person_countries, person_tags
from plugin.store.upsert import insert_new, upsert

from . import identity
from .news import NEVER, newest, of_kind


def apply(tx: Tx, shop_id: int, events: Sequence[Event], now: datetime) -> set[int]:
    """Gives the persons who changed."""
    changed = of_kind(events, CustomerChanged)
    tagged = of_kind(events, CustomerTagged)
    found = of_kind(events, CountriesFound)
    deleted = of_kind(events, CustomerDeleted)
    named = {event.customer_id for some in (changed, tagged, found, deleted) for event in some}
    if not named:
        return set()
    person = identity.customers(tx, shop_id, named, now)
    _details(tx, changed, person)
    _all_countries(tx, shop_id, changed, person)
    _all_tags(tx, shop_id, changed, person)
    _some_tags(tx, shop_id, tagged, person)
    more = [_country(shop_id, person[event.customer_id], land, NEVER) for event in found for land in event.countries]
    insert_new(tx, person_countries, more)
    for gone in deleted:
        since = func.coalesce(people.c.customer_deleted_at, gone.at)
        tx.execute(people.update().where(people.c.id == person[gone.customer_id]).values(customer_deleted_at=since))
    return set(person.values())


def add_countries(tx: Tx, shop_id: int, seen: Iterable[tuple[int, str, datetime]]) -> None:
    """Countries of orders' addresses: (person, country, placed at). They count when newer than the last full list."""
    rows = list(seen)
    listed = _versions(tx, {person_id for person_id, _, _ in rows}, "countries_at")
    newer = {
        (person_id, country): _country(shop_id, person_id, country, at)
        for person_id, country, at in sorted(rows)
        if at > listed.get(person_id, NEVER)
    }
    upsert(tx, person_countries, list(newer.values()), key=("person_id", "country"), newer="changed_at")


def _details(tx: Tx, changed: Sequence[CustomerChanged], person: dict[int, int]) -> None:
    """What stands in the person's own row."""
    _update_newer(tx, _newest_saying(changed, lambda event: True), person, "customer_updated_at", {})
    _update_newer(
        tx,
        _newest_saying(changed, lambda event: event.locale is not None),
        person,
        "locale_at",
        {"locale": lambda event: event.locale},
    )
    added = {event.customer_id: event.added_at for event in changed if event.added_at is not None}
    if added:  # it never changes, so it needs no version
        tx.execute(
            people.update().where(people.c.id == bindparam("of")).values(customer_added_at=bindparam("at")),
            [{"of": person[customer_id], "at": at} for customer_id, at in added.items()],
        )


def _all_countries(tx: Tx, shop_id: int, changed: Sequence[CustomerChanged], person: dict[int, int]) -> None:
    fresh = _replacing(
        tx,
        changed,
        person,
        table=person_countries,
        version="countries_at",
        says=lambda event: event.countries is not None,
    )
    rows = [
        _country(shop_id, person[event.customer_id], country, event.updated_at)
        for event in fresh
        for country in dict.fromkeys(event.countries or ())
    ]
    insert_new(tx, person_countries, rows)


def _all_tags(tx: Tx, shop_id: int, changed: Sequence[CustomerChanged], person: dict[int, int]) -> None:
    fresh = _replacing(
        tx, changed, person, table=person_tags, version="tags_at", says=lambda event: event.tags is not None
    )
    rows = [
        _tag(shop_id, person[event.customer_id], tag, at=event.updated_at, removed=False)
        for event in fresh
        for tag in {tag.casefold(): tag for tag in event.tags or ()}.values()
    ]
    insert_new(tx, person_tags, rows)


def _some_tags(tx: Tx, shop_id: int, tagged: Sequence[CustomerTagged], person: dict[int, int]) -> None:
    listed = _versions(tx, {person[event.customer_id] for event in tagged}, "tags_at")
    told = [
        _tag(shop_id, person[event.customer_id], tag, at=event.at, removed=removed)
        for event in tagged
        for removed, tags in ((False, event.added), (True, event.removed))
        for tag in tags
        if event.at > listed.get(person[event.customer_id], NEVER)
    ]
    latest = newest(told, lambda row: (row["person_id"], row["key"]), lambda row: row["changed_at"])
    upsert(tx, person_tags, list(latest.values()), key=("person_id", "key"), newer="changed_at")


def _replacing(
    tx: Tx,
    changed: Sequence[CustomerChanged],
    person: dict[int, int],
    *,
    table: Table,
    version: str,
    says: Callable[[CustomerChanged], bool],
) -> list[CustomerChanged]:
    """The events whose full list replaces what `table` holds; rows of newer single news stay."""
    latest = _newest_saying(changed, says)
    listed = _versions(tx, {person[event.customer_id] for event in latest}, version)
    fresh = [event for event in latest if listed.get(person[event.customer_id], NEVER) <= event.updated_at]
    _update_newer(tx, fresh, person, version, {})
    if fresh:
        older = or_(table.c.changed_at.is_(None), table.c.changed_at <= bindparam("at"))
        tx.execute(
            table.delete().where(table.c.person_id == bindparam("of"), older),
            [{"of": person[event.customer_id], "at": event.updated_at} for event in fresh],
        )
    return fresh


def _newest_saying(
    changed: Sequence[CustomerChanged], says: Callable[[CustomerChanged], bool]
) -> list[CustomerChanged]:
    telling = [event for event in changed if says(event)]
    return list(newest(telling, lambda event: event.customer_id, lambda event: event.updated_at).values())


def _update_newer(
    tx: Tx,
    events: Sequence[CustomerChanged],
    person: dict[int, int],
    version: str,
    columns: dict[str, Callable[[CustomerChanged], Any]],
) -> None:
    if not events:
        return
    older = or_(people.c[version].is_(None), people.c[version] <= bindparam("at"))
    values: dict[str, Any] = {version: bindparam("at")} | {name: bindparam(f"new_{name}") for name in columns}
    tx.execute(
        people.update().where(people.c.id == bindparam("of"), older).values(values),
        [
            {"of": person[event.customer_id], "at": event.updated_at}
            | {f"new_{name}": value(event) for name, value in columns.items()}
            for event in events
        ],
    )


def _versions(tx: Tx, person_ids: Collection[int], version: str) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for some in batches(person_ids, 1_000):
        query = select(people.c.id, people.c[version]).where(people.c.id.in_(some), people.c[version].is_not(None))
        found.update(tx.execute(query).all())
    return found


def _country(shop_id: int, person_id: int, country: str, at: datetime) -> dict[str, Any]:
    return {"shop_id": shop_id, "person_id": person_id, "country": country, "changed_at": at}


def _tag(shop_id: int, person_id: int, tag: str, *, at: datetime, removed: bool) -> dict[str, Any]:
    return {
        "shop_id": shop_id,
        "person_id": person_id,
        "tag": tag,
        "key": tag.casefold(),
        "changed_at": at,
        "removed": removed,
    }
