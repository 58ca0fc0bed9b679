"""Invents stores: plain rows by table, two shops in each, values near the edges. A subject brings its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle import edges

Row = dict[str, Any]
LONG_AGO = datetime.fromisoformat("2020-01-05T09:00:00+00:00")
MILLION = 10**6
FIRST_IDS = (1, 1_000, 2**31 - 3, 2**40, 2**53 - 2)


@dataclass
class World:
    """`tables` holds the rows, `pools` the values in them that are worth asking for."""

    now: datetime
    shops: list[Row]
    days: list[date]
    offsets: Sequence[str]
    """`-30d`, `+1m`…: relative dates whose days are among `days`."""
    tables: dict[str, list[Row]] = field(default_factory=dict)
    pools: dict[str, list[Any]] = field(default_factory=dict)
    segments: dict[str, str] = field(default_factory=dict)
    """The merchant's other segments: name → query."""

    def add(self, table: str, **row: Any) -> Row:
        self.tables.setdefault(table, []).append(row)
        return row

    def number(self, table: str) -> int:
        """Of the row that comes next, beyond all that a database counts up to by itself."""
        return MILLION + 1 + len(self.tables.get(table, ()))


@dataclass(frozen=True)
class Subject:
    """What a subject puts into a store: values to ask for, what a shop keeps, what a person's life leaves behind."""

    pools: tuple[Callable[[Random, World], None], ...] = ()
    shelve: tuple[Callable[[Random, World, Row], None], ...] = ()
    live: tuple[Callable[[Random, World, Row], None], ...] = ()


def invent(r: Random, subjects: Sequence[Subject]) -> World:
    """Two shops in one store, a few people in each: the same customers, products and words, so that shops can mix."""
    timezone = r.choice(edges.ZONES)
    zone = ZoneInfo(timezone)
    now = edges.now(r, zone)
    first = r.choice(FIRST_IDS[:3])
    shops = [_shop(r, first + n, timezone) for n in range(2)]
    offsets = r.sample(edges.OFFSETS, 5)
    world = World(now, shops, edges.days(r, now.astimezone(zone).date(), zone, offsets), offsets)
    for subject in subjects:
        for pool in subject.pools:
            pool(r, world)
    person_id = r.choice(FIRST_IDS)
    for shop in shops:
        for subject in subjects:
            for shelve in subject.shelve:
                shelve(r, world, shop)
        people: list[Row] = []
        for _ in range(r.randrange(3, 9)):
            people.append(_person(r, world, shop, person_id, people))
            person_id += 1
        _become_others(r, people)
        for person in (one for one in people if one["became"] is None):
            for subject in subjects:
                for live in subject.live:
                    live(r, world, person)
    return world


def moment(r: Random, world: World) -> datetime:
    """Near a day that queries ask for, or near now."""
    if r.random() < 0.2:
        return world.now + r.choice((-1, 0, 1, -3600, -10_800, 10_800)) * timedelta(seconds=1)
    return edges.beside(r, r.choice(world.days), ZoneInfo(world.shops[0]["timezone"]))


def some(r: Random, values: Sequence[Any], most: int = 3) -> list[Any]:
    return r.sample(values, min(len(values), r.randrange(most + 1)))


def perhaps(r: Random, value: Any, chance: float = 0.5) -> Any:
    return value if r.random() < chance else None


def once(values: Sequence[str]) -> dict[str, str]:
    """One word for each casefolded key."""
    return {word.casefold(): word for word in values}


def mine(person: Row) -> Row:
    return {"shop_id": person["shop_id"], "person_id": person["id"]}


def _shop(r: Random, shop_id: int, timezone: str) -> Row:
    return {"id": shop_id, "timezone": timezone, "currency": r.choice(("GBP", "GBP", "JPY", "KWD", "EUR"))}


def _person(r: Random, world: World, shop: Row, person_id: int, before: list[Row]) -> Row:
    return world.add(
        "people",
        id=person_id,
        shop_id=shop["id"],
        customer_id=perhaps(r, 100 + len(before), 0.7),
        created_at=LONG_AGO,
        customer_deleted_at=perhaps(r, LONG_AGO, 0.12),
        merged_into=None,
        merged_at=None,
        became=None,
    )


def _become_others(r: Random, people: list[Row]) -> None:
    """Some of those who are gone became somebody who is there: of them only messages are left."""
    there = [one for one in people if one["customer_deleted_at"] is None]
    for gone in (one for one in people if one["customer_deleted_at"] and there and r.random() < 0.5):
        gone["became"] = (other := r.choice(there))["id"]
        if gone["customer_id"] and other["customer_id"]:
            gone |= {"merged_into": other["id"], "merged_at": LONG_AGO}
