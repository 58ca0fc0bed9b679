"""Bulk operations: one connection is walked row by row and written as JSON lines, children after their parent."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any, TextIO

from graphql import GraphQLError

from sandbox import instants
from sandbox.shop import gid
from sandbox.state import Json, open_state
from sandbox.webhooks import outbox
from sandbox.world import World

from . import roots
from .plan import Node, plan_of

log = logging.getLogger(__name__)

AT_ONCE = 5
"""Bulk queries that one app may run in one shop at the same time."""
NEWS_EVERY = 200
"""Root objects between two notes of progress."""


def begin(world: World, query: str) -> tuple[int | None, list[Json]]:
    """Checks a query and puts it in line: its id, or what is wrong with it."""
    running = world.db.execute("SELECT count(*) FROM bulk WHERE status IN ('CREATED', 'RUNNING')").fetchone()[0]
    if running >= AT_ONCE:
        return None, [_problem("OPERATION_IN_PROGRESS", f"{running} bulk queries are already in progress.")]
    try:
        plan_of(query)
    except GraphQLError as error:
        return None, [_problem("INVALID", f"Invalid bulk query: {error.message}")]
    made = world.db.execute(
        "INSERT INTO bulk (query, status, created_at) VALUES (?, 'CREATED', ?)", (query, instants.text(instants.now()))
    )
    return made.lastrowid, []


async def run_for_ever(world: World, stop: asyncio.Event) -> None:
    """Runs what is in line until `stop`; what an earlier process left half-way begins again."""
    world.db.execute("UPDATE bulk SET status = 'CREATED', objects = 0, roots = 0 WHERE status = 'RUNNING'")
    running: set[asyncio.Task[None]] = set()
    while not stop.is_set():
        for row in world.db.execute(
            "UPDATE bulk SET status = 'RUNNING' WHERE status = 'CREATED' RETURNING id"
        ).fetchall():
            running.add(asyncio.create_task(_run(world, row["id"])))
        running = {task for task in running if not task.done()}
        await asyncio.sleep(0.05)
    for task in running:
        task.cancel()


async def _run(world: World, number: int) -> None:
    try:
        await asyncio.to_thread(write, world, number)
    except Exception:  # whatever it was: Shopify says FAILED too, and the app asks again
        log.exception("bulk operation %s", number)
        world.db.execute("UPDATE bulk SET status = 'FAILED', error = 'INTERNAL_SERVER_ERROR' WHERE id = ?", (number,))
    row = world.db.execute("SELECT * FROM bulk WHERE id = ?", (number,)).fetchone()
    outbox.tell(
        world,
        "bulk_operations/finish",
        {
            "admin_graphql_api_id": gid("BulkOperation", number),
            "completed_at": row["completed_at"],
            "created_at": row["created_at"],
            "error_code": row["error"],
            "status": row["status"].lower(),
            "type": "query",
        },
    )


def write(world: World, number: int) -> None:
    """Writes the result file of a bulk operation, in a thread of its own with two connections of its own to the state:
    one reads and stays at its moment, one notes how far it is."""
    mine, notes = (World(world.settings, open_state(world.settings.database)) for _ in range(2))
    try:
        query = mine.db.execute("SELECT query FROM bulk WHERE id = ?", (number,)).fetchone()["query"]
        world.settings.downloads.mkdir(parents=True, exist_ok=True)
        file = world.settings.downloads / f"{number}.jsonl"
        draft = file.with_suffix(".part")
        with draft.open("w") as out:
            objects, found = _write_rows(mine, query, out, lambda *so_far: _note(notes, number, *so_far))
        draft.rename(file)
        _note(notes, number, objects, found)
        notes.db.execute(
            "UPDATE bulk SET status = 'COMPLETED', size = ?, completed_at = ? WHERE id = ?",
            (file.stat().st_size, instants.text(instants.now()), number),
        )
    finally:
        mine.db.close()
        notes.db.close()


def _write_rows(world: World, query: str, out: TextIO, note: Callable[[int, int], None]) -> tuple[int, int]:
    plan = plan_of(query)
    objects = found = 0
    for row in roots.rows(world, plan.table, plan.search):
        objects += _write_node(world, plan.node, row, None, out)
        found += 1
        if found % NEWS_EVERY == 0:
            note(objects, found)
    return objects, found


def _write_node(world: World, plan: Node, source: Any, parent: str | None, out: TextIO) -> int:
    written = {name: read(world, source) for name, read in plan.plain}
    if parent is not None:
        written["__parentId"] = parent
    out.write(json.dumps(written, separators=(",", ":")) + "\n")
    objects = 1
    for nodes, child in plan.connections:
        for each in nodes(world, source):
            objects += _write_node(world, child, each, written["id"], out)
    return objects


def _note(world: World, number: int, objects: int, found: int) -> None:
    world.db.execute("UPDATE bulk SET objects = ?, roots = ? WHERE id = ?", (objects, found, number))


def _problem(code: str, message: str) -> Json:
    return {"code": code, "field": ["query"], "message": message}
