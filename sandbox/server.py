"""The sandbox as one process: plain HTTP for people and the app, https with HTTP/2 for senders of pushes."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from typing import Any

import httpx
from hypercorn.asyncio import serve
from hypercorn.config import Config
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox import control, control_goods, instants
from sandbox.adminapi import bulk
from sandbox.adminapi import routes as adminapi
from sandbox.adminapi.cost import Bucket
from sandbox.billing import hand, pages, partner
from sandbox.frame import routes as frame
from sandbox.history.load import load_once
from sandbox.push import certificate
from sandbox.push.autopush import Autopush
from sandbox.push.fcm import ORIGINS, Fcm
from sandbox.push.robots import PushService
from sandbox.settings import Settings
from sandbox.state import open_state
from sandbox.storefront import routes as storefront
from sandbox.storefront.theme import page
from sandbox.webhooks import deliver
from sandbox.world import World


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Serves until `stop`. The history is loaded first, once."""
    world = World(settings, open_state(settings.database))
    load_once(world.db, settings.history, keep_dates=settings.keep_dates, now=instants.now())
    hosts = ["localhost", "127.0.0.1", *(origin.removeprefix("https://") for origin in ORIGINS)]
    chain, key = certificate.issue(settings.ca_file, hosts)
    robots, autopush, fcm = PushService(world), Autopush(settings.push_url), Fcm()
    plain = make_app(world, robots)
    pushed = Starlette(routes=robots.routes)
    if settings.browsers:
        await fcm.start(certificate.context(chain, key))
        plain.router.routes[:0] = [*autopush.routes, *fcm.routes]
        pushed.router.routes.extend([*autopush.routes, *fcm.routes])
        plain.state.browsers = {
            "firefox": f"ws://127.0.0.1:{settings.port}/firefox",
            "chromium": fcm.switches(f"http://127.0.0.1:{settings.port}"),
            "connect_to": [f"{host}:443:127.0.0.1:{settings.push_port}" for host in hosts[2:]],
        }
    try:
        await asyncio.gather(
            serve(plain, _config(settings.port), shutdown_trigger=stop.wait),  # type: ignore[arg-type]
            serve(pushed, _config(settings.push_port, str(chain), str(key)), shutdown_trigger=stop.wait),  # type: ignore[arg-type]
            deliver.deliver_for_ever(world, stop),
            bulk.run_for_ever(world, stop),
        )
    finally:
        if settings.browsers:
            await autopush.stop()
            await fcm.stop()
        world.db.close()


def make_app(world: World, robots: PushService) -> Starlette:
    """Everything on plain HTTP."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        limits = httpx.Limits(keepalive_expiry=1)  # the app closes idle connections after two seconds
        async with httpx.AsyncClient(timeout=15, follow_redirects=True, trust_env=False, limits=limits) as client:
            app.state.client = client
            yield

    billing = [*hand.routes, *partner.routes, *pages.routes]
    routes = [*control.routes, *control_goods.routes, *adminapi.routes, *billing, *frame.routes, *storefront.routes]
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers={HTTPException: _refuse})
    app.state.world, app.state.push, app.state.bucket, app.state.browsers = world, robots, Bucket(), None
    return app


def serve_until_interrupted(settings: Settings) -> None:
    """For the command line: Ctrl-C and SIGTERM end it in order."""

    async def main() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await run(settings, stop)

    asyncio.run(main())


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if request.url.path.startswith(("/_sandbox", "/shops")) or request.url.path.endswith(".js"):
        return JSONResponse({"error": error.detail}, error.status_code)
    return page(request, "missing.html", status=error.status_code)


def _config(port: int, chain: str | None = None, key: str | None = None) -> Config:
    told: dict[str, Any] = {
        "bind": [f"127.0.0.1:{port}"],
        "certfile": chain,
        "keyfile": key,
        "keep_alive_timeout": 75,
        "keep_alive_max_requests": 10**9,
        "graceful_timeout": 1,
        "shutdown_timeout": 2,
        "h2_max_concurrent_streams": 100,
        "loglevel": "WARNING",
        "include_server_header": False,
    }
    return Config.from_mapping(**{name: value for name, value in told.items() if value is not None})
