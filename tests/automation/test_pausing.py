"""Push services refuse all that an automation sends: it pauses by itself, says so, and goes on when it is told to."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from plugin.automation import lifecycle, pausing, steps, triggers
from plugin.delivery import claims, record, waiting
from plugin.report.status import overview
from plugin.store import tables
from plugin.store.engine import Tx
from tests.delivery.rows import delivery
from tests.delivery.wire import PushService
from tests.factories import make_person, make_product, make_subscription

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
REFUSED = PushService(lambda _push: 403)


def reminders(tx: Tx, shop_id: int, now: datetime, count: int) -> list[int]:
    """So many that are to be sent at `now`; their deliveries."""
    switch(tx, shop_id, now - HOUR)
    parka = make_product(tx, shop_id)
    line = {"product_id": parka, "variant_id": 1, "title": "Parka", "quantity": 1, "price": 900}
    tokens = [f"c{number}" for number in range(count)]
    for token in tokens:
        person = make_person(tx, shop_id)
        make_subscription(tx, shop_id, of=person)
        cart = {"shop_id": shop_id, "token": token, "person_id": person, "updated_at": now - MINUTE}
        tx.execute(tables.carts.insert().values(**cart, lines=[line], total=900))
    triggers.enroll(tx, shop_id, tokens, now - MINUTE)
    return [made for one in steps.due(tx, now) if (made := steps.advance(tx, one, now))]


def switch(tx: Tx, shop_id: int, now: datetime, *, enabled: bool = True) -> None:
    words = {"title": "Still there?", "body": ""}
    lifecycle.configure(tx, shop_id, "abandoned_cart", enabled=enabled, delay=MINUTE, now=now, **words)


def send(tx: Tx, ids: list[int], service: PushService, now: datetime) -> int:
    mine = claims.claim(tx, ids, now)
    record.finish(tx, mine, service.send([each.push for each in mine], now), now)
    return len(mine)


def paused(tx: Tx, shop_id: int) -> str | None:
    return lifecycle.find(tx, shop_id, "abandoned_cart").paused


def test_three_refusals_in_a_row_pause_it_and_the_rest_waits(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ids = reminders(tx, shop_id, at_noon, 5)
    for one in ids[:2]:
        send(tx, [one], REFUSED, at_noon)
    assert paused(tx, shop_id) is None

    send(tx, ids[2:3], REFUSED, at_noon)

    said = "fcm.googleapis.com refused 3 messages in a row and took none, so the rest waits."
    assert (paused(tx, shop_id) or "").startswith(said)
    assert send(tx, ids[3:], PushService(), at_noon) == 0
    assert [delivery(tx, one).state for one in ids] == ["rejected"] * 3 + ["queued"] * 2
    assert waiting.reminders(tx, at_noon + HOUR) == []
    stuck = [each for each in overview(tx, at_noon + HOUR).stuck if "paused itself" in each]
    assert len(stuck) == 1
    assert not any("Waiting deliveries" in each for each in overview(tx, at_noon + HOUR).stuck)


def test_it_goes_on_where_it_stopped(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ids = reminders(tx, shop_id, at_noon, 4)
    send(tx, ids[:3], REFUSED, at_noon)
    send(tx, ids[3:], PushService(), at_noon)

    pausing.resume(tx, shop_id, lifecycle.find(tx, shop_id, "abandoned_cart").id, at_noon + HOUR)

    assert waiting.reminders(tx, at_noon + HOUR) == ids[3:]
    assert send(tx, ids[3:], PushService(), at_noon + HOUR) == 1
    assert delivery(tx, ids[3]).state == "sent"


def test_what_waited_too_long_is_too_late(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ids = reminders(tx, shop_id, at_noon, 4)
    send(tx, ids[:3], REFUSED, at_noon)
    send(tx, ids[3:], PushService(), at_noon)
    late = delivery(tx, ids[3]).expires_at

    assert waiting.reminders(tx, late) == ids[3:]
    assert send(tx, ids[3:], PushService(), late) == 0
    assert delivery(tx, ids[3]).state == "expired"


def test_switched_off_and_on_it_goes_on_too_and_saving_alone_does_not(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    send(tx, reminders(tx, shop_id, at_noon, 3), REFUSED, at_noon)
    switch(tx, shop_id, at_noon)
    assert paused(tx, shop_id)

    switch(tx, shop_id, at_noon, enabled=False)
    switch(tx, shop_id, at_noon)

    assert tx.execute(select(tables.automations.c.paused_at, tables.automations.c.reason)).one() == (None, None)
