"""Where people's addresses are. Cities and postcodes only find somebody where the merchant keeps them."""

from __future__ import annotations

import re

from plugin.ingest.places import city_key, postcode_key
from plugin.segment.kinds import Unfit, labels
from plugin.store.tables import person_places

from .shape import Attribute, reads, some


def _region(code: str) -> str:
    if re.fullmatch("[A-Z]{2}-[A-Z0-9]{1,3}", code):
        return code
    raise Unfit("takes a region's ISO code in single quotes such as 'US-NY'.")


def _city(code: str) -> str:
    """`US-NY-NewYorkCity`, `FR-Paris`: the city's letters count."""
    found = re.fullmatch(r"([A-Z]{2}(?:-[A-Z0-9]{1,3}(?=-))?)-(.*\w.*)", code, re.DOTALL)
    if found is None:
        raise Unfit("takes a city with its country and region in single quotes such as 'US-NY-NewYorkCity'.")
    return city_key(found[1], found[2])


def _beginning(written: str) -> str:
    """`sw1a 1` → `SW1A1`, of a postcode's any length."""
    if not (letters := "".join(written.upper().split())):
        raise Unfit("takes at least one character of a postcode in single quotes, such as 'SW1A'.")
    return letters


ENTRIES = (
    Attribute(
        "customer_regions",
        labels("a region's ISO code in single quotes such as 'US-NY'", key=_region, name="regions"),
        some(person_places.c.region),
        lambda profile: frozenset(spot.region for spot in profile.spots if spot.region),
        reads=reads("spots"),
        verb="have an address in the region",
        noun="an address in any region",
    ),
    Attribute(
        "customer_cities",
        labels("a city in single quotes such as 'US-NY-NewYorkCity'", key=_city, name="cities"),
        some(person_places.c.city_key),
        lambda profile: frozenset(spot.city_key for spot in profile.spots if spot.city_key),
        reads=reads("spots"),
        verb="have an address in the city",
        noun="an address in any city",
    ),
    Attribute(
        "customer_postcodes",
        labels("a postcode in single quotes such as 'SW1A 1AA'", key=postcode_key, begins=_beginning, name="postcodes"),
        some(person_places.c.postcode),
        lambda profile: frozenset(spot.postcode for spot in profile.spots if spot.postcode),
        reads=reads("spots"),
        verb="have an address with the postcode",
        noun="an address with a postcode",
    ),
)
