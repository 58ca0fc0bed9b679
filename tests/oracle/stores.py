"""Invents stores: plain rows by table, two shops in each, values near the edges. a subject brings its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle import edges

Row = dict[str, Any]
LONG_AGO = datetime.fromisoformat("2020-01-05T09:00:00+00:00")
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
    world.pools = _pools(r)
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
        for person in people:
            for subject in subjects:
                for live in subject.live:
                    live(r, world, person)
            _sums(r, world, person)
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


def _shop(r: Random, shop_id: int, timezone: str) -> Row:
    return {"id": shop_id, "timezone": timezone, "currency": r.choice(("GBP", "GBP", "JPY", "KWD", "EUR"))}


def _pools(r: Random) -> dict[str, list[Any]]:
    big = [2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1]
    money = r.sample((0, 1, 99, 100, 101, 999, 1000, 1005, 2999, 10_000, 99_999, 2**53 + 1, -500), 6)
    return {
        "tags": r.sample(edges.WORDS, 8),
        "product_tags": r.sample(edges.WORDS, 5),
        "countries": r.sample(("GB", "US", "DE", "FR", "IE", "ZZ"), 4),
        "products": [r.randrange(1, 10**6), *r.sample(big, 3), 7],
        "locations": [9, 2**53 + 1],
        "apps": [580111, 129785, 0],
        "money": money,
        "counts": [0, 1, 2, 3, 4, 7],
    }


def _goods(r: Random, world: World, shop: Row) -> None:
    for product in world.pools["products"]:
        for key, tag in once(some(r, world.pools["product_tags"])).items():
            world.add("product_tags", shop_id=shop["id"], product_id=product, tag=tag, key=key)


def _person(r: Random, world: World, shop: Row, person_id: int, before: list[Row]) -> Row:
    customer = perhaps(r, 100 + len(before), 0.7)
    return world.add(
        "people",
        id=person_id,
        shop_id=shop["id"],
        customer_id=customer,
        created_at=LONG_AGO,
        customer_added_at=moment(r, world) if customer else None,
        customer_deleted_at=perhaps(r, LONG_AGO, 0.08),
        merged_into=None,
        merged_at=None,
        email_status=perhaps(r, r.choice(("SUBSCRIBED", "UNSUBSCRIBED", "PENDING", "INVALID"))),
        sms_status=perhaps(r, r.choice(("SUBSCRIBED", "NOT_SUBSCRIBED", "REDACTED"))),
    )


def mine(person: Row) -> Row:
    return {"shop_id": person["shop_id"], "person_id": person["id"]}


def _said(r: Random, world: World, person: Row) -> None:
    """Tags and countries, as Shopify told them."""
    told = mine(person) | {"source_id": person["id"]}
    for country in some(r, world.pools["countries"]):
        world.add("person_countries", **told, country=country)
    for key, tag in once(some(r, world.pools["tags"], 4)).items():
        world.add("person_tags", **told, tag=tag, key=key, changed_at=LONG_AGO, removed=r.random() < 0.2)


def _subscriptions(r: Random, world: World, person: Row) -> None:
    for state in some(r, ("active", "gone", "unsubscribed"), 2):
        number = len(world.tables.get("subscriptions", ()))
        world.add(
            "subscriptions",
            **mine(person),
            id=10 + number,
            endpoint=f"https://fcm.googleapis.com/fcm/send/{number}",
            endpoint_hash=number.to_bytes(32, "big"),
            service="fcm.googleapis.com",
            p256dh=b"\4" * 65,
            auth=b"\1" * 16,
            state=state,
            created_at=moment(r, world),
            last_seen_at=LONG_AGO,
            **{name: perhaps(r, r.choice(world.pools[name]), 0.6) for name in TOLD_BY_BROWSERS if name in world.pools},
        )


def _orders(r: Random, world: World, person: Row) -> None:
    for _ in range(r.choice((0, 0, 1, 1, 2, 3, 5))):
        placed_at = moment(r, world)
        number = 2**53 + len(world.tables.get("orders", ()))
        told = mine(person) | {"order_id": number, "placed_at": placed_at}
        total = abs(r.choice(world.pools["money"]))
        test, deleted_at = r.random() < 0.1, perhaps(r, placed_at, 0.1)
        world.add(
            "orders",
            **told,
            name=f"#{number % 10_000}",
            updated_at=placed_at,
            deleted_at=deleted_at,
            test=test,
            cancelled_at=perhaps(r, placed_at, 0.1),
            currency="GBP",
            total=total,
            refunded=r.choice((0, 0, 0, total, total // 2)),
            app_id=perhaps(r, r.choice(world.pools["apps"])),
            location_id=perhaps(r, r.choice(world.pools["locations"])),
        )
        for position in range(0 if test or deleted_at else r.randrange(4)):  # what does not count has no lines
            world.add(
                "order_lines",
                **told,
                position=position,
                product_id=perhaps(r, r.choice(world.pools["products"]), 0.85),
                title="Line",
                quantity=r.choice((0, 1, 1, 2, 7)),
                price=100,
            )


def _sums(r: Random, world: World, person: Row) -> None:
    """Usually what the orders come to; now and then Shopify told others."""
    placed = [
        order
        for order in world.tables.get("orders", ())
        if order["person_id"] == person["id"] and not order["test"] and order["deleted_at"] is None
    ]
    times = [order["placed_at"] for order in placed]
    agreed = [
        browser["created_at"]
        for browser in world.tables.get("subscriptions", ())
        if browser["person_id"] == person["id"] and browser["state"] == "active"
    ]
    person |= {
        "number_of_orders": len(placed),
        "amount_spent": sum(order["total"] - order["refunded"] for order in placed),
        "first_order_at": min(times, default=None),
        "last_order_at": max(times, default=None),
        "push_subscribed_at": min(agreed, default=None),
    }
    if r.random() < 0.15:
        person |= {"number_of_orders": r.choice(edges.NUMBERS[:9]), "amount_spent": r.choice(world.pools["money"])}
    count, spent = person["number_of_orders"], person["amount_spent"]
    person["average_order"] = int(Fraction(spent, count)) if count else None  # cut, not rounded


TOLD_BY_BROWSERS = ("device", "platform", "browser", "language")
TRADE = Subject(shelve=(_goods,), live=(_said, _subscriptions, _orders))
"""What every store has."""
