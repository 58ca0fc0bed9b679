"""A visit is what its signs come to, in whatever order they come."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from plugin.ingest.browsing import Agent, Page, Source
from plugin.ingest.events import Event, Stayed, Viewed
from plugin.profile import identity
from plugin.profile.apply import apply
from plugin.profile.visits import Visit, meeting
from plugin.store import tables
from plugin.store.engine import Tx, engine
from tests.conftest import NOON
from tests.factories import make_shop

ANN, BOB = "ann-visitor-0000000000000001", "bob-visitor-0000000000000001"
MINUTE = timedelta(minutes=1)
_numbers = itertools.count(1)
PHONE = Agent("mobile", "iOS", "Safari", "de")


def page(at: datetime, path: str = "/", visitor: str = ANN, by: str | None = None, **told: Any) -> Viewed:
    about = Page(path, **({"agent": PHONE} | told))
    return Viewed(by or f"event-{next(_numbers):06}", visitor, None, at, "page_viewed", page=about)


def visits(tx: Tx) -> list[Any]:
    order = tables.visits.c.started_at, tables.visits.c.person_id
    return list(tx.execute(select(tables.visits).order_by(*order)))


def test_thirty_minutes_of_silence_end_a_visit(tx: Tx, shop_id: int) -> None:
    first = page(
        NOON, "/blogs/news/wool", referrer="google.com", source=Source("google", "cpc", "winter"), by="event-ann-1"
    )
    signs: list[Event] = [first, page(NOON + 30 * MINUTE, "/products/parka"), Stayed(ANN, NOON + 40 * MINUTE)]
    apply(tx, shop_id, signs, now=NOON)
    apply(tx, shop_id, [page(NOON + 71 * MINUTE, "/cart")], now=NOON)

    morning, later = visits(tx)
    assert (morning.started_at, morning.ended_at, morning.seconds) == (NOON, NOON + 40 * MINUTE, 2_400)
    assert (morning.pages, morning.landing, morning.referrer) == (2, "/blogs/news/wool", "google.com")
    assert (morning.utm_source, morning.utm_medium, morning.utm_campaign) == ("google", "cpc", "winter")
    assert (morning.device, morning.platform, morning.browser, morning.language) == ("mobile", "iOS", "Safari", "de")
    assert (later.landing, later.pages, later.seconds, later.utm_source) == ("/cart", 1, 0, None)


def test_a_sign_that_comes_late_makes_one_visit_of_two(tx: Tx, shop_id: int) -> None:
    apply(tx, shop_id, [page(NOON), page(NOON + 50 * MINUTE, "/cart")], now=NOON)
    assert len(visits(tx)) == 2
    apply(tx, shop_id, [page(NOON + 25 * MINUTE, "/products/parka")], now=NOON)
    [hers] = visits(tx)
    assert (hers.pages, hers.landing, hers.seconds) == (3, "/", 3_000)


def test_two_browsers_of_one_person_are_two_visits(tx: Tx, shop_id: int) -> None:
    apply(tx, shop_id, [page(NOON), page(NOON + MINUTE, visitor=BOB)], now=NOON)
    for visitor in (ANN, BOB):
        ann = identity.person_of(tx, shop_id, visitor=visitor, customer_id=77, now=NOON)
    apply(tx, shop_id, [page(NOON + 2 * MINUTE), page(NOON + 2 * MINUTE, visitor=BOB)], now=NOON)
    assert [(row.person_id, row.pages) for row in visits(tx)] == [(ann, 2), (ann, 2)]


INSTANTS = st.integers(0, 12).map(lambda tens: NOON + 10 * MINUTE * tens)
PAGES = st.builds(
    page,
    at=INSTANTS,
    path=st.sampled_from(("/", "/cart")),
    visitor=st.sampled_from((ANN, BOB)),
    by=st.sampled_from([f"event-{letter}-000" for letter in "abcdefgh"]),
    source=st.none() | st.just(Source("news", None, None)),
)
STREAMS = st.lists(PAGES, min_size=1, max_size=8, unique_by=lambda one: one.event_id)


@given(pages=STREAMS, stays=st.lists(st.builds(Stayed, st.just(ANN), INSTANTS), max_size=3), chance=st.randoms())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_late_and_repeated_signs_leave_the_visits_that_the_sorted_stream_leaves(
    store: str, pages: list[Viewed], stays: list[Stayed], chance: Any
) -> None:
    events: list[Event] = [*pages, *stays]
    stirred = [*events, *chance.sample(events, k=len(events) // 2)]
    chance.shuffle(stirred)
    with engine().connect() as tx:
        assert after(tx, [events]) == after(tx, [[event] for event in stirred])
        assert after(tx, [events]) == after(tx, [stirred[:3], stirred[3:]])


def after(tx: Tx, batches: Sequence[Sequence[Event]]) -> list[Any]:
    """The visits of a new shop to whom these were told, by browser."""
    place = tx.begin_nested()
    shop_id = make_shop(tx)
    for batch in batches:
        apply(tx, shop_id, batch, now=NOON)
    browsers = dict(tx.execute(select(tables.visitors.c.id, tables.visitors.c.token)).all())
    unseen = {"id", "shop_id", "person_id", "visitor_id"}
    found = [
        (browsers[row.visitor_id], *(value for name, value in row._mapping.items() if name not in unseen))
        for row in visits(tx)
    ]
    place.rollback()
    return sorted(found, key=repr)


@given(st.lists(st.integers(0, 300), min_size=1, max_size=20))
def test_visits_never_meet(minutes: list[int]) -> None:
    found = meeting(Visit(NOON + MINUTE * each, NOON + MINUTE * each, 1) for each in minutes)
    assert sum(visit.pages for visit in found) == len(minutes)
    for one, other in itertools.pairwise(found):
        assert other.started_at - one.ended_at > 30 * MINUTE


@pytest.mark.parametrize("at", [NOON, NOON + 5 * MINUTE])
def test_a_page_told_again_counts_once(tx: Tx, shop_id: int, at: datetime) -> None:
    for told in ([page(NOON, by="event-once-1")], [page(at, by="event-once-1")] * 2):
        apply(tx, shop_id, told, now=NOON)
    assert [row.pages for row in visits(tx)] == [1]
