"""The connection to the database: one engine a process, `transaction()` the only way in."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url

from plugin.base import settings

Tx = Connection
"""An open transaction: what every stage takes as its first argument."""

_engine: Engine | None = None

_threads_turn = threading.RLock()


def open_store(url: str | None = None) -> Engine:
    """Connects this process to `url` (the settings' when None) and returns the engine; a former one is closed."""
    global _engine  # noqa: PLW0603  one engine a process
    close_store()
    _engine = connect(url or settings.current().database_url)
    return _engine


def close_store() -> None:
    """Gives the connections back."""
    global _engine  # noqa: PLW0603
    if _engine is not None:
        _engine.dispose()
    _engine = None


def engine() -> Engine:
    """The process's engine, opened at the first call."""
    return _engine or open_store()


@contextmanager
def transaction() -> Iterator[Tx]:
    """`with transaction() as tx:` commits at the end, rolls back when the block raises."""
    opened = engine()
    with _writers_turn(opened), opened.begin() as tx:
        yield tx


@contextmanager
def _writers_turn(opened: Engine) -> Iterator[None]:
    """SQLite has one writer. Who wants to be it waits here, where the kernel wakes the next one at once, and not in
    SQLite's sleeps of growing length: threads at a lock, processes at two files beside the database.

    Two, so that nobody who has just had a turn takes the next one as well: whoever waits for the turn keeps the
    others at the queue.
    """
    if opened.dialect.name != "sqlite":
        yield
        return
    with _threads_turn:
        if not opened.url.database:
            yield
            return
        with Path(f"{opened.url.database}-turn").open("ab") as turn:  # closing it ends the turn, as dying does
            with Path(f"{opened.url.database}-queue").open("ab") as queue:
                fcntl.flock(queue, fcntl.LOCK_EX)
                fcntl.flock(turn, fcntl.LOCK_EX)
            yield


def learn_statistics(tx: Tx) -> None:
    """Tells the planner what the tables hold now; without it SQLite reads everybody to find a few."""
    tx.exec_driver_sql("ANALYZE")


def connect(url: str) -> Engine:
    """A new engine for `url`, with what each database needs to behave alike. Errors quote no rows."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(url, pool_size=8, max_overflow=24, pool_pre_ping=True, hide_parameters=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    made = create_engine(
        url,
        connect_args={"timeout": 30, "isolation_level": None},
        pool_size=8,
        max_overflow=24,
        hide_parameters=True,
    )
    event.listen(made, "connect", _prepare_sqlite)
    event.listen(made, "begin", _begin_sqlite)
    return made


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "cache_size=-32000",
        "analysis_limit=1000",
        "secure_delete=ON",  # what is deleted is overwritten in the file: docs/privacy.md
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Takes the one writer's place at once: a reader that turns writer half-way would fail instead of waiting."""
    read_only = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


@contextmanager
def snapshot() -> Iterator[Tx]:
    """`with snapshot() as tx:` reads one consistent state and writes nothing; on SQLite it waits for no writer."""
    with engine().connect() as connection:
        if connection.dialect.name == "sqlite":
            reader = connection.execution_options(read_only=True)
        else:
            reader = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with reader.begin():
            if connection.dialect.name != "sqlite":
                reader.exec_driver_sql(_FOR_SEGMENTS)
            yield reader


_FOR_SEGMENTS = "SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true)"
"""Lists of a million people are held in memory, and no query is compiled for longer than it takes: until the end of the
transaction, so that it goes through a pool of connections, too. docs/performance.md has the numbers."""
