"""The file's lines as rows of a temporary table: sorted and grouped there, so that memory stays small for any file."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from sandbox import instants
from sandbox.shop import TIMEZONE
from sandbox.state import Db

from .codes import kind_of
from .lines import Line

SALE = "quantity > 0 AND CAST(price AS REAL) > 0"


def store(db: Db, lines: Iterable[Line | None]) -> int:
    """Writes the readable lines to the temporary table `raw`; returns how many could not be read."""
    db.execute("DROP TABLE IF EXISTS temp.raw")
    db.execute(
        "CREATE TEMP TABLE raw (seq INTEGER PRIMARY KEY, invoice TEXT, code TEXT, kind TEXT, description TEXT,"
        " quantity INTEGER, at TEXT, price TEXT, customer_id INTEGER, country TEXT)"
    )
    unreadable = 0
    numbered = enumerate(lines)
    while batch := list(itertools.islice(numbered, 10_000)):
        rows = [(seq, *_values(line)) for seq, line in batch if line is not None]
        unreadable += len(batch) - len(rows)
        db.executemany("INSERT INTO raw VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    return unreadable


def whole_weeks(db: Db, now: datetime) -> timedelta:
    """How far to move the history so that it ends this week: as late as whole weeks allow without reaching past now."""
    last = db.execute("SELECT max(at) FROM raw").fetchone()[0]
    if last is None:
        return timedelta(0)
    gap = now.astimezone(TIMEZONE).replace(tzinfo=None) - datetime.fromisoformat(last)
    return timedelta(weeks=gap // timedelta(weeks=1))


def instant(wall: str | datetime, shift: timedelta) -> str:
    """A wall-clock time of the file, moved, as an instant. Moving comes first: nine o'clock stays nine o'clock."""
    local = datetime.fromisoformat(wall) if isinstance(wall, str) else wall
    return instants.text((local + shift).replace(tzinfo=TIMEZONE))


def invoices(db: Db) -> Iterator[list[Line]]:
    """The lines of each invoice, the invoices in the order of their first lines: by time, then by place in the file."""
    db.execute("DROP TABLE IF EXISTS temp.firsts")
    db.execute("CREATE TEMP TABLE firsts AS SELECT invoice, min(seq) AS seq FROM raw GROUP BY invoice")
    rows = db.execute(
        "SELECT raw.invoice, raw.code, raw.description, raw.quantity, first.at, raw.price, raw.customer_id, raw.country"
        " FROM firsts JOIN raw AS first ON first.seq = firsts.seq JOIN raw ON raw.invoice = firsts.invoice"
        " ORDER BY first.at, first.seq, raw.seq"
    )
    for _, group in itertools.groupby(rows, key=lambda row: row["invoice"]):
        yield [
            Line(row[0], row[1], row[2], row[3], datetime.fromisoformat(row[4]), Decimal(row[5]), row[6], row[7])
            for row in group
        ]


def _values(line: Line) -> tuple[object, ...]:
    return (
        line.invoice,
        line.code,
        kind_of(line.code),
        line.description,
        line.quantity,
        line.at.isoformat(sep=" "),
        str(line.price),
        line.customer_id,
        line.country,
    )
