"""The stage: everything that an act needs, and the waiting that all of them do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import httpx
from rich.progress import Progress, TaskID

from sandbox.state import Json

from .hands import Merchant, Sandbox, WentWrong, client
from .reckoning import Reckoning

PATIENCE = 120.0
"""Seconds that anything may take, but for the history."""


@dataclass(slots=True)
class Stage:
    """`async with Stage.open(…)`: the hands with their connections."""

    app_url: str
    store_url: str
    progress: Progress
    reckoning: Reckoning = field(default_factory=Reckoning)
    record: Json = field(default_factory=dict)
    """What is written down for the next run."""
    store: httpx.AsyncClient = field(init=False)
    sandbox: Sandbox = field(init=False)
    merchant: Merchant = field(init=False)
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> Self:
        admin_url = self.store_url.replace("localhost", "127.0.0.1")
        app = await self._open.enter_async_context(client(self.app_url))
        admin = await self._open.enter_async_context(client(admin_url, at_once=4))
        self.store = await self._open.enter_async_context(client(self.store_url))
        self.sandbox = Sandbox(self.store)
        self.merchant = Merchant(app, admin, "/store/demo/apps/beckon")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    def act(self, words: str, total: float | None = None) -> TaskID:
        return self.progress.add_task(words, total=total, said="")

    def done(self, task: TaskID, said: str) -> None:
        total = self.progress.tasks[task].total or 1
        self.progress.update(task, total=total, completed=total, said=said)

    async def until(self, what: str, ready: Callable[[], Awaitable[bool]], patience: float = PATIENCE) -> None:
        """Asks again and again. Raises WentWrong when patience is over."""
        end = time.monotonic() + patience
        while not await ready():
            if time.monotonic() > end:
                raise WentWrong(f"{what} did not happen within {patience:.0f} seconds.")
            await asyncio.sleep(0.25)

    async def until_told(self, patience: float = PATIENCE) -> None:
        """Every webhook was taken."""

        async def empty() -> bool:
            states = (await self.sandbox.get("/webhooks"))["states"]
            return not (set(states) - {"delivered", "given up"})

        await self.until("The delivery of all webhooks", empty, patience)

    async def write_down(self) -> None:
        self.record["checks"] = self.reckoning.as_json()
        await self.sandbox.post("/story", self.record)
