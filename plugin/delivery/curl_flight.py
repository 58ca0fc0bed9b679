"""Sends by libcurl, over HTTP/2 or HTTP/1.1, whichever a service speaks (docs/decisions/0005)."""

from __future__ import annotations

import pycurl

from .addresses import trusted
from .connections import PER_SERVICE, Exchange, Line
from .flight import PATIENCE, Flight
from .post import Batch, reply, silent

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


class CurlFlight(Flight):
    """One batch's requests that go by libcurl."""

    def __init__(self, batch: Batch, lines: Exchange) -> None:
        super().__init__(batch)
        self.lines = lines
        self.trusted: dict[str, bool] = {}
        self.asked: set[str] = set()
        """Origins that have said in this flight what they speak."""

    def turn(self, at_most: float | None) -> None:
        """Lets as many fly as may, waits until something happens (`at_most` seconds), and takes what landed."""
        for origin in list(self.waiting):
            self.launch(origin)
        self.settle([self.land(*through) for through in self.lines.turn(at_most)])

    def launch(self, origin: str) -> None:
        """A service that is not known to multiplex gets one request for each connection: the first ones find out
        whether it is there at all and what it speaks."""
        many = origin in self.lines.multiplexed and origin not in self.careful
        most = self.batch.limits.in_flight if many else PER_SERVICE
        left = self.batch.left
        if left > 0:
            for number in self.next(origin, most - self.flying[origin]):
                self.send(number, left)

    def send(self, number: int, left: float) -> None:
        request, line, limits = self.batch.requests[number], self.lines.line(), self.batch.limits
        if request.origin not in self.trusted:
            self.trusted[request.origin] = trusted(request.origin)
        line.number = number
        line.trusted = self.trusted[request.origin]
        line.give_up_after(limits.connect, min(limits.total, left))
        curl = line.curl
        curl.setopt(pycurl.URL, request.url)
        curl.setopt(pycurl.HTTPHEADER, (*request.headers, *request.own))
        curl.setopt(pycurl.POSTFIELDS, request.body)
        self.lines.start(line)

    def land(self, line: Line, error: int, words: str) -> tuple[str, bool]:
        """The origin, and whether it answered."""
        origin = self.batch.requests[line.number].origin
        self.flying[origin] -= 1
        status = line.curl.getinfo(pycurl.RESPONSE_CODE)
        if status >= 200:  # it decided, whatever became of the rest: too long, too slow, cut off
            wait = line.curl.getinfo(pycurl.RETRY_AFTER) if status >= 300 else 0
            self.batch.replies[line.number] = reply(status, wait, line.body)
            self.note_version(origin, line)
        elif error in _BROKEN and self.worth_repeating(origin, line.number):
            self.repeat(origin, line.number)
        else:
            self.batch.replies[line.number] = silence = silent(_why(line, error, words))
            unconnected = error in _NOT_CONNECTED and not line.curl.getinfo(pycurl.PRETRANSFER_TIME)
            if unconnected or self.broken[origin] >= PATIENCE:
                self.give_up(origin, silence)
        self.lines.give_back(line)
        return origin, status >= 200

    def note_version(self, origin: str, line: Line) -> None:
        if origin in self.asked:
            return
        self.asked.add(origin)
        if line.curl.getinfo(pycurl.INFO_HTTP_VERSION) == pycurl.CURL_HTTP_VERSION_2_0:
            self.lines.multiplexed.add(origin)
        else:
            self.lines.multiplexed.discard(origin)


def _why(line: Line, error: int, words: str) -> str:
    if line.refused:
        return f"its address {line.refused} is not a public one"
    return f"{words or 'no status'} (curl {error})"
