"""How fast segments are counted in a large shop: Beckon's compiled SQL beside SQL written by hand, in the same run.

`python -m benchmarks.segments [--people 1000000] [--lines 5000000] [--views 3000000] [--on both] [--times 9]`

A generated shop (benchmarks/big_shop.py) on PostgreSQL and on SQLite. Each question is asked in turns, warm: the
segment as the panel counts it, and the fastest of the hand-written queries, on the same tables with all their indexes.
Medians; all must give the same number. `text → number` is all that a merchant waits for: parsing, checking, compiling,
asking. To ask a filled database again: `--home FOLDER` keeps SQLite's file, TEST_DATABASE_URL names a PostgreSQL.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Connection, Executable, Select, event, func, select

from benchmarks.big_shop import NOW, Size, build
from benchmarks.questions import QUESTIONS, ZONE, Question
from plugin.base import settings
from plugin.segment.attributes import ATTRIBUTES
from plugin.segment.compile import compile_segment
from plugin.segment.sql import condition
from plugin.store.engine import close_store, engine, open_store, snapshot
from plugin.store.tables import people
from tests import servers

TIMEZONE = ZONE.key
ENOUGH = 1.5
"""So much slower than by hand is allowed."""
SERVER = ("shared_buffers=1GB", "effective_cache_size=8GB", "random_page_cost=1.1")
"""What differs from PostgreSQL's defaults, which are for a small machine with a disk that turns."""


@dataclass(frozen=True)
class Found:
    count: int
    beckon: float
    by_hand: float
    whole: float


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--people", type=int, default=1_000_000)
    words.add_argument("--lines", type=int, default=5_000_000)
    words.add_argument("--views", type=int, default=3_000_000)
    words.add_argument("--on", choices=("postgresql", "sqlite", "both"), default="both")
    words.add_argument("--times", type=int, default=9)
    words.add_argument("--only", help="questions whose name has this in it")
    words.add_argument("--home", type=Path, help="a folder for SQLite's file, which stays")
    words.add_argument("--plans", action="store_true", help="show the database's plans, ours and by hand")
    asked = words.parse_args()
    size = Size(asked.people, asked.lines, asked.views)
    chosen = [each for each in QUESTIONS if not asked.only or asked.only in each.name]
    worst = 0.0
    for name in ("postgresql", "sqlite") if asked.on == "both" else (asked.on,):
        with store(name, asked.home):
            began = time.perf_counter()
            shop_id = build(engine(), size)
            print(f"\n{name}: {size.people:,} people, {size.lines:,} lines, {size.views:,} views", end="")
            print(f", written in {time.perf_counter() - began:.0f} s")
            worst = max(worst, report(shop_id, chosen, asked.times, plans=asked.plans))
            print(memory())
    print(f"\nthe worst ratio: {worst:.2f}, allowed {ENOUGH}")
    raise SystemExit(worst > ENOUGH)


def report(shop_id: int, questions: list[Question], times: int, *, plans: bool) -> float:
    """Prints a line for each question; returns the worst ratio."""
    print(f"{'':28}{'people':>10}{'Beckon':>12}{'by hand':>12}{'ratio':>8}{'text → number':>16}")
    worst = 0.0
    for question in questions:
        if question.needs and question.needs not in ATTRIBUTES:
            print(f"{question.name:<28}left out: Beckon has no {question.needs} yet")
            continue
        found = measure(question, shop_id, times, plans=plans)
        ratio = found.beckon / found.by_hand
        worst = max(worst, ratio)
        print(f"{question.name:<28}{found.count:>10,}{found.beckon:>9.1f} ms{found.by_hand:>9.1f} ms", end="")
        print(f"{ratio:>8.2f}{found.whole:>13.1f} ms", flush=True)
    return worst


def measure(question: Question, shop_id: int, times: int, *, plans: bool) -> Found:
    with snapshot() as tx:
        as_in_life(tx)
        ours = count(question, shop_id)
        hands = question.statements(NOW, shop_id)
        ways: list[Callable[[], Any]] = [
            lambda: scalar(tx, ours),
            lambda: scalar(tx, count(question, shop_id)),
            *(partial(scalar, tx, each) for each in hands),
        ]
        if plans:
            show_plans(tx, [ways[0], *ways[2:]])
        answers = {way() for way in ways}  # warms, too
        if len(answers) != 1:
            raise SystemExit(f"{question.name}: not the same people: {answers}")
        took: list[list[float]] = [[] for _ in ways]
        for _ in range(times):
            for way, mine in zip(ways, took, strict=True):
                began = time.perf_counter()
                way()
                mine.append((time.perf_counter() - began) * 1e3)
        beckon, whole, *by_hand = map(median, took)
    return Found(answers.pop(), beckon, min(by_hand), whole)


def count(question: Question, shop_id: int) -> Select[int]:
    """As plugin/audience/select.py counts."""
    checked = compile_segment(question.query, now=NOW, timezone=TIMEZONE)
    return select(func.count()).select_from(people).where(condition(checked, shop_id))


def scalar(tx: Connection, statement: Executable) -> int:
    return int(tx.execute(statement).scalar_one())


def as_in_life(tx: Connection) -> None:
    """A merchant asks each question once: the driver must not prepare what comes for the sixth time."""
    if tx.dialect.name == "postgresql":
        raw: Any = tx.connection.driver_connection
        raw.prepare_threshold = None


def show_plans(tx: Connection, ways: Sequence[Callable[[], Any]]) -> None:
    explain = "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) " if tx.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
    sent: list[tuple[str, Any]] = []
    event.listen(tx, "before_cursor_execute", lambda _tx, _cursor, sql, given, *_: sent.append((sql, given)))
    for way in ways:
        way()
        sql, given = sent[-1]
        print(f"\n{sql}\n{given}")
        cursor = tx.connection.cursor()
        cursor.execute(explain + sql, given)
        print(*(f"   {row[-1]}" for row in cursor.fetchall()), sep="\n")


def memory() -> str:
    """Of this process; SQLite works inside of it. Of PostgreSQL, what the last connection's process holds alone."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with snapshot() as tx:
        if tx.dialect.name == "sqlite":
            size = tx.exec_driver_sql("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").scalar()
            return f"on disk {size / 1e9:.2f} GB; the most that this process held: {own:.0f} MB"
        size, pid = tx.exec_driver_sql("SELECT pg_database_size(current_database()), pg_backend_pid()").one()
        status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        own = int(status["RssAnon"].split()[0]) / 1024
        return f"on disk {size / 1e9:.2f} GB; the server's process for this connection holds {own:.0f} MB of its own"


@contextmanager
def store(name: str, home: Path | None) -> Iterator[None]:
    """An open store of that kind, with PostgreSQL's server where it needs one."""
    with ExitStack() as stack:
        told = {"BECKON_HOME": str(home or stack.enter_context(tempfile.TemporaryDirectory()))}
        if name == "postgresql":
            told["DATABASE_URL"] = stack.enter_context(servers.postgres(*SERVER))
        settings.use(settings.from_environment(told))
        open_store()
        yield
        close_store()


if __name__ == "__main__":
    main()
