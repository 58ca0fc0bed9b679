"""Opens TLS connections: names are looked up, their addresses checked and tried, hands shaken.

What is connected to is the address that was checked, so a name that leads elsewhere the next time changes nothing.
Certificates are checked as libcurl checks them for the other engine.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import certifi

from plugin.delivery.addresses import host_and_port, led_to, public

KNOWN_FOR = 60
"""Seconds for which a name is not looked up again, as with libcurl."""

Address = tuple[socket.AddressFamily, tuple[Any, ...]]


class Unreachable(Exception):
    """Nobody is there, or somebody else is."""


class Doubtful(Exception):
    """Somebody is there whom libcurl may understand."""


@dataclass(slots=True)
class Secured:
    """A connection whose hand was shaken. What TLS reads and writes goes through memory, many records at once."""

    plain: socket.socket
    tls: ssl.SSLObject
    incoming: ssl.MemoryBIO
    outgoing: ssl.MemoryBIO


def trusting(authorities: Path | None) -> ssl.SSLContext:
    """What we ask of a service: TLS 1.2, a certificate for its name, and HTTP/2 if it can."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # asks for a certificate, and for the name in it
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # whom the file names is trusted, root or not
    context.load_verify_locations(authorities or certifi.where())
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


class Names:
    """Where names lead, for a minute."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], tuple[float, list[Address]]] = {}

    def look_up(self, host: str, port: int) -> list[Address]:
        """Raises Unreachable."""
        until, found = self._known.get((host, port), (0.0, []))
        if monotonic() >= until:
            try:
                rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            except (OSError, UnicodeError) as error:
                raise Unreachable(f"could not resolve {host}: {error}") from error
            found = [(row[0], row[4]) for row in rows]
            self._known[host, port] = monotonic() + KNOWN_FOR, found
        return found

    def prefer(self, host: str, port: int, address: Address) -> None:
        """It answered: the next connection begins with it."""
        until, found = self._known.get((host, port), (0.0, []))
        self._known[host, port] = until, [address, *(other for other in found if other != address)]


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """Whom to connect to."""

    origin: str
    trusted: bool
    """It may stand at a private address."""
    until: float
    """The monotonic moment at which it is too late."""

    def answered(self, context: ssl.SSLContext, names: Names) -> Secured:
        """Connects. Raises Unreachable or Doubtful."""
        host, port = led_to(self.origin)
        plain = self._connected(host, port, names)
        try:
            return self._secured(plain, context)
        except ssl.SSLCertVerificationError as error:
            plain.close()
            raise Unreachable(f"its certificate is not good: {error.verify_message}") from error
        except ssl.SSLError as error:
            plain.close()
            raise Doubtful(f"TLS: {error}") from error
        except OSError as error:
            plain.close()
            raise Unreachable(f"could not connect securely: {_why(error)}") from error
        except BaseException:
            plain.close()
            raise

    def _connected(self, host: str, port: int, names: Names) -> socket.socket:
        found = names.look_up(host, port)
        allowed = [address for address in found if self.trusted or public(str(address[1][0]))]
        if not allowed:
            raise Unreachable(f"its address {found[-1][1][0] if found else host} is not a public one")
        why = ""
        for tried, address in enumerate(allowed):
            plain = socket.socket(address[0], socket.SOCK_STREAM)
            try:
                plain.settimeout(self._seconds() / (len(allowed) - tried))
                plain.connect(address[1])
            except OSError as error:
                plain.close()
                why = _why(error)
            else:
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                names.prefer(host, port, address)
                return plain
        raise Unreachable(f"could not connect to {host}, port {port}: {why}")

    def _secured(self, plain: socket.socket, context: ssl.SSLContext) -> Secured:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        name, _ = host_and_port(self.origin)
        tls = context.wrap_bio(incoming, outgoing, server_hostname=name)
        while not _done(tls.do_handshake):
            plain.settimeout(self._seconds())
            plain.sendall(outgoing.read())
            data = plain.recv(65_536)
            if not data:
                raise Doubtful("TLS: it hung up in the middle of the handshake")
            incoming.write(data)
        if tls.selected_alpn_protocol() != "h2":
            raise Doubtful("it does not speak HTTP/2")
        plain.setblocking(False)
        return Secured(plain, tls, incoming, outgoing)

    def _seconds(self) -> float:
        left = self.until - monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left


def _done(step: Callable[[], None]) -> bool:
    try:
        step()
    except ssl.SSLWantReadError:
        return False
    return True


def _why(error: OSError) -> str:
    return "timed out" if isinstance(error, TimeoutError) else (error.strerror or str(error))
