"""`beckon status`: what waits, what came last, what is stuck."""

from __future__ import annotations

import dataclasses
import json

import click
from redis.exceptions import RedisError
from rich.console import Console
from rich.table import Table

from plugin import queue
from plugin.base import settings
from plugin.base.clock import now
from plugin.report import status as report
from plugin.report.overview import Overview
from plugin.store.engine import snapshot

from .demo import redis_of


@click.command()
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def status(form: str) -> None:
    """Show queues, the last webhook, freshness, and what is stuck. Exit status 1 when something is stuck."""
    at = now()
    with snapshot() as tx:
        overview = report.overview(tx, at)
    queues = _queues()
    if form == "json":
        broken = [dataclasses.asdict(each) for each in queue.broken()]
        told = {"queues": queues, "broken_jobs": broken, **overview.as_json()}
        click.echo(json.dumps(told, indent=2, default=str))
    else:
        _print(overview, queues)
    if overview.stuck:
        raise SystemExit(1)


def _queues() -> dict[str, int | str]:
    """Jobs that wait in each queue, or one entry that says why that cannot be told."""
    mine = settings.current()
    redis_url = mine.redis_url or redis_of(mine.home)
    if redis_url is None:
        return {"none": "no REDIS_URL: jobs run at once, where they arise"}
    settings.use(dataclasses.replace(mine, redis_url=redis_url))
    try:
        return {name: len(queue.the_queue(name)) for name in queue.QUEUES}
    except RedisError as error:
        return {"redis": f"away ({error}); work waits in the database"}


def _print(overview: Overview, queues: dict[str, int | str]) -> None:
    table = Table("What", "State", box=None, header_style="bold", pad_edge=False)
    for name, waiting in queues.items():
        table.add_row(f"queue {name}", f"{waiting} waiting" if isinstance(waiting, int) else waiting)
    for job in queue.broken():
        table.add_row(
            f"broken job {job.job}", f"{job.error}, shop {job.shop_id or 'of none'}; the clock brings its work"
        )
    for what, state in overview.lines():
        table.add_row(what, state)
    console = Console(soft_wrap=True)
    console.print(table)
    for sentence in overview.stuck:
        console.print(f"[bold red]![/] {sentence}")
    if not overview.stuck:
        console.print("Nothing is stuck.")
