"""Beckon with a real sandbox store beside it over HTTP: installed, with its history; webhooks are delivered by hand."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from flask import Flask
from hypercorn.asyncio import serve
from hypercorn.config import Config

from plugin import jobs
from plugin.base import settings
from plugin.ingest import access, backfill
from plugin.store.engine import snapshot
from sandbox import server
from sandbox.adminapi import bulk
from sandbox.history.load import load_once
from sandbox.push.robots import PushService
from sandbox.settings import Settings
from sandbox.shop import DOMAIN
from sandbox.state import open_state
from sandbox.world import World
from tests.browser.loop import LoopThread
from tests.sandbox.conftest import LINES, NOW, SECRET, write_csv
from tests.servers import free_port
from webhooks.routes import blueprint as webhooks

ROOT = Path(__file__).parents[2]


@dataclasses.dataclass(frozen=True)
class Beside:
    """The pretend store, and the shop's id with us."""

    world: World
    shop_id: int

    def deliver(self) -> None:
        """Every webhook that is not lost, once, in the order in which they were written."""
        app = Flask("tests")
        app.register_blueprint(webhooks)
        client = app.test_client()
        for row in self.world.db.execute("SELECT * FROM outbox WHERE state = 'waiting' ORDER BY id").fetchall():
            answer = client.post("/webhooks", data=bytes(row["body"]), headers=json.loads(row["headers"]))
            assert answer.status_code == 200
            self.world.db.execute("UPDATE outbox SET state = 'delivered' WHERE id = ?", (row["id"],))

    def load(self, run: int = backfill.HISTORY) -> None:
        """What a worker and the clock do, until every part is over."""
        for _ in range(600):
            with snapshot() as tx:
                parts = [one for one in backfill.every(tx, self.shop_id, run) if one.state in backfill.OPEN]
            if not parts:
                return
            for part in parts:
                jobs.load_history(part.id)
            time.sleep(0.02)
        raise AssertionError(f"these do not end: {parts}")


@contextmanager
def beside_the_sandbox(home: Path, history: Path | None = None) -> Iterator[Beside]:
    """A store of three orders, or of `history` (CSV); Beckon is installed and has its history."""
    mine, port = dataclasses.replace(settings.current(), client_secret=SECRET), free_port()
    told = Settings(
        home=home / "sandbox",
        port=port,
        api_key=mine.client_id,
        api_secret=mine.client_secret,
        history=history or write_csv(home / "history.csv", LINES),
        app_toml=ROOT / "shopify.app.toml",
    )
    world = World(told, open_state(told.database))
    load_once(world.db, told.history, keep_dates=False, now=NOW)
    settings.use(dataclasses.replace(mine, shopify_url=f"{told.url}/shops/{{shop}}"))
    with LoopThread() as loop:
        stop = asyncio.Event()

        async def run() -> None:
            config = Config.from_mapping(bind=[f"127.0.0.1:{port}"], loglevel="WARNING", graceful_timeout=1)
            app = server.make_app(world, PushService(world))
            await asyncio.gather(
                serve(app, config, shutdown_trigger=stop.wait),  # type: ignore[arg-type]
                bulk.run_for_ever(world, stop),
            )

        async def start() -> asyncio.Task[None]:
            return asyncio.create_task(run())

        async def end(task: asyncio.Task[None]) -> None:
            stop.set()
            await task

        running = loop.run(start())
        try:
            token = _id_token(f"{told.url}/store/demo/id_token")
            shop_id, _ = access.connect(DOMAIN, token)
            made = Beside(world, shop_id)
            jobs.installed(shop_id)
            made.load()
            yield made
        finally:
            loop.run(end(running))
            world.db.close()


def _id_token(url: str) -> str:
    for _ in range(100):
        try:
            return str(requests.get(url, timeout=5).json()["id_token"])
        except requests.ConnectionError:
            time.sleep(0.05)
    raise AssertionError("the sandbox did not start")
