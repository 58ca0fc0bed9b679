"""Addresses become places: webhooks and the Admin API say the same, and nothing that is odd gets through."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.ingest import places
from plugin.ingest.payload import Part
from plugin.ingest.places import Place

ADDRESS = frozenset({"address"})
WEBHOOK = {
    "country_code": "us",
    "province_code": "NY",
    "city": "New York City",
    "zip": "10001",
    "latitude": 40.75,
    "longitude": -73.99,
}
API = {
    "countryCodeV2": "US",
    "provinceCode": "NY",
    "city": "New York City",
    "zip": "10001",
    "latitude": 40.75,
    "longitude": -73.99,
}


def told(value: dict[str, Any]) -> list[Part | None]:
    return [None, Part("orders/create", "", value)]


def test_both_ways_say_the_same() -> None:
    here = Place("US", "US-NY", "New York City", "10001", 40.75, -73.99)
    assert places.of_webhook(told(WEBHOOK), ADDRESS) == places.of_api(told(API)) == (here,)


def test_what_the_merchant_does_not_want_does_not_leave_the_door() -> None:
    assert places.of_webhook(told(WEBHOOK), frozenset({"name"})) == (Place("US", "US-NY"),)


@pytest.mark.parametrize(
    ("country", "code", "region"),
    [
        ("JP", "JP-13", "JP-13"),
        ("GB", "eng", "GB-ENG"),
        ("FR", None, None),
        ("FR", "", None),
        ("US", "New York", None),
        ("US", 7, None),
    ],
)
def test_regions_are_iso_3166_2(country: str, code: object, region: str | None) -> None:
    (place,) = places.of_webhook(told({"country_code": country, "province_code": code}), ADDRESS)
    assert place.region == region


@pytest.mark.parametrize("odd", [True, "40.75", 91, float("nan"), [1], None])
def test_coordinates_are_both_degrees_or_none(odd: object) -> None:
    (place,) = places.of_webhook(told(WEBHOOK | {"latitude": odd}), ADDRESS)
    assert (place.latitude, place.longitude) == (None, None)


def test_an_address_without_a_country_is_no_place() -> None:
    assert places.of_webhook(told(WEBHOOK | {"country_code": None}), ADDRESS) == ()


def test_cities_are_told_apart_by_letters_alone() -> None:
    assert places.city_key("DE", "MÜNCHEN") == places.city_key("DE", "Mu\u0308nchen") == "de-munchen"
    assert places.city_key("US-NY", "New-York city") == "us-ny-newyorkcity"
    assert places.city_key("JP-13", "東京") == "jp-13-東京"


def test_postcodes_are_read_without_their_spaces() -> None:
    assert places.postcode_key(" sw1a 1aa ") == "SW1A1AA"
