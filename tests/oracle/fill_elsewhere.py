"""What others tell of people in invented stores: other tools, shoppers themselves, their networks, the merchant."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from tests.oracle.fill_customer import LEVELS, any_day
from tests.oracle.stores import LONG_AGO, MILLION, Row, World, mine, moment, perhaps

REGIONS = ("Île-de-France", "New York", "Bavaria", "São Paulo")
TOWNS = ("Paris", "San Francisco", "München", "Straßburg", "İzmir")
OLDEST = timedelta(days=3_600)
"""Other tools may tell of what is not much older."""


def pools(r: Random, world: World) -> None:
    world.pools |= {
        "lists": ["Fair 2026", "fair  2026", "Straße", "STRASSE", "it's", "nowhere"],
        "days": [0, 1, 7, 29, 30, 31, 179, 180, 181, 364, 365, 366, -1],
        "events": ["loyalty_points", "Loyalty_Points", "survey", "straße", "till-4"],
        "event_values": ["0", "0.1", "100", "120.5", "-3", "1000000000000000"],
        "event_texts": ["very happy", "Very happy", "", "it's", "100%"],
        "questions": ["size", "Skin type", "Größe", "birthday", "Birthday", "gender"],
        "answers": ["42", "Straße", "STRASSE", "dry & oily", "it's"],
        "located_regions": [*REGIONS, "ile de france", "Sao-Paulo", "NEW YORK"],
        "located_cities": [*TOWNS, "san-francisco", "munchen", "Strassburg", "izmir"],
    }


def shelve(r: Random, world: World, shop: Row) -> None:
    """The merchant's lists."""
    for name in ("Fair 2026", "Straße", "it's"):
        number = world.number("lists")
        dates = {"created_at": LONG_AGO, "updated_at": LONG_AGO}
        world.add("lists", id=number, shop_id=shop["id"], name=name, key=name.casefold(), **dates)
        came = {"source": "text", "name": "", "at": LONG_AGO, "found": 0, "added": 0, "missing": 0, "missing_rows": []}
        world.add("list_imports", id=number, shop_id=shop["id"], list_id=number, **came)


def lists(r: Random, world: World, person: Row) -> None:
    for one in (one for one in world.tables["lists"] if one["shop_id"] == person["shop_id"]):
        if r.random() < 0.3:
            on = {"list_id": one["id"], "import_id": one["id"], "added_at": LONG_AGO}
            world.add("list_members", **mine(person), **on)


def events(r: Random, world: World, person: Row) -> None:
    """Of a customer or of a browser."""
    for _ in range(r.choice((0, 0, 1, 2, 4))):
        at = min(moment(r, world), world.now)
        if at < world.now - OLDEST:
            continue
        number = world.number("events")
        world.add(
            "events",
            **mine(person),
            event_id=f"{person['shop_id']}/event+{number}",
            name=r.choice(world.pools["events"]),
            value=perhaps(r, r.choice(world.pools["event_values"]), 0.7),
            text=perhaps(r, r.choice(world.pools["event_texts"])),
            at=at,
            by_customer=person["customer_id"] is not None and r.random() < 0.5,
        )


def answers(r: Random, world: World, person: Row) -> None:
    for _ in range(r.choice((0, 0, 1, 2, 4))):
        number = world.number("answers")
        question = r.choice(world.pools["questions"])
        said = {"birthday": lambda: born(r, world), "gender": lambda: r.choice(LEVELS).strip()}
        world.add(
            "answers",
            **mine(person),
            event_id=f"answer-{number}",
            question=question,
            answer=said.get(question.casefold(), lambda: r.choice(world.pools["answers"]))(),
            at=moment(r, world) + timedelta(microseconds=number % MILLION),  # no two at once
        )


def born(r: Random, world: World) -> str:
    """As a form's field gives it, or as nobody can read it."""
    day = any_day(r, world)
    return r.choice((day.isoformat(), day.isoformat(), f"{day:%d %B %Y}", f"{day:%Y%m%d}"))


def whereabouts(r: Random, world: World, person: Row) -> None:
    """By the network's address with names, by the shopper's own word without. Of each the last one counts."""
    for _ in range(r.choice((0, 0, 1, 1, 3))):
        number = world.number("located")
        by_shopper = r.random() < 0.3
        north, east = r.choice(world.pools["points"])
        known = by_shopper or r.random() < 0.7
        world.add(
            "located",
            **mine(person),
            told_by="shopper" if by_shopper else "address",
            country=None if by_shopper else r.choice(world.pools["countries"]),
            region=None if by_shopper else perhaps(r, r.choice(REGIONS), 0.7),
            city=None if by_shopper else perhaps(r, r.choice(TOWNS), 0.7),
            latitude=round(north, 2) if known else None,
            longitude=round(east, 2) if known else None,
            at=moment(r, world) + timedelta(microseconds=number % MILLION),
        )


def checkouts(r: Random, world: World, person: Row) -> None:
    """Left, completed, or followed by an order that names them; of some a browser told, too, once or more often."""
    placed = [one for one in world.tables.get("orders", ()) if one["person_id"] == person["id"] and one["customer_id"]]
    for _ in range(r.choice((0, 0, 1, 2))):
        number = world.number("checkouts")
        at = moment(r, world).replace(microsecond=number % MILLION)
        how = r.choice(("left", "left", "completed", "ordered"))
        checkout = world.add(
            "checkouts",
            **mine(person),
            token=f"checkout{number}",
            started_at=at - timedelta(days=r.choice((0, 0, 1, 30))),
            updated_at=at,
            completed=how == "completed",
        )
        if how == "ordered" and placed and person["customer_id"] is not None:
            r.choice(placed)["checkout_token"] = checkout["token"]
    tokens = [one["token"] for one in world.tables.get("checkouts", ()) if one["person_id"] == person["id"]]
    for view in world.tables.get("views", ()):
        if view["person_id"] == person["id"] and view["kind"] == "checkout_started":
            view["checkout_token"] = r.choice((None, "of-a-guest", *tokens, *tokens))
