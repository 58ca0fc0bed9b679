"""Postcodes and pages by how they begin: the same people by SQL and in memory, with case as it counts for each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import pytest

from plugin.profile.load import load_many
from plugin.segment.compile import compile_segment
from plugin.segment.errors import SegmentError
from plugin.segment.evaluate import belongs
from plugin.segment.format import canonical, sentence
from plugin.segment.parser import parse
from plugin.segment.sql import members
from plugin.store.engine import Tx
from plugin.store.tables import person_places, views, visitors, visits
from tests.factories import make_person

PEOPLE: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Ann": (("SW1A1AA",), ("/blogs/care/wool", "/")),
    "Bob": (("SW10AA", "10001"), ("/blogs",)),
    "Cleo": (("BS16XY",), ("/Blogs/care/wool",)),
    "Dan": ((), ()),
}
"""Their postcodes as they are kept, and the pages that they opened; the first is where they landed."""


def people(tx: Tx, shop_id: int, at: datetime) -> dict[int, str]:
    found: dict[int, str] = {}
    for number, (name, (postcodes, pages)) in enumerate(PEOPLE.items(), start=1):
        person = make_person(tx, shop_id, customer_id=number)
        mine = {"shop_id": shop_id, "person_id": person}
        for code in postcodes:
            place = {"source_id": person, "key": code, "origin": "address", "country": "GB", "postcode": code}
            tx.execute(person_places.insert().values(**mine, **place, changed_at=at))
        for page in pages:
            look = {"event_id": f"{name} {page}", "kind": "page_viewed", "path": page, "at": at}
            tx.execute(views.insert().values(**mine, **look))
        if pages:
            seen = {"token": name * 6, "created_at": at, "last_seen_at": at}
            [browser] = tx.execute(visitors.insert().values(**mine, **seen)).inserted_primary_key or ()
            visit = {"visitor_id": browser, "landing": pages[0], "seconds": 1, "pages": 1}
            tx.execute(visits.insert().values(**mine, **visit, started_at=at, ended_at=at))
        found[person] = name
    return found


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("customer_postcodes STARTS WITH 'sw1a'", {"Ann"}),
        ("customer_postcodes STARTS WITH 'SW1 0'", {"Bob"}),
        ("customer_postcodes STARTS WITH 'SW1'", {"Ann", "Bob"}),
        ("customer_postcodes NOT STARTS WITH 'SW1'", {"Cleo", "Dan"}),
        ("customer_postcodes STARTS WITH '%'", set()),
        ("customer_postcodes STARTS WITH 'SW1A1AAAAAAAAAAAAAAAAAAAAAAAA'", set()),
        ("page_viewed MATCHES (path STARTS WITH '/blogs/')", {"Ann"}),
        ("page_viewed MATCHES (path STARTS WITH '/blogs')", {"Ann", "Bob"}),
        ("page_viewed MATCHES (path STARTS WITH '/', count >= 2)", {"Ann"}),
        ("page_viewed MATCHES (path NOT STARTS WITH '/blogs')", {"Ann", "Cleo"}),
        ("page_viewed NOT MATCHES (path NOT STARTS WITH '/blogs')", {"Bob", "Dan"}),
        ("site_visited MATCHES (landing STARTS WITH '/Blogs')", {"Cleo"}),
    ],
)
def test_who_is_found_by_a_beginning(tx: Tx, shop_id: int, at_noon: datetime, query: str, names: set[str]) -> None:
    found = people(tx, shop_id, at_noon)
    checked = compile_segment(query, now=at_noon, timezone="UTC")

    assert {found[one] for one in tx.execute(members(checked, shop_id)).scalars()} == names
    assert {found[one.person_id] for one in load_many(tx, shop_id, found) if belongs(checked, one)} == names


def test_it_reads_as_it_is_meant(at_noon: datetime) -> None:
    query = "customer_postcodes not  starts with 'SW1' and page_viewed matches (path starts with '/blogs/')"
    assert canonical(parse(query)) == (
        "customer_postcodes NOT STARTS WITH 'SW1' AND page_viewed MATCHES (path STARTS WITH '/blogs/')"
    )
    assert sentence(compile_segment(query, now=at_noon, timezone="UTC")) == (
        "People who do not have an address with the postcode beginning with “SW1” "
        "and have opened a page beginning with “/blogs/”."
    )


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("customer_email_domain STARTS WITH 'ex'", "takes =, !=, IN, NOT IN, IS NULL, IS NOT NULL, not STARTS WITH"),
        ("customer_tags NOT STARTS WITH 'v'", "not NOT STARTS WITH"),
        ("customer_postcodes STARTS WITH ' '", "takes at least one character of a postcode"),
        ("page_viewed MATCHES (path STARTS WITH 'blogs')", "takes a path in single quotes such as '/pages/about'"),
        ("customer_postcodes STARTS 'SW1'", "stands where an operator"),
    ],
)
def test_what_has_no_beginning_to_ask_for_says_so(at_noon: datetime, query: str, said: str) -> None:
    with pytest.raises(SegmentError, match=said):
        compile_segment(query, now=at_noon, timezone="UTC")
