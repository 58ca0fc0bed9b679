"""The sandbox's push service behind a wire that can be cut, told for each browser what trouble to make.

Every run has a host of its own, `run-7.push.services.mozilla.com`, led here by curl's CONNECT_TO: what a sender learns
of one service (to be slow, to wait) is not carried into the next run.
"""

from __future__ import annotations

import asyncio
import queue
import socket
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import trustme
from hypercorn.asyncio import serve
from hypercorn.config import Config
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox.push import vapid
from sandbox.push.robots import PushService
from sandbox.settings import Settings
from sandbox.state import Db, open_state
from sandbox.world import World
from tests.browser.loop import LoopThread

from .wire import Wire

DOMAIN = "push.services.mozilla.com"
GONE = (404, 410)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What one push to a browser meets."""

    kind: Literal["none", "status", "late", "too late", "cut before", "cut after"]
    status: int = 201
    seconds: float = 0.01
    """Until the answer: room for somebody to be killed in."""

    def __str__(self) -> str:
        return f"answered {self.status}" if self.kind == "status" else self.kind


NONE = Trouble("none")
Browsers = Sequence[tuple[bool, Iterable[Trouble]]]
"""Is it awake, and what its pushes meet in turn."""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A browser's subscription, as it hands it to a sender."""

    token: str
    endpoint: str
    p256dh: bytes
    auth: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """One push as the service wrote it down. `message`: what the browser decrypts; None where it cannot."""

    token: str
    status: int
    topic: str | None
    message: str | None
    state: Literal["stored", "replaced", "delivered", "refused"]


@dataclass(frozen=True, slots=True)
class _AtHost(Settings):
    """The settings of a push service under a host of its own."""

    host: str = ""

    @property
    def push_url(self) -> str:
        return f"https://{self.host}"


class PushServices:
    """`start()` and `stop()`; each run opens a service of its own here."""

    def __init__(self, home: Path) -> None:
        self.ca = home / "ca.pem"
        self.arrivals: queue.SimpleQueue[str] = queue.SimpleQueue()
        """Hosts, one for each push that arrived and has no answer yet."""
        self.deaf_to_topics: set[str] = set()
        """Hosts that overlook the Topic of a push."""
        self.made: defaultdict[str, int] = defaultdict(int)
        """Troubles that were made, by kind."""
        self._home = home
        self._services: dict[str, PushService] = {}
        self._troubles: dict[str, deque[Trouble]] = {}
        self._wire = Wire()
        self._loop = LoopThread()
        self._db: Db | None = None
        self._stopping: asyncio.Event | None = None

    @property
    def connect_to(self) -> str:
        """For BECKON_PUSH_CONNECT_TO: whatever host is meant, it is here."""
        return f":443:127.0.0.1:{self._wire.port}"

    def start(self) -> None:
        """Serves TLS and HTTP/2 from a thread of its own."""
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.ca))
        chain = self._home / "push.pem"
        authority.issue_cert(f"*.{DOMAIN}").private_key_and_cert_chain_pem.write_to_path(str(chain))
        self._loop.__enter__()
        self._loop.run(self._serve(chain))

    def stop(self) -> None:
        """Ends every connection."""
        self._loop.run(self._end())
        self._loop.__exit__(None, None, None)

    def open(self, host: str, server_key: bytes, troubles: Browsers) -> list[Subscribed]:
        """A service at `host` with a browser for each of `troubles`."""
        return self._loop.run(self._open(host, server_key, troubles))

    def wake(self, host: str, tokens: Iterable[str]) -> None:
        """Browsers come back and are handed what waited for them."""
        self._loop.run(self._wake(host, tokens))

    def taken(self, tokens: Iterable[str]) -> list[Taken]:
        """What these browsers' services wrote down, in the order in which it came."""
        return self._loop.run(self._taken(list(tokens)))

    async def _serve(self, chain: Path) -> None:
        asyncio.get_running_loop().set_exception_handler(_cut_on_purpose)
        self._db = open_state(self._home / "push.sqlite3")
        listening = socket.create_server(("127.0.0.1", 0))
        await self._wire.lay(listening.getsockname()[1])
        app: Any = Starlette(routes=[Route("/push/{token}", self._push, methods=["POST"])])
        told = {"certfile": chain, "keyfile": chain, "errorlog": None, "graceful_timeout": 0.1, "backlog": 100}
        config = Config.from_mapping(bind=[f"fd://{listening.detach()}"], **told)
        self._stopping = asyncio.Event()
        self._server = asyncio.create_task(serve(app, config, shutdown_trigger=self._stopping.wait))

    async def _end(self) -> None:
        await self._wire.take_down()
        assert self._stopping is not None
        assert self._db is not None
        self._stopping.set()
        await self._server
        self._db.close()

    async def _open(self, host: str, server_key: bytes, troubles: Browsers) -> list[Subscribed]:
        assert self._db is not None
        service = PushService(World(_AtHost(self._home, host=host), self._db))
        self._services[host] = service
        made = []
        for awake, its in troubles:
            told = service.subscribe("robot", vapid.encode(server_key), [], online=awake, notes={})
            self._troubles[told["token"]] = deque(its)
            p256dh, auth = (vapid.decode(told["keys"][name]) for name in ("p256dh", "auth"))
            made.append(Subscribed(told["token"], told["endpoint"], p256dh, auth))
        return made

    async def _wake(self, host: str, tokens: Iterable[str]) -> None:
        for token in tokens:
            self._services[host].change(token, online=True)

    async def _taken(self, tokens: list[str]) -> list[Taken]:
        assert self._db is not None
        names = ", ".join("?" * len(tokens))
        query = f"SELECT token, status, topic, message, state FROM pushes WHERE token IN ({names}) ORDER BY id"
        return [Taken(*row) for row in self._db.execute(query, tokens)]

    async def _push(self, request: Request) -> Response:
        host, token = request.headers["host"], request.path_params["token"]
        service = self._services[host]
        trouble = self._next_trouble(token, service)
        if host in self.deaf_to_topics:
            told = request.scope["headers"]
            told[:] = [(name, value) for name, value in told if name != b"topic"]
        await request.body()
        answer = None if trouble.kind == "cut before" else await service.push(request)
        self.arrivals.put(host)
        await asyncio.sleep(trouble.seconds)
        return answer if answer is not None and trouble.kind != "cut after" else self._cut(request)

    def _next_trouble(self, token: str, service: PushService) -> Trouble:
        troubles = self._troubles[token]
        if not troubles:
            return NONE
        trouble = troubles.popleft()
        self.made[str(trouble)] += 1
        if trouble.kind == "status":
            service.change(token, answers=[trouble.status])
            if trouble.status in GONE:
                troubles.append(trouble)  # for ever
        return trouble

    def _cut(self, request: Request) -> Response:
        assert request.client is not None
        self._wire.cut(request.client.port)
        return PlainTextResponse("nobody hears this", 503)


def _cut_on_purpose(_loop: asyncio.AbstractEventLoop, _told: dict[str, Any]) -> None:
    """What servers say of connections that were cut under them is no news."""
