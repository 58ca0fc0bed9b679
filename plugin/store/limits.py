"""How long a question to the database may take. What somebody asks by typing must not hold up the others."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import OperationalError

from plugin.base.errors import Unavailable

from .engine import Tx

STEPS: Final = 2_000
"""Of SQLite's machine between two looks at the clock: some 20 microseconds."""


class TookTooLong(Unavailable):
    """The question was cut off. The transaction is of no use any more."""


@contextmanager
def at_most(tx: Tx, seconds: float) -> Iterator[None]:
    """Cuts off what `tx` asks inside once it takes longer. Raises TookTooLong."""
    start = _on_sqlite if tx.dialect.name == "sqlite" else _on_postgresql
    with start(tx, seconds):
        yield


@contextmanager
def _on_sqlite(tx: Tx, seconds: float) -> Iterator[None]:
    connection = tx.connection.driver_connection
    assert connection is not None, "the transaction is open"  # noqa: S101  for the type checker
    end = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > end, STEPS)
    try:
        yield
    except OperationalError as error:
        if "interrupted" in str(error.orig):
            raise _too_long(seconds) from None
        raise
    finally:
        connection.set_progress_handler(None, 0)


@contextmanager
def _on_postgresql(tx: Tx, seconds: float) -> Iterator[None]:
    tx.exec_driver_sql(f"SET LOCAL statement_timeout = {round(seconds * 1000)}")
    try:
        yield
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == "57014":  # query_canceled
            raise _too_long(seconds) from None
        raise
    tx.exec_driver_sql("SET LOCAL statement_timeout = 0")


def _too_long(seconds: float) -> TookTooLong:
    return TookTooLong(f"It takes longer than {seconds:g} seconds to find out.")
