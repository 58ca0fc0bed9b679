"""A cart is left alone: who is reminded, of what, when, and who is not."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select

from plugin.audience.browsers import Browsers
from plugin.automation import carts, lifecycle, steps, triggers
from plugin.automation.recipes import RECIPES
from plugin.base.errors import BeckonError
from plugin.delivery import claims
from plugin.report import funnel
from plugin.store import tables
from plugin.store.engine import Tx
from plugin.store.tables import deliveries, enrollments
from tests.delivery.rows import row_of, set_state
from tests.factories import make_discount, make_order, make_person, make_product, make_subscription, make_variant

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def switch(tx: Tx, shop_id: int, now: datetime, *, enabled: bool = True, delay: timedelta = HOUR) -> None:
    recipe = RECIPES["abandoned_cart"]
    words = {"title": recipe.title, "body": recipe.body}
    lifecycle.configure(tx, shop_id, recipe.name, enabled=enabled, delay=delay, now=now, **words)


def line(product_id: int, price: int = 12_900, quantity: int = 1) -> dict[str, Any]:
    return {"product_id": product_id, "variant_id": 1, "title": "Line", "quantity": quantity, "price": price}


def cart(
    tx: Tx, shop_id: int, token: str, *, of: int | None, at: datetime, lines: Iterable[dict[str, Any]], **more: Any
) -> str:
    lines = list(lines)
    total = sum(each["price"] * each["quantity"] for each in lines)
    values = {"shop_id": shop_id, "token": token, "person_id": of, "updated_at": at, "lines": lines, "total": total}
    found = tables.carts.c.token == token
    if not tx.execute(tables.carts.update().where(found).values(**values, **more)).rowcount:
        tx.execute(tables.carts.insert().values(**values, **more))
    return token


def subscriber(tx: Tx, shop_id: int, **changes: Any) -> int:
    person = make_person(tx, shop_id, **changes)
    make_subscription(tx, shop_id, of=person)
    return person


def enrollment(tx: Tx, token: str) -> Row[Any]:
    return tx.execute(select(enrollments).where(enrollments.c.subject == token)).one()


def reminded(tx: Tx, token: str, now: datetime) -> Row[Any] | None:
    """What becomes of the reminder of this cart when its time has come."""
    made = steps.advance(tx, enrollment(tx, token).id, now)
    return row_of(tx, deliveries, made) if made else None


def test_the_very_product_in_the_message(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    switch(tx, shop_id, at_noon)
    ann = subscriber(tx, shop_id)
    parka = make_product(tx, shop_id, title="Harbour Parka", image_url="https://cdn.test/parka.jpg")
    socks = make_product(tx, shop_id, title="Socks")
    cart(tx, shop_id, "c1", of=ann, at=at_noon, lines=[line(socks, 900, 2), line(parka)])

    assert triggers.enroll(tx, shop_id, ["c1"], at_noon) == 1
    assert steps.due(tx, at_noon + HOUR - MINUTE) == []
    assert steps.due(tx, at_noon + HOUR) == [enrollment(tx, "c1").id]
    assert steps.due(tx, at_noon + HOUR) == []  # hinted a moment ago
    delivery = reminded(tx, "c1", at_noon + HOUR)
    assert delivery is not None
    assert steps.advance(tx, enrollment(tx, "c1").id, at_noon + HOUR) is None  # once
    (mine,) = claims.claim(tx, [delivery.id], at_noon + HOUR)

    said = json.loads(mine.push.payload)["notification"]
    assert (said["title"], said["body"]) == (
        "Still thinking about Harbour Parka?",
        "It is waiting in your cart at Vanta Outdoor.",
    )
    assert said["image"] == "https://cdn.test/parka.jpg"
    assert said["navigate"].startswith("https://vanta-outdoor.test/products/harbour-parka?utm_source=beckon")
    assert row_of(tx, deliveries, delivery.id).message["title"] == said["title"]


def test_the_way_back_into_the_checkout_if_shopify_told_it(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    switch(tx, shop_id, at_noon)
    back = "https://vanta-outdoor.test/checkouts/ac/1?key=2"
    parka = make_product(tx, shop_id)
    cart(tx, shop_id, "c1", of=subscriber(tx, shop_id), at=at_noon, lines=[line(parka)], recovery_url=back)
    triggers.enroll(tx, shop_id, ["c1"], at_noon)
    delivery = reminded(tx, "c1", at_noon + HOUR)
    assert delivery is not None
    (mine,) = claims.claim(tx, [delivery.id], at_noon + HOUR)
    assert json.loads(mine.push.payload)["notification"]["navigate"].startswith(back + "&utm_source=beckon")


def test_a_deleted_checkout_is_not_linked_to(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    switch(tx, shop_id, at_noon)
    parka = make_product(tx, shop_id, title="Harbour Parka", handle="harbour-parka")
    back = {"recovery_url": "https://vanta-outdoor.test/checkouts/k1/recover", "checkout_updated_at": at_noon}
    for token, of, gone in (("c1", "Ann", MINUTE), ("c2", "Bob", -MINUTE)):  # Bob's was an older checkout of the cart
        person = subscriber(tx, shop_id, locale=of)
        cart(tx, shop_id, token, of=person, at=at_noon, lines=[line(parka)], **back, checkout_deleted_at=at_noon + gone)
    triggers.enroll(tx, shop_id, ["c1", "c2"], at_noon)

    links = {token: carts.left_carts(tx, shop_id, [enrollment(tx, token).id]) for token in ("c1", "c2")}

    assert [left.url for found in links.values() for left in found.values()] == [
        "/products/harbour-parka",
        back["recovery_url"],
    ]


def test_a_reminder_goes_to_all_browsers_where_its_automation_says_so(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    words = {"title": "Still there?", "body": ""}
    chosen = {"delay": HOUR, "browsers": Browsers.ALL}
    lifecycle.configure(tx, shop_id, "abandoned_cart", enabled=True, now=at_noon - HOUR, **chosen, **words)
    ann = subscriber(tx, shop_id)
    make_subscription(tx, shop_id, of=ann)
    token = cart(tx, shop_id, "ann's", of=ann, at=at_noon, lines=[line(make_product(tx, shop_id))])
    triggers.enroll(tx, shop_id, [token], at_noon)
    made = steps.advance(tx, enrollment(tx, token).id, at_noon + HOUR)
    assert made is not None
    assert len(claims.claim(tx, [made], at_noon + HOUR)) == 2


def test_a_newer_change_of_the_cart_moves_the_reminder(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    switch(tx, shop_id, at_noon)
    ann, parka = subscriber(tx, shop_id), make_product(tx, shop_id)
    for minutes in (0, 20, 20):
        cart(tx, shop_id, "c1", of=ann, at=at_noon + minutes * MINUTE, lines=[line(parka)])
        triggers.enroll(tx, shop_id, ["c1"], at_noon)
    assert enrollment(tx, "c1").due_at == at_noon + 20 * MINUTE + HOUR


def test_bought_by_its_own_cart(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    switch(tx, shop_id, at_noon)
    parka = make_product(tx, shop_id)
    cart(tx, shop_id, "c1", of=subscriber(tx, shop_id), at=at_noon, lines=[line(parka)])
    triggers.enroll(tx, shop_id, ["c1"], at_noon)
    order = make_order(tx, shop_id, of=None, placed_at=at_noon + MINUTE, cart_token="c1")

    assert triggers.stop_bought(tx, shop_id, [order], at_noon) == 1
    assert (enrollment(tx, "c1").state, enrollment(tx, "c1").reason) == ("stopped", "bought")
    assert triggers.enroll(tx, shop_id, ["c1"], at_noon) == 0  # late news of the cart do not wake it


def test_bought_by_a_newer_order_of_the_same_person(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    switch(tx, shop_id, at_noon)
    ann, bob, parka = subscriber(tx, shop_id), subscriber(tx, shop_id), make_product(tx, shop_id)
    cart(tx, shop_id, "anns", of=ann, at=at_noon, lines=[line(parka)])
    cart(tx, shop_id, "bobs", of=bob, at=at_noon, lines=[line(parka)])
    triggers.enroll(tx, shop_id, ["anns", "bobs"], at_noon)
    order = make_order(tx, shop_id, of=ann, placed_at=at_noon + MINUTE)
    before = make_order(tx, shop_id, of=bob, placed_at=at_noon - MINUTE)

    assert triggers.stop_bought(tx, shop_id, [order, before], at_noon) == 1
    assert [enrollment(tx, each).state for each in ("anns", "bobs")] == ["stopped", "waiting"]


def test_bought_at_the_last_moment(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    switch(tx, shop_id, at_noon)
    ann, parka = subscriber(tx, shop_id), make_product(tx, shop_id)
    cart(tx, shop_id, "c1", of=ann, at=at_noon, lines=[line(parka)])
    triggers.enroll(tx, shop_id, ["c1"], at_noon)
    delivery = reminded(tx, "c1", at_noon + HOUR)
    assert delivery is not None
    make_order(tx, shop_id, of=ann, placed_at=at_noon + HOUR)  # its webhook was applied between the two

    assert claims.claim(tx, [delivery.id], at_noon + HOUR) == []
    skipped = row_of(tx, deliveries, delivery.id)
    assert (skipped.state, skipped.reason) == ("already_bought", "They have bought since.")
    assert (enrollment(tx, "c1").state, enrollment(tx, "c1").reason) == ("stopped", "bought")
    report = funnel.automation(tx, shop_id, "abandoned_cart")
    assert (report.enrolled, report.outcomes) == (1, [("already_bought", 1, "They have bought since.")])


@pytest.mark.parametrize(
    ("reason", "what"),
    [("emptied", "lines"), ("switched off", "switch"), ("unsubscribed", "browser"), ("no longer sold", "product")],
)
def test_what_changed_since_ends_the_reminder(tx: Tx, shop_id: int, at_noon: datetime, reason: str, what: str) -> None:
    switch(tx, shop_id, at_noon)
    ann, parka = subscriber(tx, shop_id), make_product(tx, shop_id)
    cart(tx, shop_id, "c1", of=ann, at=at_noon, lines=[line(parka)])
    triggers.enroll(tx, shop_id, ["c1"], at_noon)
    match what:
        case "lines":
            cart(tx, shop_id, "c1", of=ann, at=at_noon, lines=[])
        case "switch":
            switch(tx, shop_id, at_noon, enabled=False)
        case "browser":
            tx.execute(tables.subscriptions.update().values(state="unsubscribed"))
        case "product":
            tx.execute(tables.products.update().values(status="archived"))
    assert reminded(tx, "c1", at_noon + HOUR) is None
    assert (enrollment(tx, "c1").state, enrollment(tx, "c1").reason) == ("stopped", reason)


def test_an_emptied_cart_that_is_filled_again_is_reminded_of(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    switch(tx, shop_id, at_noon)
    ann, parka = subscriber(tx, shop_id), make_product(tx, shop_id)
    for minutes, lines, state in ((0, [line(parka)], "waiting"), (1, [], "stopped"), (2, [line(parka)], "waiting")):
        cart(tx, shop_id, "c1", of=ann, at=at_noon + minutes * MINUTE, lines=lines)
        triggers.enroll(tx, shop_id, ["c1"], at_noon)
        assert enrollment(tx, "c1").state == state


def test_of_several_carts_the_newest_reminds(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    switch(tx, shop_id, at_noon)
    ann, parka = subscriber(tx, shop_id), make_product(tx, shop_id)
    cart(tx, shop_id, "newer", of=ann, at=at_noon + MINUTE, lines=[line(parka)])
    cart(tx, shop_id, "older", of=ann, at=at_noon, lines=[line(parka)])
    triggers.enroll(tx, shop_id, ["newer"], at_noon)
    triggers.enroll(tx, shop_id, ["older"], at_noon)  # its webhook came late
    assert enrollment(tx, "newer").state == "waiting"
    assert (enrollment(tx, "older").state, enrollment(tx, "older").reason) == ("stopped", "newer cart")


def test_who_cannot_be_reached_and_what_was_before_triggers_nothing(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    parka = make_product(tx, shop_id)
    ann, nobody = subscriber(tx, shop_id), make_person(tx, shop_id)
    cart(tx, shop_id, "before", of=ann, at=at_noon - MINUTE, lines=[line(parka)])
    cart(tx, shop_id, "unknown", of=None, at=at_noon, lines=[line(parka)])
    cart(tx, shop_id, "no browser", of=nobody, at=at_noon, lines=[line(parka)])
    assert triggers.enroll(tx, shop_id, ["before", "unknown", "no browser"], at_noon) == 0  # it was never switched on
    switch(tx, shop_id, at_noon)
    assert triggers.enroll(tx, shop_id, ["before", "unknown", "no browser"], at_noon) == 0


def test_news_that_come_a_day_late_remind_nobody(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    switch(tx, shop_id, at_noon)
    cart(tx, shop_id, "c1", of=subscriber(tx, shop_id), at=at_noon, lines=[line(make_product(tx, shop_id))])
    assert triggers.enroll(tx, shop_id, ["c1"], at_noon + timedelta(hours=26)) == 0


def test_the_merchant_sees_what_is_set(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    (untouched,) = lifecycle.overview(tx, shop_id)
    assert (untouched.enabled, untouched.delay, untouched.recipe.name) == (False, HOUR, "abandoned_cart")
    switch(tx, shop_id, at_noon, delay=5 * MINUTE)
    switch(tx, shop_id, at_noon + HOUR, delay=10 * MINUTE)
    set_on = lifecycle.find(tx, shop_id, "abandoned_cart")
    assert (set_on.enabled, set_on.delay) == (True, 10 * MINUTE)
    assert tx.execute(select(tables.automations.c.enabled_at)).scalar_one() == at_noon  # it has been on since
    with pytest.raises(BeckonError, match="between 1 minute and 7 days"):
        switch(tx, shop_id, at_noon, delay=timedelta(0))
    with pytest.raises(BeckonError, match="no automation"):
        lifecycle.find(tx, shop_id, "birthday")


def test_a_shop_that_left_reminds_nobody(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    switch(tx, shop_id, at_noon)
    cart(tx, shop_id, "c1", of=subscriber(tx, shop_id), at=at_noon, lines=[line(make_product(tx, shop_id))])
    triggers.enroll(tx, shop_id, ["c1"], at_noon)
    set_state(tx, tables.shops, shop_id, uninstalled_at=at_noon)
    assert reminded(tx, "c1", at_noon + HOUR) is None
    assert enrollment(tx, "c1").reason == "the app was uninstalled"


def test_what_is_sold_out_is_not_reminded_of(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    switch(tx, shop_id, at_noon)
    ann = subscriber(tx, shop_id)
    parka, socks = make_product(tx, shop_id), make_product(tx, shop_id, title="Socks")
    make_variant(tx, shop_id, of=parka, variant_id=41, in_stock=False)
    make_variant(tx, shop_id, of=parka, variant_id=42)
    make_variant(tx, shop_id, of=socks, variant_id=43)
    lines = [line(parka) | {"variant_id": 41}, line(socks, 900) | {"variant_id": 43}]
    cart(tx, shop_id, "c1", of=ann, at=at_noon, lines=lines)
    triggers.enroll(tx, shop_id, ["c1"], at_noon)

    made = reminded(tx, "c1", at_noon + HOUR)
    assert made is not None
    assert about(tx, shop_id, "c1").product == "Socks"  # the parka was dearer, and cannot be had

    tx.execute(tables.variants.update().where(tables.variants.c.variant_id == 43).values(in_stock=False))
    assert claims.claim(tx, [made.id], at_noon + HOUR) == []
    assert (row_of(tx, deliveries, made.id).state, enrollment(tx, "c1").reason) == ("out_of_stock", "sold out")
    report = funnel.automation(tx, shop_id, "abandoned_cart")
    assert report.outcomes == [("out_of_stock", 1, "What it is about is sold out.")]


def test_the_price_is_that_of_the_moment_of_sending(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    switch(tx, shop_id, at_noon)
    ann = subscriber(tx, shop_id)
    parka, socks = make_product(tx, shop_id), make_product(tx, shop_id, title="Socks")
    make_variant(tx, shop_id, of=parka, variant_id=1, price=9_900)
    cart(tx, shop_id, "c1", of=ann, at=at_noon, lines=[line(parka, quantity=2), line(socks, 900)])
    triggers.enroll(tx, shop_id, ["c1"], at_noon)
    assert (about(tx, shop_id, "c1").price, about(tx, shop_id, "c1").total) == (12_900, 26_700)  # as the cart told

    tx.execute(
        tables.products.update().where(tables.products.c.product_id == parka).values(updated_at=at_noon + MINUTE)
    )

    assert (about(tx, shop_id, "c1").price, about(tx, shop_id, "c1").total) == (9_900, 20_700)


def about(tx: Tx, shop_id: int, token: str) -> carts.LeftCart:
    (found,) = carts.left_carts(tx, shop_id, [enrollment(tx, token).id]).values()
    return found


def test_a_reminder_whose_code_is_over_is_not_sent_and_says_why(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    words = {"title": "Come back", "body": "10 % off with WINTER10"}
    lifecycle.configure(tx, shop_id, "abandoned_cart", enabled=True, delay=HOUR, now=at_noon, **words)
    cart(tx, shop_id, "c1", of=subscriber(tx, shop_id), at=at_noon, lines=[line(make_product(tx, shop_id))])
    triggers.enroll(tx, shop_id, ["c1"], at_noon)
    made = reminded(tx, "c1", at_noon + HOUR)
    assert made is not None
    make_discount(tx, shop_id, "WINTER10", ends_at=at_noon)

    assert claims.claim(tx, [made.id], at_noon + HOUR) == []

    said = "The code WINTER10 ended on 18 November 2026, 12:00."
    row = row_of(tx, deliveries, made.id)
    assert (row.state, row.reason) == ("no_longer_matching", said)
    assert enrollment(tx, "c1").reason == "the code is over"
    assert funnel.automation(tx, shop_id, "abandoned_cart").outcomes == [("no_longer_matching", 1, said)]
