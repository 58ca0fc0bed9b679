"""What Shopify tells of the customers of invented shops: who they are, where, and how they stand."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from random import Random
from typing import Any

from tests.oracle import edges
from tests.oracle.stores import Row, World, mine, moment, once, perhaps, some
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
AREAS = (("GB", "ENG"), ("GB", None), ("US", "NY"), ("US", "NJ"), ("FR", "75"), ("FR", None), ("JP", "JP-13"))
"""Country and province as Shopify writes them: of Japan the province with its country."""
CITIES = ("New York City", "newyorkcity", "Île-d'Yeu", "Newark", "Ars-en-Ré", "東京", "St. John's", "Groß Gerau")
ASKED = (
    *("US-NY-NewYorkCity", "US-NY-New York City", "FR-Ile d'Yeu", "FR-75-Ile-d'Yeu", "US-NJ-Newark", "JP-13-東京"),
    *("GB-StJohns", "GB-ENG-St. John's", "FR-Ars en Re", "US-Newark", "FR-gross-gerau"),
)
PATHS = (("facts", "birth_date"), ("facts", "gender"), ("custom", "level"), ("custom", "born"), ("a-b", "points"))
FACTS = ("birthday", "gender", "income_band", "profession", "education")
LEVELS = ("gold", "Gold", "gold ", "it's", "日本", "true", "5")
NUMBERS = ("0", "5", "-3", "100", "9007199254740991", "0.1", "2.50", "9999999999999.999999999")


def pools(r: Random, world: World) -> None:
    world.pools |= {
        "tags": [word for word in r.sample(edges.WORDS, 9) if word == word.strip() and word],
        "countries": ["GB", "US", "FR", "JP", "IE"],
        "regions": ["US-NY", "US-NJ", "GB-ENG", "FR-75", "JP-13"],
        "cities": list(ASKED),
        "postcodes": ["SW1A 1AA", "sw1a1aa", "10001", "75 001"],
        "points": list(POINTS),
        "languages": ["en", "pt", "de", "fil", "zh"],
        "domains": ["example.com", "Example.COM", "straße.example", "sub.example.com", "example"],
        "company_ids": [1, 2, 2**53 + 1],
        "currencies": ["GBP", "USD", "JPY"],
        "ages": [1, 2, *(world.now.year - year for year in (1899, 1900, 1984, 2000) if year < world.now.year)],
        "levels": [*LEVELS, "silver"],
        "paths": [".".join(path) for path in PATHS] + ["custom.unheard"],
        "numbers": list(NUMBERS),
    }


def shelve(r: Random, world: World, shop: Row) -> None:
    """What the merchant switched on, and which metafields say what."""
    shop |= {"keeps_email": r.random() < 0.8, "keeps_address": r.random() < 0.8}
    shop["facts"] = {fact: r.choice(PATHS) for fact in FACTS if r.random() < 0.4}


def live(r: Random, world: World, person: Row) -> None:
    if person["customer_id"] is None:
        return
    said_at = moment(r, world)
    reckoned = r.random() < 0.8
    person |= {
        "customer_added_at": moment(r, world),
        "said_at": said_at.replace(microsecond=said_at.microsecond or 1),
        "locale": perhaps(r, r.choice(("en", "en-GB", "pt-BR", "de", "fil", "zh-Hant-TW", "PT"))),
        "account_status": perhaps(r, r.choice(ACCOUNT)),
        "email": perhaps(r, f"ann{person['id']}@{r.choice(world.pools['domains'])}", 0.7),
        "email_status": perhaps(r, r.choice(("SUBSCRIBED", "UNSUBSCRIBED", "PENDING", "INVALID"))),
        "sms_status": perhaps(r, r.choice(("SUBSCRIBED", "NOT_SUBSCRIBED", "REDACTED"))),
        "reckoned": reckoned,
        "spend_tier": perhaps(r, r.choice(("HIGH", "MEDIUM", "LOW"))) if reckoned else None,
        "shopify_rfm_group": perhaps(r, r.choice(GROUPS)) if reckoned else None,
        "subscriber_status": perhaps(r, r.choice(SUBSCRIBER)) if reckoned else None,
        "told_at": None,
    }
    if r.random() < 0.2:
        sums = {"told_orders": r.choice((0, 1, 3, 10**9)), "told_spent": r.choice((0, 1, 999, 10_000))}
        person |= sums | {"told_at": person["said_at"]}
    _tags(r, world, person)
    for _ in range(r.choice((0, 0, 1, 2))):
        _address(r, world, person)
    for company in some(r, world.pools["company_ids"], 2):
        world.add("companies", **mine(person), company_id=company)
    for _ in range(r.choice((0, 0, 1, 2))):
        currency, balance = r.choice(world.pools["currencies"]), min(r.choice(world.pools["money"]), 10**15)
        world.add("credits", **mine(person), account=world.number("credits"), currency=currency, balance=balance)
    for namespace, key in some(r, PATHS, 4):
        type_, value = r.choice(KINDS)(r, world)
        world.add("metafields", **mine(person), namespace=namespace, key=key, type=type_, value=value)
    for order in world.tables.get("orders", ()):
        if order["person_id"] == person["id"] and order["customer_id"] and r.random() < 0.3:
            _address(r, world, person, order)


def _tags(r: Random, world: World, person: Row) -> None:
    """Told with everything, added, taken away later."""
    for tag in once(some(r, world.pools["tags"], 4)).values():
        how = r.choice(("listed", "listed", "listed", "added", "removed"))
        world.add("person_tags", **mine(person), tag=tag, how=how, removed=how == "removed")


def _address(r: Random, world: World, person: Row, order: Row | None = None) -> None:
    """Of the customer, or of one of their orders: it is added if it is younger than the list."""
    country, province = r.choice(AREAS)
    north, east = perhaps(r, r.choice(POINTS), 0.7) or (None, None)
    if north is not None and east is not None and abs(north) < 89:
        north, east = north + r.choice((0, 0.001, -0.3)), max(-180.0, min(180.0, east + r.choice((0, 0.001, 0.5))))
    world.add(
        "addresses",
        **mine(person),
        number=world.number("addresses"),
        order_id=order and order["order_id"],
        placed_at=order and order["placed_at"],
        country=country,
        province=province,
        city=perhaps(r, r.choice(CITIES), 0.8),
        zip=perhaps(r, r.choice(world.pools["postcodes"])),
        latitude=north if north is None else round(north, 6),
        longitude=east if east is None else round(east, 6),
    )


def any_day(r: Random, world: World) -> date:
    """A day of somebody's life: of years that anniversaries know, and beside them."""
    if r.random() < 0.5:
        return r.choice(world.days)
    year = r.choice((1, 1899, 1900, 1984, 2000, world.now.year + 9, world.now.year + 10, 9999))
    return r.choice(
        (date(2000, 2, 29), *(one.replace(year=year) for one in world.days if (one.month, one.day) != (2, 29)))
    )


def _of_date(r: Random, world: World) -> tuple[str, str]:
    return "date", any_day(r, world).isoformat()


def _of_instant(r: Random, world: World) -> tuple[str, str]:
    """Shopify writes them in UTC, without saying so."""
    at = moment(r, world) if r.random() < 0.8 else datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    return "date_time", at.replace(tzinfo=None, microsecond=0).isoformat()


def _of_number(r: Random, world: World) -> tuple[str, str]:
    value = r.choice(NUMBERS)
    return "number_decimal" if "." in value else "number_integer", value


def _of_text(r: Random, world: World) -> tuple[str, str]:
    return r.choice(("single_line_text_field", "id")), r.choice(LEVELS)


def _of_truth(r: Random, world: World) -> tuple[str, str]:
    return "boolean", r.choice(("true", "false"))


def _of_list(r: Random, world: World) -> tuple[str, str]:
    kind, values = r.choice(
        (
            ("single_line_text_field", r.sample(LEVELS, r.randrange(4))),
            ("number_integer", r.sample((1, 5, 100), r.randrange(1, 4))),
            ("number_decimal", r.sample(("0.1", "2.50"), 2)),
            ("date", [any_day(r, world).isoformat() for _ in range(r.randrange(1, 3))]),
        )
    )
    return f"list.{kind}", json.dumps(values)


def _of_nothing(r: Random, world: World) -> tuple[str, Any]:
    """What no segment can ask for."""
    return r.choice((("json", '{"a": 1}'), ("multi_line_text_field", "gold"), ("file_reference", "gid://shopify/X/1")))


KINDS = (_of_date, _of_date, _of_instant, _of_number, _of_number, _of_text, _of_text, _of_truth, _of_list, _of_nothing)
