"""Other tools tell what they know; each event is kept once, for the right person, or refused with a sentence."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from plugin.api import bodies
from plugin.api.told import FORGOTTEN, NO_CUSTOMER, NO_EMAILS, NO_VISITOR
from plugin.base import clock
from plugin.base.errors import Unreadable
from plugin.ingest import api_keys, tombstones
from plugin.profile.identity import person_of
from plugin.profile.load import load
from plugin.segment.compile import compile_segment
from plugin.segment.evaluate import belongs
from plugin.segment.sql import members
from plugin.store import tables
from plugin.store.engine import transaction
from tests.conftest import NOON
from tests.factories import make_person

from .conftest import Tool

ANN = "ann-visitor-0000000000000001"


def points(event_id: str = "points-1", **changes: Any) -> dict[str, Any]:
    return {"event_id": event_id, "name": "loyalty_points", "customer_id": 77, "value": 120} | changes


def rows() -> list[Any]:
    with transaction() as tx:
        return list(tx.execute(select(tables.custom_events).order_by(tables.custom_events.c.id)))


def test_an_event_makes_a_member(tool: Tool, shop: int) -> None:
    with transaction() as tx:
        ann = make_person(tx, shop, customer_id=77)
    assert tool.tells(points()).get_json() == {
        "kept": 1,
        "known": 0,
        "refused": 0,
        "results": [{"event_id": "points-1", "status": "kept"}],
    }
    for query in ("event('loyalty_points', value > 100, date >= -3h)", "event MATCHES (name = 'Loyalty_Points')"):
        checked = compile_segment(query, now=NOON, timezone="Europe/London")
        with transaction() as tx:
            assert list(tx.execute(members(checked, shop)).scalars()) == [ann]
            assert belongs(checked, load(tx, shop, ann))


def test_told_again_it_is_known_and_told_first_it_stays(tool: Tool) -> None:
    tool.tells(points())
    again = tool.tells(points(value=999), points("points-2"), points("points-2")).get_json()
    assert [one["status"] for one in again["results"]] == ["known", "kept", "refused"]
    assert [row.value for row in rows()] == [120, 120]


def test_people_are_found_by_number_by_browser_and_by_a_kept_address(tool: Tool, shop: int) -> None:
    with transaction() as tx:
        ann = make_person(tx, shop, customer_id=77, email="Ann@Example.com")
        bea = person_of(tx, shop, visitor=ANN, customer_id=None, now=NOON)
    theirs = [
        points("one"),
        points("two", customer_id=None, visitor=ANN),
        points("three", customer_id=None, email="ann@example.com"),
    ]
    assert [one.get("error") for one in tool.tells(*theirs).get_json()["results"]] == [None, None, NO_EMAILS]
    with transaction() as tx:
        tx.execute(tables.shops.update().values(keeps_email=True))
    strangers = [
        points("four", customer_id=None, email="bob@example.com"),
        points("five", customer_id=None, visitor="nobodys-visitor-000001"),
    ]
    assert [one.get("error") for one in tool.tells(theirs[2], *strangers).get_json()["results"]] == [
        None,
        NO_CUSTOMER,
        NO_VISITOR,
    ]
    assert [row.person_id for row in rows()] == [ann, bea, ann]


def test_a_customer_of_whom_shopify_has_not_told_yet_is_one(tool: Tool) -> None:
    tool.tells(points(customer_id="gid://shopify/Customer/9007199254740993"))
    with transaction() as tx:
        assert tx.execute(select(tables.people.c.customer_id)).scalars().all() == [2**53 + 1]


def test_who_was_erased_is_not_brought_back(tool: Tool, shop: int) -> None:
    with transaction() as tx:
        tombstones.bury(tx, shop, [(tombstones.CUSTOMER, "77")], NOON)
    assert tool.tells(points()).get_json()["results"][0]["error"] == FORGOTTEN
    assert rows() == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"event_id": "x" * 101}, '"event_id" is not up to 100'),
        ({"event_id": None}, '"event_id" is missing'),
        ({"name": "two words"}, '"name" is not up to 60'),
        ({"customer_id": None}, "says whose it is"),
        ({"email": "ann@example.com"}, "says whose it is"),
        ({"customer_id": "ann"}, '"customer_id" is not an id'),
        ({"customer_id": None, "email": "ann"}, '"email" is not an e-mail address'),
        ({"value": "120"}, '"value" is not a number'),
        ({"value": True}, '"value" is not a number'),
        ({"value": 10**300}, '"value" is not a number between'),
        ({"text": "x" * 201}, '"text" is longer than 200'),
        ({"at": "2026-11-18T12:00:00"}, '"at" is not an instant with its zone'),
        ({"at": "2026-11-18T13:00:00Z"}, '"at" lies in the future'),
        ({"at": "1999-01-01T00:00:00Z"}, '"at" lies in the future or more than ten years'),
        ({"points": 1}, "'points' is not a field"),
    ],
)
def test_what_cannot_be_used_is_named_and_the_rest_is_kept(tool: Tool, changes: Any, sentence: str) -> None:
    told = tool.tells(points() | changes, points("good")).get_json()
    assert sentence in told["results"][0]["error"]
    assert told["results"][1] == {"event_id": "good", "status": "kept"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"events": []}', b'{"events": 1}', b"[" * 100_000])
def test_what_is_no_batch_is_refused(tool: Tool, body: bytes) -> None:
    answer = tool.sends(body)
    assert answer.status_code == 400
    assert answer.get_json()["error"].endswith(".")


def test_a_batch_has_its_size(tool: Tool) -> None:
    assert tool.tells(*[points(str(number)) for number in range(501)]).status_code == 400
    assert tool.sends(b" " * (bodies.LONGEST + 1)).status_code == 413
    assert tool.tells(*[points(str(number)) for number in range(500)]).get_json()["kept"] == 500


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer bk_nothing", "Basic Zm9v", "Bearer \N{ROBOT FACE}"])
def test_without_a_key_nothing_is_heard(tool: Tool, header: str) -> None:
    encoded = header.encode("utf-8").decode("latin-1")
    answer = tool.tells(points(), Authorization=encoded)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="Beckon events"')
    assert rows() == []


def test_a_key_is_a_hash_is_noted_and_can_be_revoked(tool: Tool, shop: int) -> None:
    tool.tells(points())
    with transaction() as tx:
        [key] = api_keys.valid(tx, shop)
        kept = tx.execute(select(tables.api_keys.c.key_hash)).scalar_one()
        assert tool.key.encode() not in bytes(kept)
        assert (key.ending, key.last_used_at) == (tool.key[-4:], NOON)
        api_keys.revoke(tx, shop, key.id, NOON)
    assert tool.tells(points("later")).status_code == 401


def test_a_shop_that_left_is_told_of_nobody(tool: Tool) -> None:
    with transaction() as tx:
        tx.execute(tables.shops.update().values(uninstalled_at=NOON))
    assert tool.tells(points()).status_code == 401


def test_who_tells_too_much_waits_and_then_goes_on(tool: Tool) -> None:
    with transaction() as tx:
        tx.execute(tables.api_keys.update().values(left=1))
    answer = tool.tells(points("one"), points("two"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    with clock.stopped_at(NOON + timedelta(seconds=1)):
        assert tool.tells(points("one"), points("two")).get_json()["kept"] == 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from([*points(), "visitor", "email", "text", "at"]), JSON))
def test_whatever_comes_is_read_or_refused_with_a_sentence(changes: dict[str, Any]) -> None:
    told = points() | changes
    try:
        body = json.dumps({"events": [told]}).encode()
    except ValueError:
        return
    try:
        [found] = bodies.items(body, NOON)
    except Unreadable:
        return
    assert isinstance(found, bodies.Item) or found.sentence.endswith(".")


def test_merged_customers_keep_their_events(tool: Tool, shop: int) -> None:
    from plugin.ingest.events import CustomersMerged
    from plugin.profile.apply import apply

    tool.tells(points("one"), points("two", customer_id=78))
    with transaction() as tx:
        apply(tx, shop, [CustomersMerged(lost_id=77, kept_id=78, at=NOON)], now=NOON)
        assert tx.execute(select(func.count(tables.custom_events.c.person_id.distinct()))).scalar_one() == 1
