"""Customers: when they came, their language, countries and tags. Each of these has a version of its own,
since not every payload tells all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam

from plugin.ingest.events import (
    CustomerChanged,
    CustomerDeleted,
    CustomerPartsFound,
    CustomerTagged,
    Event,
    MarketingConsentChanged,
    PurchasesTold,
)
from plugin.ingest.places import Place
from plugin.store.engine import Tx
from plugin.store.tables import people, person_countries, person_places, person_tags
from plugin.store.upsert import insert_new, upsert

from . import contact, families, identity, places, standing, versions, whole_lists
from .identity import Source
from .news import NEVER, earliest, newest, of_kind


def apply(tx: Tx, shop_id: int, events: Sequence[Event], now: datetime) -> tuple[set[int], set[int]]:
    """Gives the persons who changed, and those of them whose sums may differ now."""
    changed = of_kind(events, CustomerChanged)
    tagged = of_kind(events, CustomerTagged)
    found = of_kind(events, CustomerPartsFound)
    deleted = of_kind(events, CustomerDeleted)
    consents = of_kind(events, MarketingConsentChanged)
    sums = of_kind(events, PurchasesTold)
    named = {event.customer_id for some in (changed, tagged, found, deleted, consents, sums) for event in some}
    if not named:
        return set(), set()
    source = identity.sources(tx, shop_id, named, now)
    _details(tx, changed, source)
    contact.write(tx, shop_id, changed, source)
    standing.write(tx, changed, consents, source)
    summed = standing.write_sums(tx, changed, sums, source)
    _all_countries(tx, shop_id, changed, source)
    _all_tags(tx, shop_id, changed, source)
    whole_lists.write(tx, shop_id, changed, source)
    whole_lists.add(tx, shop_id, found, source)
    _some_tags(tx, shop_id, tagged, source)
    more = [_country(shop_id, source[event.customer_id], land, NEVER) for event in found for land in event.countries]
    insert_new(tx, person_countries, more)
    places.listed(tx, shop_id, ((source[event.customer_id], at, NEVER) for event in found for at in event.places))
    for gone in deleted:
        since = earliest(people.c.customer_deleted_at, gone.at)
        row_id = source[gone.customer_id].id
        tx.execute(people.update().where(people.c.id == row_id).values(customer_deleted_at=since))
    who = {one.person_id for one in source.values()}
    families.settle(tx, shop_id, who)
    return who, summed


@dataclass(frozen=True, slots=True)
class Used:
    """The addresses of one order."""

    customer_id: int
    placed_at: datetime
    countries: tuple[str, ...]
    places: tuple[Place, ...]


def add_addresses(tx: Tx, shop_id: int, seen: Sequence[Used], now: datetime) -> None:
    """Countries and places of orders' addresses. Those newer than the last full list count."""
    source = identity.sources(tx, shop_id, {one.customer_id for one in seen}, now)
    listed = versions.versions(tx, {one.id for one in source.values()}, "countries_at")
    newer = {
        (source[customer_id].id, country): _country(shop_id, source[customer_id], country, at)
        for customer_id, country, at in sorted(
            (one.customer_id, country, one.placed_at) for one in seen for country in one.countries
        )
        if at > listed.get(source[customer_id].id, NEVER)
    }
    upsert(tx, person_countries, list(newer.values()), key=("source_id", "country"), newer="changed_at")
    later = sorted((one for one in seen), key=lambda one: one.placed_at)
    later = [one for one in later if one.placed_at > listed.get(source[one.customer_id].id, NEVER)]
    told = ((source[one.customer_id], place, one.placed_at) for one in later for place in one.places)
    places.used(tx, shop_id, told)
    families.settle(tx, shop_id, {one.person_id for one in source.values() if one.id != one.person_id})


def _details(tx: Tx, changed: Sequence[CustomerChanged], source: dict[int, Source]) -> None:
    """What stands in the person's own row."""
    versions.update_newer(tx, versions.newest_saying(changed, lambda event: True), source, "customer_updated_at", {})
    versions.update_newer(
        tx,
        versions.newest_saying(changed, lambda event: event.locale is not None),
        source,
        "locale_at",
        {"locale": lambda event: event.locale, "language": lambda event: language(event.locale)},
    )
    versions.update_newer(
        tx,
        versions.newest_saying(changed, lambda event: event.account_status is not None),
        source,
        "account_status_at",
        {"account_status": lambda event: event.account_status},
    )
    versions.update_newer(
        tx,
        versions.newest_saying(changed, lambda event: event.standing is not None),
        source,
        "standing_at",
        {
            "subscriber_status": lambda event: event.standing and event.standing.subscriber_status,
            "spend_tier": lambda event: event.standing and event.standing.spend_tier,
            "shopify_rfm_group": lambda event: event.standing and event.standing.rfm_group,
        },
    )
    added = {event.customer_id: event.added_at for event in changed if event.added_at is not None}
    if added:  # it never changes, so it needs no version
        tx.execute(
            people.update().where(people.c.id == bindparam("of")).values(customer_added_at=bindparam("at")),
            [{"of": source[customer_id].id, "at": at} for customer_id, at in added.items()],
        )


def language(locale: str | None) -> str | None:
    """`pt-BR` → `pt`."""
    found = re.match("[A-Za-z]{2,3}(?![A-Za-z])", locale or "")
    return found[0].lower() if found else None


def _all_countries(tx: Tx, shop_id: int, changed: Sequence[CustomerChanged], source: dict[int, Source]) -> None:
    fresh = versions.replacing(
        tx,
        changed,
        source,
        tables=(person_countries, person_places),
        version="countries_at",
        says=lambda event: event.countries is not None,
    )
    rows = [
        _country(shop_id, source[event.customer_id], country, event.updated_at)
        for event in fresh
        for country in dict.fromkeys(event.countries or ())
    ]
    insert_new(tx, person_countries, rows)
    told = ((source[event.customer_id], place, event.updated_at) for event in fresh for place in event.places or ())
    places.listed(tx, shop_id, told)


def _all_tags(tx: Tx, shop_id: int, changed: Sequence[CustomerChanged], source: dict[int, Source]) -> None:
    fresh = versions.replacing(
        tx, changed, source, tables=(person_tags,), version="tags_at", says=lambda event: event.tags is not None
    )
    rows = [
        _tag(shop_id, source[event.customer_id], tag, at=event.updated_at, removed=False)
        for event in fresh
        for tag in {tag.casefold(): tag for tag in event.tags or ()}.values()
    ]
    insert_new(tx, person_tags, rows)


def _some_tags(tx: Tx, shop_id: int, tagged: Sequence[CustomerTagged], source: dict[int, Source]) -> None:
    listed = versions.versions(tx, {source[event.customer_id].id for event in tagged}, "tags_at")
    told = [
        _tag(shop_id, source[event.customer_id], tag, at=event.at, removed=removed)
        for event in tagged
        for removed, tags in ((False, event.added), (True, event.removed))
        for tag in tags
        if event.at > listed.get(source[event.customer_id].id, NEVER)
    ]
    latest = newest(told, lambda row: (row["source_id"], row["key"]), lambda row: row["changed_at"])
    upsert(tx, person_tags, list(latest.values()), key=("source_id", "key"), newer="changed_at")


def _country(shop_id: int, of: Source, country: str, at: datetime) -> dict[str, Any]:
    return {"shop_id": shop_id, "person_id": of.person_id, "source_id": of.id, "country": country, "changed_at": at}


def _tag(shop_id: int, of: Source, tag: str, *, at: datetime, removed: bool) -> dict[str, Any]:
    return {
        "shop_id": shop_id,
        "person_id": of.person_id,
        "source_id": of.id,
        "tag": tag,
        "key": tag.casefold(),
        "changed_at": at,
        "removed": removed,
    }
