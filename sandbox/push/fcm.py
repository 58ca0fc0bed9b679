"""A local stand-in for Google's push service, as far as Chromium and a sender of web pushes need it:

    checkin         (--gcm-checkin-url)        gives the browser an identity
    registration    (--gcm-registration-url)   gives a token per subscription
    MCS             (--gcm-mcs-endpoint)       the long-lived TLS socket that messages come down on
    POST /fcm/send  the sender's side; endpoints name Google's host, which curl's CONNECT_TO leads here

Message layouts: Chromium's public google_apis/gcm/protocol/*.proto, encoded by hand; nothing is copied. The answers to
senders follow a public record of tests against the real service: right in kind, approximate in their words.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import ssl
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox import instants

from . import protobuf, vapid
from .protobuf import number, text

ORIGINS = ("https://fcm.googleapis.com", "https://jmt17.google.com")
"""Chrome's stable channel; every other channel and Debian's Chromium."""
LONGEST_TTL = 28 * 86_400
LONGEST_BODY = 4_096

_PING, _PING_ACK, _LOGIN, _LOGIN_ANSWER, _CLOSE, _DATA = 0, 1, 2, 3, 4, 8
_VERSION = 41


@dataclass(frozen=True, slots=True)
class Registration:
    """One subscription: the device, what Chromium calls it, and the sender's public key it is bound to."""

    device: int
    category: str
    subtype: str
    sender: str


@dataclass(frozen=True, slots=True)
class Message:
    registration: Registration
    topic: str | None
    expires_at: float
    frame: bytes


@dataclass(slots=True)
class Device:
    token: int
    socket: asyncio.StreamWriter | None = None
    waiting: list[Message] = field(default_factory=list)


class Refusal(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Fcm:
    """Mount `routes` on an HTTP server, then `start()` the socket with a certificate for localhost."""

    def __init__(self) -> None:
        self.devices: dict[int, Device] = {}
        self.registrations: dict[str, Registration] = {}
        self.log: list[dict[str, Any]] = []
        """What happened, for tests."""
        self.port = 0
        """Of the socket, after start()."""
        self.routes: list[BaseRoute] = [
            Route("/checkin", self.check_in, methods=["POST"]),
            Route("/c2dm/register3", self.register, methods=["POST"]),
            Route("/fcm/send/{token}", self.push, methods=["POST"]),
            Route("/wp/{token}", self.push, methods=["POST"]),
        ]
        self._server: asyncio.Server | None = None

    async def start(self, tls: ssl.SSLContext, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._listen, "127.0.0.1", port, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        for device in self.devices.values():
            if device.socket is not None:
                device.socket.close()
        if self._server is not None:
            self._server.close()

    def switches(self, http: str) -> list[str]:
        """Chromium's switches that lead it here, given where the routes are served (`http://127.0.0.1:8200`)."""
        return [
            f"--gcm-checkin-url={http}/checkin",
            f"--gcm-registration-url={http}/c2dm/register3",
            f"--gcm-mcs-endpoint=https://localhost:{self.port}",
        ]

    # --- the browser's side

    async def check_in(self, _: Request) -> Response:
        device, token = 4 * 10**18 + secrets.randbelow(10**15), secrets.randbits(62) | 1
        self.devices[device] = Device(token)
        answer = number(1, 1) + number(3, int(_now() * 1000)) + number(9, 0)
        answer += protobuf.fixed64(7, device) + protobuf.fixed64(8, token)
        return Response(answer, media_type="application/x-protobuffer")

    async def register(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        login = request.headers.get("authorization", "").removeprefix("AidLogin ").partition(":")
        device = self._device(login[0], login[2])
        if device is None:
            return PlainTextResponse("Error=PHONE_REGISTRATION_ERROR")
        asked = Registration(device, form.get("app", ""), form.get("X-subtype", ""), form.get("sender", ""))
        if form.get("delete"):
            same = [t for t, r in self.registrations.items() if (r.device, r.subtype) == (device, asked.subtype)]
            for token in same:
                del self.registrations[token]
            return PlainTextResponse(f"token={asked.subtype}")
        token = f"{secrets.token_urlsafe(8)}:APA91b{secrets.token_urlsafe(96)}"
        self.registrations[token] = asked
        return PlainTextResponse(f"token={token}")

    def _device(self, identity: str, token: str) -> int | None:
        known = self.devices.get(int(identity)) if identity.isdigit() else None
        return int(identity) if known is not None and str(known.token) == token else None

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        device: Device | None = None
        with contextlib.suppress(asyncio.IncompleteReadError, OSError, ValueError):
            await reader.readexactly(1)  # the version
            while True:
                tag = (await reader.readexactly(1))[0]
                fields = protobuf.read(await reader.readexactly(await _size(reader)))
                if tag == _LOGIN:
                    device = self._log_in(fields, writer)
                elif tag == _PING:
                    writer.write(_frame(_PING_ACK, b""))
                elif tag == _CLOSE:
                    break
        if device is not None and device.socket is writer:
            device.socket = None
        writer.close()

    def _log_in(self, fields: protobuf.Fields, writer: asyncio.StreamWriter) -> Device:
        session, identity, token = (_said(fields, field) for field in (1, 3, 5))
        known = self._device(identity, token)
        if known is None:
            raise ValueError("a login of nobody we know")
        device = self.devices[known]
        answer = text(1, session) + number(5, 0) + number(6, 1) + number(8, int(_now() * 1000))
        writer.write(bytes([_VERSION]) + _frame(_LOGIN_ANSWER, answer))
        device.socket = writer
        for message in device.waiting:
            if message.expires_at > _now():
                writer.write(message.frame)
        device.waiting = []
        return device

    # --- the sender's side

    async def push(self, request: Request) -> Response:
        body = await request.body()
        try:
            message = self._accept(request, body)
        except Refusal as refusal:
            self.log.append({"kind": "post", "status": refusal.status, "message": str(refusal)})
            return PlainTextResponse(str(refusal), refusal.status)
        device = self.devices[message.registration.device]
        if device.socket is not None:
            device.socket.write(message.frame)
        else:
            replaced = (message.registration, message.topic)
            device.waiting = [m for m in device.waiting if not m.topic or (m.registration, m.topic) != replaced]
            device.waiting.append(message)
        self.log.append({"kind": "post", "status": 201, "headers": dict(request.headers)})
        return Response(status_code=201, headers={"Location": f"https://{request.url.netloc}/{secrets.token_hex(8)}"})

    def _accept(self, request: Request, body: bytes) -> Message:
        registration = self.registrations.get(request.path_params["token"])
        if registration is None:
            raise Refusal(410, "push subscription has unsubscribed or expired.")
        if "authorization" not in request.headers:
            raise Refusal(401, "authorization header must be specified.")
        try:
            shown = vapid.verify(request.headers["authorization"], ORIGINS, _now())
        except vapid.BadVapid as error:
            raise Refusal(403, str(error)) from error
        if vapid.encode(shown.key) != registration.sender:
            raise Refusal(403, "the VAPID credentials do not correspond to those used to create the subscription")
        if len(body) > LONGEST_BODY:
            raise Refusal(400, "payload too large")  # as seen from the real one, which does not say 413
        wanted = request.headers.get("ttl", "")
        if not wanted.isdigit():
            raise Refusal(400, "TTL must be a number of seconds")
        ttl, topic = min(int(wanted), LONGEST_TTL), request.headers.get("topic")
        return Message(registration, topic, _now() + ttl, _data(registration, request, body, ttl, topic))


def _data(registration: Registration, request: Request, body: bytes, ttl: int, topic: str | None) -> bytes:
    app_data = {"subtype": registration.subtype, "content-encoding": request.headers.get("content-encoding", "")}
    out = text(3, registration.sender) + text(5, registration.category)
    if topic:
        out += text(6, topic)
    for name, value in app_data.items():
        out += text(7, text(1, name) + text(2, value))
    out += text(9, f"0:{secrets.token_hex(8)}") + number(17, ttl) + number(18, int(_now() * 1000))
    return _frame(_DATA, out + (text(21, body) if body else b""))


def _frame(tag: int, message: bytes) -> bytes:
    return bytes([tag]) + protobuf.varint(len(message)) + message


async def _size(reader: asyncio.StreamReader) -> int:
    value = shift = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value


def _said(fields: protobuf.Fields, field_number: int) -> str:
    value = fields.get(field_number, [b""])[0]
    return value.decode() if isinstance(value, bytes) else str(value)


def _now() -> float:
    return instants.now().timestamp()
