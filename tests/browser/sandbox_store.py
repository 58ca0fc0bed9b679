"""The sandbox's store, served as `python -m sandbox serve` serves it, in front of a real Beckon."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import requests

from app import create_app
from plugin.base import settings
from plugin.delivery import connections
from plugin.store import engine
from plugin.store.engine import transaction
from plugin.store.tables import metadata
from sandbox import server
from sandbox.settings import SLICE, Settings
from sandbox.shop import DOMAIN
from tests.factories import make_shop
from tests.servers import free_port

from .desktop import Desktop
from .loop import LoopThread
from .stage import SECRET, PushPlace, Stage, Surroundings, beckon_settings, served
from .waiting import until


@contextmanager
def sandbox_admin(home: Path, history: Path = SLICE) -> Iterator[str]:
    """The address of the pretend admin of a store that has not installed Beckon yet."""
    with ExitStack() as opened:
        loop = opened.enter_context(LoopThread())
        ports = free_port(), free_port()
        url = f"http://localhost:{ports[0]}"
        mine = dataclasses.replace(
            beckon_settings(home),
            shopify_url=url + "/shops/{shop}",
            admin_url=f"http://127.0.0.1:{ports[0]}",
            app_bridge_url=f"{url}/app-bridge.js",
        )
        beckon = opened.enter_context(served(create_app(mine))).replace("127.0.0.1", "localhost")
        opened.callback(engine.close_store)
        metadata.create_all(engine.engine())
        sandbox = Settings(
            home / "sandbox",
            *ports,
            app_url=beckon,
            api_key=mine.client_id,
            api_secret=mine.client_secret,
            history=history,
        )
        opened.enter_context(_running(sandbox, loop))
        settings.use(dataclasses.replace(mine, app_url=beckon))
        yield f"{mine.admin_url}/store/demo/apps/beckon"


@contextmanager
def sandbox_store(home: Path) -> Iterator[Stage]:
    """Beckon with an empty store, the sandbox with its whole history, and a desktop."""
    with ExitStack() as opened:
        loop = opened.enter_context(LoopThread())
        desktop = loop.run(Desktop().start())
        opened.callback(lambda: loop.run(desktop.stop()))
        beckon = opened.enter_context(served(create_app(beckon_settings(home))))
        opened.callback(engine.close_store)
        sandbox = Settings(home / "sandbox", free_port(), free_port(), app_url=beckon, api_secret=SECRET)
        place = opened.enter_context(_running(sandbox, loop))
        opened.callback(connections._close)
        settings.use(beckon_settings(home, place))
        metadata.create_all(engine.engine())
        with transaction() as tx:
            shop_id = make_shop(tx, DOMAIN, name="Hanging Heart")
        yield Stage(sandbox.url, shop_id, Surroundings(place, desktop, loop))


@contextmanager
def _running(sandbox: Settings, loop: LoopThread) -> Iterator[PushPlace]:
    stop = asyncio.Event()

    async def start() -> asyncio.Task[None]:
        return asyncio.create_task(server.run(sandbox, stop))

    async def end(task: asyncio.Task[None]) -> None:
        stop.set()
        await task

    sandbox.home.mkdir()
    running = loop.run(start())
    try:
        told = until(lambda: _overview(sandbox), seconds=60, saying="the sandbox")["browsers"]
        yield PushPlace(sandbox.push_url, sandbox.ca_file, told["connect_to"], told["firefox"], told["chromium"])
    finally:
        loop.run(end(running))


def _overview(sandbox: Settings) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = requests.get(f"{sandbox.url}/_sandbox", timeout=10).json()
    except requests.ConnectionError:
        return None
    return found
