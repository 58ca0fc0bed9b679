"""Who has a place within so many kilometres or miles of a point.

Places stand in the rows as points on a sphere of radius 1. Near is a short chord between two of them: a few
multiplications, which SQLite, PostgreSQL and Python do alike to the last bit. Points whose z is further away than the
chord is long are left out by the index first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Double, Select, Table, literal, select, union_all

from plugin.ingest.places import on_sphere
from plugin.profile.load import Profile
from plugin.segment.kinds import Coordinates, Family, Kind, Takes, Unfit
from plugin.store.tables import people, person_located, person_places

from .shape import Argument, Question, reads

RADIUS_KM: Final = 6371.0088
"""The Earth's mean radius (IUGG)."""
KM_IN_MILE: Final = 1.609344
_SLACK: Final = 1e-9
"""The index looks so much further than the chord: a centimetre, against what floats lose."""


def _coordinates(text: str) -> Coordinates:
    found = re.fullmatch(r"\s*([+-]?\d{1,3}(?:\.\d{1,15})?)\s*,\s*([+-]?\d{1,3}(?:\.\d{1,15})?)\s*", text, re.ASCII)
    if found is None or abs(float(found[1])) > 90 or abs(float(found[2])) > 180:
        raise Unfit(f"takes {COORDINATES.example}.")
    return Coordinates(float(found[1]), float(found[2]))


COORDINATES: Final = Kind(
    "coordinates",
    Family.IDENTITY,
    Takes.TEXT,
    "a latitude and a longitude in degrees such as '51.5072,-0.1276'",
    key=_coordinates,
    quoted=False,
)


def _settled(meanings: Mapping[str, Any]) -> tuple[Coordinates, float]:
    """The point, and the square of the longest chord."""
    given = [meanings[name].start * km for name, km in _UNITS.items() if name in meanings]
    if len(given) != 1:
        raise Unfit("takes one of distance_km and distance_mi.")
    if given[0] <= 0:
        raise Unfit("takes a distance of more than 0.")
    half_angle = min(given[0] / RADIUS_KM, math.pi) / 2
    return meanings["coordinates"], (2 * math.sin(half_angle)) ** 2


_UNITS = {"distance_km": 1.0, "distance_mi": KM_IN_MILE}


def _near(shop_id: int, point: Coordinates, longest: float) -> ColumnElement[bool]:
    """One set of people from both tables: an `OR` of two would make the planner ask everybody."""
    here = on_sphere(point.latitude, point.longitude)
    chord = math.sqrt(longest) + _SLACK

    def within(table: Table) -> Select[Any]:
        axes = tuple(zip((table.c.x, table.c.y, table.c.z), here, strict=True))
        box = (each.between(_double(at - chord), _double(at + chord)) for each, at in axes)
        east, north, up = (each - _double(at) for each, at in axes)
        near = east * east + north * north + up * up <= _double(longest)
        return select(table.c.person_id).where(table.c.shop_id == shop_id, *box, near)

    return people.c.id.in_(union_all(within(person_places), within(person_located)))


def _double(value: float) -> ColumnElement[float]:
    return literal(value, Double)


def _is_near(profile: Profile, point: Coordinates, longest: float) -> bool:
    x, y, z = on_sphere(point.latitude, point.longitude)
    return any(
        (one[0] - x) * (one[0] - x) + (one[1] - y) * (one[1] - y) + (one[2] - z) * (one[2] - z) <= longest
        for one in profile.points
    )


ENTRIES = (
    Question(
        "customer_within_distance",
        (
            Argument("coordinates", COORDINATES),
            Argument("distance_km", Kind.FLOAT, required=False, says="{words} kilometres"),
            Argument("distance_mi", Kind.FLOAT, required=False, says="{words} miles"),
        ),
        _near,
        _is_near,
        reads=reads("points"),
        says="have a place within {distance_km}{distance_mi} of {coordinates}",
        named=True,
        settle=_settled,
    ),
)
