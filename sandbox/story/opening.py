"""The first acts: the store is installed, its history arrives, people agree to be written to."""

from __future__ import annotations

import asyncio

from sandbox.state import Json

from . import cast
from .cast import Part, Robot
from .hands import Shopper, WentWrong
from .stage import Stage

AGREED = "Hear it first: new things and your open cart."
"""What a robot read before it agreed."""
HISTORY_PATIENCE = 3600.0
AT_ONCE = 8


async def install(stage: Stage) -> None:
    """Opening the app in the admin installs it."""
    task = stage.act("Install")
    await stage.merchant.open_app()
    told = await stage.sandbox.get()
    if not told["installed"]:
        raise WentWrong("The app's page opened, but no token was exchanged.")
    stage.done(task, f"{told['shop']} installed: session token, token exchange")


async def history(stage: Stage) -> None:
    """The bulk operations, side by side: products, collections, customers, orders, abandoned checkouts."""
    known = (await stage.sandbox.get())["history"]
    lines = known["orders"] + known["fates"]["product line of an order"] + known["fates"]["custom line of an order"]
    total = 2 * known["products"] + 2 * known["customers"] + lines
    task = stage.act("History", total)

    async def loaded() -> bool:
        parts = (await stage.merchant.get("/home.json"))["history"]
        if any(part["state"] == "failed" for part in parts.values()):
            raise WentWrong(f"The history failed: {parts}")
        stage.progress.update(task, completed=min(total, sum(part["objects"] or 0 for part in parts.values())))
        return len(parts) == 5 and all(part["state"] == "done" for part in parts.values())

    await stage.until("The history", loaded, HISTORY_PATIENCE)
    stage.done(task, f"{known['orders']:,} orders, {known['customers']:,} customers ({known['lines']:,} lines)")


async def opt_in(stage: Stage) -> list[Robot]:
    """Robots subscribe through the signed app proxy, with keys of their own."""
    robots = await cast.recall(stage.sandbox)
    config = await Shopper(stage.store, "-", None).config()
    if not robots:
        everybody = (await stage.sandbox.get("/customers", limit=5000))["customers"]
        robots = await cast.invite(stage.sandbox, config["public_key"], everybody)
    for robot in robots:  # of an earlier run: ready to make their trouble again
        ready = {"answers": cast.ANSWERS.get(robot.part, []), "online": robot.part is not Part.LATE}
        await stage.sandbox.post(f"/robots/{robot.token}", ready)
    task = stage.act("Opt-in", len(robots))
    room = asyncio.Semaphore(AT_ONCE)

    async def agree(robot: Robot) -> None:
        async with room:
            await _agree(stage, robot)
            stage.progress.advance(task)

    await asyncio.gather(*(agree(robot) for robot in robots))
    visitors = sum(robot.customer_id is None for robot in robots)
    stage.done(task, f"{len(robots) - visitors} customers and {visitors} strangers agreed")
    return robots


async def _agree(stage: Stage, robot: Robot) -> None:
    as_stranger = Shopper(stage.store, robot.visitor, None)
    as_known = Shopper(stage.store, robot.visitor, robot.customer_id)
    first = as_stranger if robot.logs_in_later else as_known
    wish: Json = {
        "visitor": robot.visitor,
        "subscription": {"endpoint": robot.endpoint, "keys": robot.keys},
        "page": "/",
        "wording": AGREED,
        "locale": "en-GB",
        "timezone": "Europe/London",
    }
    await first.proxy("subscribe", wish)
    if robot.logs_in_later:
        await as_known.proxy("track", {"visitor": robot.visitor, "views": []})
    if robot.part is Part.WITHDRAWN:
        await as_known.proxy("unsubscribe", {"visitor": robot.visitor, "endpoint": robot.endpoint})
