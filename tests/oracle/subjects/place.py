"""Where people are: regions, cities, postcodes, and how far away."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from math import asin, cos, radians, sin, sqrt
from typing import Any

from tests.oracle.kinds import COUNTRIES, HELD, NULLS, Shop, beginning, held, text
from tests.oracle.rows import Row, Rows
from tests.oracle.scanning import Piece, Refused
from tests.oracle.subjects import Filter, Question, Verdict

RADIUS_KM = 6_371.0088
KM_IN_MILE = 1.609344


def haversine(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Kilometres along the ground between two points in degrees."""
    (north, east), (far_north, far_east) = (tuple(map(radians, point)) for point in (one, other))
    half = sin((far_north - north) / 2) ** 2 + cos(north) * cos(far_north) * sin((far_east - east) / 2) ** 2
    return 2 * RADIUS_KM * asin(min(1.0, sqrt(half)))


def point(value: Piece) -> tuple[float, float]:
    parts = text(value).split(",")
    if len(parts) != 2 or not all(re.fullmatch(r"\s*[+-]?\d{1,3}(\.\d{1,15})?\s*", part, re.ASCII) for part in parts):
        raise Refused("no point")
    north, east = map(float, parts)
    if abs(north) > 90 or abs(east) > 180:
        raise Refused("not on Earth")
    return north, east


def within(values: tuple[tuple[str, Piece], ...], _: Shop) -> Verdict:
    given = dict(values)
    if set(given) not in ({"coordinates", "distance_km"}, {"coordinates", "distance_mi"}):
        raise Refused("a point and one distance")
    [(name, (kind, number))] = [(name, value) for name, value in given.items() if name != "coordinates"]
    if kind != "number" or number <= 0:
        raise Refused("no distance")
    longest = float(number) * (KM_IN_MILE if name == "distance_mi" else 1)
    there = point(given["coordinates"])

    def asked(person: Row, rows: Rows) -> bool:
        places = (*(standing(person, rows) if rows.shop["keeps_address"] else ()), *browsers(person, rows))
        return any(
            haversine(there, (place["latitude"], place["longitude"])) <= longest
            for place in places
            if place["latitude"] is not None
        )

    return asked


def region(value: Piece) -> str:
    if not re.fullmatch("[A-Z]{2}-[A-Z0-9]{1,3}", text(value)):
        raise Refused("no region")
    return text(value)


def letters(name: str) -> str:
    """What tells names apart: letters and figures, without case and accents."""
    plain = (one for letter in name.casefold() for one in unicodedata.normalize("NFKD", letter))
    return "".join(letter for letter in plain if unicodedata.category(letter)[0] in "LN")


def city(value: Piece) -> tuple[str, str]:
    """`US-NY-Newark`, `FR-Paris`: the area, the letters of the city."""
    land, _, rest = text(value).partition("-")
    area, _, name = rest.partition("-")
    if not re.fullmatch("[A-Z]{2}", land) or not re.search(r"\w", rest):
        raise Refused("no city")
    if re.fullmatch("[A-Z0-9]{1,3}", area) and re.search(r"\w", name):
        return f"{land}-{area}", letters(name)
    return land, letters(rest)


def postcode(value: Piece) -> str:
    return code(text(value))


def postcode_begun(value: Piece) -> str:
    if not postcode(value):
        raise Refused("no beginning")
    return postcode(value)


def code(written: str) -> str:
    return "".join(written.upper().split())


def standing(person: Row, rows: Rows) -> list[Row]:
    """The customer's addresses as told last, and those of orders placed since."""
    told = rows.of(person["id"], "addresses")
    return [one for one in told if one["order_id"] is None or one["placed_at"] > person["said_at"]]


def browsers(person: Row, rows: Rows) -> list[Row]:
    """Where the shopper said they are last, and where the network's address was last."""
    last = {one["told_by"]: one for one in sorted(rows.of(person["id"], "located"), key=lambda one: one["at"])}
    return list(last.values())


def area(address: Row) -> str | None:
    """`US-NY`, also where Shopify writes the country with the province."""
    province = address["province"]
    return f"{address['country']}-{province.split('-')[-1]}" if province else None


def city_of(address: Row) -> tuple[str, str] | None:
    return (area(address) or address["country"], letters(address["city"])) if address["city"] else None


def held_of(told: Callable[[Row], Any], *, fine: bool) -> Callable[[Row, Rows], set[Any]]:
    """Of all addresses; what is `fine` only where the shop keeps it."""

    def value(person: Row, rows: Rows) -> set[Any]:
        known = rows.shop["keeps_address"] or not fine
        return {told(one) for one in standing(person, rows) if known} - {None}

    return value


def located(told: Callable[[Row], Any]) -> Callable[[Row, Rows], set[Any]]:
    return lambda person, rows: {told(one) for one in browsers(person, rows)} - {None}


def name_of(part: str) -> Callable[[Row], str | None]:
    return lambda one: letters(one[part]) if one[part] else None


def name(value: Piece) -> str:
    return letters(text(value))


BY_NAME = held("places by name", HELD + NULLS, name)
ENTRIES: dict[str, Filter | Question] = {
    "customer_regions": Filter(held("regions", HELD + NULLS, region), held_of(area, fine=False), "regions"),
    "customer_cities": Filter(held("cities", HELD + NULLS, city), held_of(city_of, fine=True), "cities"),
    "customer_postcodes": Filter(
        beginning(held("postcodes", HELD + NULLS, postcode), postcode_begun),
        held_of(lambda one: code(one["zip"]) if one["zip"] else None, fine=True),
        "postcodes",
    ),
    "customer_within_distance": Question(within, named=True),
    "located_countries": Filter(COUNTRIES, located(lambda one: one["country"]), "countries"),
    "located_regions": Filter(BY_NAME, located(name_of("region")), "located_regions"),
    "located_cities": Filter(BY_NAME, located(name_of("city")), "located_cities"),
}
