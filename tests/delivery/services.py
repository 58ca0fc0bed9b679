"""A push service for tests: a real TLS server on loopback that answers what the endpoint's path asks it to answer."""

from __future__ import annotations

import base64
import json
import os
import secrets
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from plugin.delivery.post import Reply, Request
from plugin.delivery.push import Push
from plugin.delivery.vapid import VapidKey
from tests.servers import free_port

HOSTS = ("localhost", "fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com")


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes
    http: str
    connection: int
    """The client's port: one for each connection."""


@dataclass
class PushService:
    """`endpoint(410)` is an address that answers 410."""

    port: int
    log: Path = Path("/dev/null")

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def received(self) -> list[Received]:
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [Received(**(line | {"body": base64.b64decode(line["body"])})) for line in lines]

    @property
    def connections(self) -> set[int]:
        return {one.connection for one in self.received}

    def forget(self) -> None:
        self.log.write_text("")

    def endpoint(self, status: int = 201, host: str | None = None, **wishes: object) -> str:
        """`wishes`: retry_after, seconds (before the answer), bytes (of body), junk (bytes of headers), says."""
        query = "&".join(f"{name}={value}" for name, value in wishes.items())
        origin = f"https://{host}" if host else self.origin
        return f"{origin}/push/{status}/{secrets.token_urlsafe(12)}?{query}"


At = Callable[[PushService], PushService]
"""The fixture `at`: the same service, which this test's settings know and trust."""


@dataclass
class Certificates:
    """A certificate authority of our own and a certificate of it for HOSTS."""

    ca: Path
    chain: Path
    stranger: Path
    """Another authority, which has signed nothing here."""


def certificates(home: Path) -> Certificates:
    ca = trustme.CA()
    issued = ca.issue_cert(*HOSTS)
    made = Certificates(home / "ca.pem", home / "chain.pem", home / "stranger.pem")
    ca.cert_pem.write_to_path(str(made.ca))
    issued.private_key_and_cert_chain_pem.write_to_path(str(made.chain))
    trustme.CA().cert_pem.write_to_path(str(made.stranger))
    return made


@contextmanager
def running(certs: Certificates, *alpn: str, port: int | None = None, streams: int = 100) -> Iterator[PushService]:
    """A push service that speaks `alpn` ("h2", "http/1.1"), in a process of its own."""
    service = PushService(port or free_port(), certs.chain.with_name(f"received-{secrets.token_hex(4)}.jsonl"))
    service.forget()
    program = [sys.executable, "-m", "tests.delivery.push_server"]
    process = subprocess.Popen(
        [*program, str(service.port), certs.chain, service.log, str(streams), *alpn], stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(service.port, process)
        yield service
    finally:
        process.kill()
        process.wait(10)


@contextmanager
def hanging_up(certs: Certificates) -> Iterator[PushService]:
    """A push service that closes every connection once it was asked something."""
    with _talking(certs, lambda tls: tls.close()) as service:
        yield service


@contextmanager
def never_ending(certs: Certificates) -> Iterator[PushService]:
    """A push service that says 201 and then keeps everybody waiting for the rest."""
    over = threading.Event()

    def answer(tls: ssl.SSLSocket) -> None:
        tls.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\nWell, ")
        over.wait(10)

    with _talking(certs, answer) as service:
        yield service
        over.set()


@contextmanager
def dribbling(certs: Certificates, first: bytes) -> Iterator[PushService]:
    """A push service that says `first` and then one byte after another, for ten seconds."""
    over = threading.Event()

    def answer(tls: ssl.SSLSocket) -> None:
        tls.sendall(first)
        for _ in range(200):
            if over.wait(0.05):
                return
            tls.sendall(b"x")

    with _talking(certs, answer) as service:
        yield service
        over.set()


@contextmanager
def _talking(certs: Certificates, answer: Callable[[ssl.SSLSocket], None]) -> Iterator[PushService]:
    """A bare TLS server, one connection at a time: `answer` has it once something was asked."""
    listener = socket.create_server(("127.0.0.1", 0))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certs.chain)
    context.set_alpn_protocols(["http/1.1"])

    def serve() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(plain, server_side=True) as tls:
                    if tls.recv(100):
                        answer(tls)
            except OSError:
                plain.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield PushService(int(listener.getsockname()[1]))
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


@dataclass
class Browser:
    """One that has subscribed: it keeps the private key."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def p256dh(self) -> bytes:
        return point_of(self.private)


def point_of(private: ec.EllipticCurvePrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def make_vapid_key() -> VapidKey:
    private = ec.generate_private_key(ec.SECP256R1())
    return VapidKey(private.private_numbers().private_value.to_bytes(32, "big"), point_of(private))


VANTA = make_vapid_key()
"""The shop that pushes in most tests."""


def make_push(to: str, browser: Browser | None = None, **changes: Any) -> Push:
    """A push to the endpoint `to`, of a browser of its own if none is given."""
    browser = browser or Browser()
    fields: dict[str, Any] = {
        "delivery_id": 1,
        "endpoint": to,
        "p256dh": browser.p256dh,
        "auth": browser.auth,
        "payload": b'{"web_push": 8030}',
        "topic": secrets.token_urlsafe(16),
        "ttl": 86_400,
        "urgency": "normal",
        "vapid": VANTA,
    }
    return Push(**(fields | changes))


def asking(service: PushService, status: int = 201, **wishes: object) -> Request:
    """A request below the level of pushes."""
    return Request(service.origin, service.endpoint(status, **wishes), ("TTL: 60",), b"body")  # type: ignore[arg-type]


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(500):
        assert process.poll() is None, "the test's push service ended at once"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        threading.Event().wait(0.02)
    raise RuntimeError("the test's push service did not start")


def statuses(replies: Iterable[Reply]) -> set[int | None]:
    return {reply.status for reply in replies}
