"""Where people are: regions, cities, postcodes, and how far away."""

from __future__ import annotations

import re
import unicodedata
from math import asin, cos, radians, sin, sqrt
from typing import Any

from tests.oracle.kinds import HELD, NULLS, Shop, held, text
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
        return any(
            haversine(there, (place["latitude"], place["longitude"])) <= longest
            for place in rows.of(person["id"], "person_places")
            if place["latitude"] is not None
        )

    return asked


def region(value: Piece) -> str:
    if not re.fullmatch("[A-Z]{2}-[A-Z0-9]{1,3}", text(value)):
        raise Refused("no region")
    return text(value)


def letters(city: str) -> str:
    plain = unicodedata.normalize("NFKD", city.casefold())
    return "".join(letter for letter in plain if letter.isalnum())


def postcode(value: Piece) -> str:
    return "".join(text(value).upper().split())


def places(column: str) -> Any:
    return lambda person, rows: {
        row[column] for row in rows.of(person["id"], "person_places") if row[column] is not None
    }


ENTRIES: dict[str, Filter | Question] = {
    "customer_regions": Filter(held("regions", HELD + NULLS, region), places("region"), "regions"),
    "customer_postcodes": Filter(held("postcodes", HELD + NULLS, postcode), places("postcode"), "postcodes"),
    "customer_within_distance": Question(within, named=True),
}
