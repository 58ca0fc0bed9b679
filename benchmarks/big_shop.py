"""A generated shop of any size, the same at every run: people, orders and their lines, views, written fast.

Few buy much and most buy little, a few products sell most, the shop grows, and rows lie on the disk in the order of
their time, as they would have come. Written past the product: by COPY on PostgreSQL, in batches on SQLite, the indexes
last.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Table, select

from plugin.ingest.places import on_sphere
from plugin.store import tables
from plugin.store.batches import batches
from plugin.store.engine import learn_statistics, transaction
from plugin.store.tables import metadata
from tests.factories import make_shop

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
YEARS = 3
FIRST_CUSTOMER, FIRST_PRODUCT, FIRST_ORDER = 6 * 10**12, 8 * 10**12, 5 * 10**12
PRODUCTS = 5_000
CUSTOMERS = 0.7
"""So many of the people are customers; the others are visitors, who only look."""
LINES_AN_ORDER = 2.5
COUNTRIES = ("GB",) * 60 + ("IE",) * 12 + ("DE",) * 10 + ("FR",) * 8 + ("US",) * 6 + ("PL", "NL", "ES", "IT")
TAGS = ("newsletter", "vip", "wholesale", "staff", "fair-2026")
CITIES = (("London", 51.51, -0.13), ("Manchester", 53.48, -2.24), ("Dublin", 53.35, -6.26), ("Berlin", 52.52, 13.4))
AT_ONCE = 100_000

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Size:
    people: int = 1_000_000
    lines: int = 5_000_000
    views: int = 3_000_000


def build(engine: Engine, size: Size) -> int:
    """Creates the schema, fills it, learns statistics; returns the shop's id. A database that is full stays so."""
    metadata.create_all(engine)
    with transaction() as tx:
        if (known := tx.execute(select(tables.shops.c.id)).scalar()) is not None:
            return known
        shop_id = make_shop(tx)
    with engine.connect() as connection:
        without_checks(connection)
        indexes = [index for table in _FILLED for index in table.indexes]
        for index in indexes:
            index.drop(connection)
        write = _copy if engine.dialect.name == "postgresql" else _insert
        for table, columns, rows in _Shop(shop_id, size).tables():
            write(connection, table, columns, rows)
        for index in indexes:
            index.create(connection)
        connection.commit()
    if engine.dialect.name == "postgresql":  # what autovacuum would have done meanwhile
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM")
    with transaction() as tx:
        learn_statistics(tx)
    return shop_id


def without_checks(connection: Connection) -> None:
    """Ten million rows need not be asked, one by one, whether their person is there."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET session_replication_role = replica")
        return
    raw = connection.connection.driver_connection
    assert raw is not None
    connection.rollback()
    raw.execute("PRAGMA foreign_keys=OFF")


class _Shop:
    """The rows, table by table. Orders come first: people carry their sums."""

    def __init__(self, shop_id: int, size: Size) -> None:
        self.shop_id, self.size = shop_id, size
        self.random = random.Random(7)
        self.customers = max(1, int(size.people * CUSTOMERS))
        self.number = array("q", bytes(8 * (self.customers + 1)))
        self.spent = array("q", bytes(8 * (self.customers + 1)))
        self.first = array("q", bytes(8 * (self.customers + 1)))
        self.last = array("q", bytes(8 * (self.customers + 1)))
        self.orders = max(1, int(size.lines / LINES_AN_ORDER))
        self.began = int((NOW - timedelta(days=365 * YEARS)).timestamp())
        self.span = int(NOW.timestamp()) - self.began

    def tables(self) -> Iterator[tuple[Table, Sequence[str], Iterable[Row]]]:
        yield tables.products, _PRODUCT, self.products()
        yield tables.product_tags, _PRODUCT_TAG, self.product_tags()
        for some in batches(self.bought(), AT_ONCE):
            yield tables.orders, _ORDER, [order for order, _ in some]
            yield tables.order_lines, _LINE, [line for _, lines in some for line in lines]
        yield tables.people, _PERSON, self.people()
        yield tables.person_countries, _COUNTRY, self.countries()
        yield tables.person_tags, _TAG, self.tags()
        yield tables.person_places, _PLACE, self.places()
        yield tables.subscriptions, _SUBSCRIPTION, self.subscriptions()
        yield tables.views, _VIEW, self.views()

    def products(self) -> Iterator[Row]:
        for n in range(PRODUCTS):
            yield (
                self.shop_id,
                FIRST_PRODUCT + n,
                f"Product {n}",
                f"p-{n}",
                f"Vendor {n % 40}",
                "active",
                _at(self.began),
            )

    def product_tags(self) -> Iterator[Row]:
        for n in range(PRODUCTS):
            yield self.shop_id, FIRST_PRODUCT + n, f"tag-{n % 50}", f"tag-{n % 50}"

    def bought(self) -> Iterator[tuple[Row, list[Row]]]:
        """(order, its lines) in the order of their time; one in a hundred is a test or deleted, and has no lines."""
        chance = self.random.random
        for n in range(self.orders):
            seconds = self.began + int(self.span * ((n + 1) / self.orders) ** 0.6)
            person, order_id, at = self.buyer(), FIRST_ORDER + n, _at(seconds)
            counts = chance() >= 0.01
            lines = [
                (
                    self.shop_id,
                    person,
                    order_id,
                    position,
                    order_id * 10 + position,
                    self.product(),
                    "A line",
                    1,
                    1_500,
                    at,
                )
                for position in range(1 + int(4 * chance()))
            ]
            total = 1_500 * len(lines) + 395
            if counts:
                self.add(person, total, seconds)
            deleted = None if counts or n % 2 else at
            order = self.shop_id, person, order_id, FIRST_CUSTOMER + person, f"#{n}", at, at, deleted
            yield (*order, "GBP", total, 0, not counts and deleted is None), lines if counts else []

    def add(self, person: int, total: int, seconds: int) -> None:
        self.number[person] += 1
        self.spent[person] += total
        self.first[person] = self.first[person] or seconds
        self.last[person] = seconds

    def buyer(self) -> int:
        """Few buy much: a tenth of the customers places half of the orders; they are scattered over all ids."""
        return int(self.customers * self.random.random() ** 3) * 7_919 % self.customers + 1

    def product(self) -> int:
        return FIRST_PRODUCT + int(PRODUCTS * self.random.random() ** 3)

    def people(self) -> Iterator[Row]:
        chance = self.random.random
        for person in range(1, self.size.people + 1):
            if person > self.customers:
                came = _at(self.began + int(self.span * chance()))
                yield self.shop_id, person, None, came, None, None, None, 0, 0, None, None
                continue
            first, last = self.first[person], self.last[person]
            added = _at(min(first or NOW_SECONDS, self.began + int(self.span * chance())))
            gone = _at(NOW_SECONDS) if chance() < 0.01 else None
            status = "SUBSCRIBED" if chance() < 0.4 else "NOT_SUBSCRIBED"
            sums = self.number[person], self.spent[person], _at(first) if first else None, _at(last) if last else None
            yield self.shop_id, person, FIRST_CUSTOMER + person, added, added, gone, status, *sums

    def countries(self) -> Iterator[Row]:
        for person in range(1, self.customers + 1):
            yield self.shop_id, person, person, self.random.choice(COUNTRIES)

    def tags(self) -> Iterator[Row]:
        for person in range(1, self.customers + 1):
            if self.random.random() < 0.2:
                tag = TAGS[int(len(TAGS) * self.random.random() ** 2)]
                yield self.shop_id, person, person, tag, tag, _at(self.began), False

    def places(self) -> Iterator[Row]:
        """Around four cities, most of them near."""
        for person in range(1, self.customers + 1):
            name, latitude, longitude = self.random.choice(CITIES)
            north, east = latitude + self.random.gauss(0, 0.5), longitude + self.random.gauss(0, 0.8)
            point = (round(north, 4), round(east, 4), *on_sphere(north, east))
            told = f"{name} {person}", "address", "GB", name, f"{name[0]}{person % 97}1AA"
            yield self.shop_id, person, person, *told, *point, _at(self.began)

    def subscriptions(self) -> Iterator[Row]:
        for person in range(1, self.size.people + 1):
            if self.random.random() < 0.15:
                name = person.to_bytes(32, "big")
                began = _at(NOW_SECONDS - person % 10_000_000)
                endpoint = f"https://fcm.googleapis.com/fcm/send/{person}"
                yield self.shop_id, person, endpoint, name, "fcm.googleapis.com", name, name, "active", began, began

    def views(self) -> Iterator[Row]:
        """Half a year of looks, in the order of their time."""
        for n in range(self.size.views):
            at = _at(NOW_SECONDS - int(180 * 86_400 * (1 - (n + 1) / self.size.views)))
            person = 1 + int(self.size.people * self.random.random() ** 1.5) * 7_907 % self.size.people
            yield self.shop_id, person, f"{n:x}", "product_viewed", self.product(), at


def _at(seconds: int) -> str:
    """As SQLite keeps instants; PostgreSQL, on UTC, reads it too."""
    return f"{_EPOCH + timedelta(seconds=seconds)}.000000"


def _copy(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor:
        cursor.execute("SET LOCAL TimeZone = 'UTC'")
        with cursor.copy(f"COPY {table.name} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _insert(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
    raw: Any = connection.connection.driver_connection
    raw.executemany(f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", rows)


NOW_SECONDS = int(NOW.timestamp())
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  written without a zone
_PRODUCT = "shop_id product_id title handle vendor status updated_at".split()
_PRODUCT_TAG = "shop_id product_id tag key".split()
_ORDER = (
    "shop_id person_id order_id customer_id name placed_at updated_at deleted_at currency total refunded test".split()
)
_LINE = "shop_id person_id order_id position line_id product_id title quantity price placed_at".split()
_PERSON = (
    "shop_id id customer_id created_at customer_added_at customer_deleted_at email_status number_of_orders"
    " amount_spent first_order_at last_order_at".split()
)
_COUNTRY = "shop_id person_id source_id country".split()
_TAG = "shop_id person_id source_id tag key changed_at removed".split()
_PLACE = "shop_id person_id source_id key origin country city postcode latitude longitude x y z changed_at".split()
_SUBSCRIPTION = "shop_id person_id endpoint endpoint_hash service p256dh auth state created_at last_seen_at".split()
_VIEW = "shop_id person_id event_id kind product_id at".split()
_FILLED = (
    tables.products,
    tables.product_tags,
    tables.orders,
    tables.order_lines,
    tables.people,
    tables.person_countries,
    tables.person_tags,
    tables.person_places,
    tables.subscriptions,
    tables.views,
)
