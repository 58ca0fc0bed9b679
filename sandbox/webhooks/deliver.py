"""Delivers the outbox: keep-alive, one second to connect, five for the answer, only 2xx counts, eight retries."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time

import httpx

from sandbox import instants
from sandbox.world import World

from .outbox import RETRIES, WAITS

AT_ONCE = 8
TIMEOUT = httpx.Timeout(5, connect=1)


async def deliver_for_ever(world: World, stop: asyncio.Event) -> None:
    """Delivers what is due until `stop`; what was under way when an earlier process ended starts again."""
    world.db.execute("UPDATE outbox SET state = 'waiting' WHERE state = 'under way'")
    limit = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE, keepalive_expiry=1)
    async with httpx.AsyncClient(timeout=TIMEOUT, limits=limit, trust_env=False) as client:
        running: set[asyncio.Task[None]] = set()
        while not stop.is_set():
            for row in _due(world, AT_ONCE - len(running)):
                running.add(asyncio.create_task(_deliver(world, client, row)))
            if running:
                _, running = await asyncio.wait(running, timeout=0.05, return_when=asyncio.FIRST_COMPLETED)
            else:
                await asyncio.sleep(0.05)
        await asyncio.gather(*running)


def _due(world: World, limit: int) -> list[sqlite3.Row]:
    return world.db.execute(
        "UPDATE outbox SET state = 'under way', attempts = attempts + 1 WHERE id IN"
        " (SELECT id FROM outbox WHERE state = 'waiting' AND due <= ? ORDER BY due, id LIMIT ?)"
        " RETURNING id, uri, body, headers, attempts",
        (time.time(), limit),  # noqa: TID251
    ).fetchall()


async def _deliver(world: World, client: httpx.AsyncClient, row: sqlite3.Row) -> None:
    try:
        answer = await client.post(row["uri"], content=row["body"], headers=json.loads(row["headers"]))
        said, delivered = str(answer.status_code), answer.is_success
    except httpx.HTTPError as error:
        said, delivered = repr(error), False
    if delivered:
        world.db.execute(
            "UPDATE outbox SET state = 'delivered', answer = ?, delivered_at = ? WHERE id = ?",
            (said, instants.exact(instants.now()), row["id"]),
        )
    elif row["attempts"] > RETRIES:
        world.db.execute("UPDATE outbox SET state = 'given up', answer = ? WHERE id = ?", (said, row["id"]))
    else:
        world.db.execute(
            "UPDATE outbox SET state = 'waiting', answer = ?, due = ? WHERE id = ?",
            (said, time.time() + WAITS[row["attempts"] - 1], row["id"]),  # noqa: TID251
        )
