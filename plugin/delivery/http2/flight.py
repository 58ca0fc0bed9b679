"""Sends a batch over our own HTTP/2 connections, and hands over to libcurl whatever it has doubts about."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from plugin.delivery.addresses import trusted
from plugin.delivery.connections import GATHERING, PER_SERVICE
from plugin.delivery.flight import PATIENCE, Flight
from plugin.delivery.post import Batch, Request, reply, silent

from .connection import STREAMS
from .dial import Doubtful, Unreachable
from .pool import Pool
from .stream import End, Stream
from .wire import HUNG_UP, Wire

TICK = 0.05
"""Seconds, how exactly time limits are kept."""

_ORIGIN = re.compile(r"https://[!-~]+")
_PATH = bytes(sorted({*range(0x21, 0x7F)} - {ord("#")}))
"""What a path may be made of."""
_LINE = re.compile(r"[!-9;-~]+:[ -~]*")


class Http2Flight(Flight):
    """One batch's requests that go by our own engine; `hand_over` has the numbers of others."""

    def __init__(self, batch: Batch, pool: Pool, hand_over: Callable[[int], None]) -> None:
        super().__init__(batch)
        self.pool, self.hand_over = pool, hand_over
        self.enough: set[str] = set()
        """Origins that take no further connection."""
        self._fit: dict[tuple[str, ...], bool] = {}
        self._looked = time.monotonic()
        """When time limits were looked at."""
        pool.tidy()

    def turn(self, at_most: float | None) -> None:
        """Lets as many fly as may, waits until something happens (`at_most` seconds), and takes what landed."""
        for origin in list(self.waiting):
            self.launch(origin)
        if not self.busy:
            return
        if self.flying.total() > PER_SERVICE:
            time.sleep(GATHERING)
        touched, failed = self.pool.turn(min(TICK, at_most or TICK))
        if time.monotonic() - self._looked > TICK:
            touched |= self.expire()
        landed = [(wire.origin, self.land(wire, stream)) for wire in touched for stream in wire.talk.ended()]
        landed += [(wire.origin, False) for wire in touched if self.let_go(wire)]
        self.settle(landed)
        for origin, why in failed:
            self.not_connected(origin, why)

    def launch(self, origin: str) -> None:
        """On the connections that there are, the first ones first: the fewer, the more frames each record carries."""
        limits, now = self.batch.limits, time.monotonic()
        deadline = min(now + limits.total, self.batch.ends)
        most = PER_SERVICE if origin in self.careful else limits.in_flight
        if self.pool.doubts(origin) or not _ORIGIN.fullmatch(origin):
            self.leave_to_libcurl(origin)
        elif now < self.batch.ends:
            for wire in list(self.pool.at(origin)):
                room = 0 if wire.full else min(wire.talk.room, most - self.flying[origin])
                for number in self.next(origin, room):
                    self.send(wire, number, deadline)
                    wire.used = now
                self.pool.flush(wire)
            self.connect(origin, most)

    def send(self, wire: Wire, number: int, deadline: float) -> None:
        request = self.batch.requests[number]
        path = self.path(request)
        if path is None:
            self.flying[request.origin] -= 1
            self.hand_over(number)
            return
        wire.talk.begin(Stream(number, deadline), path, request.headers, request.own, request.body)

    def path(self, request: Request) -> bytes | None:
        """None: something about the request is unusual, and libcurl may judge it."""
        origin, url, headers, _, own = request
        fit = self._fit.get(headers)
        if fit is None:
            self._fit[headers] = fit = all(map(_LINE.fullmatch, headers))
        if not (fit and url.isascii() and url.startswith(origin + "/") and all(map(_plain, own))):
            return None
        path = url[len(origin) :].encode()
        return None if path.translate(None, _PATH) else path

    def connect(self, origin: str, most: int) -> None:
        """As many connections as what waits and flies needs, but a stranger is sounded out with one."""
        wires = self.lasting(origin)
        if origin not in self.waiting or (origin in self.enough and wires):
            return
        ready = [wire for wire in wires if wire.talk.ready]
        each = max(1, min((wire.talk.most for wire in ready), default=STREAMS))
        needed = -(-min(len(self.waiting[origin]) + self.flying[origin], most) // each) if ready else 1
        seconds = min(self.batch.limits.connect, self.batch.left)
        for _ in range(min(needed, PER_SERVICE) - len(wires) - self.pool.calls(origin)):
            self.pool.dial(origin, seconds, trusted=trusted(origin), needed=self.waiting)

    def land(self, wire: Wire, stream: Stream) -> bool:
        """Whether it was answered."""
        origin, number = wire.origin, stream.number
        self.flying[origin] -= 1
        if stream.end is End.ANSWERED:
            self.batch.replies[number] = reply(stream.status, stream.wait, stream.body)
        elif stream.end is End.DOUBTFUL:
            self.hand_over(number)
        elif stream.end is End.REFUSED and self.broken[origin] < PATIENCE:
            self.put_back(origin, number)  # nothing was done with it: as often as may be
            if not wire.talk.leaving:
                self.careful.add(origin)
        elif stream.end is End.BROKEN and self.worth_repeating(origin, number):
            self.repeat(origin, number)
        else:
            self.batch.replies[number] = silence = silent(stream.words)
            if self.broken[origin] >= PATIENCE:
                self.give_up(origin, silence)
        return stream.end is End.ANSWERED

    def expire(self) -> set[Wire]:
        """Ends what takes too long, and connections on which nothing at all comes any more."""
        self._looked = now = time.monotonic()
        ended = set()
        for wire in [wire for origin in {*self.flying, *self.waiting} for wire in self.pool.at(origin)]:
            dead = wire.talk.expire(now) and now - wire.heard >= self.batch.limits.total
            if dead or (not wire.talk.ready and now > wire.until):
                wire.lost("timed out")
            self.pool.flush(wire)
            ended.add(wire)
        return ended

    def let_go(self, wire: Wire) -> bool:
        """Ends a connection of no further use; whether the service ended it before anything was asked."""
        origin = wire.origin
        by_them = wire.talk.leaving if wire.closed is None else wire.closed != HUNG_UP
        if wire.talk.doubt is not None:
            self.pool.doubt(origin, wire.talk.doubt)
        if wire.talk.leaving and not wire.talk.live and wire.closed is None:
            self.pool.hang_up(wire)
        if not (by_them and wire.talk.unused):
            return False
        if wire.closed == "timed out" or self.broken[origin] >= PATIENCE:
            self.not_connected(origin, Unreachable(f"could not connect: {wire.closed}"))
        return True

    def not_connected(self, origin: str, why: Unreachable | Doubtful) -> None:
        """Of one connection that was wanted; where there are others, those will do."""
        if isinstance(why, Doubtful):
            self.pool.doubt(origin, str(why))
        elif self.lasting(origin) or self.pool.calls(origin):
            self.enough.add(origin)
        else:
            self.give_up(origin, silent(str(why)))

    def lasting(self, origin: str) -> list[Wire]:
        """Connections that take requests, or will."""
        return [wire for wire in self.pool.at(origin) if not wire.talk.leaving]

    def leave_to_libcurl(self, origin: str) -> None:
        """All that waits."""
        for number in self.waiting.pop(origin, ()):
            self.hand_over(number)


def _plain(line: str) -> bool:
    return line.isascii() and line.isprintable() and line.find(":") > 0
