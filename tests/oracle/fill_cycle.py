"""Rows of life cycle, habits and lists, for invented stores."""

from __future__ import annotations

from random import Random

from tests.oracle.stores import LONG_AGO, Row, World, mine, moment, perhaps
from tests.oracle.subjects.cycle import GROUPS


def pools(r: Random, world: World) -> None:
    world.pools |= {
        "days": [0, 1, 7, 29, 30, 31, 179, 180, 181, 364, 365, 366, -1],
        "hours": [0, 3, 12, 23],
        "weekdays": [1, 2, 6, 7],
        "lists": ["Fair 2026", "fair  2026", "Straße", "STRASSE", "it's", "nowhere"],
    }


def shelve(r: Random, world: World, shop: Row) -> None:
    """The merchant's lists."""
    for name in ("Fair 2026", "Straße", "it's"):
        number = 1 + len(world.tables.get("lists", ()))
        dates = {"created_at": LONG_AGO, "updated_at": LONG_AGO}
        world.add("lists", id=number, shop_id=shop["id"], name=name, key=name.casefold(), **dates)
        came = {"source": "text", "name": "", "at": LONG_AGO, "found": 0, "added": 0, "missing": 0, "missing_rows": []}
        world.add("list_imports", id=number, shop_id=shop["id"], list_id=number, **came)


def live(r: Random, world: World, person: Row) -> None:
    person |= {
        "expected_order_at": (expected := perhaps(r, moment(r, world))),
        "overdue_at": max(expected, moment(r, world)) if expected else None,
        "rfm_group": perhaps(r, r.choice(GROUPS), 0.9),
    }
    if r.random() < 0.7:
        world.add(
            "habits",
            **mine(person),
            category=perhaps(r, r.choice(world.pools["types"]), 0.8),
            vendor=perhaps(r, r.choice(world.pools["vendors"]), 0.8),
            price_band=perhaps(r, r.choice(("LOW", "MIDDLE", "HIGH")), 0.8),
            hour=perhaps(r, r.choice(world.pools["hours"]), 0.8),
            weekday=perhaps(r, r.choice(world.pools["weekdays"]), 0.8),
            discounts=perhaps(r, r.random() < 0.5, 0.8),
            most_viewed=perhaps(r, r.choice(world.pools["products"]), 0.8),
        )
    for one in (one for one in world.tables["lists"] if one["shop_id"] == person["shop_id"]):
        if r.random() < 0.3:
            on = {"list_id": one["id"], "import_id": one["id"], "added_at": LONG_AGO}
            world.add("list_members", **mine(person), **on)
