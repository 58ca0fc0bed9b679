"""The transport against push services that mean harm, or do what HTTP/2 allows and few expect: each message has one
reply in time, none is lost, and none arrives twice but where nobody can know whether it arrived."""

from __future__ import annotations

import socket
import threading
import time

import pycurl
import pytest
from h2.errors import ErrorCodes
from h2.settings import SettingCodes

from plugin.delivery import connections
from plugin.delivery.flight import TRIES
from plugin.delivery.post import USUAL, Limits, Reply, Request
from plugin.delivery.transport import post_all
from tests.delivery import services
from tests.delivery.services import At, Certificates, PushService, asking, statuses
from tests.delivery.strict_server import Habit, Visit, strict

pytestmark = pytest.mark.usefixtures("http2")

SHORT = Limits(connect=0.5, total=1, batch=3)
SHORTEST = Limits(connect=0.3, total=0.3, batch=0.8)


def post(service: PushService, count: int, limits: Limits = SHORT, size: int = 400) -> list[Reply]:
    return post_all(
        [Request(service.origin, f"{service.origin}/{number}", ("TTL: 60",), b"x" * size) for number in range(count)],
        limits,
    )


def test_a_batch_under_the_eyes_of_a_strict_peer(certs: Certificates, at: At) -> None:
    with strict(certs) as service:
        replies = post(at(service), 500, USUAL)

    assert statuses(replies) == {201}
    assert service.faults == []
    assert set(service.taken.values()) == {1}
    assert len(service.taken) == 500


def test_goaway_after_every_twentieth_request_loses_and_doubles_nothing(certs: Certificates, at: At) -> None:
    """As large front ends do when a connection is old: what came before is answered, what came after was not read."""

    def habit(visit: Visit, stream: int, _path: str) -> None:
        visit.answer(stream)
        if visit.asked == 20:
            visit.h2.close_connection(last_stream_id=stream)
            visit.leaving = True

    with strict(certs, habit) as service:
        replies = post(at(service), 100, USUAL)

    assert statuses(replies) == {201}
    assert set(service.taken.values()) == {1}
    assert len(service.taken) == 100
    assert service.visits >= 5


def test_refused_streams_are_sent_again(certs: Certificates, at: At) -> None:
    """REFUSED_STREAM says that nothing was done with it."""
    seen: set[str] = set()

    def habit(visit: Visit, stream: int, path: str) -> None:
        if path in seen or int(path[1:]) % 5:
            visit.answer(stream)
        else:
            seen.add(path)
            visit.h2.reset_stream(stream, ErrorCodes.REFUSED_STREAM)

    with strict(certs, habit) as service:
        replies = post(at(service), 50, USUAL)

    assert statuses(replies) == {201}
    assert len(seen) == 10


@pytest.mark.parametrize("code", [ErrorCodes.INTERNAL_ERROR, ErrorCodes.CANCEL, ErrorCodes.ENHANCE_YOUR_CALM])
def test_a_stream_that_is_reset_for_good_is_one_message_s(certs: Certificates, at: At, code: ErrorCodes) -> None:
    def habit(visit: Visit, stream: int, path: str) -> None:
        visit.h2.reset_stream(stream, code) if path == "/7" else visit.answer(stream)

    with strict(certs, habit) as service:
        replies = post(at(service), 20, USUAL)

    assert replies.pop(7).status is None
    assert statuses(replies) == {201}
    assert service.taken["/7"] <= TRIES


def test_a_connection_that_breaks_off_in_the_middle_is_made_again(certs: Certificates, at: At) -> None:
    def habit(visit: Visit, stream: int, _path: str) -> None:
        if visit.number == 1 and visit.asked == 5:
            visit.broken = True
        else:
            visit.answer(stream)

    with strict(certs, habit) as service:
        replies = post(at(service), 50, USUAL)

    assert statuses(replies) == {201}
    assert max(service.taken.values()) <= 2


def shrinking(window: int) -> Habit:
    """From the second request of a connection on, the body of each has so many bytes of room."""

    def habit(visit: Visit, stream: int, _path: str) -> None:
        if visit.asked == 1:
            visit.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: window})
        visit.answer(stream)

    return habit


def test_a_service_that_only_breaks_off_is_left_alone(certs: Certificates, at: At) -> None:
    """Five hundred messages are not worth two thousand handshakes."""

    def habit(visit: Visit, _stream: int, _path: str) -> None:
        visit.broken = True

    with strict(certs, habit) as service:
        replies = post(at(service), 500, USUAL)

    assert statuses(replies) == {None}
    assert service.visits <= 8 * 7


def test_no_window_no_message(certs: Certificates, at: At) -> None:
    """A service that takes headers and lets no body come gets no more time than any other."""
    with strict(certs, shrinking(0)) as service:
        post(at(service), 1)
        started = time.monotonic()
        replies = post(service, 8)
        took = time.monotonic() - started

    assert statuses(replies) == {None}
    assert took < 4
    assert service.faults == []


def test_a_small_window_is_kept_to(certs: Certificates, at: At) -> None:
    with strict(certs, shrinking(100)) as service:
        post(at(service), 1)
        replies = post(service, 8, size=4_000)

    assert service.faults == []
    assert statuses(replies) == {201}


def test_settings_that_change_on_the_way_are_kept_to(certs: Certificates, at: At) -> None:
    def habit(visit: Visit, stream: int, _path: str) -> None:
        visit.answer(stream)
        if visit.asked == 20:
            visit.h2.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: 3})
        if visit.asked % 7 == 0:
            visit.h2.ping(b"are you?")

    with strict(certs, habit) as service:
        replies = post(at(service), 200, USUAL)

    assert statuses(replies) == {201}
    assert service.faults == []


def test_headers_in_many_frames_are_read(certs: Certificates, at: At) -> None:
    """CONTINUATION: 50,000 bytes of headers do not fit into one frame of 16,384."""
    with strict(certs, lambda visit, stream, _path: visit.answer_at_length(stream, 410, 50_000)) as service:
        replies = post(at(service), 5, USUAL)

    assert statuses(replies) == {410}


def test_endless_headers_are_one_messages(certs: Certificates, at: At) -> None:
    def habit(visit: Visit, stream: int, path: str) -> None:
        if path == "/3":
            visit.answer_at_length(stream, 201, 2_000_000)
        else:
            visit.answer(stream)

    with strict(certs, habit) as service:
        replies = post(at(service), 10, USUAL)

    endless = replies.pop(3)
    assert statuses(replies) == {201}
    assert endless.status in (None, 201)


def test_a_service_that_never_says_a_word(certs: Certificates, at: At) -> None:
    with strict(certs, silent=True) as service:
        started = time.monotonic()
        replies = post(at(service), 20, SHORTEST)
        took = time.monotonic() - started

    assert statuses(replies) == {None}
    assert took < 2


@pytest.mark.parametrize("how", ["curt", "leaving"])
def test_a_service_that_hangs_up_before_anything_is_asked(certs: Certificates, at: At, how: str) -> None:
    with strict(certs, curt=how == "curt", leaving=how == "leaving") as service:
        started = time.monotonic()
        replies = post(at(service), 50)
        took = time.monotonic() - started

    assert statuses(replies) == {None}
    assert service.visits <= 8 * 7
    assert took < 3


def test_a_service_that_never_says_a_word_of_tls(certs: Certificates, at: At) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        service = at(PushService(deaf.getsockname()[1]))
        started = time.monotonic()
        replies = post_all([asking(service) for _ in range(100)], SHORTEST)
        took = time.monotonic() - started

    assert statuses(replies) == {None}
    assert took < 2


def test_headers_that_come_byte_by_byte(certs: Certificates, at: At) -> None:
    """Each byte is a sign of life; the message's time ends all the same, and other services' messages do not wait."""
    with services.dribbling(certs, b"HTTP/1.1 201 Cre") as slow, strict(certs) as quick:
        at(slow)
        at(quick)
        started = time.monotonic()
        dribbled, *others = post_all([asking(slow), *(asking(quick) for _ in range(50))], SHORT)
        took = time.monotonic() - started

    assert dribbled.status is None
    assert statuses(others) == {201}
    assert took < 3


def test_a_body_that_comes_byte_by_byte_changes_nothing(certs: Certificates, at: At) -> None:
    with services.dribbling(certs, b"HTTP/1.1 410 Gone\r\nContent-Length: 100000\r\n\r\n") as slow:
        (reply,) = post_all([asking(at(slow))], SHORT)

    assert reply.status == 410


def test_what_is_not_http_at_all(certs: Certificates, at: At) -> None:
    with services.dribbling(certs, b"220 mail.example.com ESMTP\r\n") as mail:
        (reply,) = post_all([asking(at(mail))], SHORT)

    assert reply.status is None


def test_slow_answers_are_awaited_on_several_connections(certs: Certificates, at: At) -> None:
    """What one connection of few streams would take five seconds for."""
    lock, waiting = threading.Lock(), [0]

    def habit(visit: Visit, stream: int, _path: str) -> None:
        with lock:
            waiting[0] = max(waiting[0], visit.number)
        time.sleep(0.01)
        visit.answer(stream)

    with strict(certs, habit, settings={SettingCodes.MAX_CONCURRENT_STREAMS: 20}) as service:
        post(at(service), 10)
        replies = post(service, 300, USUAL)

    assert statuses(replies) == {201}
    assert service.faults == []
    assert 2 <= service.visits <= connections.PER_SERVICE


def lie(monkeypatch: pytest.MonkeyPatch, http2: str) -> None:
    """A name server in a stranger's hand says where Google and Apple are."""
    homes = {"fcm.googleapis.com": "127.0.0.1", "web.push.apple.com": "::1"}
    if http2 == "own":
        truth = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: truth(homes[host], *rest, **more))
        return
    with connections.exchange() as lines:
        line = lines.line()
        line.curl.setopt(pycurl.RESOLVE, [f"{name}:443:{home}" for name, home in homes.items()])
        lines.give_back(line)


def test_a_known_service_whose_name_leads_home_is_not_called(
    push_service: PushService, monkeypatch: pytest.MonkeyPatch, http2: str
) -> None:
    """The address that would be connected to is looked at, not what was resolved before."""
    lie(monkeypatch, http2)

    google, apple = (
        post_all([Request(f"https://{host}", f"https://{host}/x", (), b"")])[0]
        for host in ("fcm.googleapis.com", "web.push.apple.com")
    )

    assert google.words == "its address 127.0.0.1 is not a public one"
    assert apple.words == "its address ::1 is not a public one"


def test_batches_leave_no_more_behind_than_one_of_them_needs(push_service: PushService) -> None:
    for _ in range(2):
        post_all([asking(push_service, bytes=10_000) for _ in range(200)])

    with connections.exchange() as lines:
        assert len(lines._idle) <= 200
        assert all(len(line.body) <= connections.LONGEST_ANSWER for line in lines._idle)
