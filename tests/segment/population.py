"""People to judge segments by: described as values, put into the store in a few statements, metrics computed."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table

from plugin.ingest.places import on_sphere
from plugin.profile import cycle, habits
from plugin.profile.measures import Measures
from plugin.segment.lists import members
from plugin.segment.lists import saved as lists
from plugin.store import tables
from plugin.store.engine import Tx
from tests.factories import LONG_AGO
from tests.segment.behaviour import Life, Ware, rows_of, since
from tests.segment.told import Told, tell

_numbers = itertools.count(1)
RECENTLY = datetime(2026, 10, 25, tzinfo=UTC)


@dataclass(frozen=True)
class Bought:
    """An order. `lines` are (product id or None, quantity)."""

    at: datetime
    lines: tuple[tuple[int | None, int], ...] = ()
    total: int = 1_000
    refunded: int = 0
    test: bool = False
    deleted: bool = False
    app_id: int | None = None
    location_id: int | None = None
    channel: str | None = None
    hour: int | None = None
    weekday: int | None = None
    discounts: tuple[tuple[str, str], ...] = ()
    """Kind and code."""
    price: int = 100
    """Of one piece of each line."""
    variants: bool = True
    """Do the lines name the products' variants?"""


@dataclass(frozen=True)
class Someone:
    customer_id: int | None = None
    added_at: datetime | None = None
    deleted: bool = False
    countries: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    removed_tags: tuple[str, ...] = ()
    subscriptions: tuple[str, ...] = ()
    orders: tuple[Bought, ...] = field(default=())
    email_status: str | None = None
    sms_status: str | None = None
    points: tuple[tuple[float, float], ...] = ()
    """Degrees north and east."""
    told: Told = field(default_factory=Told)
    life: Life = field(default_factory=Life)
    lists: tuple[str, ...] = ()
    """Names of static lists."""


def settle(
    tx: Tx,
    shop_id: int,
    people: Sequence[Someone],
    product_tags: Mapping[int, Sequence[str]] | None = None,
    wares: Mapping[int, Ware] | None = None,
) -> list[int]:
    """Puts `people`, and the tags of products, into the store; returns the ids of the people, in order."""
    tagged = {
        (product, tag.casefold()): {"shop_id": shop_id, "product_id": product, "tag": tag, "key": tag.casefold()}
        for product, tags in (product_tags or {}).items()
        for tag in tags
    }
    _insert(tx, tables.product_tags, list(tagged.values()))
    bought = {product for one in people for order in one.orders for product, _ in order.lines if product is not None}
    _goods(tx, shop_id, bought, set(wares or {}))
    ids = [_person(tx, shop_id, someone) for someone in people]
    rows: dict[Table, list[dict[str, Any]]] = {
        table: []
        for table in (
            tables.person_countries,
            tables.person_tags,
            tables.person_places,
            tables.subscriptions,
            tables.orders,
            tables.order_lines,
            tables.order_discounts,
        )
    }
    for person_id, someone in zip(ids, people, strict=True):
        mine = {"shop_id": shop_id, "person_id": person_id}
        told = mine | {"source_id": person_id}
        rows[tables.person_countries] += [told | {"country": country} for country in sorted(set(someone.countries))]
        rows[tables.person_places] += [told | _place(*point) for point in someone.points]
        rows[tables.person_tags] += _tags(told, someone)
        rows[tables.subscriptions] += [_subscription(mine, state) for state in someone.subscriptions]
        for order in someone.orders:
            _order(mine, order, rows)
        tell(tx, told, someone.told)
    lives = {person_id: someone.life for person_id, someone in zip(ids, people, strict=True)}
    for table, some in (*rows.items(), *rows_of(shop_id, lives, wares or {}).items()):
        _insert(tx, table, some)
    _lists(tx, shop_id, list(zip(ids, people, strict=True)))
    cycle.recompute(tx, shop_id, ids, MEASURES)
    habits.recompute(tx, shop_id, ids, MEASURES)
    return ids


MEASURES = Measures(LONG_AGO, (LONG_AGO,) * 2 + (RECENTLY,) * 2, (0, 1, 1, 2), (0, 10, 100, 1_000), (50, 100))
"""By which generated people are grouped."""
GOODS = ((1, "Lamp", "Nordlys"), (2, "Lamp", "Hygge"), (3, "Chair", "Hygge"))
"""Product, type, vendor of products that generated people buy; of the others neither is known."""


def _goods(tx: Tx, shop_id: int, bought: set[int], told: set[int]) -> None:
    """The products of GOODS, and what else was bought; those of `told` are told elsewhere."""
    known = [
        {
            "shop_id": shop_id,
            "product_id": product_id,
            "title": f"{kind} {product_id}",
            "handle": f"p-{product_id}",
            "vendor": vendor,
            "product_type": kind,
            "category": None,
            "status": "active",
            "updated_at": LONG_AGO,
        }
        for product_id, kind, vendor in GOODS
    ]
    others = sorted(bought - {row["product_id"] for row in known})
    rows = [*known, *(_product(shop_id, product_id) for product_id in others)]
    _insert(tx, tables.products, [row for row in rows if row["product_id"] not in told])
    _insert(tx, tables.variants, [_variant(shop_id, product_id) for product_id in sorted(bought)])


def _lists(tx: Tx, shop_id: int, people: Sequence[tuple[int, Someone]]) -> None:
    names = sorted({name for _, someone in people for name in someone.lists})
    for name in names:
        list_id = lists.create(tx, shop_id, name, LONG_AGO)
        on_it = [person_id for person_id, someone in people if name in someone.lists]
        members.put_people(tx, shop_id, list_id, on_it, "A segment", LONG_AGO)


def _person(tx: Tx, shop_id: int, someone: Someone) -> int:
    counting = [order for order in someone.orders if not order.test and not order.deleted]
    values = {
        "shop_id": shop_id,
        "customer_id": someone.customer_id,
        "created_at": LONG_AGO,
        "customer_added_at": someone.added_at,
        "customer_deleted_at": LONG_AGO if someone.deleted else None,
        "push_subscribed_at": since(someone.life),
        "email_status": someone.email_status,
        "sms_status": someone.sms_status,
        **someone.told.columns,
        "number_of_orders": len(counting),
        "amount_spent": (spent := sum(order.total - order.refunded for order in counting)),
        "average_order": int(spent / len(counting)) if counting else None,
        "first_order_at": min((order.at for order in counting), default=None),
        "last_order_at": max((order.at for order in counting), default=None),
    }
    return int(tx.execute(tables.people.insert().values(values).returning(tables.people.c.id)).scalar_one())


def _tags(mine: dict[str, int], someone: Someone) -> list[dict[str, Any]]:
    keys = {tag.casefold(): (tag, True) for tag in someone.removed_tags}
    keys |= {tag.casefold(): (tag, False) for tag in someone.tags}
    return [
        mine | {"tag": tag, "key": key, "changed_at": LONG_AGO, "removed": removed}
        for key, (tag, removed) in keys.items()
    ]


def _product(shop_id: int, product_id: int) -> dict[str, Any]:
    """Of some vendor, type and category, or of none."""
    at = product_id % 4
    return {
        "shop_id": shop_id,
        "product_id": product_id,
        "title": "Product",
        "handle": f"product-{product_id}",
        "vendor": ("gold", "Gold", "", None)[at],
        "product_type": (None, "gold", "Gold", "")[at],
        "category": ("gold", "gold > Gold", None, "gold > Gold > it's")[at],
        "status": "ACTIVE",
        "updated_at": LONG_AGO,
    }


def _variant(shop_id: int, product_id: int) -> dict[str, Any]:
    """The product's one, of its number."""
    numbered = {"shop_id": shop_id, "variant_id": product_id, "product_id": product_id, "sku": SKUS[product_id % 4]}
    return numbered | {"title": "Default Title", "price": 100}


SKUS = ("A-1", "a-1", None, "")


def _place(latitude: float, longitude: float) -> dict[str, Any]:
    x, y, z = on_sphere(latitude, longitude)
    where = {"country": "GB", "origin": "address", "latitude": latitude, "longitude": longitude, "x": x, "y": y, "z": z}
    return where | {"key": f"GB{next(_numbers)}", "changed_at": LONG_AGO}


def _subscription(mine: dict[str, int], state: str) -> dict[str, Any]:
    endpoint = f"https://fcm.googleapis.com/fcm/send/{next(_numbers)}"
    return mine | {
        "endpoint": endpoint,
        "endpoint_hash": hashlib.sha256(endpoint.encode()).digest(),
        "service": "fcm.googleapis.com",
        "p256dh": b"\4" * 65,
        "auth": b"\1" * 16,
        "state": state,
        "created_at": LONG_AGO,
        "last_seen_at": LONG_AGO,
    }


def _order(mine: dict[str, int], order: Bought, rows: dict[Table, list[dict[str, Any]]]) -> None:
    order_id = 5_000_000_000_000_000_000 + next(_numbers)
    rows[tables.orders].append(
        mine
        | {
            "order_id": order_id,
            "name": f"#{order_id % 10_000}",
            "placed_at": order.at,
            "updated_at": order.at,
            "deleted_at": order.at if order.deleted else None,
            "currency": "GBP",
            "total": order.total,
            "refunded": order.refunded,
            "test": order.test,
            "app_id": order.app_id,
            "location_id": order.location_id,
            "source_name": order.channel,
            "hour": order.hour,
            "weekday": order.weekday,
        }
    )
    named = {"shop_id": mine["shop_id"], "order_id": order_id}
    rows[tables.order_discounts] += [
        named | {"kind": kind, "code": code, "key": code.casefold()}
        for kind, code in {(kind, code.casefold()): (kind, code) for kind, code in order.discounts}.values()
    ]
    rows[tables.order_lines] += [
        mine
        | {
            "order_id": order_id,
            "position": position,
            "product_id": product_id,
            "variant_id": product_id if order.variants else None,
            "title": "Line",
            "quantity": quantity,
            "price": order.price,
            "placed_at": order.at,
        }
        for position, (product_id, quantity) in enumerate(order.lines)
        if not order.test and not order.deleted  # as plugin/profile/order_lines.py keeps them
    ]


def _insert(tx: Tx, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        tx.execute(table.insert(), rows)


def someone(described: Mapping[str, Any]) -> Someone:
    """A person of cases.json."""
    orders = tuple(
        Bought(**{**order, "at": instant(order["at"]), "lines": tuple(map(tuple, order.get("lines", ())))})
        for order in described.get("orders", ())
    )
    lists = {
        key: tuple(described.get(key, ())) for key in ("countries", "tags", "removed_tags", "subscriptions", "lists")
    }
    added = described.get("added_at")
    return Someone(
        customer_id=described.get("customer_id"),
        added_at=instant(added) if added else None,
        deleted=described.get("deleted", False),
        email_status=described.get("email_status"),
        sms_status=described.get("sms_status"),
        orders=orders,
        **lists,
    )


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
