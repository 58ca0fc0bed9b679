"""POSTs many small requests at once over few long-lived HTTP/2 connections (docs/decisions/0005). Knows no push.

Whatever happens out there comes back as a Reply, in the order of the requests and within `Limits.batch` seconds.
"""

from __future__ import annotations

import functools
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pycurl

from plugin.base import settings

from .connections import PER_SERVICE, Exchange, Line, exchange


@dataclass(frozen=True, slots=True)
class Request:
    """One POST; `origin` is that of `url`: `https://host[:port]`."""

    origin: str
    url: str
    headers: tuple[str, ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int | None
    """None: no answer, and `words` say why."""
    retry_after: timedelta | None
    words: str
    """The beginning of a refusal's body on one line, printable characters only."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, and how many at once. A batch must end before its claim does (`settings.lease`)."""

    connect: float = 5
    total: float = 20
    batch: float = 40
    in_flight: int = 500
    """To one service: a whole batch, on five connections of a hundred streams. With fewer at once, fewer answers come
    each time we wake up: a third more CPU with a service that takes its time."""


USUAL = Limits()

_NOT_CONNECTED = frozenset(
    {
        pycurl.E_COULDNT_RESOLVE_HOST,
        pycurl.E_COULDNT_CONNECT,
        pycurl.E_SSL_CONNECT_ERROR,
        pycurl.E_PEER_FAILED_VERIFICATION,
        pycurl.E_OPERATION_TIMEDOUT,
    }
)
"""Errors of a service that nobody will reach, if there was no connection either; others are one request's own."""

_BROKEN = frozenset({pycurl.E_HTTP2, pycurl.E_SEND_ERROR, pycurl.E_RECV_ERROR, pycurl.E_GOT_NOTHING, 92})
"""Errors of a connection that ended under way, or of a stream (92). Sending it again is worth it."""

TRIES = 4
"""Of one message at most in a batch."""
PATIENCE = 5
"""Turns in a row in which a service only broke off: then it is left alone for the rest of the batch."""


def within(lease: timedelta) -> Limits:
    """The usual limits, less where a claim lasts less: two thirds of it at most."""
    batch = min(USUAL.batch, lease.total_seconds() * 2 / 3)
    return replace(USUAL, connect=min(USUAL.connect, batch / 2), total=min(USUAL.total, batch), batch=batch)


def post_all(requests: Sequence[Request], limits: Limits = USUAL) -> list[Reply]:
    """Sends `requests`; each has its reply at its own place."""
    with exchange() as lines:
        return _Flight(requests, limits, lines).run()


class _Flight:
    """One call of `post_all` under way."""

    def __init__(self, requests: Sequence[Request], limits: Limits, lines: Exchange) -> None:
        self.requests, self.limits, self.lines = requests, limits, lines
        self.replies: list[Reply | None] = [None] * len(requests)
        self.waiting: dict[str, deque[int]] = {}
        for number, request in enumerate(requests):
            self.waiting.setdefault(request.origin, deque()).append(number)
        self.flying = dict.fromkeys(self.waiting, 0)
        self.trusted = {origin: _trusted(origin) for origin in self.waiting}
        self.asked: set[str] = set()
        """Origins that have said in this flight what they speak."""
        self.tries: Counter[int] = Counter()
        self.broken: Counter[str] = Counter()
        """Turns in a row in which an origin only broke off."""
        self.careful: set[str] = set()
        """Origins that get few at a time."""
        self.ends = time.monotonic() + limits.batch

    def run(self) -> list[Reply]:
        for origin in self.waiting:
            self.launch(origin)
        while any(self.flying.values()):
            landed = [self.land(*through) for through in self.lines.turn()]
            for origin in {origin for origin, _ in landed}:
                self.broken[origin] = 0 if (origin, True) in landed else self.broken[origin] + 1
                self.launch(origin)
        return [reply or _silent("there was no time left to try") for reply in self.replies]

    def launch(self, origin: str) -> None:
        """Lets as many fly as may. A service that is not known to multiplex gets one for each connection: the first
        ones find out whether it is there at all and what it speaks."""
        many = origin in self.lines.multiplexed and origin not in self.careful
        most = self.limits.in_flight if many else PER_SERVICE
        waiting, left = self.waiting[origin], self.ends - time.monotonic()
        while waiting and self.flying[origin] < most and left > 0:
            self.send(waiting.popleft(), left)
            self.flying[origin] += 1

    def send(self, number: int, left: float) -> None:
        request, line = self.requests[number], self.lines.line()
        line.number = number
        line.trusted = self.trusted[request.origin]
        line.give_up_after(self.limits.connect, min(self.limits.total, left))
        curl = line.curl
        curl.setopt(pycurl.URL, request.url)
        curl.setopt(pycurl.HTTPHEADER, request.headers)
        curl.setopt(pycurl.POSTFIELDS, request.body)
        self.lines.start(line)

    def land(self, line: Line, error: int, words: str) -> tuple[str, bool]:
        """The origin, and whether it answered."""
        origin = self.requests[line.number].origin
        self.flying[origin] -= 1
        status = line.curl.getinfo(pycurl.RESPONSE_CODE)
        if status >= 200:  # it decided, whatever became of the rest: too long, too slow, cut off
            self.replies[line.number] = _reply(status, line)
            self.note_version(origin, line)
        elif error in _BROKEN and self.tries[line.number] < TRIES - 1 and self.broken[origin] < PATIENCE:
            self.repeat(origin, line.number)
        else:
            self.replies[line.number] = reply = _silent(_why(line, error, words))
            unconnected = error in _NOT_CONNECTED and not line.curl.getinfo(pycurl.PRETRANSFER_TIME)
            if unconnected or self.broken[origin] >= PATIENCE:
                self.give_up(origin, reply)
        self.lines.give_back(line)
        return origin, status >= 200

    def repeat(self, origin: str, number: int) -> None:
        """Again, before those that wait (a new connection takes it), and from now on a few at a time: the service may
        have ended it because we asked too much."""
        self.tries[number] += 1
        self.waiting[origin].appendleft(number)
        self.careful.add(origin)

    def give_up(self, origin: str, reply: Reply) -> None:
        """Nobody is there: those who wait need not try."""
        for number in self.waiting[origin]:
            self.replies[number] = reply
        self.waiting[origin].clear()

    def note_version(self, origin: str, line: Line) -> None:
        if origin in self.asked:
            return
        self.asked.add(origin)
        if line.curl.getinfo(pycurl.INFO_HTTP_VERSION) == pycurl.CURL_HTTP_VERSION_2_0:
            self.lines.multiplexed.add(origin)
        else:
            self.lines.multiplexed.discard(origin)


def _reply(status: int, line: Line) -> Reply:
    if status < 300:
        return _taken(status)
    wait = line.curl.getinfo(pycurl.RETRY_AFTER)
    return Reply(status, timedelta(seconds=wait) if wait else None, _printable(line.body))


@functools.cache
def _taken(status: int) -> Reply:
    return Reply(status, None, "")


def _silent(why: str) -> Reply:
    return Reply(None, None, why)


def _why(line: Line, error: int, words: str) -> str:
    if line.refused:
        return f"its address {line.refused} is not a public one"
    return f"{words or 'no status'} (curl {error})"


def _printable(body: bytearray) -> str:
    text = body[:400].decode("utf-8", "replace")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]


def _trusted(origin: str) -> bool:
    """May this origin stand at a private address? Only one that the settings name."""
    now = settings.current()
    if origin in now.push_origins:
        return True
    host, _, port = origin.removeprefix("https://").partition(":")
    return any(
        entry.split(":")[0] in ("", host) and entry.split(":")[1] in ("", port or "443")
        for entry in now.push_connect_to
    )
