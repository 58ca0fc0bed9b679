"""Where people's browsers are: what a shopper shared, or what the network address told."""

from __future__ import annotations

from operator import attrgetter

from plugin.ingest.places import letters
from plugin.profile.load import Profile
from plugin.segment.kinds import Kind, labels
from plugin.store.tables import person_located

from .shape import Attribute, reads, some

REGION = labels("a region's name in single quotes such as 'Bavaria'", key=letters, name="region by name")
CITY = labels("a city's name in single quotes such as 'San Francisco'", key=letters, name="city by name")


def _located(name: str, kind: Kind, column: str, verb: str, noun: str) -> Attribute:
    field = attrgetter(column)

    def read(profile: Profile) -> frozenset[str]:
        return frozenset({field(place) for place in profile.located} - {None})

    key = person_located.c[column]
    return Attribute(name, kind, some(key), read, reads=reads("located"), verb=verb, noun=noun)


ENTRIES = (
    _located("located_countries", Kind.COUNTRIES, "country", "were located in", "a located country"),
    _located("located_regions", REGION, "region_key", "were located in", "a located region"),
    _located("located_cities", CITY, "city_key", "were located in", "a located city"),
)
