"""Whole pushes: encrypted, signed, sent to push services on loopback, each with its outcome."""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import UTC, datetime, timedelta

import http_ece
import pytest
from py_vapid import Vapid02

from plugin.base import settings
from plugin.delivery.outcome import Answer, Said
from plugin.delivery.push import send_all
from tests.delivery.services import HOSTS, Browser, PushService, make_push, make_vapid_key

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


def test_ann_gets_her_message(push_service: PushService) -> None:
    ann = Browser()

    answers = send_all([make_push(push_service.endpoint(), ann, payload=b"Hello Ann", delivery_id=7)], NOW)

    assert answers == [Answer(7, Said.SENT, 201, None, "The push service took the message.")]
    (received,) = push_service.received
    plain = http_ece.decrypt(received.body, private_key=ann.private, auth_secret=ann.auth, version="aes128gcm")
    assert plain == b"Hello Ann"


def test_every_header_that_a_push_service_asks_for(push_service: PushService) -> None:
    send_all([make_push(push_service.endpoint(), topic="cart-7", ttl=3_600, urgency="high")], NOW)

    headers = push_service.received[0].headers
    assert headers["ttl"] == "3600"
    assert headers["urgency"] == "high"
    assert headers["topic"] == "cart-7"
    assert headers["content-encoding"] == "aes128gcm"
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-length"] == str(len(push_service.received[0].body))
    assert Vapid02.verify(headers["authorization"])


def test_five_hundred_to_four_services_with_every_answer(push_service: PushService) -> None:
    lead = tuple(f"{host}:443:127.0.0.1:{push_service.port}" for host in HOSTS[1:])
    settings.use(dataclasses.replace(settings.current(), push_connect_to=lead))
    statuses = [201, 201, 410, 201, 404, 429, 413, 400, 403, 500]
    pushes = [
        make_push(push_service.endpoint(statuses[i % 10], host=HOSTS[i % 4] if i % 4 else None), delivery_id=i)
        for i in range(500)
    ]

    answers = send_all(pushes, NOW)

    assert [answer.delivery_id for answer in answers] == list(range(500))
    assert [answer.status for answer in answers] == [statuses[i % 10] for i in range(500)]
    assert Counter(answer.said for answer in answers) == {
        "sent": 150, "gone": 100, "throttled": 50, "too_long": 50, "rejected": 100, "unavailable": 50,
    }  # fmt: skip
    assert Counter(one.headers["host"].partition(":")[0] for one in push_service.received) == dict.fromkeys(HOSTS, 125)
    assert len(push_service.connections) <= 16


def test_each_service_gets_a_signature_of_its_own(push_service: PushService) -> None:
    lead = tuple(f"{host}:443:127.0.0.1:{push_service.port}" for host in HOSTS[1:])
    settings.use(dataclasses.replace(settings.current(), push_connect_to=lead))

    send_all([make_push(push_service.endpoint(host=host)) for host in HOSTS[1:] * 3], NOW)

    assert len({one.headers["authorization"] for one in push_service.received}) == 3


def test_one_bad_key_fails_one_push(push_service: PushService) -> None:
    ann, mallory, bob = send_all(
        [
            make_push(push_service.endpoint(), delivery_id=1),
            make_push(push_service.endpoint(), delivery_id=2, p256dh=b"\x04" + b"\x01" * 64),
            make_push(push_service.endpoint(), delivery_id=3),
        ],
        NOW,
    )

    assert (ann.said, bob.said) == (Said.SENT, Said.SENT)
    assert mallory == Answer(2, Said.REJECTED, None, None, "The subscription's key is not a point on the curve P-256.")
    assert len(push_service.received) == 2


def test_a_message_that_cannot_fit_is_not_sent(push_service: PushService) -> None:
    (answer,) = send_all([make_push(push_service.endpoint(), payload=b"x" * 3_994)], NOW)

    assert (answer.said, answer.status) == (Said.TOO_LONG, None)
    assert push_service.received == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "https://evil.test/push"},
        {"endpoint": "http://fcm.googleapis.com/fcm/send/abc"},
        {"urgency": "urgent"},
        {"topic": ""},
        {"topic": "x" * 33},
        {"topic": "x\r\nX-Evil: 1"},
        {"vapid": dataclasses.replace(make_vapid_key(), public=b"")},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_must_not_go_out_does_not(push_service: PushService, wrong: dict[str, object]) -> None:
    (answer,) = send_all([make_push(push_service.endpoint())._replace(**wrong)], NOW)  # type: ignore[arg-type]

    assert (answer.said, answer.status) == (Said.REJECTED, None)
    assert answer.reason.endswith(".")
    assert push_service.received == []


def test_ttl_stays_within_what_services_take(push_service: PushService) -> None:
    send_all([make_push(push_service.endpoint(), ttl=ttl) for ttl in (-5, 10**9)], NOW)

    assert sorted(one.headers["ttl"] for one in push_service.received) == ["0", "2419200"]


def test_throttled_says_for_how_long(push_service: PushService) -> None:
    (answer,) = send_all([make_push(push_service.endpoint(429, retry_after=90))], NOW)

    assert (answer.said, answer.retry_after) == (Said.THROTTLED, timedelta(seconds=90))


def test_no_pushes_no_answers() -> None:
    assert send_all([], NOW) == []
