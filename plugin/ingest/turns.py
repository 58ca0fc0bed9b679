"""One at a time, across processes: a lease in the database. Whoever dies with it holds nobody up for long."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from plugin.base import clock
from plugin.base.errors import Unavailable
from plugin.store.engine import transaction
from plugin.store.tables import leases
from plugin.store.upsert import insert_new_returning

LASTS = timedelta(seconds=30)
"""Longer than what is done in a turn may take, its timeouts included."""


@contextmanager
def turn(name: str) -> Iterator[None]:
    """`with turn("tokens:17"):` waits until it is ours. Raises Unavailable when somebody holds it for too long.

    Enter it with no transaction open; the block opens its own.
    """
    holder = secrets.token_hex(8)
    patience = time.monotonic() + LASTS.total_seconds() + 5
    while not _take(name, holder):
        if time.monotonic() > patience:
            raise Unavailable(f"Another process has been busy with {name} for too long.")
        time.sleep(0.1)
    try:
        yield
    finally:
        with transaction() as tx:
            tx.execute(leases.delete().where(leases.c.name == name, leases.c.holder == holder))


def _take(name: str, holder: str) -> bool:
    now = clock.now()
    with transaction() as tx:
        tx.execute(leases.delete().where(leases.c.name == name, leases.c.until < now))
        row = {"name": name, "holder": holder, "until": now + LASTS}
        return bool(insert_new_returning(tx, leases, [row], column="name"))
