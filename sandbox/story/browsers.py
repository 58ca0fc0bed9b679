"""The robots' browsers: what the service worker does with a push, and what its person does with the notification."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import httpx

from sandbox.state import Json

from . import ledger
from .cast import Part, Robot
from .hands import Sandbox, Shopper
from .ledger import Ledger

EVERY = 0.3
AT_ONCE = 8


class Browsers:
    """Reads the push service's log and plays every robot's browser until stopped."""

    def __init__(self, sandbox: Sandbox, store: httpx.AsyncClient, cast: list[Robot], since: int, title: str) -> None:
        self._sandbox, self._store, self._since, self._title = sandbox, store, since, title
        self._cast = {robot.token: robot for robot in cast}
        self._handled: set[int] = set()
        self._room = asyncio.Semaphore(AT_ONCE)
        self.ledger = Ledger()
        self.goods: list[Json] = []
        """What buyers buy."""

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; then once more, so that nothing that came before is left unread."""
        while not stop.is_set():
            await self._round()
            await asyncio.sleep(EVERY)
        await self._round()

    async def _round(self) -> None:
        pushes = await ledger.pushes_since(self._sandbox, self._since)
        new = [push for push in pushes if push["state"] == "delivered" and push["id"] not in self._handled]
        self._handled |= {push["id"] for push in new}
        await asyncio.gather(*(self._receive(push) for push in new))

    async def _receive(self, push: Json) -> None:
        robot, notification = self._cast.get(push["token"]), ledger.message_of(push)
        if robot is None or notification is None:
            return
        kind = "campaign" if notification["title"].startswith(self._title) else "reminder"
        async with self._room:
            shopper = self.shopper(robot)
            delivery = notification["data"]["delivery"]
            times = 2 if push["id"] % 5 == 0 else 1  # a worker that is woken twice reports twice
            for _ in range(times):
                await shopper.proxy("receipt", {"delivery": delivery, "kind": "shown"})
            _note(self.ledger.shown[kind], robot.token)
            if (kind == "campaign" and robot.clicks) or (
                kind == "reminder" and robot.part is Part.LEAVER and robot.customer_id is None
            ):
                await self._click(robot, shopper, notification, kind)

    async def _click(self, robot: Robot, shopper: Shopper, notification: Json, kind: str) -> None:
        """The worker reports the click, the page opens, its script reports it again; some people then buy."""
        told = {"delivery": notification["data"]["delivery"], "kind": "clicked"}
        await shopper.proxy("receipt", told)
        _note(self.ledger.clicked[kind], robot.token)
        address = urlsplit(notification["navigate"])
        await shopper.visit(f"{address.path}?{address.query}")
        await shopper.proxy("receipt", told)
        if robot.part is Part.BUYER or kind == "reminder":
            await shopper.add(self.goods[len(self.ledger.carts[kind]) % len(self.goods)])
            self.ledger.carts[kind].append(await shopper.buy())

    def shopper(self, robot: Robot) -> Shopper:
        return Shopper(self._store, robot.visitor, robot.customer_id)


def _note(robots: list[str], token: str) -> None:
    if token not in robots:
        robots.append(token)
