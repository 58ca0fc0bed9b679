"""This process's connections to push services, kept between calls: libcurl's multi handle, and beside it our own.

One thread at a time may use it. A forked child makes its own and never touches those of its parent.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import selectors
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import certifi
import pycurl

from plugin.base import settings
from plugin.base.settings import Settings

from .addresses import public
from .http2.pool import Pool

PER_SERVICE = 8
"""Connections at most to one push service. With HTTP/2 five carry a whole batch, a hundred streams each."""
KEPT = 64
"""Connections that stay open between batches."""
AT_MOST = 256
"""Connections at once, to all services: some have a name for each browser."""
GATHERING = 0.005
"""Seconds to let answers gather while many are awaited: waking up for each of them costs more than the answer."""
LONGEST_ANSWER = 4_096
"""Bytes of an answer's body that we read; libcurl itself ends answers with headers of more than 300 kB."""


class _Lent(socket.socket):
    """pycurl hands libcurl a duplicate of the socket we open, so ours closes as soon as it is forgotten."""

    def __del__(self) -> None:
        self.close()


class Line:
    """One request's way out: a libcurl handle, used again and again."""

    def __init__(self, now: Settings) -> None:
        self.number = 0
        """Whose request it carries: for the caller."""
        self.body = bytearray()
        self.trusted = False
        """Private addresses may be called: the origin stands in the settings."""
        self.refused = ""
        """An address that we would not call."""
        self._patience = (0.0, 0.0)
        self.curl = curl = pycurl.Curl()
        curl.line = self
        for option, value in (
            (pycurl.POST, 1),
            (pycurl.NOSIGNAL, 1),
            (pycurl.PROTOCOLS, pycurl.PROTO_HTTPS),
            (pycurl.FOLLOWLOCATION, 0),
            (pycurl.PROXY, ""),  # whatever the environment says: the address check must see the service's own
            (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_2TLS),
            (pycurl.USERAGENT, "Beckon"),
            (pycurl.PIPEWAIT, 1),  # rather share a connection than open another
            (pycurl.CAINFO, str(now.push_ca or certifi.where())),
            (pycurl.CONNECT_TO, list(now.push_connect_to)),
            (pycurl.OPENSOCKETFUNCTION, self._open),
            (pycurl.WRITEFUNCTION, self._take),
        ):
            curl.setopt(option, value)

    def give_up_after(self, connect: float, total: float) -> None:
        """In seconds. The same as before, nearly always: libcurl is told only what is new."""
        if self._patience != (connect, total):
            self._patience = (connect, total)
            self.curl.setopt(pycurl.CONNECTTIMEOUT_MS, int(connect * 1_000))
            self.curl.setopt(pycurl.TIMEOUT_MS, int(total * 1_000) or 1)

    def _open(self, _purpose: int, address: tuple[int, int, int, tuple[Any, ...]]) -> socket.socket | int:
        family, kind, protocol, place = address
        if not (self.trusted or public(str(place[0]))):
            self.refused = str(place[0])
            return int(pycurl.SOCKET_BAD)
        return _Lent(family, kind, protocol)

    def _take(self, chunk: bytes) -> int:
        """Returns less than it was given when there is too much, which ends the transfer."""
        room = LONGEST_ANSWER - len(self.body)
        self.body += chunk[:room]
        return min(len(chunk), room)


class Exchange:
    """The multi handle with the sockets and the timer it asked us to watch."""

    def __init__(self, now: Settings) -> None:
        self.settings = now
        self.own = Pool(now.push_ca)
        """Connections of our own engine."""
        self.multiplexed: set[str] = set()
        """Origins that were seen to speak HTTP/2."""
        self._idle: list[Line] = []
        self._flying = 0
        self._due: float | None = None
        self._watched = selectors.DefaultSelector()
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_PIPELINING, pycurl.PIPE_MULTIPLEX)
        self._multi.setopt(pycurl.M_MAX_HOST_CONNECTIONS, PER_SERVICE)
        self._multi.setopt(pycurl.M_MAX_TOTAL_CONNECTIONS, AT_MOST)
        self._multi.setopt(pycurl.M_MAXCONNECTS, KEPT)
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._remind)

    def line(self) -> Line:
        """A line that nobody uses."""
        return self._idle.pop() if self._idle else Line(self.settings)

    def start(self, line: Line) -> None:
        if line.body:
            line.body.clear()
        line.refused = ""
        self._multi.add_handle(line.curl)
        self._flying += 1

    def give_back(self, line: Line) -> None:
        self._idle.append(line)

    def turn(self, at_most: float | None) -> list[tuple[Line, int, str]]:
        """Waits until something happens, `at_most` seconds if that is given; returns the lines that are through, each
        with libcurl's error (0: none)."""
        if self._flying > PER_SERVICE:
            time.sleep(GATHERING)
        due = None if self._due is None else max(0.0, self._due - time.monotonic())
        ready = self._watched.select(min((wait for wait in (due, at_most) if wait is not None), default=None))
        for key, events in ready:
            readable = pycurl.CSELECT_IN if events & selectors.EVENT_READ else 0
            self._multi.socket_action(key.fd, readable | (pycurl.CSELECT_OUT if events & selectors.EVENT_WRITE else 0))
        if self._due is not None and time.monotonic() >= self._due:
            self._due = None
            self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
        return list(self._through())

    def close(self) -> None:
        self.own.close()
        self._idle.clear()
        self._multi.close()
        self._watched.close()

    def _through(self) -> Iterator[tuple[Line, int, str]]:
        more = True
        while more:
            more, good, bad = self._multi.info_read()
            for curl, error, words in [(curl, 0, "") for curl in good] + bad:
                self._multi.remove_handle(curl)
                self._flying -= 1
                yield curl.line, error, words

    def _watch(self, what: int, fd: int, _multi: object, _data: object) -> None:
        """libcurl: from now on tell me `what` happens on this socket."""
        known = fd in self._watched.get_map()
        if what == pycurl.POLL_REMOVE:
            if known:
                self._watched.unregister(fd)
            return
        events = selectors.EVENT_READ if what & pycurl.POLL_IN else 0
        events |= selectors.EVENT_WRITE if what & pycurl.POLL_OUT else 0
        (self._watched.modify if known else self._watched.register)(fd, events)

    def _remind(self, milliseconds: int) -> None:
        """libcurl: wake me then; below zero: never mind."""
        self._due = None if milliseconds < 0 else time.monotonic() + milliseconds / 1_000


_exchange: Exchange | None = None
_one_at_a_time = threading.Lock()


@contextmanager
def exchange() -> Iterator[Exchange]:
    """The process's exchange, for one thread at a time. What raises inside ends the connections: half-done
    transfers hang in them."""
    global _exchange  # noqa: PLW0603  connections are a process's
    with _one_at_a_time:
        if _exchange is not None and _exchange.settings is not settings.current():
            _close()
        _exchange = _exchange or Exchange(settings.current())
        try:
            yield _exchange
        except BaseException:
            _close()
            raise


def _close() -> None:
    global _exchange  # noqa: PLW0603
    if _exchange is not None:
        _exchange.close()
    _exchange = None


def _leave_to_parent() -> None:
    """After a fork. Closing these would say goodbye on the parent's sockets in the parent's name, so they are kept for
    ever: one reference too many outlives even the interpreter's tidying up."""
    global _exchange, _one_at_a_time
    if _exchange is not None:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(_exchange))
    _exchange, _one_at_a_time = None, threading.Lock()


os.register_at_fork(after_in_child=_leave_to_parent)
atexit.register(_close)
