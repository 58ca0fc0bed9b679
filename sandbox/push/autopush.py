"""A local stand-in for Mozilla's push service: Firefox keeps a WebSocket to it, senders POST to the endpoints it gave.

Written from reading the protocol of autopush-rs 1.83.1, no code of it is taken. In memory: a browser that comes back
after a restart gets a new identity and subscribes again, as after a loss at Mozilla's.

    dom.push.serverURL = ws://127.0.0.1:PORT/firefox      (and dom.push.testing.allowInsecureServerURL = true)
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import uuid
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from sandbox import instants

from . import vapid

LONGEST_TTL = 30 * 86_400
LONGEST_BODY = 5_630
TOPIC = re.compile(r"[0-9A-Za-z_-]{1,32}=*")
INTERNAL_ERROR = 1011
REASONS = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 410: "Gone", 413: "Payload Too Large"}


@dataclass(frozen=True, slots=True)
class Channel:
    """One subscription in one browser, bound to the sender's public key when the page named one."""

    browser: str
    channel_id: str
    key: bytes | None


@dataclass(frozen=True, slots=True)
class Message:
    channel: Channel
    version: str
    topic: str | None
    expires_at: float
    wire: dict[str, Any]


@dataclass(slots=True)
class Browser:
    """`kept`: messages that it has not acknowledged, oldest first."""

    identity: str
    socket: WebSocket | None = None
    kept: list[Message] = field(default_factory=list)


class Refusal(Exception):
    """An answer of Mozilla's to a sender, with its errno."""

    def __init__(self, status: int, errno: int, message: str) -> None:
        super().__init__(message)
        self.status, self.errno = status, errno


class Autopush:
    """`origin` is what endpoints begin with and what a VAPID token must be made for, `https://localhost:8243`."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.browsers: dict[str, Browser] = {}
        self.channels: dict[str, Channel] = {}
        """By the token in the endpoint."""
        self.log: list[dict[str, Any]] = []
        """What happened, for tests: posts with their answers, and the browsers' acknowledgements."""
        self.routes: list[BaseRoute] = [
            WebSocketRoute("/firefox", self.listen),
            Route("/wpush/v1/{token}", self.push, methods=["POST"]),
            Route("/wpush/v2/{token}", self.push, methods=["POST"]),
        ]

    async def stop(self) -> None:
        """Closes the browsers' sockets."""
        for browser in self.browsers.values():
            if browser.socket is not None:
                await browser.socket.close(1001)

    # --- the browser's side

    async def listen(self, socket: WebSocket) -> None:
        await socket.accept("push-notification" if "push-notification" in socket.scope["subprotocols"] else None)
        browser: Browser | None = None
        try:
            while True:
                told = json.loads(await socket.receive_text())
                if browser is None:
                    browser = await self._hello(socket, told)
                else:
                    await self._hear(browser, socket, told)
        except (WebSocketDisconnect, asyncio.CancelledError):  # cancelled: the server stops
            pass
        except (ValueError, KeyError):  # not of this protocol: Mozilla's closes as well
            await socket.close(INTERNAL_ERROR)
        finally:
            if browser is not None and browser.socket is socket:
                browser.socket = None

    async def _hello(self, socket: WebSocket, told: dict[str, Any]) -> Browser:
        if told.get("messageType") != "hello":
            raise ValueError("a socket begins with hello")
        known = self.browsers.get(str(told.get("uaid") or "").replace("-", ""))
        browser = known or Browser(uuid.uuid4().hex)
        self.browsers[browser.identity] = browser
        browser.socket = socket
        hello = {"messageType": "hello", "uaid": browser.identity, "status": 200, "use_webpush": True, "broadcasts": {}}
        await socket.send_json(hello)
        browser.kept = [message for message in browser.kept if message.expires_at > _now()]
        for message in browser.kept:
            await socket.send_json(message.wire)
        return browser

    async def _hear(self, browser: Browser, socket: WebSocket, told: dict[str, Any]) -> None:
        match told.get("messageType", "ping"):
            case "register":
                endpoint = self._register(browser, told)
                answer = {"channelID": told["channelID"], "status": 200, "pushEndpoint": endpoint}
                await socket.send_json({"messageType": "register", **answer})
            case "unregister":
                self._forget(browser, told["channelID"])
                answer = {"channelID": told["channelID"], "status": 200}
                await socket.send_json({"messageType": "unregister", **answer})
            case "ack":
                done = {update["version"]: update.get("code") for update in told["updates"]}
                browser.kept = [message for message in browser.kept if message.version not in done]
                self.log.extend({"kind": "ack", "version": version, "code": code} for version, code in done.items())
            case "nack":
                self.log.append({"kind": "nack", "version": told.get("version"), "code": told.get("code")})
            case "ping":
                await socket.send_text("{}")
            case "broadcast_subscribe":
                pass
            case other:
                raise ValueError(f"unknown message {other}")

    def _register(self, browser: Browser, told: dict[str, Any]) -> str:
        channel_id = str(uuid.UUID(told["channelID"]))
        key = vapid.decode(told["key"]) if told.get("key") else None
        token = secrets.token_urlsafe(48)
        self.channels[token] = Channel(browser.identity, channel_id, key)
        return f"{self.origin}/wpush/{'v2' if key else 'v1'}/{token}"

    def _forget(self, browser: Browser, channel_id: str) -> None:
        ended = [
            token
            for token, channel in self.channels.items()
            if channel.browser == browser.identity and channel.channel_id == channel_id
        ]
        for token in ended:
            del self.channels[token]
        browser.kept = [message for message in browser.kept if message.channel.channel_id != channel_id]

    # --- the sender's side

    async def push(self, request: Request) -> Response:
        body = await request.body()
        try:
            message, ttl = self._accept(request, body)
        except Refusal as refusal:
            self.log.append({"kind": "post", "status": refusal.status, "message": str(refusal)})
            return _refused(refusal)
        browser = self.browsers[message.channel.browser]
        if message.topic and browser.socket is None:  # it replaces only what waits here
            browser.kept = [m for m in browser.kept if (m.channel, m.topic) != (message.channel, message.topic)]
        if ttl:
            browser.kept.append(message)
        if browser.socket is not None:
            await browser.socket.send_json(message.wire)
        self.log.append({"kind": "post", "status": 201, "headers": dict(request.headers), "version": message.version})
        return Response(status_code=201, headers={"Location": f"{self.origin}/m/{message.version}", "TTL": str(ttl)})

    def _accept(self, request: Request, body: bytes) -> tuple[Message, int]:
        channel = self.channels.get(request.path_params["token"])
        if channel is None:
            raise Refusal(410, 106, "No such subscription")
        self._authorize(request, channel)
        if len(body) > LONGEST_BODY:
            raise Refusal(413, 104, "Payload reached size limit.")
        ttl = _ttl(request)
        topic = request.headers.get("topic")
        if topic is not None and not TOPIC.fullmatch(topic):
            raise Refusal(400, 113, "Topic must be URL and Filename safe Base64 alphabet, at most 32 characters")
        version = secrets.token_urlsafe(24)
        wire: dict[str, Any] = {"messageType": "notification", "channelID": channel.channel_id, "version": version}
        if body:
            encoding = request.headers.get("content-encoding")
            if encoding != "aes128gcm":  # Mozilla's takes aesgcm too; nobody should send it any more
                raise Refusal(400, 110, "Unknown Content-Encoding header")
            wire |= {"data": vapid.encode(body), "headers": {"encoding": encoding}}
        return Message(channel, version, topic, _now() + ttl, wire), ttl

    def _authorize(self, request: Request, channel: Channel) -> None:
        authorization = request.headers.get("authorization")
        if channel.key is None and authorization is None:
            return
        try:
            shown = vapid.verify(authorization or "vapid ", {self.origin}, _now())
        except vapid.BadVapid as error:
            raise Refusal(401, 109, str(error)) from error
        if channel.key not in (None, shown.key):
            raise Refusal(401, 109, "VAPID public key mismatch")


def _ttl(request: Request) -> int:
    try:
        ttl = int(request.headers["ttl"])
    except (KeyError, ValueError):
        raise Refusal(400, 111, "Missing TTL value") from None
    if ttl < 0:
        raise Refusal(400, 114, "TTL must be greater than 0")
    return min(ttl, LONGEST_TTL)


def _refused(refusal: Refusal) -> Response:
    told = {
        "code": refusal.status,
        "errno": refusal.errno,
        "error": REASONS[refusal.status],
        "message": str(refusal),
        "more_info": "http://autopush.readthedocs.io/en/latest/http.html#error-codes",
    }
    headers = {"Cache-Control": "max-age=86400"} if refusal.status == 410 else {}
    return JSONResponse(told, refusal.status, headers)


def _now() -> float:
    return instants.now().timestamp()
