"""Who may send what: one worker each, and nobody whom it should not reach any more."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from plugin.audience import consent
from plugin.base import settings
from plugin.campaign import lifecycle
from plugin.delivery import claims, waiting
from plugin.message.content import Template, payload, render
from plugin.message.links import tracked
from plugin.store import tables
from plugin.store.engine import Tx
from plugin.store.upsert import insert_new
from tests.delivery.rows import campaign, delivery, fanned_out, row_of, set_state, states, subscribers
from tests.factories import make_delivery, make_person, make_subscription

HOUR = timedelta(hours=1)


def test_a_delivery_is_claimed_once(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 3)
    _, ids = fanned_out(tx, shop_id, at_noon)

    assert sorted(each.push.delivery_id for each in claims.claim(tx, ids, at_noon)) == ids
    assert claims.claim(tx, ids, at_noon) == []


def test_a_push_carries_all_that_a_push_service_asks_for(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 1)
    _, ids = fanned_out(tx, shop_id, at_noon, ttl=3_600)
    later = at_noon + timedelta(minutes=10)

    (mine,) = claims.claim(tx, ids, later)

    row = delivery(tx, ids[0])
    assert (mine.push.topic, mine.push.ttl, mine.push.urgency) == (row.token, 3_000, "normal")
    said = json.loads(mine.push.payload)
    assert said["web_push"] == 8030
    assert said["notification"] | {"navigate": ""} == {
        "title": "Winter is here",
        "body": "Coats are 20 % off until Sunday.",
        "navigate": "",
        "tag": row.token,
        "silent": False,
        "data": {"delivery": row.token},
    }
    assert said["notification"]["navigate"] == (
        "https://vanta-outdoor.test/collections/coats"
        f"?utm_source=beckon&utm_medium=push&utm_campaign=Winter+coats&bk={row.token}"
    )


def test_what_everybody_reads_is_written_once_and_carries_each_ones_token(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    words = Template(
        '50 % "off"\\', "Für alle 🎉\nbis Sonntag", "/a?x=1&bk=old#top", "https://vanta-outdoor.test/é.png"
    )
    subscribers(tx, shop_id, 2)
    title, body, url, image = words.title, words.body, words.url, words.image
    _, ids = fanned_out(tx, shop_id, at_noon, title=title, body=body, url=url, image_url=image, name="Ümläut & co")

    claimed = claims.claim(tx, ids, at_noon)

    assert len({each.push.topic for each in claimed}) == 2
    for each in claimed:
        message = render(words, {}, "https://vanta-outdoor.test")
        link = tracked(message.url, each.push.topic, "Ümläut & co")
        assert each.push.payload == payload(replace(message, url=link), each.push.topic)


def test_a_personal_message_is_kept_as_it_was_sent(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ann = make_person(tx, shop_id, customer_id=1, number_of_orders=3, amount_spent=18_250)
    make_subscription(tx, shop_id, of=ann)
    title = "{{ customer.number_of_orders }} orders, {{ customer.amount_spent }} at {{ shop.name }}"
    _, ids = fanned_out(tx, shop_id, at_noon, title=title, url="/pages/thanks")

    claims.claim(tx, ids, at_noon)

    kept = delivery(tx, ids[0]).message
    assert kept["title"] == "3 orders, £182.50 at Vanta Outdoor"
    assert kept["url"].startswith("https://vanta-outdoor.test/pages/thanks?")


def test_who_has_a_name_is_called_by_it_and_the_proof_calls_nobody(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    for name in ("Ann", None):
        make_subscription(tx, shop_id, of=make_person(tx, shop_id, customer_id=len(name or ""), first_name=name))
    title = "Hello {{ customer.first_name | default: 'there' }}"
    _, ids = fanned_out(tx, shop_id, at_noon, title=title, url="/hi?{{ customer.first_name | default: 'x' }}")

    claimed = claims.claim(tx, ids, at_noon)

    said = sorted(json.loads(each.push.payload)["notification"]["title"] for each in claimed)
    assert said == ["Hello Ann", "Hello there"]
    assert {delivery(tx, one).message["title"] for one in ids} == {"Hello there"}
    assert all("Ann" not in json.dumps(delivery(tx, one).message) for one in ids)


def test_a_message_that_cannot_be_written_for_one_person_fails_for_that_person(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    make_subscription(tx, shop_id, of=make_person(tx, shop_id, customer_id=1, number_of_orders=3))
    make_subscription(tx, shop_id, of=make_person(tx, shop_id))  # never ordered
    sale, ids = fanned_out(tx, shop_id, at_noon, title="Thanks for {{ customer.number_of_orders }} orders")

    assert [each.push.delivery_id for each in claims.claim(tx, ids, at_noon)] == ids[:1]
    failed = delivery(tx, ids[1])
    assert (failed.state, failed.reason) == (
        "failed",
        "{{ customer.number_of_orders }} has no value here and no default.",
    )
    assert states(tx, sale) == {"sending": 1, "failed": 1}


def test_who_unsubscribed_since_is_left_out(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ann, bob = subscribers(tx, shop_id, 2)
    _, ids = fanned_out(tx, shop_id, at_noon)
    consent.withdraw(tx, shop_id, row_of(tx, tables.subscriptions, ann).endpoint, at_noon)
    consent.gone(tx, [bob], "The browser has ended its subscription.", at_noon)

    assert claims.claim(tx, ids, at_noon) == []
    assert [(delivery(tx, each).state, delivery(tx, each).reason) for each in ids] == [
        ("unsubscribed", None),
        ("gone", None),
    ]


@pytest.mark.parametrize("what", ["uninstalled", "customer deleted"])
def test_nobody_is_sent_anything_who_is_not_the_shops_any_more(
    tx: Tx, shop_id: int, at_noon: datetime, what: str
) -> None:
    ann = make_person(tx, shop_id, customer_id=1)
    make_subscription(tx, shop_id, of=ann)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    if what == "uninstalled":
        set_state(tx, tables.shops, shop_id, uninstalled_at=at_noon)
    else:
        set_state(tx, tables.people, ann, customer_deleted_at=at_noon)

    assert claims.claim(tx, ids, at_noon) == []
    assert states(tx, sale) == {"uninstalled" if what == "uninstalled" else "deleted": 1}
    assert campaign(tx, sale).state == "sent"  # done: everybody has an outcome


def test_a_paused_campaign_waits_and_then_goes_on(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 2)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    lifecycle.pause(tx, shop_id, sale, at_noon)
    assert claims.claim(tx, ids, at_noon) == []
    assert waiting.ahead(tx, sale, at_noon + HOUR) == []
    assert states(tx, sale) == {"queued": 2}

    lifecycle.resume(tx, shop_id, sale, at_noon)

    assert waiting.ahead(tx, sale, at_noon) == ids
    assert len(claims.claim(tx, ids, at_noon)) == 2


def test_a_cancelled_campaign_reaches_nobody_more(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 3)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    claims.claim(tx, ids[:1], at_noon)
    lifecycle.cancel(tx, shop_id, sale, at_noon)

    assert states(tx, sale) == {"sending": 1, "cancelled": 2}
    waiting.forget_the_dead(tx, at_noon + settings.current().lease)  # its worker died, too
    assert states(tx, sale) == {"cancelled": 3}
    assert claims.claim(tx, ids, at_noon) == []


def test_nothing_is_sent_late(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 1)
    sale, ids = fanned_out(tx, shop_id, at_noon, ttl=60)

    assert claims.claim(tx, ids, at_noon + timedelta(seconds=60)) == []
    assert (delivery(tx, ids[0]).state, delivery(tx, ids[0]).reason) == (
        "expired",
        "Its time was over before it could be sent.",
    )
    assert campaign(tx, sale).state == "sent"


def test_nothing_is_sent_early(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    (ann,) = subscribers(tx, shop_id, 1)
    later = make_delivery(tx, shop_id, to=ann, due_at=at_noon + timedelta(seconds=1))
    assert claims.claim(tx, [later], at_noon) == []
    assert waiting.reminders(tx, at_noon) == []
    assert waiting.reminders(tx, at_noon + timedelta(seconds=1)) == [later]


def test_a_push_service_that_asked_for_patience_gets_it(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 2)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    rest = at_noon + timedelta(minutes=4)
    insert_new(tx, tables.services, [{"host": "fcm.googleapis.com", "slow_until": rest}])

    assert claims.claim(tx, ids, at_noon) == []
    assert states(tx, sale) == {"queued": 2}
    assert all(rest <= delivery(tx, each).due_at <= rest + timedelta(minutes=1) for each in ids)
    assert len(claims.claim(tx, ids, rest + timedelta(minutes=1))) == 2


def test_a_dead_workers_delivery_is_unknown_and_sent_again_under_the_same_name(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    subscribers(tx, shop_id, 1)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    (first,) = claims.claim(tx, ids, at_noon)
    lease = settings.current().lease
    assert waiting.forget_the_dead(tx, at_noon + lease / 2) == 0
    assert waiting.ahead(tx, sale, at_noon + lease / 2) == []

    assert waiting.forget_the_dead(tx, at_noon + lease) == 1
    assert states(tx, sale) == {"unknown": 1}
    assert waiting.ahead(tx, sale, at_noon + lease) == ids
    (second,) = claims.claim(tx, ids, at_noon + lease)

    assert second.push.topic == first.push.topic
    assert json.loads(second.push.payload)["notification"]["tag"] == first.push.topic
    assert (first.attempts, second.attempts) == (1, 2)


def test_the_clock_finds_what_no_job_was_enqueued_for_once(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 3)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    lease = settings.current().lease
    assert waiting.ahead(tx, sale, at_noon, 2) == ids[:2]
    assert waiting.ahead(tx, sale, at_noon) == ids[2:]
    assert waiting.ahead(tx, sale, at_noon) == []

    assert waiting.ahead(tx, sale, at_noon + lease) == ids  # the queue was emptied
    assert waiting.ahead(tx, sale, at_noon + lease) == []


def test_a_campaign_has_only_so_much_in_the_queue(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 7)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    assert waiting.ahead(tx, sale, at_noon, 4) == ids[:4]
    assert waiting.ahead(tx, sale, at_noon, 4) == []
    claims.claim(tx, ids[:3], at_noon)  # a worker took them out

    assert waiting.ahead(tx, sale, at_noon, 4) == []  # not in crumbs
    claims.claim(tx, ids[3:4], at_noon)
    assert waiting.ahead(tx, sale, at_noon, 4) == ids[4:]


def test_what_waits_for_later_takes_no_place_in_the_queue(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 4)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    for each in ids[:3]:
        set_state(tx, tables.deliveries, each, due_at=at_noon + HOUR, hinted_at=at_noon + HOUR / 2)
    assert waiting.ahead(tx, sale, at_noon, 1) == ids[3:]
    claims.claim(tx, ids, at_noon)
    assert waiting.ahead(tx, sale, at_noon + HOUR, 3) == ids[:3]
