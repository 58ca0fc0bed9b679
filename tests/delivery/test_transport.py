"""The transport against real TLS servers on loopback: few connections, kept; hostile answers; nothing that hangs."""

from __future__ import annotations

import dataclasses
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from plugin.base import settings
from plugin.delivery import connections
from plugin.delivery.post import USUAL, Limits, Reply, within
from plugin.delivery.transport import post_all
from tests.delivery import services
from tests.delivery.services import Certificates, PushService, asking
from tests.servers import free_port

pytestmark = pytest.mark.usefixtures("http2")

SHORT = Limits(connect=0.5, total=0.5, batch=2)


def test_five_hundred_requests_share_a_few_connections(push_service: PushService) -> None:
    replies = post_all([asking(push_service) for _ in range(500)])

    assert [reply.status for reply in replies] == [201] * 500
    assert {one.http for one in push_service.received} == {"2"}
    assert len(push_service.received) == 500
    assert 1 <= len(push_service.connections) <= connections.PER_SERVICE


def test_connections_live_on_between_batches(push_service: PushService) -> None:
    for _ in range(3):
        post_all([asking(push_service) for _ in range(5)])

    assert len(push_service.received) == 15
    assert len(push_service.connections) == 1


def test_replies_stand_in_the_order_of_the_requests(push_service: PushService) -> None:
    statuses = [201, 404, 410, 413, 429, 400, 403, 500, 503, 202] * 20

    replies = post_all([asking(push_service, status, seconds=i % 3 / 50) for i, status in enumerate(statuses)])

    assert [reply.status for reply in replies] == statuses


def test_nothing_to_send_needs_no_network() -> None:
    assert post_all([]) == []


def test_what_was_asked_arrives(push_service: PushService) -> None:
    body = bytes(range(256)) * 16
    post_all([asking(push_service)._replace(headers=("TTL: 60", "Topic: cart-7"), body=body)])

    (received,) = push_service.received
    assert received.body == body
    assert (received.headers["ttl"], received.headers["topic"]) == ("60", "cart-7")


def test_a_service_with_http_1_1_only_gets_a_few_connections(old_push_service: PushService) -> None:
    replies = post_all([asking(old_push_service) for _ in range(100)])

    assert [reply.status for reply in replies] == [201] * 100
    assert {one.http for one in old_push_service.received} == {"1.1"}
    assert len(old_push_service.connections) <= connections.PER_SERVICE


def test_redirects_are_not_followed(push_service: PushService) -> None:
    (reply,) = post_all([asking(push_service, 307)])

    assert reply.status == 307
    assert len(push_service.received) == 1


@pytest.mark.parametrize(("status", "says"), [(201, ""), (400, "x" * 200)])
def test_a_huge_answer_is_cut_and_its_status_counts(push_service: PushService, status: int, says: str) -> None:
    started = time.monotonic()
    (reply,) = post_all([asking(push_service, status, bytes=20_000_000)])

    assert reply == Reply(status, None, says)
    assert time.monotonic() - started < 2


def test_endless_headers_are_cut_too(old_push_service: PushService) -> None:
    first, second = post_all([asking(old_push_service, 410, junk=400_000), asking(old_push_service)])

    assert (first.status, second.status) == (410, 201)


def test_an_answer_that_never_ends_counts_once_it_has_a_status(certs: Certificates) -> None:
    with services.never_ending(certs) as endless:
        settings.use(dataclasses.replace(settings.current(), push_ca=certs.ca))
        trust(endless.origin)
        (reply,) = post_all([asking(endless)], SHORT)

    assert reply.status == 201


def test_what_a_service_says_is_made_harmless(push_service: PushService) -> None:
    (reply,) = post_all([asking(push_service, 400, says="%1b[31mBad%0d%0a%20token%ff")])

    assert reply.words == "[31mBad token\N{REPLACEMENT CHARACTER}"


def test_retry_after_in_seconds_and_as_a_date(push_service: PushService) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(minutes=5), usegmt=True).replace(" ", "%20")  # noqa: TID251  libcurl's clock
    seconds, date, garbage, absent = post_all(
        [
            asking(push_service, 429, **asks)
            for asks in ({"retry_after": 120}, {"retry_after": soon}, {"retry_after": "later"}, {})
        ]
    )

    assert seconds.retry_after == timedelta(minutes=2)
    assert date.retry_after is not None
    assert timedelta(minutes=4, seconds=50) < date.retry_after <= timedelta(minutes=5)
    assert (garbage.retry_after, absent.retry_after) == (None, None)


def test_nobody_asks_us_to_wait_for_years(push_service: PushService) -> None:
    (reply,) = post_all([asking(push_service, 429, retry_after=10**9)])

    assert reply.retry_after is not None
    assert reply.retry_after <= timedelta(days=1)


def test_a_slow_answer_holds_up_nobody_else(push_service: PushService) -> None:
    slow, quick = post_all([asking(push_service, seconds=5), asking(push_service)], SHORT)

    assert quick.status == 201
    assert slow.status is None
    assert "timed out" in slow.words


def test_a_slow_service_does_not_outlast_the_batch(push_service: PushService) -> None:
    """The claim ends with the lease: what did not get its turn by then is told, not sent."""
    limits = Limits(connect=0.5, total=0.5, batch=0.7, in_flight=2)
    started = time.monotonic()

    replies = post_all([asking(push_service, seconds=5) for _ in range(40)], limits)

    assert time.monotonic() - started < 1.5
    assert {reply.status for reply in replies} == {None}
    assert replies[-1].words == "there was no time left to try"


def test_a_dead_service_is_not_asked_five_hundred_times(push_service: PushService) -> None:
    dead = PushService(free_port())
    trust(dead.origin)

    *refused, answered = post_all([*(asking(dead) for _ in range(500)), asking(push_service)])

    assert answered.status == 201
    assert {reply.status for reply in refused} == {None}
    assert "connect" in refused[-1].words


def test_an_address_that_cannot_be_called_is_one_persons(push_service: PushService) -> None:
    broken = asking(push_service)._replace(url=f"{push_service.origin}/not an address")

    first, *others = post_all([broken, *(asking(push_service) for _ in range(50))])

    assert first.status is None
    assert {reply.status for reply in others} == {201}


def test_a_service_that_hangs_up_is_silence(certs: Certificates, push_service: PushService) -> None:
    with services.hanging_up(certs) as rude:
        trust(rude.origin)
        rudeness, answered = post_all([asking(rude), asking(push_service)], SHORT)

    assert answered.status == 201
    assert rudeness.status is None


def test_a_connection_that_the_service_closed_meanwhile_is_made_again(certs: Certificates) -> None:
    settings.use(dataclasses.replace(settings.current(), push_ca=certs.ca))
    with services.running(certs, "h2") as service:
        trust(service.origin)
        post_all([asking(service)])
        port = service.port
    time.sleep(0.1)
    assert post_all([asking(service)], SHORT)[0].status is None
    with services.running(certs, "h2", port=port) as again:
        assert post_all([asking(again)])[0].status == 201


def test_a_service_that_breaks_off_when_asked_too_much_is_asked_less(certs: Certificates) -> None:
    """It allows ten streams a connection and ends connections with more; before it says so we have sent more."""
    settings.use(dataclasses.replace(settings.current(), push_ca=certs.ca))
    with services.running(certs, "h2", streams=10) as strict:
        trust(strict.origin)
        replies = post_all([asking(strict, seconds=0.02) for _ in range(100)])

    assert {reply.status for reply in replies} == {201}


def test_a_short_lease_shortens_the_batch() -> None:
    assert within(timedelta(minutes=1)) == USUAL
    assert within(timedelta(seconds=3)) == Limits(connect=1, total=2, batch=2)


def test_a_batch_that_is_broken_off_leaves_nothing_behind(push_service: PushService) -> None:
    """A worker's time limit raises in the middle of whatever it does."""
    with pytest.raises(TypeError):
        post_all([asking(push_service), asking(push_service)._replace(body=7)])  # type: ignore[arg-type]

    replies = post_all([asking(push_service, 202) for _ in range(3)])

    assert [reply.status for reply in replies] == [202] * 3


def trust(origin: str) -> None:
    now = settings.current()
    settings.use(dataclasses.replace(now, push_origins=(*now.push_origins, origin)))
