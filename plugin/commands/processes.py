"""The demo's processes: started together, watched, stopped together, each with a log of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from plugin.base.errors import Unavailable


class Processes:
    """`with Processes(logs) as processes: processes.start("web", […], env)`; all are stopped at the end."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Processes:
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._running.values()):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self._running.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def start(self, name: str, command: Sequence[str | Path], env: Mapping[str, str]) -> None:
        """Starts `command` in a process group of its own; what it prints goes to the log `name`."""
        with self.log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                command, env=dict(env), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def wait_until(self, what: str, ready: Callable[[], bool], seconds: float = 60) -> None:
        """Waits until `ready()`. Raises Unavailable with the end of the log when a process ends or time runs out."""
        end = time.monotonic() + seconds
        while not ready():
            self.check()
            if time.monotonic() > end:
                raise Unavailable(f"{what} did not come up within {seconds:.0f} seconds; the logs are in {self._logs}.")
            time.sleep(0.05)

    def check(self) -> None:
        """Raises Unavailable when one of them has ended by itself."""
        for name, process in self._running.items():
            if (status := process.poll()) is not None:
                tail = "\n".join(self.log(name).read_text(errors="replace").splitlines()[-15:])
                raise Unavailable(f"The demo's {name} ended with status {status}. The end of {self.log(name)}:\n{tail}")

    def log(self, name: str) -> Path:
        return self._logs / f"{name}.log"


def listening(port: int) -> bool:
    """Does something answer on this machine's `port`?"""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port(wanted: int) -> int:
    """`wanted`, or the next free port above it."""
    for port in range(wanted, wanted + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise Unavailable(f"No port between {wanted} and {wanted + 99} is free.")
