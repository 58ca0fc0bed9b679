"""`beckon worker` and `beckon clock` as processes that start at once: forked from one that has read the code already.

What runs in them is the command line's own, from its first line on.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Mapping
from pathlib import Path

import app

_FROM = multiprocessing.get_context("forkserver")
_FROM.set_forkserver_preload([__name__])


class Beckon:
    """One process of the product, which its supervisor starts again whenever it is gone."""

    def __init__(self, name: str, command: str, env: Mapping[str, str], log: Path) -> None:
        self.name = name
        self._told = (command, dict(env), log)
        self.start()

    def start(self) -> None:
        """Starts it (again)."""
        self.was_killed = False
        self._process = _FROM.Process(target=_run, args=self._told, name=self.name, daemon=True)
        self._process.start()

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    def kill(self) -> None:
        """kill -9, and the wait until it is gone."""
        self.was_killed = True
        self._process.kill()
        self._process.join(10)

    def stall(self) -> None:
        """It stands still until `go_on`, as a process does whose machine is busy or asleep."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process.pid is not None and self.is_alive:
            os.kill(self._process.pid, number)


def _run(command: str, env: Mapping[str, str], log: Path) -> None:
    os.environ.update(env)  # noqa: TID251  a process of its own
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    app.main([command], prog_name="beckon")
