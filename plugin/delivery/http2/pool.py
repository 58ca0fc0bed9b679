"""This process's HTTP/2 connections to push services, kept between batches, and the opening of new ones."""

from __future__ import annotations

import logging
import selectors
import socket
import ssl
import threading
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic

from .dial import Call, Doubtful, Names, Secured, Unreachable, trusting
from .wire import Wire

AT_MOST = 256
"""Connections at once, to all services: some have a name for each browser."""
KEPT = 64
"""Connections that stay open between batches."""
IDLE = 110
"""Seconds after which a connection that nobody used is not trusted any more: routers forget it without a word."""
DOUBTED = 3_600
"""Seconds for which a service that we did not understand is left to libcurl."""

log = logging.getLogger(__name__)


class Pool:
    """One thread at a time uses it; those that it starts only connect, and ring when they have."""

    def __init__(self, authorities: Path | None) -> None:
        self._authorities = authorities
        self._context: ssl.SSLContext | None = None
        """Made once it is needed; reading the authorities takes as long as a thousand pushes."""
        self._wires: dict[str, list[Wire]] = {}
        self._doubted: dict[str, float] = {}
        self._names = Names()
        self._calls: set[Call] = set()
        self._answers: SimpleQueue[tuple[Call, Secured | Unreachable | Doubtful]] = SimpleQueue()
        self._watched = selectors.DefaultSelector()
        self._touched: set[Wire] = set()
        """Connections of which the caller has something to hear."""
        self._bell, self._button = socket.socketpair()
        self._bell.setblocking(False)
        self._watched.register(self._bell, selectors.EVENT_READ)
        self._closed = False

    def at(self, origin: str) -> list[Wire]:
        """The connections to a service that are open."""
        return self._wires.get(origin, [])

    def calls(self, origin: str) -> int:
        """How many connections to it are being opened."""
        return sum(call.origin == origin for call in self._calls)

    def doubts(self, origin: str) -> bool:
        """Whether a service is left to libcurl, for now."""
        return bool(self._doubted) and self._doubted.get(origin, 0) > monotonic()

    def doubt(self, origin: str, why: str) -> None:
        """Leaves it to libcurl."""
        if not self.doubts(origin):
            log.warning("%s is sent to by libcurl for an hour: %s", origin, why)
        self._doubted[origin] = monotonic() + DOUBTED

    def dial(self, origin: str, seconds: float, *, trusted: bool, needed: Collection[str]) -> bool:
        """Opens one more connection, unless there are too many; idle ones give way, but not those to `needed`."""
        if self._open() + len(self._calls) >= AT_MOST and not self._make_room(needed):
            return False
        self._context = self._context or trusting(self._authorities)
        call = Call(origin, trusted, monotonic() + seconds)
        self._calls.add(call)
        threading.Thread(target=self._connect, args=(call, self._context), daemon=True, name="connecting").start()
        return True

    def turn(self, at_most: float) -> tuple[set[Wire], list[tuple[str, Unreachable | Doubtful]]]:
        """Waits until something happens, `at_most` seconds. The connections to which it did, since the last turn, and
        failures to connect."""
        for key, events in self._watched.select(at_most):
            if isinstance(key.fileobj, Wire):
                self._touched.add(key.fileobj)
                if events & selectors.EVENT_READ:
                    key.fileobj.receive()
        opened, failed = self._answered()
        self._touched |= opened
        for wire in list(self._touched):
            self.flush(wire)
        touched, self._touched = self._touched, set()
        return touched, failed

    def flush(self, wire: Wire) -> None:
        """Sends what `wire` has to send, and sees to it that the rest goes on."""
        wire.flush()
        if wire.closed is not None:
            self._forget(wire)
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if wire.full else 0)
        if self._watched.get_key(wire).events != events:
            self._watched.modify(wire, events)

    def hang_up(self, wire: Wire) -> None:
        """Ends a connection; what is under way on it breaks."""
        wire.hang_up()
        self._forget(wire)

    def tidy(self) -> None:
        """Between batches: hears who has hung up meanwhile, and lets go of what was not used for long."""
        self.turn(0)
        wires = sorted((wire for wires in self._wires.values() for wire in wires), key=lambda wire: -wire.used)
        for place, wire in enumerate(wires):
            if place >= KEPT or wire.talk.leaving or monotonic() - wire.used > IDLE:
                self.hang_up(wire)

    def close(self) -> None:
        """Hangs up everywhere."""
        self._closed = True
        for wire in [wire for wires in self._wires.values() for wire in wires]:
            self.hang_up(wire)
        self._watched.close()
        self._bell.close()
        self._button.close()
        for _, answer in self._rung():
            if isinstance(answer, Secured):
                answer.plain.close()

    def _open(self) -> int:
        return sum(map(len, self._wires.values()))

    def _make_room(self, needed: Collection[str]) -> bool:
        """Ends the idle connection that was used least lately, if there is one."""
        spare = [wires for origin, wires in self._wires.items() if origin not in needed]
        idle = [wire for wires in spare for wire in wires if not wire.talk.live]
        if idle:
            self.hang_up(min(idle, key=lambda wire: wire.used))
        return bool(idle)

    def _forget(self, wire: Wire) -> None:
        wires = self._wires.get(wire.origin, [])
        if wire in wires:
            wires.remove(wire)
            self._touched.add(wire)
            self._watched.unregister(wire)
        if not wires:
            self._wires.pop(wire.origin, None)

    def _connect(self, call: Call, context: ssl.SSLContext) -> None:
        """In a thread of its own."""
        answer: Secured | Unreachable | Doubtful = Doubtful("something that we did not think of")
        try:
            answer = call.answered(context, self._names)
        except (Unreachable, Doubtful) as error:
            answer = error
        finally:
            self._answers.put((call, answer))
            if self._closed and isinstance(answer, Secured):
                answer.plain.close()
            with suppress(OSError):
                self._button.send(b"\0")

    def _answered(self) -> tuple[set[Wire], list[tuple[str, Unreachable | Doubtful]]]:
        """What came of calls since the last time."""
        opened, failed = set(), []
        for call, answer in self._rung():
            on_time = call in self._calls
            self._calls.discard(call)
            if not isinstance(answer, Secured):
                if on_time:
                    failed.append((call.origin, answer))
            elif on_time:
                opened.add(self._opened(call, answer))
            else:
                answer.plain.close()
        late = {call for call in self._calls if monotonic() > call.until + 0.1}  # a name that nobody looks up
        self._calls -= late
        return opened, failed + [(call.origin, Unreachable("could not connect: timed out")) for call in late]

    def _opened(self, call: Call, secured: Secured) -> Wire:
        wire = Wire(call.origin, secured, call.until)
        self._wires.setdefault(call.origin, []).append(wire)
        self._watched.register(wire, selectors.EVENT_READ)
        return wire

    def _rung(self) -> Iterator[tuple[Call, Secured | Unreachable | Doubtful]]:
        with suppress(OSError):
            self._bell.recv(4_096)
        with suppress(Empty):
            while True:
                yield self._answers.get_nowait()
