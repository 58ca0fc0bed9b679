"""Where addresses are: countries and regions always, towns and coordinates only where the merchant wants them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from plugin.ingest.events import CustomerChanged, CustomersMerged, OrderChanged
from plugin.ingest.places import Place
from plugin.profile import contact
from plugin.profile.apply import apply
from plugin.store import tables
from plugin.store.engine import Tx
from tests.conftest import NOON
from tests.factories import make_shop

ANN, BEN = 2**53 + 1, 2**53 + 2
HOUR = timedelta(hours=1)
LEEDS = Place("GB", "GB-ENG", "Leeds", "LS11AA")
HULL = Place("GB", "GB-ENG", "Hull", "HU11AA", 53.7443, -0.3325)
PARIS = Place("FR", None, "Paris", "75001")


def customer(*places: Place, of: int = ANN, hours: int = 0) -> CustomerChanged:
    lands = tuple(dict.fromkeys(place.country for place in places))
    return CustomerChanged(of, None, NOON + hours * HOUR, countries=lands, places=places)


def order(*places: Place, hours: int, number: int = 1, **changes: Any) -> OrderChanged:
    at = NOON + hours * HOUR
    lands = tuple(dict.fromkeys(place.country for place in places))
    told = dict(name="#1", customer_id=ANN, placed_at=at, updated_at=at, cancelled_at=None, currency="GBP", total=100)
    told |= dict(refunds=(), test=False, lines=(), countries=lands, places=places)
    return OrderChanged(number, **(told | changes))


def held(tx: Tx, shop_id: int) -> list[tuple[str, str | None, str | None, str | None]]:
    of = tables.person_places.c
    query = select(of.country, of.region, of.city, of.postcode).where(of.shop_id == shop_id)
    return sorted((tuple(row) for row in tx.execute(query)), key=repr)


def test_without_the_switch_only_country_and_region_are_kept(tx: Tx, shop_id: int) -> None:
    apply(tx, shop_id, [customer(LEEDS, PARIS), order(HULL, hours=1)], now=NOON)
    assert held(tx, shop_id) == [("FR", None, None, None), ("GB", "GB-ENG", None, None)]


def test_with_the_switch_a_place_is_kept_whole_and_stands_on_the_sphere(tx: Tx, shop_id: int) -> None:
    contact.switch(tx, shop_id, "address", on=True)
    apply(tx, shop_id, [order(HULL, hours=1)], now=NOON)
    (row,) = tx.execute(select(tables.person_places)).all()
    assert (row.origin, row.city_key, row.postcode) == ("order", "gb-eng-hull", "HU11AA")
    assert (row.latitude, row.longitude) == (53.7443, -0.3325)
    assert abs(row.x**2 + row.y**2 + row.z**2 - 1) < 1e-12


def test_a_full_list_replaces_what_was_there_and_an_order_after_it_adds(tx: Tx, shop_id: int) -> None:
    contact.switch(tx, shop_id, "address", on=True)
    apply(tx, shop_id, [customer(LEEDS, PARIS), order(HULL, hours=1)], now=NOON)
    assert [row[2] for row in held(tx, shop_id)] == ["Paris", "Hull", "Leeds"]
    apply(tx, shop_id, [customer(LEEDS, hours=2)], now=NOON)
    assert [row[2] for row in held(tx, shop_id)] == ["Leeds"]


def test_switched_off_towns_are_gone_at_once_and_only_here(tx: Tx, shop_id: int) -> None:
    other = make_shop(tx, "other.myshopify.com", keeps_address=True)
    contact.switch(tx, shop_id, "address", on=True)
    for shop in (shop_id, other):
        apply(tx, shop, [customer(LEEDS, HULL, PARIS), order(LEEDS, hours=1)], now=NOON)
    contact.switch(tx, shop_id, "address", on=False)
    assert held(tx, shop_id) == [("FR", None, None, None), ("GB", "GB-ENG", None, None)]
    assert len(held(tx, other)) == 3
    apply(tx, shop_id, [customer(LEEDS, hours=3)], now=NOON)
    assert held(tx, shop_id) == [("GB", "GB-ENG", None, None)]


def test_places_of_a_customer_who_became_another_are_the_others(tx: Tx, shop_id: int) -> None:
    contact.switch(tx, shop_id, "address", on=True)
    apply(tx, shop_id, [customer(LEEDS, of=BEN), customer(PARIS, of=ANN)], now=NOON)
    apply(tx, shop_id, [CustomersMerged(BEN, ANN, NOON + HOUR)], now=NOON)
    assert len(set(tx.execute(select(tables.person_places.c.person_id)).scalars())) == 1
    apply(tx, shop_id, [customer(PARIS, of=ANN, hours=2)], now=NOON)
    assert [row[2] for row in held(tx, shop_id)] == ["Paris"]
