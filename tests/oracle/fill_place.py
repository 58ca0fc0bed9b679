"""Places, standings and what is beside orders, for invented stores."""

from __future__ import annotations

from math import cos, radians, sin
from random import Random
from zoneinfo import ZoneInfo

from tests.oracle.stores import LONG_AGO, Row, World, mine, moment, perhaps, some
from tests.oracle.subjects.cycle import GROUPS
from tests.oracle.subjects.standing import ACCOUNT, SUBSCRIBER

POINTS = (
    (51.5007, -0.1246),
    (40.6892, -74.0445),
    (-36.8485, 174.7633),
    (-16.5, 179.99),
    (-16.5, -179.99),
    (90.0, 0.0),
    (0.0, 0.0),
)


def pools(r: Random, world: World) -> None:
    world.pools |= {
        "regions": ["US-NY", "GB-ENG", "FR-75"],
        "postcodes": ["SW1A 1AA", "sw1a1aa", "10001"],
        "points": list(POINTS),
        "channels": ["web", "pos", "Web"],
        "codes": ["WELCOME10", "welcome10", "Straße", "10 %"],
    }


def live(r: Random, world: World, person: Row) -> None:
    person |= {
        "language": perhaps(r, r.choice(("de", "en", "fr"))),
        "account_status": perhaps(r, r.choice(ACCOUNT)),
        "spend_tier": perhaps(r, r.choice(("HIGH", "MEDIUM", "LOW"))),
        "shopify_rfm_group": perhaps(r, r.choice(GROUPS)),
        "subscriber_status": perhaps(r, r.choice(SUBSCRIBER)),
        "abandoned_checkout_at": perhaps(r, moment(r, world)),
    }
    for number in range(r.choice((0, 0, 1, 2))):
        north, east = perhaps(r, r.choice(POINTS), 0.7) or (None, None)
        if north is not None and abs(north) < 89:
            north, east = north + r.choice((0, 0.001, -0.3)), max(-180.0, min(180.0, east + r.choice((0, 0.001, 0.5))))
        code = perhaps(r, r.choice(world.pools["postcodes"]))
        world.add(
            "person_places",
            **mine(person),
            source_id=person["id"],
            key=f"place-{number}",
            origin="address",
            country="GB",
            region=perhaps(r, r.choice(world.pools["regions"])),
            postcode="".join(code.upper().split()) if code else None,
            latitude=north,
            longitude=east,
            **_sphere(north, east),
            changed_at=LONG_AGO,
        )
    for order in world.tables.get("orders", ()):
        if order["person_id"] == person["id"]:
            _beside(r, world, order)


def _sphere(north: float | None, east: float | None) -> dict[str, float | None]:
    if north is None or east is None:
        return {"x": None, "y": None, "z": None}
    up, along = radians(north), radians(east)
    return {"x": cos(up) * cos(along), "y": cos(up) * sin(along), "z": sin(up)}


def _beside(r: Random, world: World, order: Row) -> None:
    here = order["placed_at"].astimezone(ZoneInfo(world.shops[0]["timezone"]))
    order |= {
        "hour": here.hour,
        "weekday": here.isoweekday(),
        "source_name": perhaps(r, r.choice(world.pools["channels"])),
    }
    for kind in some(r, ("code", "automatic", "manual"), 2):
        code = "" if kind == "manual" else r.choice(world.pools["codes"])
        told = {"kind": kind, "code": code, "key": code.casefold()}
        world.add("order_discounts", shop_id=order["shop_id"], order_id=order["order_id"], **told)
