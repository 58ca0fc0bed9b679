"""What Shopify tells of people beside their orders, as values: the second half of `population.Someone`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from plugin.ingest.places import Place, on_sphere
from plugin.store import tables
from plugin.store.engine import Tx
from tests.factories import LONG_AGO

LONDON = Place("GB", "GB-ENG", "London", "SW1A1AA", 51.5014, -0.1419)
LEEDS = Place("GB", "GB-ENG", "Leeds", "LS11AA")
NEW_YORK = Place("US", "US-NY", "New York City", "10001", 40.7506, -73.9971)
PARIS = Place("FR", None, "Paris", "75001", 48.864, 2.331)
POLE = Place("US", None, None, None, 90.0, 0.0)
PLACES = (LONDON, LEEDS, NEW_YORK, PARIS, POLE, Place("IE", "IE-D"))
TEXTS = {
    "regions": ("GB-ENG", "US-NY", "IE-D", "JP-13"),
    "cities": ("GB-ENG-London", "US-NY-NewYorkCity", "FR-Paris", "GB-ENG-leeds", "DE-Berlin"),
    "postcodes": ("SW1A 1AA", "sw1a1aa", "10001", "75001", "0"),
    "language": ("en", "pt", "de"),
    "domain": ("example.com", "Example.COM", "beckon.test"),
    "currency": ("GBP", "USD", "EUR"),
    "discount": ("TEN", "ten", "Straße", "STRASSE", "nobody's"),
}
PATHS = (
    "customer.metafields.custom.level",
    "customer.metafields.facts.birth_date",
    "customer.metafields.custom.topics",
)
KEYS = (("custom", "level"), ("facts", "birth_date"), ("custom", "topics"), ("facts", "gender"))


@dataclass(frozen=True)
class Kept:
    """A metafield of KEYS. `overruled`: another customer's of the person counts."""

    path: tuple[str, str]
    texts: tuple[str, ...]
    number: float | None = None
    truth: bool | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Told:
    places: tuple[Place, ...] = ()
    account_status: str | None = None
    language: str | None = None
    email_domain: str | None = None
    subscriber_status: str | None = None
    spend_tier: str | None = None
    shopify_rfm_group: str | None = None
    abandoned_checkout_at: datetime | None = None
    companies: tuple[int, ...] = ()
    credits: tuple[tuple[str, int], ...] = ()
    metafields: tuple[Kept, ...] = ()
    overruled: bool = False
    """Its lists are, since another customer's of the person count."""

    @property
    def columns(self) -> dict[str, Any]:
        """Those of people."""
        names = ("account_status", "language", "email_domain", "subscriber_status", "spend_tier", "shopify_rfm_group")
        return {name: getattr(self, name) for name in (*names, "abandoned_checkout_at")}


def tellings(instants: st.SearchStrategy[datetime]) -> st.SearchStrategy[Told]:
    kept = st.sampled_from(KEYS).flatmap(
        lambda path: st.one_of(
            st.builds(Kept, st.just(path), st.sampled_from((("gold",), ("",), ("gold", "Gold"), ("it's", "日本")))),
            st.builds(Kept, st.just(path), st.just(("2.5",)), number=st.sampled_from((0.0, 0.1, 2.5, 100.0))),
            st.builds(Kept, st.just(path), st.just(("true",)), truth=st.booleans()),
            st.builds(Kept, st.just(path), st.just(("a day",)), at=instants),
        )
    )
    amounts = st.sampled_from((0, 1, 100, 999, 1_000, 10_000))
    return st.builds(
        Told,
        places=st.lists(st.sampled_from(PLACES), max_size=2, unique=True).map(tuple),
        account_status=st.sampled_from((None, "ENABLED", "INVITED")),
        language=st.sampled_from((None, "en", "pt")),
        email_domain=st.sampled_from((None, "example.com")),
        subscriber_status=st.sampled_from((None, "ACTIVE", "PAUSED")),
        spend_tier=st.sampled_from((None, "HIGH", "LOW")),
        shopify_rfm_group=st.sampled_from((None, "CHAMPIONS", "NEW")),
        abandoned_checkout_at=st.none() | instants,
        companies=st.lists(st.sampled_from((1, 2, 2**53 + 1)), max_size=2, unique=True).map(tuple),
        credits=st.lists(st.tuples(st.sampled_from(("GBP", "USD")), amounts), max_size=2).map(tuple),
        metafields=st.lists(kept, max_size=2, unique_by=lambda one: one.path).map(tuple),
        overruled=st.sampled_from((False, False, False, True)),
    )


def tell(tx: Tx, mine: dict[str, int], told: Told) -> None:
    """Puts it into the store; `mine`: shop, person and source."""
    dated = mine | {"changed_at": LONG_AGO}
    listed = dated | {"overruled": told.overruled}
    for place in told.places:
        tx.execute(tables.person_places.insert().values(**dated, **_place(place)))
    for company in told.companies:
        tx.execute(tables.person_companies.insert().values(**listed, company_id=company))
    for number, (currency, balance) in enumerate(told.credits):
        account = {"account_id": number + 1, "currency": currency, "balance": balance}
        tx.execute(tables.store_credits.insert().values(**listed, **account))
    for kept in told.metafields:
        meant = {"number": kept.number, "truth": kept.truth, "at": kept.at}
        named = {"namespace": kept.path[0], "key": kept.path[1], "type": "of a test"} | meant
        for position, text in enumerate(kept.texts):
            tx.execute(tables.person_metafields.insert().values(**listed, **named, position=position, text=text))


def _place(place: Place) -> dict[str, Any]:
    point: tuple[float | None, ...] = (None, None, None)
    if place.latitude is not None and place.longitude is not None:
        point = on_sphere(place.latitude, place.longitude)
    named = {name: getattr(place, name) for name in ("country", "region", "city", "city_key", "postcode", "key")}
    return (
        named
        | {"latitude": place.latitude, "longitude": place.longitude, "origin": "address"}
        | dict(zip("xyz", point, strict=True))
    )
