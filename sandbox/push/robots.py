"""A push service whose subscribers are robots: it holds their keys, so it can check what only a browser could.

It verifies VAPID against the key that the robot subscribed with, decrypts, replaces an undelivered message of the same
Topic, answers trouble when told to, and remembers who was shown what.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox import instants
from sandbox.state import Json
from sandbox.world import World

from . import vapid
from .decrypt import Undecryptable, decrypt, new_keys, private_key

LONGEST = 4096
RETRY_AFTER = 1
"""Seconds that a throttled sender is asked to wait."""
TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}")


@dataclass(slots=True)
class Robot:
    """One subscription, as the service needs it at each push."""

    token: str
    private: ec.EllipticCurvePrivateKey
    auth: bytes
    server_key: bytes
    answers: list[int]
    """Said instead of 201, one after the other; 404 and 410 stay."""
    online: bool


class PushService:
    """POST /push/{token}; the routes are mounted on the https server."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._robots: dict[str, Robot] = {}
        self._verified: dict[str, vapid.Vapid] = {}
        self.routes = [Route("/push/{token}", self.push, methods=["POST"])]

    def subscribe(self, name: str, server_key: str, answers: list[int], *, online: bool, notes: Json) -> Json:
        """A new robot's subscription, as a browser's `PushSubscription.toJSON()`."""
        private, public, auth = new_keys()
        token, p256dh = secrets.token_urlsafe(24), vapid.encode(public)
        self._world.db.execute(
            "INSERT INTO robots VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                token,
                name,
                private,
                p256dh,
                vapid.encode(auth),
                server_key,
                json.dumps(answers),
                online,
                json.dumps(notes),
            ),
        )
        keys = {"p256dh": p256dh, "auth": vapid.encode(auth)}
        return {"name": name, "token": token, "endpoint": self.endpoint(token), "keys": keys}

    def endpoint(self, token: str) -> str:
        return f"{self._world.settings.push_url}/push/{token}"

    def change(self, token: str, *, online: bool | None = None, answers: list[int] | None = None) -> bool:
        """A robot goes on or off line, or will answer otherwise. False if there is no such robot."""
        robot = self._robot(token)
        if robot is None:
            return False
        robot.online = robot.online if online is None else online
        robot.answers = robot.answers if answers is None else answers
        self._keep(robot)
        if robot.online:
            self._world.db.execute(
                "UPDATE pushes SET state = 'delivered' WHERE token = ? AND state = 'stored'", (token,)
            )
        return True

    async def push(self, request: Request) -> Response:
        """RFC 8030 from the sender's side."""
        robot, body = self._robot(request.path_params["token"]), await request.body()
        if robot is None:
            return PlainTextResponse("no such subscription", 404)
        status, reason, text = self._judge(robot, request, body)
        number = self._log(robot, request, status, reason, text)
        headers = {"Retry-After": str(RETRY_AFTER)} if status == 429 else {}
        if status == 201:
            headers = {
                "Location": f"{self._world.settings.push_url}/m/{number}",
                "TTL": request.headers.get("ttl", "0"),
            }
        return PlainTextResponse("" if status == 201 else reason, status, headers)

    def _judge(self, robot: Robot, request: Request, body: bytes) -> tuple[int, str, str | None]:
        """Status, reason, and the plaintext of an accepted message that could be read."""
        ttl, topic = request.headers.get("ttl", ""), request.headers.get("topic")
        if wrong := self._unauthorized(robot, request):
            return wrong[0], wrong[1], None
        if not ttl.isdigit() or (topic is not None and not TOPIC.fullmatch(topic)):
            return 400, "TTL must be a number, Topic at most 32 characters of base64url", None
        if request.headers.get("content-encoding") != "aes128gcm":
            return 400, "Content-Encoding must be aes128gcm", None
        if len(body) > LONGEST:
            return 413, f"the body is longer than {LONGEST} bytes", None
        if trouble := self._trouble(robot):
            return trouble, f"told to answer {trouble}", None
        try:
            return 201, "", decrypt(body, robot.private, robot.auth).decode()
        except (Undecryptable, UnicodeDecodeError) as error:
            return 201, f"undecryptable: {error}", None  # a push service cannot tell; the browser does

    def _unauthorized(self, robot: Robot, request: Request) -> tuple[int, str] | None:
        header = request.headers.get("authorization", "")
        known = self._verified.get(header)
        if known is None or known.expires < time.time():  # noqa: TID251
            try:
                known = vapid.verify(header, [self._world.settings.push_url], time.time())  # noqa: TID251
            except vapid.BadVapid as error:
                return 401, str(error)
            self._verified = {header: known} | dict(list(self._verified.items())[:100])
        return None if known.key == robot.server_key else (403, "VAPID public key mismatch")

    def _trouble(self, robot: Robot) -> int | None:
        if not robot.answers:
            return None
        if robot.answers[0] in (404, 410):
            return robot.answers[0]
        trouble = robot.answers.pop(0)
        self._keep(robot)
        return trouble

    def _log(self, robot: Robot, request: Request, status: int, reason: str, text: str | None) -> int:
        db, topic = self._world.db, request.headers.get("topic")
        state = ("delivered" if robot.online else "stored") if status == 201 else "refused"
        if state == "stored" and topic:
            db.execute(
                "UPDATE pushes SET state = 'replaced' WHERE token = ? AND topic = ? AND state = 'stored'",
                (robot.token, topic),
            )
        ttl, urgency = request.headers.get("ttl"), request.headers.get("urgency")
        made = db.execute(
            "INSERT INTO pushes (token, status, reason, topic, ttl, urgency, message, state, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (robot.token, status, reason, topic, ttl, urgency, text, state, instants.exact(instants.now())),
        )
        return made.lastrowid or 0

    def _robot(self, token: str) -> Robot | None:
        if token not in self._robots:
            row: Any = self._world.db.execute("SELECT * FROM robots WHERE token = ?", (token,)).fetchone()
            if row is None:
                return None
            self._robots[token] = Robot(
                token=token,
                private=private_key(row["private"]),
                auth=vapid.decode(row["auth"]),
                server_key=vapid.decode(row["server_key"]),
                answers=json.loads(row["answers"]),
                online=bool(row["online"]),
            )
        return self._robots[token]

    def _keep(self, robot: Robot) -> None:
        self._world.db.execute(
            "UPDATE robots SET online = ?, answers = ? WHERE token = ?",
            (robot.online, json.dumps(robot.answers), robot.token),
        )
