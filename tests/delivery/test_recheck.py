"""At the moment of sending it is asked once more: the segment, the stock, the purchase, the code. And only where a
message needs it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from plugin.automation import lifecycle as automations
from plugin.automation import moves, steps
from plugin.campaign import lifecycle
from plugin.campaign.matching import FRESH
from plugin.delivery import claims, waiting
from plugin.report import funnel
from plugin.segment import saved
from plugin.store import tables
from plugin.store.engine import Tx
from tests.delivery.rows import campaign, delivery, fanned_out, row_of, set_state, states, subscribers
from tests.factories import (
    make_discount,
    make_order,
    make_person,
    make_product,
    make_shop,
    make_subscription,
    make_variant,
)

MINUTE = timedelta(minutes=1)
LATER = FRESH + MINUTE
PARKA = {"url": "/products/harbour-parka?utm_medium=x"}


def reached(tx: Tx, ids: list[int], at: datetime) -> list[int]:
    return [each.push.delivery_id for each in claims.claim(tx, ids, at)]


def vips(tx: Tx, shop_id: int, now: datetime, count: int = 2) -> tuple[int, list[int]]:
    """A segment of people who ordered, and its people."""
    segment_id = saved.create(tx, shop_id, "Buyers", "number_of_orders > 0", now)
    people = [make_person(tx, shop_id, customer_id=number, number_of_orders=1) for number in range(1, count + 1)]
    for person in people:
        make_subscription(tx, shop_id, of=person)
        tx.execute(tables.memberships.insert().values(_member(shop_id, segment_id, person, now)))
    return segment_id, people


def _member(shop_id: int, segment_id: int, person_id: int, now: datetime) -> dict[str, Any]:
    return {"shop_id": shop_id, "segment_id": segment_id, "person_id": person_id, "entered_at": now}


def leaves(tx: Tx, person: int) -> None:
    set_state(tx, tables.people, person, number_of_orders=0)
    tx.execute(tables.memberships.delete().where(tables.memberships.c.person_id == person))


def test_who_left_the_segment_since_is_not_sent_it(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    segment_id, (ann, _) = vips(tx, shop_id, at_noon)
    sale, ids = fanned_out(tx, shop_id, at_noon, segment_id=segment_id)
    leaves(tx, ann)

    assert reached(tx, ids, at_noon + LATER) == ids[1:]

    row = delivery(tx, ids[0])
    assert (row.state, row.reason) == ("no_longer_matching", "They are not in the segment any more.")
    assert funnel.campaign(tx, shop_id, sale).outcomes[0] == ("no_longer_matching", 1, row.reason)


def test_what_was_answered_a_moment_ago_is_not_asked_again(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    segment_id, (ann, _) = vips(tx, shop_id, at_noon)
    _, ids = fanned_out(tx, shop_id, at_noon, segment_id=segment_id)
    leaves(tx, ann)

    assert reached(tx, ids, at_noon + FRESH - MINUTE) == ids


def test_a_campaign_may_go_to_everybody_who_was_in_when_it_began(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    segment_id, (ann, _) = vips(tx, shop_id, at_noon)
    _, ids = fanned_out(tx, shop_id, at_noon, segment_id=segment_id, asks_segment=False)
    leaves(tx, ann)

    assert reached(tx, ids, at_noon + LATER) == ids


@pytest.mark.parametrize("since", ["edited", "deleted", "being settled"])
def test_the_question_stays_the_one_that_was_sent(tx: Tx, shop_id: int, at_noon: datetime, since: str) -> None:
    """Kept members answer what is asked now; then the campaign's own query is asked."""
    segment_id, (ann, bob) = vips(tx, shop_id, at_noon)
    _, ids = fanned_out(tx, shop_id, at_noon, segment_id=segment_id)
    leaves(tx, ann)
    if since == "edited":
        saved.save(tx, shop_id, segment_id, "Buyers", "number_of_orders > 99", at_noon)
    elif since == "deleted":
        saved.delete(tx, shop_id, segment_id, at_noon)
    else:
        set_state(tx, tables.segments, segment_id, settling_from=at_noon)
        tx.execute(tables.memberships.delete().where(tables.memberships.c.person_id == bob))

    assert reached(tx, ids, at_noon + LATER) == ids[1:]


def test_members_are_looked_up_once_a_batch(tx: Tx, shop_id: int, at_noon: datetime, statements: list[str]) -> None:
    segment_id, _ = vips(tx, shop_id, at_noon, count=5)
    _, ids = fanned_out(tx, shop_id, at_noon, segment_id=segment_id)
    _, plain = fanned_out(tx, shop_id, at_noon)
    statements.clear()
    claims.claim(tx, plain, at_noon + LATER)
    without = len(statements)
    assert not [words for words in statements if "memberships" in words or "products" in words or "codes" in words]
    statements.clear()

    claims.claim(tx, ids, at_noon + LATER)

    assert len([words for words in statements if "memberships" in words]) == 1
    assert len(statements) == without + 1


@pytest.mark.parametrize(
    ("stock", "reason"),
    [
        ({"in_stock": False}, "Harbour Parka is sold out."),
        ({"status": "draft"}, "Harbour Parka is not sold any more."),
        ({"deleted_at": True}, "Harbour Parka is not sold any more."),
        ({}, None),
    ],
)
def test_a_campaign_about_what_cannot_be_bought_goes_to_nobody_more(
    tx: Tx, shop_id: int, at_noon: datetime, stock: dict[str, Any], reason: str | None
) -> None:
    subscribers(tx, shop_id, 2)
    of_product = {
        name: at_noon if name == "deleted_at" else value for name, value in stock.items() if name != "in_stock"
    }
    parka = make_product(tx, shop_id, **of_product)
    make_variant(tx, shop_id, of=parka, in_stock=stock.get("in_stock", True))
    sale, ids = fanned_out(tx, shop_id, at_noon, **PARKA)

    assert reached(tx, ids, at_noon) == ([] if reason else ids)

    if reason:
        assert {(delivery(tx, one).state, delivery(tx, one).reason) for one in ids} == {("out_of_stock", reason)}
        assert campaign(tx, sale).state == "sent"
        assert funnel.campaign(tx, shop_id, sale).outcomes == [("out_of_stock", 2, reason)]


def test_a_message_may_be_sent_of_what_is_sold_out(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 1)
    make_variant(tx, shop_id, of=make_product(tx, shop_id), in_stock=False)
    _, ids = fanned_out(tx, shop_id, at_noon, asks_stock=False, **PARKA)

    assert reached(tx, ids, at_noon) == ids


def test_the_variant_that_the_link_names_is_what_counts(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 1)
    parka = make_product(tx, shop_id)
    make_variant(tx, shop_id, of=parka, variant_id=41, in_stock=False)
    make_variant(tx, shop_id, of=parka, variant_id=42)
    for url, goes in (
        ("/products/harbour-parka", True),
        ("/products/harbour-parka?variant=42", True),
        ("/products/harbour-parka?variant=41", False),
        ("/cart/41:1", False),
        ("/cart/41:1,42:1", True),
        ("/products/unknown", True),  # what Beckon does not know it does not judge
    ):
        _, ids = fanned_out(tx, shop_id, at_noon, url=url)
        assert (reached(tx, ids, at_noon) == ids) is goes, url


def test_who_has_bought_it_since_is_not_told_of_it(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    people = [make_person(tx, shop_id) for _ in range(5)]
    for person in people:
        make_subscription(tx, shop_id, of=person)
    parka, socks = make_product(tx, shop_id), make_product(tx, shop_id, title="Socks")
    _, ids = fanned_out(tx, shop_id, at_noon, **PARKA)
    before, since = at_noon - MINUTE, at_noon + MINUTE
    make_order(tx, shop_id, of=people[0], placed_at=since, lines=[(socks, 1), (parka, 1)])
    make_order(tx, shop_id, of=people[1], placed_at=before, lines=[(parka, 1)])
    make_order(tx, shop_id, of=people[2], placed_at=since, lines=[(socks, 1)])
    make_order(tx, shop_id, of=people[3], placed_at=since, lines=[(parka, 1)], cancelled_at=since)
    stranger = make_shop(tx, "other.myshopify.com")
    make_order(tx, stranger, of=people[4], placed_at=since, lines=[(parka, 1)])

    assert reached(tx, ids, at_noon + 2 * MINUTE) == ids[1:]
    row = delivery(tx, ids[0])
    assert (row.state, row.reason) == ("already_bought", "They have bought Harbour Parka since.")


def test_a_campaign_may_go_to_those_who_have_it_too(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ann = make_person(tx, shop_id)
    make_subscription(tx, shop_id, of=ann)
    parka = make_product(tx, shop_id)
    _, ids = fanned_out(tx, shop_id, at_noon, asks_purchase=False, **PARKA)
    make_order(tx, shop_id, of=ann, placed_at=at_noon + MINUTE, lines=[(parka, 1)])

    assert reached(tx, ids, at_noon + 2 * MINUTE) == ids


CODES = [
    ({"ends_at": "before"}, "The code WINTER10 ended on 18 November 2026, 11:59."),
    ({"status": "expired"}, "The code WINTER10 is over: its discount has ended or was switched off in Shopify."),
    ({"deleted_at": "before"}, "The code WINTER10 was deleted in Shopify."),
    ({"removed": True}, "The code WINTER10 was deleted in Shopify."),
    ({"starts_at": "after"}, "The code WINTER10 does not hold before 18 November 2026, 12:01."),
    ({"ends_at": "after", "starts_at": "before"}, None),
    ({"status": "scheduled"}, None),  # since when is not told
]


@pytest.mark.parametrize(("changes", "reason"), CODES)
@pytest.mark.parametrize("words", [{"body": "20 % off with WINTER10"}, {"url": "/discount/winter10?redirect=/"}])
def test_a_campaign_whose_code_is_over_pauses_and_says_so(
    tx: Tx, shop_id: int, at_noon: datetime, changes: dict[str, Any], reason: str | None, words: dict[str, str]
) -> None:
    subscribers(tx, shop_id, 2)
    at = {"before": at_noon - MINUTE, "after": at_noon + MINUTE}
    make_discount(tx, shop_id, "WINTER10", **{name: at.get(str(value), value) for name, value in changes.items()})
    sale, ids = fanned_out(tx, shop_id, at_noon, **words)

    assert reached(tx, ids, at_noon) == ([] if reason else ids)

    if reason:
        paused = campaign(tx, sale)
        assert (paused.state, states(tx, sale)) == ("paused", {"queued": 2})
        assert (
            paused.reason == f"{reason} Change it in Shopify and go on, or go on to send the message with it as it is."
        )
        assert waiting.ahead(tx, sale, at_noon) == []


def test_who_goes_on_sends_it_as_it_is_until_another_code_is_over(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 3)
    make_discount(tx, shop_id, "WINTER10", status="expired")
    other = make_discount(tx, shop_id, "ALSO20")
    sale, ids = fanned_out(tx, shop_id, at_noon, body="WINTER10 or ALSO20")
    assert reached(tx, ids, at_noon) == []

    lifecycle.resume(tx, shop_id, sale, at_noon)
    assert reached(tx, ids[:1], at_noon) == ids[:1]

    tx.execute(tables.discounts.update().where(tables.discounts.c.discount_id == other).values(status="expired"))
    assert reached(tx, ids[1:2], at_noon) == []
    assert "ALSO20" in campaign(tx, sale).reason
    lifecycle.resume(tx, shop_id, sale, at_noon)
    assert reached(tx, ids, at_noon) == ids[1:]


def test_a_code_that_holds_again_is_sent(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    """It was taken off one discount and given to another."""
    subscribers(tx, shop_id, 1)
    make_discount(tx, shop_id, "WINTER10", removed=True)
    make_discount(tx, shop_id, "WINTER10")
    make_discount(tx, shop_id, "WINTER10", status="expired")
    _, ids = fanned_out(tx, shop_id, at_noon, body="WINTER10")
    assert reached(tx, ids, at_noon) == ids


def test_what_is_no_code_of_the_shop_s_is_a_word(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 1)
    make_discount(tx, make_shop(tx, "other.myshopify.com"), "WINTER10", status="expired")
    make_discount(tx, shop_id, "Sale", status="expired")  # as Shopify writes it; the message only shouts
    _, ids = fanned_out(tx, shop_id, at_noon, body="WINTER10 in our SALE", url="/discount/NEVER-HEARD")
    assert reached(tx, ids, at_noon) == ids


def test_who_waits_for_the_morning_is_asked_in_the_morning(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 1)
    parka = make_product(tx, shop_id)
    make_variant(tx, shop_id, of=parka, in_stock=False)
    night = {"shop_id": shop_id, "quiet_from": 11 * 60, "quiet_until": 13 * 60, "updated_at": at_noon}
    tx.execute(tables.sending_limits.insert().values(night))
    _, ids = fanned_out(tx, shop_id, at_noon, **PARKA)
    assert reached(tx, ids, at_noon) == []
    assert delivery(tx, ids[0]).state == "queued"  # sold out now; who knows by then

    tx.execute(tables.variants.update().values(in_stock=True))
    assert reached(tx, ids, at_noon + 61 * MINUTE) == ids


def test_what_may_have_arrived_says_so(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 1)
    make_variant(tx, shop_id, of=make_product(tx, shop_id))
    _, ids = fanned_out(tx, shop_id, at_noon, **PARKA)
    assert json.loads(claims.claim(tx, ids, at_noon)[0].push.payload)["web_push"] == 8030
    set_state(tx, tables.deliveries, ids[0], state="unknown")  # its worker died
    tx.execute(tables.variants.update().values(in_stock=False))

    assert reached(tx, ids, at_noon + MINUTE) == []
    said = "Harbour Parka is sold out. It may have arrived before: a try to send it was never answered."
    assert (delivery(tx, ids[0]).state, delivery(tx, ids[0]).reason) == ("out_of_stock", said)


@pytest.mark.parametrize(
    ("what", "outcome", "reason"),
    [("sold out", "out_of_stock", "sold out"), ("bought", "already_bought", "bought"), ("allowed", "sending", None)],
)
def test_an_automation_about_a_product_asks_the_same(
    tx: Tx, shop_id: int, at_noon: datetime, what: str, outcome: str, reason: str | None
) -> None:
    segment_id, (ann,) = vips(tx, shop_id, at_noon, count=1)
    chosen: dict[str, Any] = {"enabled": True, "delay": timedelta(0), "title": "New", "body": "", **PARKA}
    stock = what != "allowed"
    automations.configure(
        tx, shop_id, "entered_segment", segment_id=segment_id, now=at_noon, asks_stock=stock, **chosen
    )
    parka = make_product(tx, shop_id)
    make_variant(tx, shop_id, of=parka, in_stock=what == "bought")
    its = automations.find(tx, shop_id, "entered_segment", segment_id).id or 0
    assert moves.enroll_members(tx, shop_id, its, at_noon) == 1
    (enrollment,) = steps.due(tx, at_noon)
    made = steps.advance(tx, enrollment, at_noon)
    assert made is not None
    if what == "bought":
        make_order(tx, shop_id, of=ann, placed_at=at_noon + MINUTE, lines=[(parka, 1)])

    claims.claim(tx, [made], at_noon + 2 * MINUTE)

    assert delivery(tx, made).state == outcome
    assert row_of(tx, tables.enrollments, enrollment).reason == reason
