"""Deliveries that come at the same time are kept by one transaction: whoever's turn it is writes for all who wait.

While a worker holds SQLite's one writer's place, or PostgreSQL writes its log to the disk, more deliveries come in;
they wait as long as one does, and not one after the other.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from plugin.base import clock
from plugin.ingest import inbox
from plugin.ingest.inbox import Arrival
from plugin.store.engine import transaction

AT_ONCE = 100


@dataclass(slots=True)
class _Waiting:
    """One thread's delivery. `error`: why it could not be kept."""

    arrival: Arrival
    kept: bool = False
    error: Exception | None = None


_waiting: deque[_Waiting] = deque()
_turn = threading.Lock()


def keep(arrival: Arrival) -> list[int]:
    """Returns when `arrival` is committed. Gives the rows' ids that are now the caller's to enqueue: its own, those of
    others whom it wrote for, or none. Raises what the database raises; then it is not kept."""
    mine = _Waiting(arrival)
    _waiting.append(mine)
    fresh: list[int] = []
    with _turn:
        while not (mine.kept or mine.error):
            fresh += _write()
    if mine.error is not None:
        raise mine.error
    return fresh


def _write() -> list[int]:
    """Keeps what waits. All of one transaction share its fate, and what it raised."""
    batch = [_waiting.popleft() for _ in range(min(len(_waiting), AT_ONCE))]
    try:
        with transaction() as tx:
            fresh = inbox.record(tx, [each.arrival for each in batch], clock.now())
    except Exception as error:  # noqa: BLE001  each thread raises it for itself
        for each in batch:
            each.error = error
        return []
    for each in batch:
        each.kept = True
    return fresh
