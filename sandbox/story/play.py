"""The story from beginning to end, or, where it was told already, the comparison of all its numbers once more."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from sandbox import instants
from sandbox.state import Json

from . import books, opening, report, result, sending, trade
from .books import Books
from .browsers import Browsers
from .cast import Part
from .hands import WentWrong
from .reckoning import Reckoning
from .stage import Stage

TROUBLE = {"repeat_every": 3, "late_every": 4, "late_by": 0.7}
"""Every third webhook comes twice, every fourth so late that others overtake it."""


def run(app: str, sandbox: str, file: Path, console: Console | None = None) -> bool:
    """Tells the story; True if every number adds up. The result is written to `file`."""
    console, began = console or Console(), time.monotonic()
    columns = (
        SpinnerColumn(finished_text="[green]✓[/]"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=16),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[said]}"),
    )
    with Progress(*columns, console=console, refresh_per_second=5) as progress:
        stage = Stage(app.rstrip("/"), sandbox.rstrip("/"), progress)
        try:
            asyncio.run(_tell(stage))
            told = True
        except (WentWrong, httpx.HTTPError) as error:
            progress.stop()
            console.print(
                f"[bold red]The story stopped:[/] {error or type(error).__name__}", markup=True, highlight=False
            )
            told = False
    if stage.reckoning.checks:
        result.show(console, stage.reckoning)
    result.write(file, stage.record, stage.reckoning, time.monotonic() - began)
    return told and stage.reckoning.adds_up


async def _tell(stage: Stage) -> None:
    async with stage:
        before = await stage.sandbox.get("/story")
        if before.get("finished"):
            await _verify(stage, before)
        else:
            began_at = instants.exact(instants.now())
            stage.record = {
                "run": before.get("run", 0) + 1,
                "began_at": began_at,
                "first_began_at": before.get("first_began_at", began_at),
            }
            await stage.write_down()
            await _play(stage)


async def _play(stage: Stage) -> None:
    await opening.install(stage)
    await opening.history(stage)
    robots = await opening.opt_in(stage)
    goods = _goods((await stage.sandbox.get("/products", limit=60))["products"])
    await stage.sandbox.post("/webhooks", TROUBLE)
    stage.record["reminder_before"] = await stage.merchant.get("/automations/abandoned_cart.json")
    stage.record["pushes_before"] = await _last_push(stage)
    stage.record["title"] = f"{sending.TITLE} ({stage.record['run']})"
    browsers = Browsers(stage.sandbox, stage.store, robots, stage.record["pushes_before"], stage.record["title"])
    browsers.goods = goods[10:]
    stop = asyncio.Event()
    playing = asyncio.create_task(browsers.run(stop))
    try:
        await trade.switch_reminder_on(stage)
        await trade.leave_carts(stage, robots, goods)
        await trade.live(stage, goods)
        accounts = await books.read(stage, robots)
        segment = await sending.segment(stage, accounts, goods)
        await _expect(stage, accounts)
        stage.record["campaign"] = await sending.campaign(stage, segment, robots, goods[0])
        await _wait_for_reminders(stage, browsers)
    finally:
        stop.set()
        await playing
    await stage.until_told()
    stage.record["ledger"] = browsers.ledger.as_json()
    await _compare(stage)
    stage.record["finished"] = instants.text(instants.now())
    await stage.sandbox.post("/webhooks", {"repeat_every": 0, "late_every": 0})
    await stage.write_down()


async def _verify(stage: Stage, record: Json) -> None:
    """The story was told on this data: nothing is sent again, every number is compared again."""
    task = stage.act("Already told")
    stage.record, stage.reckoning = record, Reckoning(record["checks"])
    await stage.merchant.open_app()
    stage.reckoning.forget("Campaign", "Pushes", "Reminder")
    await report.campaign(stage)
    await report.reminder(stage, later=True)
    stage.done(task, f"on {record['finished'][:10]}: its numbers compared again, nothing sent")


async def _expect(stage: Stage, accounts: Books) -> None:
    """Whom the campaign must reach, from the sandbox's own books, written down before it is sent."""
    audience = accounts.audience(sending.in_segment)
    there = [robot for robot in accounts.robots if robot.token in audience]
    waiting = {robot["token"]: robot["answers"] for robot in (await stage.sandbox.get("/robots"))["robots"]}
    answers = [answer for robot in there for answer in waiting[robot.token]]
    stage.record["audience"] = sorted(audience)
    stage.record["gone"] = sorted(robot.token for robot in there if robot.part is Part.GONE)
    stage.record["injected"] = {"429": answers.count(429), "500": answers.count(500)}


async def _wait_for_reminders(stage: Stage, browsers: Browsers) -> None:
    """Until every cart left alone was reminded of, or it is clear that one was not."""
    task = stage.act("Reminder", len(stage.record["left"]))

    async def reminded() -> bool:
        shown = browsers.ledger.shown["reminder"]
        stage.progress.update(task, completed=len(shown))
        return len(shown) >= len(stage.record["left"])

    try:
        await stage.until("The reminders", reminded, 60 * trade.DELAY_MINUTES + 60)
    except WentWrong:
        stage.progress.log("Not every cart left alone was reminded of; the table says more.")
    stage.done(task, f"{len(browsers.ledger.shown['reminder'])} got the very product")


async def _compare(stage: Stage) -> None:
    """The app may still be working on the last webhooks: asks until all agrees, for a while."""
    task = stage.act("Report")
    kept = list(stage.reckoning.checks)

    async def agrees() -> bool:
        stage.reckoning.checks = list(kept)
        await report.campaign(stage)
        await report.reminder(stage, later=False)
        return stage.reckoning.adds_up or not all(check.holds for check in kept)

    try:
        await stage.until("The report's agreement", agrees, 30)
    except WentWrong:
        stage.progress.log("The report does not agree; the table says where.")
    stage.done(task, "compared")


async def _last_push(stage: Stage) -> int:
    last = 0
    while pushes := (await stage.sandbox.get("/pushes", after=last))["pushes"]:
        last = pushes[-1]["id"]
    return int(last)


def _goods(products: list[Json]) -> list[Json]:
    """Things that one buys one of: not the cheapest, and no title that another's begins with."""
    found = [product for product in products if 80 <= product["price"] <= 2_000]
    titles = [product["title"] for product in found]
    return [one for one in found if sum(title.startswith(one["title"]) for title in titles) == 1]
