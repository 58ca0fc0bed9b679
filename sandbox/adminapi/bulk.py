"""Bulk operations: one connection is walked row by row and written as JSON lines, children after their parent."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TextIO

from graphql import GraphQLError

from sandbox import instants
from sandbox.shop import gid
from sandbox.state import Json, fact, open_state, remember
from sandbox.webhooks import outbox
from sandbox.world import World

from . import roots, scopes
from .plan import ABSENT, Node, plan_of

log = logging.getLogger(__name__)

AT_ONCE = 5
"""Bulk queries that one app may run in one shop at the same time."""
APART = 20
"""So many roots later a root's children come, unless they were asked for grouped: Shopify promises no more."""
NEWS_EVERY = 200
"""Root objects between two notes of progress."""


def begin(
    world: World, query: str, allowed: frozenset[str] = scopes.ALL, *, grouped: bool = False
) -> tuple[int | None, list[Json]]:
    """Checks a query and puts it in line: its id, or what is wrong with it. `allowed`: scopes.

    What the scopes do not allow is no mistake yet: as with Shopify the operation begins, and fails.
    """
    running = world.db.execute("SELECT count(*) FROM bulk WHERE status IN ('CREATED', 'RUNNING')").fetchone()[0]
    if running >= AT_ONCE:
        return None, [_problem("OPERATION_IN_PROGRESS", f"{running} bulk queries are already in progress.")]
    try:
        plan = plan_of(query)
    except GraphQLError as error:
        return None, [_problem("INVALID", f"Invalid bulk query: {error.message}")]
    hides = scopes.hidden(world)
    denied = any(scopes.is_denied(kind, allowed, hides) for kind in plan.kinds)
    made = world.db.execute(
        "INSERT INTO bulk (query, status, error, grouped, created_at) VALUES (?, 'CREATED', ?, ?, ?)",
        (query, "ACCESS_DENIED" if denied else None, grouped, instants.text(instants.now())),
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
    denied = world.db.execute("SELECT error FROM bulk WHERE id = ?", (number,)).fetchone()["error"]
    try:
        if denied:
            world.db.execute("UPDATE bulk SET status = 'FAILED' WHERE id = ?", (number,))
        else:
            await asyncio.to_thread(write, world, number)
            _fail_by_hand(world, number)
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
        asked = mine.db.execute("SELECT query, grouped FROM bulk WHERE id = ?", (number,)).fetchone()
        world.settings.downloads.mkdir(parents=True, exist_ok=True)
        file = world.settings.downloads / f"{number}.jsonl"
        draft = file.with_suffix(".part")
        with draft.open("w") as out:
            note = _Note(notes, number)
            objects, found = _write_rows(mine, asked["query"], out, note, apart=0 if asked["grouped"] else APART)
        draft.rename(file)
        note(objects, found)
        notes.db.execute(
            "UPDATE bulk SET status = 'COMPLETED', size = ?, completed_at = ? WHERE id = ?",
            (file.stat().st_size, instants.text(instants.now()), number),
        )
    finally:
        mine.db.close()
        notes.db.close()


def _write_rows(world: World, query: str, out: TextIO, note: Callable[[int, int], None], apart: int) -> tuple[int, int]:
    plan = plan_of(query)
    objects = found = 0
    held: deque[list[str]] = deque()
    for row in roots.rows(world, plan.table, plan.search):
        root, *children = _lines(world, plan.node, row, None)
        out.write(root)
        held.append(children)
        objects, found = objects + 1 + len(children), found + 1
        if len(held) > apart:
            out.writelines(held.popleft())
        if found % NEWS_EVERY == 0:
            note(objects, found)
    for children in held:
        out.writelines(children)
    return objects, found


def _lines(world: World, plan: Node, source: Any, parent: str | None) -> list[str]:
    told = ((name, read(world, source)) for name, read in plan.plain)
    written = {name: value for name, value in told if value is not ABSENT}
    if parent is not None:
        written["__parentId"] = parent
    lines = [json.dumps(written, separators=(",", ":")) + "\n"]
    for nodes, child in plan.connections:
        for each in nodes(world, source):
            lines += _lines(world, child, each, written["id"])
    return lines


@dataclass(frozen=True, slots=True)
class _Note:
    """How far an operation is, for whoever asks meanwhile."""

    world: World
    number: int

    def __call__(self, objects: int, found: int) -> None:
        self.world.db.execute("UPDATE bulk SET objects = ?, roots = ? WHERE id = ?", (objects, found, self.number))


def _fail_by_hand(world: World, number: int) -> None:
    """The hand wants the next operation to fail: its file is but a part then."""
    trouble = fact(world.db, "admin_trouble") or {}
    if trouble.get("fail_bulk"):
        code, *rest = trouble["fail_bulk"]
        remember(world.db, "admin_trouble", trouble | {"fail_bulk": rest})
        world.db.execute("UPDATE bulk SET status = 'FAILED', error = ? WHERE id = ?", (code, number))


def _problem(code: str, message: str) -> Json:
    return {"code": code, "field": ["query"], "message": message}
