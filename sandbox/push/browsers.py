"""Both browsers' push services on ports of their own, with a private authority: for tests, and to try by hand.
The sandbox mounts the same routes on its own servers instead."""

from __future__ import annotations

import asyncio
import socket
import ssl
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

import trustme
from hypercorn.asyncio import serve
from hypercorn.config import Config
from starlette.applications import Starlette

from .autopush import Autopush
from .fcm import ORIGINS, Fcm

HOSTS = [origin.removeprefix("https://") for origin in ORIGINS]


class PushServices:
    """`async with PushServices() as services:` serves plain HTTP to browsers and HTTP/2 over TLS to senders."""

    def __init__(self, port: int = 0, https_port: int = 0) -> None:
        self._plain = socket.create_server(("127.0.0.1", port))
        self._secure = socket.create_server(("127.0.0.1", https_port))
        self._port, self._https_port = (sock.getsockname()[1] for sock in (self._plain, self._secure))
        self.origin = f"https://localhost:{self._https_port}"
        self.firefox = Autopush(self.origin)
        self.chromium = Fcm()
        self._home = tempfile.TemporaryDirectory(prefix="beckon-push-")
        self.ca_file = Path(self._home.name) / "ca.pem"
        self._stopping = asyncio.Event()
        self._server: asyncio.Task[None] | None = None

    @property
    def firefox_url(self) -> str:
        """For the preference dom.push.serverURL."""
        return f"ws://127.0.0.1:{self._port}/firefox"

    @property
    def chromium_switches(self) -> list[str]:
        return self.chromium.switches(f"http://127.0.0.1:{self._port}")

    @property
    def connect_to(self) -> list[str]:
        """curl's CONNECT_TO entries that lead Google's endpoints here."""
        return [f"{host}:443:127.0.0.1:{self._https_port}" for host in HOSTS]

    async def __aenter__(self) -> PushServices:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.ca_file)
        certificate = authority.issue_cert("localhost", "127.0.0.1", *HOSTS)
        chain, key = self.ca_file.with_name("chain.pem"), self.ca_file.with_name("key.pem")
        for blob in certificate.cert_chain_pems:
            blob.write_to_path(chain, append=True)
        certificate.private_key_pem.write_to_path(key)

        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(chain, key)
        await self.chromium.start(tls)
        app: Any = Starlette(routes=[*self.firefox.routes, *self.chromium.routes])
        config = Config.from_mapping(
            bind=[f"fd://{self._secure.detach()}"],
            insecure_bind=[f"fd://{self._plain.detach()}"],
            certfile=str(chain),
            keyfile=str(key),
            graceful_timeout=1,
            loglevel="WARNING",
        )
        self._server = asyncio.create_task(serve(app, config, shutdown_trigger=self._stopping.wait))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.firefox.stop()
        await self.chromium.stop()
        self._stopping.set()
        if self._server is not None:
            await self._server
        self._home.cleanup()
