"""Our engine and libcurl beside each other: what the one does not understand the other sends, and no answer is asked
for twice."""

from __future__ import annotations

import dataclasses
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from h2.errors import ErrorCodes

from benchmarks import push_sink
from plugin.base import settings
from plugin.delivery import connections
from plugin.delivery.http2 import frames, pool
from plugin.delivery.post import USUAL, Limits, Reply, Request
from plugin.delivery.transport import post_all
from tests.delivery.services import At, Certificates, PushService, asking, statuses
from tests.delivery.strict_server import Habit, Strict, Visit, answering, strict

SHORT = Limits(connect=0.5, total=1, batch=3)


@pytest.fixture(autouse=True)
def ours(own_settings: settings.Settings) -> None:
    """Sent by our own engine."""
    settings.use(dataclasses.replace(settings.current(), http2="own"))


def post(service: PushService, count: int, limits: Limits = USUAL, **changes: object) -> list[Reply]:
    requests = [
        Request(service.origin, f"{service.origin}/{number}", ("TTL: 60",), b"x" * 300) for number in range(count)
    ]
    return post_all([request._replace(**changes) for request in requests], limits)


def raw(visit: Visit, *said: bytes) -> None:
    visit.flush()
    visit.tls.sendall(b"".join(said))


def doubted(origin: str) -> bool:
    with connections.exchange() as lines:
        return lines.own.doubts(origin)


def garbling(said: bytes) -> Habit:
    """The first connection answers four requests, then says `said` instead of HTTP/2."""

    def habit(visit: Visit, stream: int, path: str) -> None:
        if visit.number == 1 and visit.asked == 5:
            raw(visit, said)
            visit.leaving = True  # not at once: what was not read would take the words with it
        else:
            visit.answer(stream)

    return habit


@pytest.mark.parametrize(
    "said",
    [b"\xff" * 100, frames.frame(frames.PUSH_PROMISE, 4, 1, bytes(4)), frames.frame(frames.HEADERS, 5, 9, b"\xbe")],
    ids=["garbage", "a push", "a table that we do not keep"],
)
def test_what_is_not_understood_is_sent_by_libcurl_and_no_answer_asked_for_twice(
    certs: Certificates, at: At, said: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with strict(certs, garbling(said)) as service, caplog.at_level(logging.WARNING):
        replies = post(at(service), 50)
        visits = service.visits
        again = post(service, 5)

    assert statuses(replies) == statuses(again) == {201}
    assert doubted(service.origin)
    assert "is sent to by libcurl for an hour: HTTP/2: " in caplog.text
    assert all(service.taken[f"/{answered}"] == 1 + (answered < 5) for answered in range(4))
    assert max(service.taken[f"/{number}"] for number in range(5, 50)) <= 2
    assert visits == service.visits, "what libcurl opened serves the next batch, too"


def test_doubts_pass(certs: Certificates, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "DOUBTED", 0)
    with strict(certs, garbling(b"\xff" * 100)) as service:
        replies = post(at(service), 8)

        assert statuses(replies) == {201}
        assert not doubted(service.origin)
        assert statuses(post(service, 8)) == {201}


def test_goaway_because_of_us_hands_over(certs: Certificates, at: At) -> None:
    def habit(visit: Visit, stream: int, path: str) -> None:
        if visit.number == 1:
            visit.h2.close_connection(ErrorCodes.PROTOCOL_ERROR, last_stream_id=stream)
            visit.leaving = True
        else:
            visit.answer(stream)

    with strict(certs, habit) as service:
        replies = post(at(service), 20)

    assert statuses(replies) == {201}
    assert service.visits >= 2
    assert doubted(service.origin)


def test_a_service_that_wants_http_1_1_for_one_message_has_it(certs: Certificates, at: At) -> None:
    def habit(visit: Visit, stream: int, path: str) -> None:
        if visit.number == 1 and path == "/3":
            visit.h2.reset_stream(stream, ErrorCodes.HTTP_1_1_REQUIRED)
        else:
            visit.answer(stream)

    with strict(certs, habit) as service:
        assert statuses(post(at(service), 10)) == {201}

    assert service.taken["/3"] == 2
    assert {service.taken[f"/{number}"] for number in range(10) if number != 3} == {1}


def test_a_service_of_old_and_one_of_now_in_one_batch(
    old_push_service: PushService, push_service: PushService, at: At
) -> None:
    both = [at(old_push_service), at(push_service)]
    replies = post_all([asking(both[number % 2], seconds=0.01) for number in range(200)])

    assert statuses(replies) == {201}
    assert {one.http for one in old_push_service.received} == {"1.1"}
    assert {one.http for one in push_service.received} == {"2"}
    assert len(old_push_service.received) == len(push_service.received) == 100


@pytest.mark.parametrize(
    "changes",
    [
        {"own": ("no colon",)},
        {"body": b"", "url": "https://elsewhere.test/"},
    ],
    ids=["no header", "another origin"],
)
def test_what_is_unusual_is_for_libcurl_to_judge(certs: Certificates, at: At, changes: dict[str, object]) -> None:
    with strict(certs) as service:
        strange, *others = (*post(at(service), 1, SHORT, **changes), *post(service, 5))

    assert statuses(others) == {201}
    assert strange.status in (201, None)
    assert service.faults == []


def in_bytes(visit: Visit, stream: int, _path: str) -> None:
    """Each byte in a TLS record of its own."""
    visit.answer(stream, 410)
    for byte in visit.h2.data_to_send():
        visit.tls.sendall(bytes((byte,)))


def with_hints(visit: Visit, stream: int, _path: str) -> None:
    for _ in range(3):
        visit.h2.send_headers(stream, [(":status", "103"), ("link", "</style>")])
    visit.h2.send_headers(stream, [(":status", "201"), ("location", "/x")])
    visit.h2.send_data(stream, b"thanks", pad_length=20)
    visit.h2.send_headers(stream, [("x-sum", "5")], end_stream=True)


def with_pings(visit: Visit, stream: int, _path: str) -> None:
    for _ in range(200):
        visit.h2.ping(b"are you?")
    visit.answer(stream)


@pytest.mark.parametrize(
    ("habit", "status"), [(in_bytes, 410), (with_hints, 201), (with_pings, 201)], ids=["bytes", "hints", "pings"]
)
def test_unusual_ways_to_answer_are_read(certs: Certificates, at: At, habit: Habit, status: int) -> None:
    with strict(certs, habit) as service:
        replies = post(at(service), 60)

    assert statuses(replies) == {status}
    assert (service.faults, set(service.taken.values()), service.visits) == ([], {1}, 1)


def test_a_frame_that_is_cut_off_is_a_connection_that_broke(certs: Certificates, at: At) -> None:
    def habit(visit: Visit, stream: int, _path: str) -> None:
        if visit.number == 1 and visit.asked == 3:
            raw(visit, frames.frame(frames.HEADERS, 5, stream, b"\x88" * 50)[:20])
            visit.broken = True
        else:
            visit.answer(stream)

    with strict(certs, habit) as service:
        replies = post(at(service), 20)

    assert statuses(replies) == {201}
    assert not doubted(service.origin)
    assert max(service.taken.values()) <= 2


def test_goaway_that_looked_at_nothing_is_not_asked_for_ever(certs: Certificates, at: At) -> None:
    def habit(visit: Visit, _stream: int, _path: str) -> None:
        visit.h2.close_connection(last_stream_id=0)
        visit.leaving = True

    with strict(certs, habit) as service:
        replies = post(at(service), 50)

    assert statuses(replies) == {None}
    assert "NO_ERROR" in replies[0].words
    assert service.visits <= 8


def test_a_connection_on_which_nothing_comes_any_more_is_not_used_again(certs: Certificates, at: At) -> None:
    """A router that has forgotten it says nothing either."""
    quiet = threading.Event()

    def habit(visit: Visit, stream: int, _path: str) -> None:
        if visit.number > 1 or not quiet.is_set():
            visit.answer(stream)

    with strict(certs, habit) as service:
        assert statuses(post(at(service), 1)) == {201}
        quiet.set()
        assert statuses(post(service, 3, SHORT)) == {None}
        assert statuses(post(service, 3, SHORT)) == {201}
        assert service.visits == 2


def test_a_connection_that_was_idle_for_long_is_made_again(
    certs: Certificates, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    with strict(certs) as service:
        post(at(service), 3)
        post(service, 3)
        assert service.visits == 1
        monkeypatch.setattr(pool, "IDLE", 0)
        assert statuses(post(service, 3)) == {201}
        assert service.visits == 2


def test_no_more_connections_than_we_want_and_room_is_made(
    certs: Certificates, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "AT_MOST", 2)
    with several(certs, at, 5) as many:
        requests = [Request(one.origin, f"{one.origin}/x", (), b"") for one in many for _ in range(3)]
        replies = post_all(requests)

        assert statuses(replies) == {201}
        with connections.exchange() as lines:
            assert lines.own._open() <= 2
        assert all(one.visits == 1 for one in many)


@contextmanager
def several(certs: Certificates, at: At, count: int) -> Iterator[list[Strict]]:
    if count == 0:
        yield []
        return
    with strict(certs, answering) as one, several(certs, at, count - 1) as others:
        at(one)
        yield [one, *others]


def test_a_name_that_nobody_looks_up_holds_up_nobody(
    push_service: PushService, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    asleep, truth = threading.Event(), socket.getaddrinfo

    def look_up(host: str, *rest: object, **more: object) -> object:
        if host == "asleep.test":
            asleep.wait(10)
        return truth(host, *rest, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    lost = Request("https://asleep.test", "https://asleep.test/x", (), b"")
    started = time.monotonic()
    first, *others = post_all([lost, *(asking(at(push_service)) for _ in range(20))], SHORT)
    took = time.monotonic() - started
    asleep.set()

    assert (first.status, statuses(others)) == (None, {201})
    assert "timed out" in first.words
    assert took < 1.5


def test_an_address_that_does_not_answer_is_followed_by_the_next(
    push_service: PushService, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, port, **more: truth("::1", port, **more) + truth("127.0.0.1", port, **more),
    )
    assert statuses(post_all([asking(at(push_service)) for _ in range(3)])) == {201}


def test_an_old_tls_is_not_spoken(certs: Certificates, at: At) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certs.chain)
    with pytest.warns(DeprecationWarning, match="deprecated"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.set_alpn_protocols(["h2"])
    spoken: list[str | None] = []

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                plain, _ = listener.accept()
                with suppress(OSError), context.wrap_socket(plain, server_side=True) as tls:
                    spoken.append(tls.version())

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        service = at(PushService(int(listener.getsockname()[1])))
        (reply,) = post_all([asking(service)], SHORT)
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)

    assert reply.status is None
    assert spoken == []


def test_node_s_server_is_content(tmp_path: Path, own_settings: settings.Settings) -> None:
    """Another one's reading of HTTP/2, nghttp2's: answers at once and after a while, on connections that are kept."""
    with push_sink.running(tmp_path) as sink:
        own = dataclasses.replace(own_settings, push_origins=(sink.origin,), push_ca=sink.ca, http2="own")
        settings.use(own)
        for pace in (push_sink.AT_ONCE, push_sink.AFTER_A_WHILE, push_sink.AT_ONCE):
            requests = [Request(sink.origin, f"{sink.origin}/{pace}/{n}", ("TTL: 60",), b"x" * n) for n in range(300)]
            assert statuses(post_all(requests)) == {201}

        assert not doubted(sink.origin)
