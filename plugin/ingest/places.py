"""Where an address is: country and region always, anything finer only where the merchant switched "address" on.

Webhooks and the Admin API name the same things differently; here they become the same.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from .payload import Part, country

LONGEST_CITY: Final = 100
LONGEST_POSTCODE: Final = 20


@dataclass(frozen=True, slots=True)
class Place:
    """`region` is ISO 3166-2, `US-NY`; `postcode` in capitals without spaces; coordinates in degrees, both or none."""

    country: str
    region: str | None = None
    city: str | None = None
    postcode: str | None = None
    latitude: float | None = None
    longitude: float | None = None

    @property
    def coarse(self) -> Place:
        """What may be kept of it where "address" is off."""
        return Place(self.country, self.region)

    @property
    def city_key(self) -> str | None:
        """What a segment's `'US-NY-NewYorkCity'` is compared with; None without a city."""
        return city_key(self.region or self.country, self.city) if self.city else None

    @property
    def key(self) -> str:
        """The whole place as one text: two equal ones are one place."""
        parts = (self.country, self.region, self.city, self.postcode, self.latitude, self.longitude)
        return "|".join("" if part is None else str(part) for part in parts)


def of_webhook(addresses: Iterable[Part | None], keeps: frozenset[str]) -> tuple[Place, ...]:
    """The places of a webhook's addresses; those that are hidden, or have no country, are none."""
    names = _Names("country_code", "province_code", "city", "zip", "latitude", "longitude")
    return _places(addresses, names, fine="address" in keeps)


def of_api(addresses: Iterable[Part | None]) -> tuple[Place, ...]:
    """The places of the Admin API's addresses. Only what was asked for is there."""
    return _places(
        addresses, _Names("countryCodeV2", "provinceCode", "city", "zip", "latitude", "longitude"), fine=True
    )


def countries(places: Iterable[Place]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(place.country for place in places))


def city_key(area: str, city: str) -> str:
    """`US-NY`, `New York City` → `us-ny-newyorkcity`: case, accents, spaces and signs do not tell cities apart."""
    return f"{area.casefold()}-{letters(city)}"


def letters(text: str) -> str:
    """`New York City` → `newyorkcity`: case, accents, spaces and signs do not tell names apart."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if letter.isalnum())


def postcode_key(written: str) -> str:
    """`sw1a 1aa` → `SW1A1AA`."""
    return "".join(written.upper().split())[:LONGEST_POSTCODE]


def on_sphere(latitude: float, longitude: float) -> tuple[float, float, float]:
    """The point on a sphere of radius 1. Databases need no sines then: who is near has a short chord to the point."""
    north, east = math.radians(latitude), math.radians(longitude)
    return math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)


@dataclass(frozen=True, slots=True)
class _Names:
    country: str
    region: str
    city: str
    postcode: str
    latitude: str
    longitude: str


def _places(addresses: Iterable[Part | None], names: _Names, *, fine: bool) -> tuple[Place, ...]:
    found = (_place(address, names, fine=fine) for address in addresses if address is not None)
    return tuple(dict.fromkeys(place for place in found if place is not None))


def _place(address: Part, names: _Names, *, fine: bool) -> Place | None:
    land = country(address, names.country)
    if land is None:
        return None
    area = _region(land, address.value.get(names.region))
    if not fine:
        return Place(land, area)
    north, east = _degrees(address, names.latitude, 90), _degrees(address, names.longitude, 180)
    located = north is not None and east is not None
    return Place(
        land,
        area,
        city=_text(address, names.city)[:LONGEST_CITY] or None,
        postcode=postcode_key(_text(address, names.postcode)) or None,
        latitude=north if located else None,
        longitude=east if located else None,
    )


def _region(land: str, code: object) -> str | None:
    """Shopify's codes are the second half of ISO 3166-2, of some countries (Japan) the whole."""
    if not isinstance(code, str) or not re.fullmatch(r"[A-Za-z0-9]{1,3}|[A-Za-z]{2}-[A-Za-z0-9]{1,3}", code):
        return None
    return f"{land}-{code.upper().removeprefix(f'{land}-')}"


def _text(address: Part, key: str) -> str:
    """An address is free text: one that is odd, or hidden, is none, and the rest of the payload is read."""
    found = address.text_if_any(key, 1_000_000) if isinstance(address.value.get(key), str) else None
    return " ".join((found or "").split())


def _degrees(address: Part, key: str, most: int) -> float | None:
    found = address.value.get(key)
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal):
        return None
    degrees = float(found)
    return round(degrees, 6) if abs(degrees) <= most else None
