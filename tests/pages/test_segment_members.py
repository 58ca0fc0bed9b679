"""A segment's members and versions as a merchant reads them: since when and why, as a file, and back to one before."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from plugin.base import clock
from plugin.segment import saved, versions
from plugin.segment.what_if import what_if
from plugin.store import tables
from plugin.store.engine import snapshot, transaction
from tests.conftest import NOON
from tests.factories import make_person, make_segment, make_shop, make_subscription
from tests.pages.conftest import Merchant

EARLIER = NOON - timedelta(days=3)


@pytest.fixture
def loyal(shop: int) -> int:
    """Saved three days ago with Ann, Ben and a visitor in it; changed since, so that Ben is out and Cem is in."""
    with transaction() as tx:
        ann = make_person(tx, shop, customer_id=101, number_of_orders=5, amount_spent=9_000)
        make_subscription(tx, shop, of=ann)
        make_person(tx, shop, customer_id=102, number_of_orders=3)
        make_person(tx, shop, number_of_orders=4)
        make_person(tx, shop, customer_id=103, number_of_orders=1, amount_spent=100_000)
        segment_id = saved.create(tx, shop, "Loyal", "number_of_orders > 2", EARLIER, by="Alice")
        again = "number_of_orders > 3 OR amount_spent > 500"
        saved.save(tx, shop, segment_id, "Dear", again, NOON - timedelta(days=1), by="Bob")
    return segment_id


def test_members_stand_with_since_when_and_why(alice: Merchant, loyal: int) -> None:
    page = alice.opens(f"/segments/{loyal}/members")

    assert page.text_of("a", class_="row") == ["#101", page.text_of("a", class_="row")[1], "#103"]
    assert page.text_of("a", class_="row")[1].startswith("Visitor")
    assert any("the segment was changed: version 2" in words for words in page.text_of("td", class_="wraps quiet"))
    assert "3 members" in page.text_of("span", class_="quiet")
    lately = " ".join(page.text_of("ul", class_="plain moves"))
    assert "Left #102 yesterday 12:00" in lately
    assert f"#segment-{loyal}" in " ".join(page.links)


def test_one_member_is_found_by_their_number_and_of_others_it_is_said_why_not(alice: Merchant, loyal: int) -> None:
    assert alice.opens(f"/segments/{loyal}/members?customer=%23103").text_of("a", class_="row") == ["#103"]
    nobody = alice.opens(f"/segments/{loyal}/members?customer=102")
    assert "Nobody in it has the number 102" in nobody.text_of("h2")
    assert f"/segments/{loyal}/why" in nobody.forms
    alice.opens(f"/segments/{loyal}/members?customer=abc")


def test_many_members_come_in_pages_that_join_without_a_gap(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        for number in range(120):
            make_person(tx, shop, customer_id=number + 1)
        everybody = saved.create(tx, shop, "All", "", NOON)

    here, seen = f"/segments/{everybody}/members", []
    for _ in range(3):
        page = alice.opens(here)
        seen += page.text_of("a", class_="row")
        more = [link for link in page.links if "after=" in link]
        here = more[-1] if more else ""

    assert seen == [f"#{number + 1}" for number in range(120)]
    assert here == ""


def test_members_are_exported_a_line_each(alice: Merchant, loyal: int) -> None:
    answer = alice.client.get(f"/segments/{loyal}/members.csv")

    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert [row["customer"] for row in rows] == ["101", "", "103"]
    assert (rows[0]["spent"], rows[0]["currency"], rows[0]["reachable"]) == ("90.00", "GBP", "yes")
    assert (rows[2]["why"], rows[2]["detail"]) == ("edit", "version 2")
    assert datetime.fromisoformat(rows[0]["since"]) == EARLIER


def test_versions_say_who_changed_what_and_what_it_did_to_the_members(alice: Merchant, loyal: int) -> None:
    page = alice.opens(f"/segments/{loyal}/versions")

    assert page.text_of("h2")[:2] == ["Version 2", "Version 1"]
    said = " ".join(page.text_of("ol", class_="offers"))
    assert "3 members: 1 joined and 1 left by it." in said
    assert "Renamed from “Loyal” to “Dear”." in said
    assert ", Bob" in said
    assert page.text_of("del") == ["number_of_orders > 2"]
    assert page.text_of("ins") == ["number_of_orders > 3", "amount_spent > 500"]

    alice.sends(f"/segments/{loyal}", name="Dearest", query="number_of_orders > 4")
    latest = alice.opens(f"/segments/{loyal}/versions").text_of("span", class_="quiet")[0]
    assert latest.endswith(", in the panel")


def test_restoring_shows_what_it_would_do_before_it_does_it(alice: Merchant, shop: int, loyal: int) -> None:
    page = alice.opens(f"/segments/{loyal}/versions/1")

    assert page.text_of("dd") == ["3", "3", "1", "1"]
    assert any("becomes “Loyal” again" in words for words in page.text_of("p"))
    with snapshot() as tx:
        assert saved.find(tx, shop, loyal).name == "Dear"

    assert alice.sends(f"/segments/{loyal}/versions/1").location == f"/segments/{loyal}/versions"

    with snapshot() as tx:
        segment = saved.find(tx, shop, loyal)
        latest = versions.every(tx, shop, loyal)[0]
    assert (segment.name, segment.query) == ("Loyal", "number_of_orders > 2")
    assert (latest.number, latest.restores, latest.joined, latest.left) == (3, 1, 1, 1)
    assert "Took back version 1" in alice.opens(f"/segments/{loyal}/versions").text_of("span", class_="badge info")


def test_what_would_be_is_what_then_is(shop: int, loyal: int) -> None:
    with transaction() as tx:
        for query in ("", "number_of_orders > 2", "customer_tags CONTAINS 'x'", "number_of_orders = 1"):
            would = what_if(tx, shop, loyal, query, NOON)
            saved.save(tx, shop, loyal, "Dear", query, NOON)
            latest = versions.every(tx, shop, loyal)[0]
            assert (would.then, would.joined, would.left) == (latest.members, latest.joined, latest.left)


def test_a_version_that_cannot_be_read_any_more_says_so_and_is_not_restored(
    alice: Merchant, shop: int, loyal: int
) -> None:
    with transaction() as tx:
        of = tables.segment_versions.c
        tx.execute(tables.segment_versions.update().where(of.number == 1).values(query="shoe_size > 40"))

    page = alice.opens(f"/segments/{loyal}/versions/1")
    assert "shoe_size" in page.text_of("div", class_="banner critical")[0]
    assert f"/segments/{loyal}/versions/1" not in page.forms
    alice.opens(f"/segments/{loyal}/versions/9", status=404)


def test_the_size_over_time_stands_on_the_insight_page(alice: Merchant, loyal: int) -> None:
    page = alice.opens(f"/segments/{loyal}/insight")

    plots = [str(svg.get("aria-label")) for svg in page.all("svg") if "plot" in str(svg.get("class"))]
    assert any(label.startswith("Size: from 0 on 21 Aug to 3 on 18 Nov") for label in plots)
    assert any(label.startswith("Joined: 4; left: 1") for label in plots)


def test_another_shops_members_and_versions_are_not_shown(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        other = make_shop(tx, "other.myshopify.com")
        theirs = make_segment(tx, other, "", "Theirs")
    for page in ("members", "members.csv", "versions", "versions/1"):
        assert alice.client.get(f"/segments/{theirs}/{page}").status_code == 404
    assert alice.sends(f"/segments/{theirs}/versions/1").status_code == 404
    with clock.stopped_at(NOON), snapshot() as tx:
        assert tx.execute(select(tables.segment_versions)).all() == []
