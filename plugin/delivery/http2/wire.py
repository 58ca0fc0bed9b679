"""One connection to a push service: the HTTP/2 conversation with TLS and a socket under it."""

from __future__ import annotations

import ssl
from contextlib import suppress
from time import monotonic

from .connection import Connection
from .dial import Secured

AT_ONCE = 262_144
"""Bytes read each time, so that one service never keeps the others waiting."""
TOO_MUCH = 2**22
"""Bytes that wait to be sent to a service that does not read."""


HUNG_UP = "we hung up"


class Wire:
    """Whoever puts requests into `talk` calls `flush` then."""

    def __init__(self, origin: str, secured: Secured, until: float) -> None:
        self.origin = origin
        self.until = until
        """The monotonic moment at which the service must have said what it allows."""
        self.talk = Connection(origin.removeprefix("https://"))
        self.used = monotonic()
        self.heard = self.used
        """When something came last."""
        self.closed: str | None = None
        """Why it is over."""
        self._secured = secured
        self._pending = bytearray()

    def fileno(self) -> int:
        """For selectors."""
        return self._secured.plain.fileno()

    @property
    def full(self) -> bool:
        """Whether some bytes wait until the socket takes them."""
        return bool(self._pending)

    def flush(self) -> None:
        """Sends what there is to send, as far as the socket takes it."""
        if self.closed is not None:
            return
        try:
            if out := self.talk.outgoing():
                self._secured.tls.write(out)
            self._pending += self._secured.outgoing.read()
            if self._pending:
                del self._pending[: self._secured.plain.send(self._pending)]
        except BlockingIOError:
            pass
        except OSError as error:
            self.lost(error.strerror or str(error))
        if len(self._pending) > TOO_MUCH:
            self.lost("it does not read what we send")

    def receive(self) -> None:
        """Takes what has come."""
        secured = self._secured
        try:
            data = secured.plain.recv(AT_ONCE)
        except BlockingIOError:
            return
        except OSError as error:
            self.lost(error.strerror or str(error))
            return
        self.heard = monotonic()
        secured.incoming.write(data)
        if not data:
            secured.incoming.write_eof()
        over, pieces = "", []
        try:
            while piece := secured.tls.read(16_384):
                pieces.append(piece)
            over = "the service hung up"
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            over = f"TLS: {error.reason}" if data else "the service hung up"
        self.talk.receive(b"".join(pieces))
        if over:
            self.lost(over)

    def hang_up(self) -> None:
        """Says goodbye, if that goes at once."""
        if self.closed is None:
            with suppress(OSError):
                self._secured.tls.write(self.talk.outgoing() + self.talk.goodbye())
                with suppress(ssl.SSLWantReadError):
                    self._secured.tls.unwrap()
                self._secured.plain.send(self._pending + self._secured.outgoing.read())
            self.lost(HUNG_UP)

    def lost(self, why: str) -> None:
        """It is over, without a word."""
        self.closed = why
        self.talk.lost(why)
        self._secured.plain.close()
