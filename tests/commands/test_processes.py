"""The demo's processes are watched while they run and are all gone afterwards."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from plugin.base.errors import Unavailable
from plugin.commands.processes import Processes, free_port, listening

TELL_AND_SLEEP = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_all_are_stopped_at_the_end(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes:
        processes.start("one", [sys.executable, "-c", TELL_AND_SLEEP], {})
        processes.wait_until("one", lambda: (tmp_path / "one.log").read_text() != "")
        pid = int((tmp_path / "one.log").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_one_that_ends_by_itself_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes:
        processes.start("web", [sys.executable, "-c", "import sys; sys.exit('no such database')"], {})
        with pytest.raises(Unavailable, match=r"web ended with status 1[\s\S]*no such database"):
            processes.wait_until("The panel", lambda: False, seconds=20)


def test_one_that_never_comes_up_is_told_in_time(tmp_path: Path) -> None:
    started = time.monotonic()
    with Processes(tmp_path) as processes:
        processes.start("web", SLEEP, {})
        with pytest.raises(Unavailable, match="did not come up"):
            processes.wait_until("The panel", lambda: False, seconds=0.2)
    assert time.monotonic() - started < 10


def test_a_free_port_is_found_where_nothing_listens() -> None:
    assert not listening(free_port(20_000))
