"""The oracle is a second opinion: it shares no line with what it judges, and it says no as often as yes."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from tests.oracle import edges, judge, wording
from tests.oracle.bridge import ASKED
from tests.oracle.fillers import invent
from tests.oracle.rows import Rows

HERE = Path(__file__).parent
BRIDGES = ("bridge.py", "telling.py")
ALONE = sorted(path for path in HERE.rglob("*.py") if path.name not in BRIDGES and not path.name.startswith("test_"))


def imported(path: Path) -> set[str]:
    """The modules that a file imports; of our own, only what lies below tests.oracle is fine."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module))
    return found


def test_the_oracle_imports_the_standard_library_and_itself() -> None:
    assert len(ALONE) > 10
    for path in ALONE:
        for module in imported(path):
            assert module.split(".")[0] in sys.stdlib_module_names or module.startswith("tests.oracle"), path
            assert f"{module.rpartition('.')[2]}.py" not in BRIDGES, path


def test_most_questions_part_the_people() -> None:
    """A generator whose answers are always nobody or everybody would find nothing."""
    parted = asked = 0
    for seed in range(30):
        r = Random(seed)
        world = invent(r)
        wording.segments(r, world, ASKED)
        rows = Rows(world.shops[0], world.tables)
        alive = sum(person["customer_deleted_at"] is None for person in rows.tables["people"])
        for _ in range(20):
            found = judge.members(wording.query(r, world, world.shops[0], ASKED), rows, world.now, world.segments)
            asked += 1
            parted += 0 < len(found) < alive
    assert parted > asked * 0.35


def test_days_of_change_are_where_the_clocks_change() -> None:
    days = edges.changes(2026, ZoneInfo("Europe/London"))
    assert [day.isoformat() for day in days] == ["2026-03-29", "2026-10-25"]
