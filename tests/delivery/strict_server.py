"""A push service that speaks HTTP/2 to the letter (by the `h2` package, which knows what is forbidden) and misbehaves
where a test asks it to. In this process, on loopback."""

from __future__ import annotations

import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import h2.config
import h2.connection
import h2.events
import h2.exceptions
from h2.settings import SettingCodes, Settings
from hyperframe.frame import ContinuationFrame, HeadersFrame

from tests.delivery.services import Certificates, PushService


@dataclass
class Visit:
    """One connection of ours, as the server sees it."""

    number: int
    tls: ssl.SSLSocket
    h2: h2.connection.H2Connection
    asked: int = 0
    """Requests so far, this one included."""
    leaving: bool = False
    """It reads no further requests, and hangs up once everything is said."""
    broken: bool = False
    """It hangs up at once."""

    def answer(self, stream: int, status: int = 201) -> None:
        self.h2.send_headers(stream, [(":status", str(status))], end_stream=True)

    def answer_at_length(self, stream: int, status: int, size: int) -> None:
        """With some `size` bytes of headers, in as many CONTINUATION frames as they need, the last one the end."""
        line = b"\0\x06x-junk\x64" + b"y" * 100  # a literal that is not indexed
        block = b"\x08\x03%d" % status + line * (size // len(line))
        pieces = [block[first : first + 16_384] for first in range(0, len(block), 16_384)]
        frames: list[HeadersFrame | ContinuationFrame] = [HeadersFrame(stream, pieces[0], flags=["END_STREAM"])]
        frames += [ContinuationFrame(stream, piece) for piece in pieces[1:]]
        frames[-1].flags.add("END_HEADERS")
        self.flush()
        self.tls.sendall(b"".join(frame.serialize() for frame in frames))

    def flush(self) -> None:
        if data := self.h2.data_to_send():
            self.tls.sendall(data)


Habit = Callable[[Visit, int, str], None]
"""What to do once a whole request (its stream, its path) is there."""


def answering(visit: Visit, stream: int, _path: str) -> None:
    visit.answer(stream)


@dataclass
class Strict(PushService):
    taken: Counter[str] = field(default_factory=Counter)
    """Paths of requests that came in whole: how often each."""
    faults: list[str] = field(default_factory=list)
    """What we did that HTTP/2 forbids."""
    visits: int = 0


@contextmanager
def strict(
    certs: Certificates,
    habit: Habit = answering,
    *,
    settings: dict[SettingCodes, int] | None = None,
    silent: bool = False,
    curt: bool = False,
    leaving: bool = False,
) -> Iterator[Strict]:
    """`silent`: it takes connections and never says a word of HTTP/2; `curt`: it says what it allows, and hangs up, or,
    `leaving`, says that it is about to."""
    over = threading.Event()

    def receive(tls: ssl.SSLSocket, number: int) -> None:
        if silent:
            over.wait(20)
            return
        visit = Visit(number, tls, _connection(settings or {}))
        if curt:
            visit.flush()
            tls.unwrap()
            return
        if leaving:
            visit.h2.close_connection(last_stream_id=0)
            visit.leaving = True
        _converse(service, visit, habit)

    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    service = Strict(int(listener.getsockname()[1]))
    with _serving(service, listener, certs, receive):
        try:
            yield service
        finally:
            over.set()


@contextmanager
def _serving(
    service: Strict, listener: socket.socket, certs: Certificates, receive: Callable[[ssl.SSLSocket, int], None]
) -> Iterator[None]:
    """Each connection is received, once it speaks TLS, by a thread of its own; at the end all are cut off."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certs.chain)
    context.set_alpn_protocols(["h2"])
    threads: list[threading.Thread] = []
    talks: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            service.visits += 1
            begin(talk, plain, service.visits)

    def talk(plain: socket.socket, number: int) -> None:
        with suppress(OSError), context.wrap_socket(plain, server_side=True) as tls:
            talks.append(tls)
            receive(tls, number)

    def begin(work: Callable[..., None], *of: Any) -> None:
        threads.append(threading.Thread(target=work, args=of, daemon=True))
        threads[-1].start()

    begin(accept)
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for each in talks:
            with suppress(OSError):
                socket.socket.shutdown(each, socket.SHUT_RDWR)  # an SSLSocket's would read on without TLS
        for thread in threads:
            thread.join(10)


def _connection(settings: dict[SettingCodes, int]) -> h2.connection.H2Connection:
    made = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
    made.local_settings = Settings(client=False, initial_values={SettingCodes.MAX_CONCURRENT_STREAMS: 100, **settings})
    made.initiate_connection()
    return made


def _converse(service: Strict, visit: Visit, habit: Habit) -> None:
    paths: dict[int, str] = {}
    visit.flush()
    while not visit.broken and (data := visit.tls.recv(65_536)):
        if visit.leaving:
            continue
        try:
            events = visit.h2.receive_data(data)
        except h2.exceptions.ProtocolError as error:
            service.faults.append(str(error))
            events = []
        for event in events:
            if isinstance(event, h2.events.RequestReceived):
                headers = dict(event.headers)
                paths[event.stream_id] = headers[":path"]
            elif isinstance(event, h2.events.DataReceived):
                visit.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                visit.asked += 1
                service.taken[paths[event.stream_id]] += 1
                habit(visit, event.stream_id, paths[event.stream_id])
            if visit.leaving or visit.broken:
                break
        visit.flush()
